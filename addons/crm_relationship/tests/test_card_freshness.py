from datetime import date

from freezegun import freeze_time

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import RelationshipCase


@tagged('post_install', '-at_install')
class TestCardFreshness(RelationshipCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.company.card_stale_days = 365
        for section, days in (('basic', 0), ('features', 0), ('business', 180), ('trading', 30)):
            cls.env.ref(f'crm_relationship.card_section_{section}').stale_days = days
        cls.customer = cls.make_customer('Quixotic Zebra', phone='+32 2 290 34 90', email='info@zebra.example.com')
        cls.belgium, cls.france = cls.env.ref('base.be'), cls.env.ref('base.fr')

    def verify(self, section):
        self.customer.with_context(card_section=section).action_verify_card_section()
        self.customer.invalidate_recordset()

    def stale(self):
        self.customer.invalidate_recordset()
        return self.customer._stale_card_sections()[self.customer.id]

    def test_each_section_grows_stale_after_its_own_days_and_is_asked_about(self):
        with freeze_time('2026-01-10'):
            self.customer.action_verify_card()
            self.assertEqual(self.stale(), [])
        with freeze_time('2026-03-10'):
            self.assertEqual(self.stale(), ['trading'])
            self.assertTrue(self.customer.is_card_stale)
            self.assertIn('card to verify: Trading', self.customer.attention_message)
            questions = {s.code: s for s in self.customer._get_card_sections()[self.customer.id]}['questions'].notes
            self.assertIn('Is this still true: Trading?', questions)
            self.verify('trading')
            self.assertEqual(self.stale(), [])
            self.assertIn('Sally Seller', self.customer.card_trading_verified)
        with freeze_time('2026-08-10'):
            self.assertEqual(self.stale(), ['business', 'trading'])

    def test_the_search_for_stale_cards_agrees_with_the_sections(self):
        person = self.make_customer('Zoe Person', is_company=False)
        both = self.customer + person
        Partner = self.env['res.partner']
        with freeze_time('2026-01-10'):
            both.action_verify_card()
        for day in ('2026-01-11', '2026-03-10', '2027-03-10'):
            with freeze_time(day):
                both.with_context(card_section='trading').action_verify_card_section()
                for section in ('business', None):
                    if section:
                        self.verify(section)
                    both.invalidate_recordset()
                    found = Partner.search([('id', 'in', both.ids), ('is_card_stale', '=', True)])
                    self.assertEqual(found, both.filtered('is_card_stale'))

    def test_a_card_whose_every_section_was_verified_is_verified_since_the_oldest(self):
        for day, section in (('2026-01-10', 'basic'), ('2026-01-12', 'features'), ('2026-01-14', 'business')):
            with freeze_time(day):
                self.verify(section)
        self.assertFalse(self.customer.card_verified_on)
        with freeze_time('2026-01-16'):
            self.verify('trading')
        self.assertEqual(self.customer.card_verified_on, date(2026, 1, 10))

    def test_only_who_may_change_the_customer_verifies_a_section(self):
        reader = self.env['res.users'].create({
            'name': 'Rita Reader', 'login': 'rel_reader', 'group_ids': [(6, 0, self.env.ref('base.group_user').ids)],
        })
        with self.assertRaises(AccessError):
            self.customer.with_user(reader).with_context(card_section='basic').action_verify_card_section()
        with self.assertRaises(AccessError):
            self.env['crm.card.section'].with_user(self.salesperson).search([])[0].stale_days = 1

    def test_a_changed_fact_is_kept_with_who_when_before_and_after(self):
        with freeze_time('2026-03-10 09:00:00'):
            self.customer.write({'phone': '+32 2 290 34 91', 'business_scale': 'large', 'comment': 'x'})
        changes = self.env['crm.card.change'].with_user(self.other_salesperson).search([
            ('partner_id', '=', self.customer.id)])
        self.assertEqual(
            {(c.label, c.section, c.old_value, c.new_value, c.user_id, str(c.date)) for c in changes},
            {
                ('Phone', 'basic', '+32 2 290 34 90', '+32 2 290 34 91', self.salesperson, '2026-03-10 09:00:00'),
                ('Scale', 'business', False, 'Large', self.salesperson, '2026-03-10 09:00:00'),
            },
        )
        self.customer.phone = '+32 2 290 34 91'
        self.assertEqual(len(self.customer.card_change_ids), 2)
        with self.assertRaises(AccessError):
            changes[0].with_user(self.sales_manager).new_value = 'forged'

    def test_changes_of_contacts_and_bank_accounts_are_on_the_card_of_the_company(self):
        anna = self.make_customer('Anna', is_company=False, parent_id=self.customer.id)
        anna.function = 'Head of purchasing'
        bank = self.env['res.partner.bank'].create({'acc_number': 'BE0477', 'partner_id': self.customer.id})
        bank.unlink()
        changes = self.customer.card_change_ids.sorted('id')
        self.assertEqual(
            [(c.contact_id, c.field_name, c.old_value, c.new_value) for c in changes],
            [
                (anna, 'child_ids', False, 'Quixotic Zebra, Anna'), (anna, 'function', False, 'Head of purchasing'),
                (anna.browse(), 'bank_ids', False, 'BE0477'), (anna.browse(), 'bank_ids', 'BE0477', False),
            ],
        )

    def test_what_contacts_take_over_from_their_company_is_told_once(self):
        anna = self.make_customer('Anna', is_company=False, parent_id=self.customer.id)
        self.customer.card_change_ids.sudo().unlink()
        self.customer.write({'vat': 'BE0477472701', 'city': 'Ghent'})
        self.assertEqual((anna.vat, anna.city), ('BE0477472701', 'Ghent'))
        anna.write({'type': 'other', 'city': 'Bruges'})
        self.assertEqual(
            {(c.contact_id, c.field_name, c.new_value) for c in self.customer.card_change_ids},
            {(anna.browse(), 'city', 'Ghent'), (anna.browse(), 'vat', 'BE0477472701'), (anna, 'city', 'Bruges')},
        )

    def test_personal_facts_leave_their_history_to_their_group(self):
        person = self.make_customer('Zoe Person', is_company=False)
        fact = self.env['crm.personal.fact'].create({'partner_id': person.id, 'value': 'Two children'})
        fact.value = 'Three children'
        person.sudo().birthdate = date(1980, 3, 12)
        Change = self.env['crm.card.change']
        mine = [('partner_id', '=', person.id), ('section', '=', 'personal')]
        self.assertFalse(Change.with_user(self.salesperson).search(mine))
        self.salesperson.group_ids += self.env.ref('crm_relationship.group_personal_data')
        self.assertEqual(
            Change.with_user(self.salesperson).search(mine, order='id').mapped('old_value'),
            [False, 'Two children', False],
        )

    def test_contact_data_that_reaches_nobody_is_flagged_and_found(self):
        anna = self.make_customer('Anna', is_company=False, parent_id=self.customer.id, email='anna@nowhere')
        self.assertFalse(self.customer.has_invalid_contact_data)
        self.assertIn('anna@nowhere is no e-mail address', self.customer.card_flags)
        self.customer.phone = '12'
        self.assertTrue(self.customer.has_invalid_contact_data and anna.has_invalid_contact_data)
        self.assertIn('Quixotic Zebra: 12 is no valid phone number', self.customer.card_flags)
        self.customer.write({'phone': '02 290 34 90', 'country_id': self.belgium.id})
        self.assertFalse(self.customer.has_invalid_contact_data)

    def test_customers_that_may_be_the_same_name_each_other(self):
        twin = self.make_customer('Zebra Import', email='INFO@zebra.example.com')
        self.assertIn(f'may be the same customer as Zebra Import ({twin.ref})', self.customer.card_flags)
        self.assertIn('Quixotic Zebra', twin.card_flags)
        twin.email = 'other@zebra.example.com'
        self.customer.invalidate_recordset()
        self.assertFalse(self.customer.card_flags)

    def test_facts_that_contradict_each_other_are_flagged(self):
        self.customer.write({'preferred_contact': 'email', 'email': False, 'country_id': self.france.id})
        self.customer.custodian_id = self.other_salesperson
        self.other_salesperson.sudo().active = False
        self.customer.invalidate_recordset()
        for expected in (
            'prefers e-mail, but has no address', 'phone number is from another country',
            'Oscar Other, named as Custodian, no longer works here',
        ):
            self.assertIn(expected, self.customer.card_flags)
        sections = {s.code: s for s in self.customer._get_card_sections()[self.customer.id]}
        self.assertIn('prefers e-mail, but has no address', sections['flags'].notes)

    def test_merging_customers_keeps_the_history_of_both(self):
        twin = self.make_customer('Quixotic Zebra Ltd')
        twin.main_business = 'Zebra crossings'
        self.customer.main_business = 'Stripes'
        twin.with_context(card_section='basic').action_verify_card_section()
        wizard = self.env['base.partner.merge.automatic.wizard'].create({})
        wizard._merge((self.customer + twin).ids, self.customer, extra_checks=False)
        self.customer.invalidate_recordset()
        self.assertIn('Zebra crossings', self.customer.card_change_ids.mapped('new_value'))
        self.assertEqual(len(self.customer.card_verification_ids), 1)

    def test_freshness_and_flags_of_a_page_take_constant_queries(self):
        customers = self.env['res.partner'].create([
            {
                'name': f'Page {number}', 'customer_rank': 1, 'is_company': True, 'email': f'p{number}@example.com',
                'child_ids': [(0, 0, {'name': f'Contact {number}', 'phone': '1'})],
            }
            for number in range(80)
        ]).with_user(self.salesperson)

        def count(records):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            for name in ('card_flags', 'card_stale_sections', 'card_basic_verified', 'is_card_stale'):
                records.mapped(name)
            return self.cr.sql_log_count - before
        count(customers[:2])
        self.assertEqual(count(customers[:8]), count(customers))
