from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from .common import RelationshipCase


@tagged('post_install', '-at_install')
class TestDoors(RelationshipCase):
    """What the screens don't offer is refused to whoever calls it directly."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(freeze_time('2026-03-02 09:00:00'))
        cls.customer = cls.make_customer(city='Northtown')
        cls.foreign = cls.env['res.company'].sudo().create({'name': 'Elsewhere Ltd'})
        cls.administrator = new_test_user(
            cls.env, login='rel_administrator', name='Ada Admin', groups='base.group_user,base.group_erp_manager',
        )
        cls.personal_manager = new_test_user(
            cls.env, login='rel_personal', name='Pia Personal',
            groups='base.group_user,sales_team.group_sale_manager,crm_relationship.group_personal_data',
        )

    def handover(self, user=None, **values):
        return self.env['crm.handover'].with_user(user or self.sales_manager).create({
            'from_user_id': self.salesperson.id, 'to_user_id': self.other_salesperson.id, **values,
        })

    # ------------------------------------------------------------------ handovers

    def test_a_sales_manager_cannot_have_a_user_archived_by_planning_it(self):
        handover = self.handover(date_start='2026-03-20', archive_user=True)
        with self.assertRaisesRegex(AccessError, 'administer users'):
            handover.action_hand_over()
        with self.assertRaisesRegex(UserError, 'Use the buttons'):
            handover.state = 'planned'
        with self.assertRaisesRegex(UserError, 'Use the buttons'):
            self.handover(date_start='2026-03-20', archive_user=True, state='planned')

    def test_a_planned_archiving_cannot_be_turned_on_somebody_else(self):
        handover = self.handover(self.administrator, date_start='2026-03-20', archive_user=True)
        handover.action_hand_over()
        self.assertEqual(handover.state, 'planned')
        with self.assertRaisesRegex(AccessError, 'administer users'):
            handover.with_user(self.sales_manager).from_user_id = self.administrator

    def test_archiving_cannot_be_added_to_what_is_planned(self):
        handover = self.handover(date_start='2026-03-20')
        handover.action_hand_over()
        with self.assertRaisesRegex(AccessError, 'administer users'):
            handover.archive_user = True

    def test_what_was_handed_over_stays_on_file_with_its_parts(self):
        handover = self.handover()
        handover.action_hand_over()
        with self.assertRaises(UserError):
            handover.part_ids.unlink()
        with self.assertRaises(UserError):
            handover.part_ids = [Command.create({'key': 'x', 'name': 'x'})]
        with self.assertRaises(UserError):
            handover.state = 'draft'
        self.assertTrue(handover.line_ids)

    def test_a_dossier_shows_figures_of_the_customers_to_whoever_has_them(self):
        metrics = self.env['crm.customer.metrics'].sudo()
        metrics.search([('partner_id', '=', self.customer.id)]).unlink()
        metrics.create({'partner_id': self.customer.id, 'company_id': self.env.company.root_id.id, 'sales_12m': 4711})
        handover = self.handover(kind='substitution', date_end='2026-03-20')
        handover.action_hand_over()

        def sales(user):
            report = self.env['report.crm_relationship.report_handover_dossier'].with_user(user)
            [customer] = report._get_report_values(handover.ids)['dossiers'][handover.id]['customers']
            return customer['sales']
        self.assertEqual(sales(self.other_salesperson), 4711)
        self.assertFalse(sales(self.salesperson))
        self.assertFalse(sales(self.administrator))
        handover.action_return()
        self.env.flush_all()
        self.assertFalse(sales(self.other_salesperson))
        self.assertEqual(sales(self.salesperson), 4711)

    def test_the_work_of_another_company_is_not_handed_over(self):
        self.other_salesperson.company_ids += self.foreign
        with self.assertRaises(ValidationError):
            self.handover(company_id=self.foreign.id)
        handover = self.handover()
        with self.assertRaisesRegex(ValidationError, 'Elsewhere Ltd'):
            handover.company_id = self.foreign

    def test_counting_does_not_tell_what_the_manager_may_not_see(self):
        draft = self.env['crm.handover'].with_user(self.sales_manager).new({
            'from_user_id': self.salesperson.id, 'to_user_id': self.other_salesperson.id,
            'company_id': self.env.company.id, 'audience_domain': "[('child_ids.birthdate', '!=', False)]",
        })
        with self.assertRaisesRegex(UserError, 'may not see'):
            draft._onchange_preview()

    def test_activities_of_archived_users_cannot_be_taken(self):
        leaver = new_test_user(self.env, login='rel_leaver')
        activity = self.customer.activity_schedule('mail.mail_activity_data_todo', user_id=leaver.id)
        leaver.sudo().active = False
        users = self.env['res.users'].with_user(self.salesperson).with_context(crm_handover=True).browse(leaver.id)
        with self.assertRaises(AccessError):
            users.action_archive()
        self.assertEqual(activity.user_id, leaver)

    # ------------------------------------------------------------------ companies

    def test_stages_and_classes_of_another_company_are_neither_shown_nor_changed(self):
        Preview = self.env['crm.class.preview'].with_user(self.sales_manager)
        preview = Preview.create({**Preview.default_get(Preview._fields), 'class_vip_share': 1})
        preview.company_id = self.foreign
        with self.assertRaises(AccessError):
            preview.read(['preview'])
        with self.assertRaises(AccessError):
            preview.action_save()
        self.assertNotEqual(self.foreign.class_vip_share, 1)

    def test_terms_of_another_company_are_not_changed(self):
        pricelist = self.env['product.pricelist'].create({'name': 'Free', 'company_id': self.foreign.id})
        rule = self.env['crm.terms.rule'].create({
            'name': 'Theirs', 'company_id': self.foreign.id, 'pricelist_id': pricelist.id, 'notice_days': 0,
        })
        preview = self.env['crm.terms.preview'].with_user(self.sales_manager).create({
            'company_id': self.foreign.id, 'line_ids': [Command.create({
                'partner_id': self.customer.id, 'rule_id': rule.id, 'kind': 'pricelist', 'outcome': 'change',
                'to_id': pricelist.id, 'is_chosen': True,
            })],
        })
        with self.assertRaises(AccessError):
            preview.action_apply()
        self.assertFalse(self.customer.sudo().with_company(self.foreign).specific_property_product_pricelist)

    def test_only_what_the_rule_gives_is_applied(self):
        gift, other = self.env['product.pricelist'].create([{'name': 'Rule'}, {'name': 'Other'}])
        rule = self.env['crm.terms.rule'].with_user(self.sales_manager).create({
            'name': 'Ours', 'pricelist_id': gift.id, 'notice_days': 0,
        })
        preview = self.env['crm.terms.preview'].with_user(self.sales_manager).create({
            'company_id': rule.company_id.id, 'line_ids': [Command.create({
                'partner_id': self.customer.id, 'rule_id': rule.id, 'kind': 'pricelist', 'outcome': 'change',
                'to_id': other.id, 'is_chosen': True,
            })],
        })
        preview.action_apply()
        self.assertFalse(self.customer.specific_property_product_pricelist)

    def test_the_yield_of_an_opportunity_leaves_out_orders_of_other_companies(self):
        product = self.env['product.product'].create({'name': 'Lamp', 'list_price': 100, 'taxes_id': False})
        lead = self.env['crm.lead'].create({
            'name': 'Shared', 'type': 'opportunity', 'user_id': self.salesperson.id, 'partner_id': self.customer.id,
            'company_id': False,
        })
        for company in (self.env.company, self.foreign):
            order = self.env['sale.order'].with_company(company).create({
                'partner_id': self.customer.id, 'company_id': company.id,
                'order_line': [Command.create({'product_id': product.id, 'price_unit': 100})],
            })
            order.opportunity_id = lead
            order.action_confirm()
        row = self.env['crm.lead.origin.report'].with_user(self.salesperson).search([('lead_id', '=', lead.id)])
        self.assertEqual(row.ordered, 100)

    # ------------------------------------------------------------------ care

    def programme(self, **values):
        return self.env['crm.care.programme'].with_user(self.sales_manager).create({
            'name': "Best wishes", 'kind_id': self.env.ref('crm_relationship.care_kind_greeting').id,
            'occasion': 'once', 'occasion_date': '2026-03-05', 'audience_domain': "[('city', '=', 'Northtown')]",
            'mail_template_id': self.env.ref('crm_relationship.mail_template_care_greeting').id,
            'avoid_days_off': False, **values,
        })

    def test_a_programme_cannot_send_other_documents(self):
        template = self.env['mail.template'].create({
            'name': 'Invoice', 'model_id': self.env['ir.model']._get_id('account.move'),
        })
        with self.assertRaisesRegex(ValidationError, "isn't made for care"):
            self.programme(mail_template_id=template.id)

    def test_a_salesperson_does_not_list_recipients(self):
        programme = self.programme()
        programme.action_start()
        for record in (programme, programme.run_ids):
            with self.assertRaises(AccessError):
                record.with_user(self.salesperson).action_preview()

    def test_a_recipient_is_not_moved_to_another_customer(self):
        programme = self.programme()
        programme.action_start()
        programme.run_ids.action_preview()
        recipient = programme.run_ids.recipient_ids.with_user(self.salesperson)
        with self.assertRaises(UserError):
            recipient.customer_id = self.make_customer('Another')
        recipient.reply_note = 'Thanks'

    # ------------------------------------------------------------------ filters

    def test_a_filter_ends_with_the_rights_of_its_author(self):
        segment = self.env['crm.segment'].with_user(self.personal_manager).create({
            'name': 'Born', 'audience_domain': "[('birthdate', '!=', False)]",
        })
        self.assertEqual(segment.audience_author_id, self.personal_manager)
        self.assertFalse(segment.sudo()._audience_partners() - self.env['res.partner'].search([]))
        group = self.env.ref('crm_relationship.group_personal_data')
        self.personal_manager.sudo().group_ids -= group
        for record in (segment, segment.sudo(), self.env['crm.segment'].browse(segment.id)):
            with self.assertRaises(UserError):
                record._audience_partners()

    def test_nobody_names_another_author(self):
        segment = self.env['crm.segment'].with_user(self.sales_manager).create({
            'name': 'North', 'audience_author_id': self.personal_manager.id,
        })
        segment.audience_author_id = self.personal_manager
        self.assertEqual(segment.audience_author_id, self.sales_manager)

    # ------------------------------------------------------------------ card reviews

    def test_a_review_does_not_reach_customers_of_another_company(self):
        theirs = self.env['res.partner'].sudo().create({
            'name': 'Theirs', 'is_company': True, 'customer_rank': 1, 'company_id': self.foreign.id,
        })
        review = self.env['crm.card.review'].create({
            'week': '2026-03-02', 'user_id': self.salesperson.id, 'company_id': self.env.company.id,
            'line_ids': [Command.create({'partner_id': theirs.id})],
        })
        with self.assertRaises(AccessError):
            review.line_ids.with_user(self.sales_manager).action_right()
        self.assertFalse(theirs.card_reviewed_on)


@tagged('post_install', '-at_install')
class TestSalespersonsDoors(RelationshipCase):
    """A salesperson who keeps one club and one campaign reaches into no other over RPC."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls.make_customer('Azure Interior')
        cls.theirs = cls.make_customer('Yonder Walrus', user_id=cls.other_salesperson.id)
        cls.club, cls.other_club = cls.env['crm.club'].create([
            {'name': name, 'user_id': user.id}
            for name, user in (('Mine', cls.salesperson), ('Theirs', cls.other_salesperson))])
        cls.member, cls.other_member = cls.env['crm.club.member'].create([
            {'club_id': club.id, 'partner_id': partner.id}
            for club, partner in ((cls.club, cls.customer), (cls.other_club, cls.theirs))])

    def mine(self, record):
        return record.with_user(self.salesperson)

    def assertShut(self, action, error=AccessError):
        with self.assertRaises(error), self.env.cr.savepoint():
            action()
            self.env.flush_all()

    def test_members_are_moved_into_no_club_of_somebody_else(self):
        self.assertShut(lambda: self.mine(self.member).write({'club_id': self.other_club.id}))
        self.assertShut(lambda: self.mine(self.other_member).write({'club_id': self.club.id}))
        self.assertShut(lambda: self.mine(self.other_member).unlink())
        self.assertShut(lambda: self.mine(self.env['crm.club.member']).create({
            'club_id': self.other_club.id, 'partner_id': self.customer.id}))
        self.assertEqual(self.member.club_id, self.club)

    def test_what_follows_from_a_club_is_not_entered_to_get_past_its_rule(self):
        meeting, other = self.env['crm.club.meeting'].create([
            {'club_id': club.id, 'name': "Autumn", 'date_start': '2026-11-25 10:00:00'}
            for club in (self.club, self.other_club)])
        self.assertShut(lambda: self.mine(self.env['crm.club.attendance']).create({
            'meeting_id': other.id, 'club_id': self.club.id, 'member_id': self.other_member.id}), UserError)
        attendance = self.mine(self.env['crm.club.attendance']).create({
            'meeting_id': meeting.id, 'member_id': self.member.id})
        self.assertShut(lambda: attendance.write({'meeting_id': other.id}), UserError)
        self.assertShut(lambda: self.mine(meeting).write({'company_id': self.env.company.id}), UserError)
        self.assertShut(lambda: self.mine(meeting).write({'user_id': self.other_salesperson.id}), UserError)

    def test_costs_are_moved_into_no_campaign_of_somebody_else(self):
        plan, other = self.env['crm.campaign.plan'].create([
            {'name': name, 'user_id': user.id, 'date_start': '2026-10-01', 'date_end': '2026-12-31', 'goal': "Sell"}
            for name, user in (('Mine', self.salesperson), ('Theirs', self.other_salesperson))])
        cost = self.mine(self.env['crm.campaign.cost']).create({
            'plan_id': plan.id, 'name': "Leaflet", 'amount': 10, 'date': '2026-10-02'})
        self.assertShut(lambda: cost.write({'plan_id': other.id}))
        self.assertShut(lambda: cost.write({'company_amount': 1}), UserError)
        self.assertShut(lambda: self.mine(plan).write({'cost_ids': [(1, cost.id, {'plan_id': other.id})]}))
        self.assertEqual((plan.cost, other.cost), (10, 0))
        with self.assertRaises(AccessError):
            cost.read(['move_id'])

    def test_personal_facts_are_neither_read_nor_found_nor_counted(self):
        person = self.make_customer('Hanna Lindqvist', is_company=False)
        self.env['crm.personal.fact'].create({'partner_id': person.id, 'value': "Two children"})
        person.sudo().birthdate = '1980-11-24'
        partners = self.mine(self.env['res.partner'])
        for action in (
            lambda: self.mine(self.env['crm.personal.fact']).search([]),
            lambda: self.mine(self.env['crm.personal.fact']).search_count([('value', 'ilike', 'children')]),
            lambda: partners.search([('birthdate', '>', '1980-01-01')]),
            lambda: partners._read_group([], ['birthdate:year'], ['__count']),
            lambda: partners.search([('personal_fact_ids.value', 'ilike', 'children')]),
            lambda: partners.browse(person.id).read(['birthdate']),
            lambda: partners.browse(person.id).export_data(['personal_fact_ids/value']),
            lambda: partners.browse(person.id).write({'personal_fact_ids': [(0, 0, {'value': "Forged"})]}),
            lambda: partners.search([], order='birthdate'),
        ):
            self.assertShut(action, UserError)
