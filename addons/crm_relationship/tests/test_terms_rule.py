from unittest.mock import patch

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .test_metrics import MetricsCase


class TermsCase(MetricsCase):
    """Two price lists, two payment terms, a customer of the salesperson; rules without notice unless said."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env['res.config.settings'].create({'group_product_pricelist': True}).execute()
        cls.standard, cls.gold, cls.silver = cls.env['product.pricelist'].create([
            {'name': name, 'company_id': cls.company.id, 'sequence': sequence}
            for sequence, name in enumerate(('Standard', 'Gold', 'Silver'))])
        cls.term_30 = cls.env.ref('account.account_payment_term_30days')
        cls.term_15 = cls.env.ref('account.account_payment_term_15days')
        cls.customer.user_id = cls.salesperson
        cls.vip, cls.other = cls.make_customer('Very Important'), cls.make_customer('Other')
        cls.everybody = cls.customer + cls.vip + cls.other
        cls.vip.sudo().with_company(cls.company).value_class = 'vip'

    @classmethod
    def rule(cls, name='Gold for VIP', **values):
        return cls.env['crm.terms.rule'].with_user(cls.manager).create({
            'name': name, 'company_id': cls.company.id, 'pricelist_id': cls.gold.id, 'notice_days': 0,
            'mode': 'automatic', 'audience_domain': f"[('id', 'in', {cls.everybody.ids})]", **values})

    def follow(self):
        with self.enter_registry_test_mode():
            self.env.ref('crm_relationship.ir_cron_terms').method_direct_trigger()
        self.env.invalidate_all()

    def list_of(self, partner, company=None):
        return partner.with_company(company or self.company).specific_property_product_pricelist

    def changes(self, partner, **values):
        return self.env['crm.terms.application'].search(
            [('partner_id', '=', partner.id)] + [(name, '=', value) for name, value in values.items()])

    def preview(self, rule):
        action = rule.with_user(self.manager).action_preview()
        return self.env['crm.terms.preview'].with_user(self.manager).browse(action['res_id'])


@tagged('post_install', '-at_install')
class TestTermsRule(TermsCase):

    # ------------------------------------------------------------------ whom a rule fits

    def fits(self, **values):
        return self.rule(**values)._audience_partners()

    def test_a_class_means_this_one_or_better(self):
        self.other.sudo().with_company(self.company).value_class = 'regular'
        self.assertEqual(self.fits(value_class='major'), self.vip)
        self.assertEqual(self.fits(value_class='regular'), self.vip + self.other)

    def test_stage_type_and_grade(self):
        grade, lower = self.env['crm.grade'].search([], limit=2)
        self.vip.sudo().with_company(self.company).write({'relationship_stage': 'loyal', 'customer_grade_id': grade.id})
        self.other.with_company(self.company).write({'customer_grade_id': lower.id, 'customer_type': 'manufacturer'})
        self.assertEqual(self.fits(relationship_stage='loyal'), self.vip)
        self.assertEqual(self.fits(customer_grade_id=grade.id), self.vip)
        self.assertEqual(self.fits(customer_grade_id=lower.id), self.vip + self.other)
        self.assertEqual(self.fits(customer_type='manufacturer'), self.other)

    def test_old_customers_first_bought_longer_ago_than_the_months(self):
        self.invoice(self.vip, '2025-01-01', 10)
        self.invoice(self.other, '2026-01-01', 10)
        self.refresh()
        self.assertEqual(self.fits(seniority='old'), self.vip)
        self.assertEqual(self.fits(seniority='new'), self.customer + self.other)
        self.assertEqual(self.fits(seniority='old', months=3), self.vip + self.other)

    def test_long_term_customers_have_a_contract_in_force(self):
        contracts = self.env['crm.contract'].create([
            {'partner_id': partner.id, 'company_id': self.company.id, 'subject': 'Supply', 'date_start': start,
             'date_end': end, 'renewal': 'none'}
            for partner, start, end in (
                (self.vip, '2026-01-01', '2026-12-31'), (self.other, '2025-01-01', '2025-12-31'))])
        self.env.flush_all()
        self.env.cr.execute("UPDATE crm_contract SET state = 'active' WHERE id = ANY(%s)", (contracts.ids,))
        self.env.invalidate_all()
        self.assertEqual(self.fits(commitment='long_term'), self.vip)
        self.assertEqual(self.fits(commitment='temporary'), self.customer + self.other)

    def test_a_segment_narrows_further(self):
        segment = self.env['crm.segment'].create({'name': 'Others', 'audience_domain': "[('name', '=', 'Other')]"})
        self.assertEqual(self.fits(segment_id=segment.id), self.other)

    # ------------------------------------------------------------------ what happens

    def test_terms_are_set_for_root_and_branches_and_other_companies_keep_theirs(self):
        branch = self.env['res.company'].create({'name': 'Branch', 'parent_id': self.company.id})
        other = self.env['res.company'].create({'name': 'Other Company'})
        self.rule(value_class='vip', payment_term_id=self.term_30.id)
        self.follow()
        for company in (self.company, branch):
            self.assertEqual(self.list_of(self.vip, company), self.gold)
            self.assertEqual(self.vip.with_company(company).property_payment_term_id, self.term_30)
        self.assertEqual(self.vip.with_company(self.company).property_product_pricelist, self.gold)
        self.assertFalse(self.list_of(self.vip, other))
        self.assertFalse(self.list_of(self.other))
        self.assertEqual(set(self.changes(self.vip).mapped('state')), {'applied'})

    def test_the_first_rule_that_fits_decides_for_each_term(self):
        self.rule('All get silver', pricelist_id=self.silver.id, payment_term_id=self.term_15.id, sequence=20)
        self.rule(value_class='vip', sequence=10)
        self.follow()
        self.assertEqual((self.list_of(self.vip), self.list_of(self.other)), (self.gold, self.silver))
        self.assertEqual(self.vip.with_company(self.company).property_payment_term_id, self.term_15)

    def test_a_choice_by_hand_before_the_rule_stays(self):
        self.vip.with_company(self.company).specific_property_product_pricelist = self.silver
        rule = self.rule(value_class='vip')
        self.follow()
        self.assertEqual(self.list_of(self.vip), self.silver)
        self.assertFalse(self.changes(self.vip))
        preview = self.preview(rule)
        self.assertEqual((preview.change_count, preview.manual_count), (0, 1))
        self.assertEqual((preview.line_ids.from_label, preview.line_ids.to_label), (
            self.silver.display_name, self.gold.display_name))

    def test_a_choice_by_hand_after_the_rule_stays_and_is_shown(self):
        self.rule(value_class='vip')
        self.follow()
        self.vip.with_company(self.company).specific_property_product_pricelist = self.silver
        self.follow()
        self.follow()
        self.assertEqual(self.list_of(self.vip), self.silver)
        self.assertEqual(self.changes(self.vip).mapped('state'), ['kept'])
        self.assertIn('Silver', self.changes(self.vip).message)
        self.assertIn('chosen by hand, kept', self.vip.with_user(self.manager).terms_note)
        self.vip.with_company(self.company).specific_property_product_pricelist = False
        self.follow()
        self.assertEqual(self.list_of(self.vip), self.gold, "given back to the rules")

    def test_emptying_a_term_by_hand_is_a_choice_too(self):
        self.rule(value_class='vip')
        self.follow()
        self.vip.with_company(self.company).specific_property_product_pricelist = False
        self.follow()
        self.follow()
        self.assertFalse(self.list_of(self.vip))

    def test_a_manager_may_replace_a_choice_by_hand_and_it_comes_back_in_the_end(self):
        self.vip.with_company(self.company).specific_property_product_pricelist = self.silver
        rule = self.rule(value_class='vip')
        preview = self.preview(rule)
        preview.line_ids.is_chosen = True
        preview.action_apply()
        self.assertEqual(self.list_of(self.vip), self.gold)
        self.assertEqual(self.changes(self.vip).user_id, self.manager)
        rule.active = False
        self.follow()
        self.assertEqual(self.list_of(self.vip), self.silver)

    def test_losing_the_class_ends_the_terms_after_the_notice(self):
        self.rule(value_class='vip', notice_days=14)
        self.follow()
        change = self.changes(self.vip)
        self.assertEqual((change.state, str(change.date_effective)), ('announced', '2026-06-29'))
        self.assertFalse(self.list_of(self.vip))
        with freeze_time('2026-06-29 12:00:00'):
            self.follow()
            self.assertEqual(self.list_of(self.vip), self.gold)
            self.vip.sudo().with_company(self.company).value_class = 'minor'
            self.follow()
            ending = self.changes(self.vip, state='announced')
            self.assertEqual((ending.from_label, ending.to_label), (self.gold.display_name, False))
            self.assertEqual(self.list_of(self.vip), self.gold, "until the notice is over")
        with freeze_time('2026-07-13 12:00:00'):
            self.follow()
        self.assertFalse(self.list_of(self.vip))
        self.assertEqual(set(self.changes(self.vip).mapped('state')), {'ended'})

    def test_an_announcement_is_withdrawn_when_the_rule_no_longer_fits(self):
        self.rule(value_class='vip', notice_days=14)
        self.follow()
        self.vip.sudo().with_company(self.company).value_class = 'minor'
        with freeze_time('2026-06-30 12:00:00'):
            self.follow()
        self.assertEqual(self.changes(self.vip).mapped('state'), ['cancelled'])
        self.assertFalse(self.list_of(self.vip))

    def test_a_choice_by_hand_during_the_notice_stays(self):
        self.rule(value_class='vip', notice_days=14)
        self.follow()
        self.vip.with_company(self.company).specific_property_product_pricelist = self.silver
        self.changes(self.vip)._apply()
        self.assertEqual(self.list_of(self.vip), self.silver)
        self.assertEqual(self.changes(self.vip).state, 'cancelled')

    def test_the_salesperson_is_told_and_the_customer_has_a_note(self):
        self.rule(audience_domain=f"[('id', '=', {self.customer.id})]", notice_days=7)
        self.follow()
        message = self.env['mail.message'].search(
            [('partner_ids', 'in', self.salesperson.partner_id.ids)], order='id desc', limit=1)
        self.assertIn('Deco Addict: Price list none → Gold', message.body)
        self.assertIn('announced', self.customer.message_ids[0].body)

    def test_proposals_wait_for_a_manager_and_a_rejected_one_does_not_come_back(self):
        self.rule(mode='propose')
        self.follow()
        self.follow()
        proposed = self.env['crm.terms.application'].search([('partner_id', 'in', self.everybody.ids)])
        self.assertEqual(proposed.mapped('state'), ['proposed'] * 3)
        self.assertFalse(self.list_of(self.vip))
        self.changes(self.vip).with_user(self.manager).action_apply()
        self.changes(self.other).with_user(self.manager).action_reject()
        self.follow()
        self.assertEqual((self.list_of(self.vip), bool(self.list_of(self.other))), (self.gold, False))
        self.assertEqual(self.changes(self.other).mapped('state'), ['rejected'])
        with self.assertRaisesRegex(UserError, 'Very Important is “In force”'):
            self.changes(self.vip).with_user(self.manager).action_reject()

    # ------------------------------------------------------------------ preview

    def test_the_preview_shows_old_and_new_and_changes_nothing(self):
        self.rule('First', value_class='vip', pricelist_id=self.silver.id, sequence=1)
        preview = self.preview(self.rule(sequence=2))
        self.assertEqual((preview.change_count, preview.preceded_count, preview.same_count), (2, 1, 0))
        self.assertEqual(preview.line_ids.partner_id, self.customer + self.other)
        self.assertEqual(set(preview.line_ids.mapped('to_label')), {self.gold.display_name})
        self.assertFalse(self.list_of(self.other))
        preview.line_ids[0].is_chosen = False
        preview.action_apply()
        self.assertEqual((bool(self.list_of(self.customer)), self.list_of(self.other)), (False, self.gold))

    def test_applying_the_preview_of_a_rule_with_notice_announces(self):
        rule = self.rule(value_class='vip', mode='propose', notice_days=10)
        self.follow()
        self.preview(rule).action_apply()
        change = self.changes(self.vip)
        self.assertEqual((change.state, str(change.date_effective)), ('announced', '2026-06-25'))

    def test_the_number_of_queries_does_not_grow_with_the_customers(self):
        self.rule()

        def count(partners):
            self.everybody = partners
            self.env['crm.terms.rule'].search([]).audience_domain = f"[('id', 'in', {partners.ids})]"
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            plan = self.env['crm.terms.rule']._plan(self.company)
            changes = self.env['crm.terms.application']._record(self.company, plan)
            changes._apply()
            self.env.flush_all()
            self.assertLessEqual(set(changes.mapped('state')), {'applied', 'ended'})
            return self.cr.sql_log_count - before
        count(self.everybody)
        few = count(self.env['res.partner'].union(*(self.make_customer(f'Few {n}') for n in range(5))))
        many = count(self.env['res.partner'].union(*(self.make_customer(f'Many {n}') for n in range(60))))
        self.assertLessEqual(many, few + 3)

    # ------------------------------------------------------------------ rights and bad input

    def test_salespeople_read_their_own_customers_changes_and_decide_nothing(self):
        rule = self.rule(mode='propose')
        self.follow()
        own = self.env['crm.terms.application'].with_user(self.salesperson).search([])
        self.assertEqual(own.partner_id, self.customer)
        with self.assertRaises(AccessError):
            own.action_apply()
        with self.assertRaises(AccessError):
            own.action_reject()
        with self.assertRaises(AccessError):
            rule.with_user(self.salesperson).action_preview()
        with self.assertRaises(AccessError):
            self.env['crm.terms.rule'].with_user(self.salesperson).create(
                {'name': 'Mine', 'pricelist_id': self.gold.id})

    def test_rules_of_other_companies_are_not_seen_and_do_not_count(self):
        other = self.env['res.company'].create({'name': 'Other Company'})
        foreign = self.env['crm.terms.rule'].create(
            {'name': 'Foreign', 'company_id': other.id, 'payment_term_id': self.term_30.id, 'mode': 'automatic'})
        self.assertNotIn(foreign, self.env['crm.terms.rule'].with_user(self.manager).search([]))
        self.assertFalse(self.env['crm.terms.rule']._plan(self.company))

    def test_rules_that_make_no_sense_are_refused(self):
        branch = self.env['res.company'].create({'name': 'Branch', 'parent_id': self.company.id})
        for values, message in (
            ({'pricelist_id': False}, 'gives customers nothing'),
            ({'company_id': branch.id}, 'all its branches'),
            ({'audience_domain': "[('nonsense', '=', 1)]"}, 'filter'),
        ):
            with self.assertRaisesRegex((ValidationError, UserError), message), self.cr.savepoint():
                self.env['crm.terms.rule'].create({
                    'name': 'Bad', 'company_id': self.company.id, 'pricelist_id': self.gold.id, **values})

    def test_a_used_rule_is_archived_not_deleted(self):
        rule = self.rule(value_class='vip')
        self.follow()
        with self.assertRaisesRegex(UserError, 'Archive it'):
            rule.unlink()

    def test_merged_customers_keep_their_history_and_terms(self):
        self.rule(audience_domain=f"[('id', '=', {self.vip.id})]")
        self.follow()
        self.env['base.partner.merge.automatic.wizard'].create({})._merge((self.vip + self.other).ids, self.vip)
        self.follow()
        self.assertEqual(self.list_of(self.vip), self.gold)
        self.assertEqual(self.changes(self.vip).mapped('state'), ['applied'])

    # ------------------------------------------------------------------ a rule that can't be followed

    def break_filter(self, record, domain="[('gone', '=', 1)]"):
        """The way a filter breaks: a field of an addon that is gone, or an import past the check."""
        self.env.flush_all()
        self.env.cr.execute(
            f'UPDATE {record._table} SET audience_domain = %s WHERE id = %s', [domain, record.id])
        self.env.invalidate_all()

    def warnings(self, rule):
        return rule.sudo().activity_ids.filtered(lambda activity: activity.user_id == self.manager)

    def follow_quietly(self):
        with mute_logger('odoo.addons.crm_relationship.models.run_error_mixin', 'odoo.sql_db'):
            self.follow()

    def test_a_filter_that_fails_stops_neither_the_other_rules_nor_takes_its_own_terms_back(self):
        broken = self.rule(name='Broken', value_class='vip')
        self.follow()
        self.assertEqual(self.list_of(self.vip), self.gold)
        self.break_filter(broken)
        self.rule(name='Silver for the rest', pricelist_id=self.silver.id, sequence=20)
        self.follow_quietly()
        self.assertEqual(self.list_of(self.other), self.silver)
        self.assertEqual(self.list_of(self.vip), self.gold, "held until the rule can be read again")
        self.assertIn("Broken", broken.run_error)
        self.assertIn("gone", broken.run_error)

    def test_who_made_the_rule_is_told_once_and_the_next_good_run_clears_the_error(self):
        broken = self.rule(name='Broken')
        self.break_filter(broken)
        self.follow_quietly()
        self.follow_quietly()
        self.assertEqual(len(self.warnings(broken)), 1)
        self.assertIn("Broken", self.warnings(broken).summary)
        found = self.env['crm.terms.rule'].with_user(self.manager).search([('run_error', '!=', False)])
        self.assertEqual(found, broken)
        broken.audience_domain = f"[('id', 'in', {self.vip.ids})]"
        self.follow()
        self.assertFalse(broken.run_error)
        self.assertFalse(self.warnings(broken))
        self.assertEqual(self.list_of(self.vip), self.gold)

    def test_every_way_in_which_a_filter_can_break_is_an_error_of_its_rule_alone(self):
        good = self.rule(name='Good', pricelist_id=self.silver.id, sequence=20)
        for domain in ("[('gone', '=', 1)]", "not a domain", "[('id', '=',", "[('id', 'in', 'abc')]", "5",
                       "[('create_date', '>', 'yesteryear')]", "[('user_id.gone', '=', 1)]", "[('name', 'near', 'x')]"):
            with self.subTest(domain):
                broken = self.rule(name='Broken')
                self.break_filter(broken, domain)
                self.follow_quietly()
                self.assertIn("Broken", broken.run_error or '')
                self.assertFalse(good.run_error)
                self.assertEqual(self.list_of(self.other), self.silver)
                with mute_logger('odoo.sql_db'):
                    self.assertIn("Broken", broken.audience_error or '', "the form opens and says so")
                broken.active = False

    def test_a_broken_segment_is_named_on_the_rule(self):
        segment = self.env['crm.segment'].with_user(self.manager).create({
            'name': 'Old segment', 'audience_domain': "[('city', '=', 'X')]"})
        rule = self.rule(name='By segment', segment_id=segment.id)
        self.break_filter(segment)
        self.follow_quietly()
        self.assertIn("Old segment", rule.run_error)
        self.assertIn("Old segment", segment.audience_error)

    def test_an_author_who_may_no_longer_ask_stops_only_that_rule(self):
        rule = self.rule(name='By wage')
        self.break_filter(rule, "[('user_ids.password', '!=', False)]")
        self.follow_quietly()
        self.assertTrue(rule.run_error)

    def test_a_customer_whose_change_fails_does_not_stop_the_others_and_the_rule_says_who(self):
        rule = self.rule(name='Gold')
        announce = type(self.env['crm.terms.application'])._announce

        def fail_for_other(applications):
            if self.other in applications.partner_id:
                raise ValueError("The address book is broken")
            return announce(applications)

        with patch.object(type(self.env['crm.terms.application']), '_announce', fail_for_other):
            self.follow_quietly()
        self.assertEqual(self.list_of(self.vip), self.gold)
        self.assertFalse(self.list_of(self.other) == self.gold)
        self.assertIn("Other: The address book is broken", rule.run_error)
        self.follow()
        self.assertEqual(self.list_of(self.other), self.gold)
        self.assertFalse(rule.run_error)

    def test_the_preview_of_a_broken_rule_says_why(self):
        rule = self.rule(name='Broken')
        self.break_filter(rule)
        with self.assertRaisesRegex(UserError, "Broken"):
            rule.with_user(self.manager).action_preview()
