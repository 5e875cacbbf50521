from datetime import date

from freezegun import freeze_time

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged

from .common import RelationshipCase


@tagged('post_install', '-at_install')
class TestRelationshipCard(RelationshipCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env['crm.card.item'].search([]).active = False
        fields = {
            field.name: field.id for field in cls.env['ir.model.fields'].search([('model', '=', 'res.partner')])
        }
        cls.phone, cls.business, cls.needs, cls.bank = cls.env['crm.card.item'].create([
            {'name': 'Phone', 'field_id': fields['phone'], 'weight_vip': 1, 'weight_minor': 1},
            {
                'name': 'Business', 'field_id': fields['main_business'], 'applies_to': 'company',
                'weight_vip': 3, 'weight_minor': 2,
            },
            {'name': 'Needs', 'field_id': fields['consumption_note'], 'applies_to': 'individual', 'weight_minor': 4},
            {
                'name': 'Bank', 'field_id': fields['bank_ids'], 'applies_to': 'company',
                'weight_vip': 4, 'weight_minor': 0,
            },
        ])
        cls.customer = cls.make_customer('Quixotic Zebra', phone='+32 2 290 34 90')

    def test_type_follows_company_or_person_and_can_be_changed(self):
        person = self.make_customer('Zoe Person', is_company=False)
        self.assertEqual([self.customer.customer_type, person.customer_type], ['intermediary', 'individual'])
        self.customer.customer_type = 'manufacturer'
        self.customer.name = 'Renamed'
        self.assertEqual(self.customer.customer_type, 'manufacturer')
        person.is_company = True
        self.assertEqual(person.customer_type, 'intermediary')

    def test_a_new_customer_is_potential_in_every_company_and_has_no_class(self):
        company = self.env['res.company'].create({'name': 'Second Company'})
        for each in (self.env.company, company):
            self.assertEqual(self.customer.sudo().with_company(each).relationship_stage, 'potential')
            self.assertFalse(self.customer.sudo().with_company(each).value_class)

    def test_all_stages_are_columns_and_customers_group_by_them(self):
        self.customer.action_mark_target()
        Partner = self.env['res.partner'].with_user(self.salesperson).with_context(read_group_expand=True)
        groups = Partner.web_read_group([('id', '=', self.customer.id)], ['relationship_stage'])['groups']
        counts = {group['relationship_stage']: group['__count'] for group in groups}
        self.assertEqual(list(counts), ['potential', 'target', 'first', 'repeat', 'loyal', 'dormant', 'lost'])
        self.assertEqual((counts['target'], counts['potential']), (1, 0))
        self.customer.action_unmark_target()
        self.assertEqual(self.customer.relationship_stage, 'potential')

    def test_completeness_is_the_weighted_share_of_known_facts(self):
        self.assertEqual(self.customer.card_completeness, 33)  # phone 1 of 1 + 2
        self.customer.main_business = 'Zebra crossings'
        self.assertEqual(self.customer.card_completeness, 100)
        self.customer.phone = False
        self.assertEqual(self.customer.card_completeness, 67)

    def test_weights_go_by_the_best_class_that_any_company_gives(self):
        company = self.env['res.company'].create({'name': 'Second Company'})
        self.customer.sudo().with_company(company).value_class = 'vip'
        self.assertEqual(self.customer.card_completeness, 12)  # phone 1 of 1 + 3 + 4
        self.assertEqual(self.customer._filter_key_customers(), self.customer)
        self.env['res.partner.bank'].create({'acc_number': 'BE0477', 'partner_id': self.customer.id})
        self.assertEqual(self.customer.card_completeness, 62)

    def test_persons_are_asked_for_other_facts_than_companies(self):
        person = self.make_customer('Zoe Person', is_company=False)
        self.assertEqual(person.card_missing_item_ids, self.needs + self.phone)
        self.assertEqual(self.customer.card_missing_item_ids, self.business)

    def test_contacts_have_no_card(self):
        contact = self.make_customer('Anna', is_company=False, parent_id=self.customer.id)
        self.assertFalse(contact.card_completeness or contact.card_missing_item_ids or contact.is_card_stale)

    def test_changed_weights_reach_all_customers_with_the_scheduled_action(self):
        self.business.weight_minor = 3
        with self.enter_registry_test_mode():
            self.env.ref('crm_relationship.ir_cron_card_completeness').method_direct_trigger()
        self.customer.invalidate_recordset()
        self.assertEqual(self.customer.card_completeness, 25)

    def test_an_item_of_an_unsuitable_field_is_refused(self):
        field = self.env['ir.model.fields']._get('res.partner', 'relationship_stage')
        with self.assertRaisesRegex(ValidationError, 'Stage'):
            self.phone.field_id = field

    @freeze_time('2026-03-10')
    def test_a_card_is_stale_until_verified_and_again_after_a_year(self):
        self.assertTrue(self.customer.is_card_stale)
        self.assertIn('never verified', self.customer.attention_message)
        self.customer.action_verify_card()
        self.customer.invalidate_recordset()
        self.assertRecordValues(self.customer, [{
            'card_verified_on': date(2026, 3, 10), 'card_verified_by_id': self.salesperson.id,
        }])
        self.assertFalse(self.customer.is_card_stale or self.customer.attention_message)
        with freeze_time('2027-04-01'):
            self.customer.invalidate_recordset()
            self.assertTrue(self.customer.is_card_stale)
            self.assertIn(self.customer, self.env['res.partner'].search([('is_card_stale', '=', True)]))

    def test_a_founding_year_in_the_future_is_refused(self):
        with self.assertRaisesRegex(ValidationError, 'Quixotic Zebra.*9999'):
            self.customer.founding_year = 9999

    def test_personal_facts_are_for_their_group_only(self):
        person = self.make_customer('Zoe Person', is_company=False)
        values = {'partner_id': person.id, 'topic': 'family', 'value': 'Two children'}
        with self.assertRaises(AccessError):
            self.env['crm.personal.fact'].with_user(self.salesperson).create(values)
        fact = self.env['crm.personal.fact'].create(values)
        with self.assertRaises(AccessError):
            fact.with_user(self.salesperson).read(['value'])
        with self.assertRaises(AccessError):
            person.with_user(self.salesperson).read(['personal_fact_ids'])
        self.salesperson.group_ids += self.env.ref('crm_relationship.group_personal_data')
        self.assertEqual(person.with_user(self.salesperson).personal_fact_ids.value, 'Two children')

    def test_a_fact_known_since_tomorrow_is_refused(self):
        with self.assertRaisesRegex(ValidationError, 'Two children.*future'):
            self.env['crm.personal.fact'].create({
                'partner_id': self.customer.id, 'value': 'Two children', 'date': '2999-01-01',
            })

    def test_completeness_and_attention_of_a_page_take_constant_queries(self):
        customers = self.env['res.partner'].create([
            {'name': f'Page {number}', 'customer_rank': 1, 'is_company': True} for number in range(80)
        ])

        def count(records):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            records.mapped('card_missing_item_ids.name')
            records.mapped('attention_message')
            self.env.add_to_compute(records._fields['card_completeness'], records)
            records.mapped('card_completeness')
            return self.cr.sql_log_count - before
        count(customers[:2])
        self.assertEqual(count(customers[:8]), count(customers))

    def test_what_odoo_works_out_or_notes_is_not_typed(self):
        """By form, import or RPC: managers neither, since class and stage belong into the history."""
        for user in (self.salesperson, self.sales_manager):
            customer = self.customer.with_user(user)
            for values in (
                {'value_class': 'vip'}, {'relationship_stage': 'loyal'}, {'card_completeness': 100},
                {'card_verified_on': '2026-03-01'}, {'card_reviewed_on': '2026-03-01'},
                {'card_reviewed_by_id': user.id},
            ):
                with self.assertRaisesRegex(AccessError, f"{self.customer.name}.*can't be entered by hand"):
                    customer.write(values)
            customer.write({'value_class': False, 'relationship_stage': customer.relationship_stage})
        with self.assertRaisesRegex(AccessError, "Card Reviewed On"):
            self.env['res.partner'].with_user(self.salesperson).create({'name': 'X', 'card_reviewed_on': '2026-03-01'})
        self.customer.with_user(self.salesperson).action_mark_target()
        self.assertEqual(self.customer.relationship_stage, 'target')
