from datetime import date

from freezegun import freeze_time
from lxml import etree

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged

from .common import RelationshipCase

# Row "original records": where each is on the customer's form (crm_credit adds the limit).
ORIGINAL_RECORDS = (
    'ref', 'name', 'street', 'zip', 'phone', 'child_ids', 'bank_ids', 'pricelist_currency_id', 'quotation_count',
    'preferential_terms', 'property_product_pricelist', 'property_payment_term_id', 'property_account_position_id',
    'delivery_address_id', 'invoice_address_id', 'user_id', 'commission_code', 'customer_type',
)


@tagged('post_install', '-at_install')
class TestCustomerFile(RelationshipCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls.make_customer('Quixotic Zebra')
        cls.person = cls.make_customer('Zoe Person', is_company=False)

    def test_the_form_of_a_salesperson_has_every_original_record(self):
        self.salesperson.group_ids += self.env.ref('product.group_product_pricelist')
        arch = self.env['res.partner'].with_user(self.salesperson).get_view(
            self.env.ref('base.view_partner_form').id, 'form')['arch']
        names = {node.get('name') for node in etree.fromstring(arch).iter('field')}
        self.assertFalse(set(ORIGINAL_RECORDS) - names)

    def test_delivery_and_invoice_address_are_those_of_their_kind_or_the_customer_itself(self):
        self.assertEqual((self.customer.delivery_address_id, self.customer.invoice_address_id), (self.customer,) * 2)
        dock = self.make_customer('Dock 4', is_company=False, parent_id=self.customer.id, type='delivery')
        self.customer.invalidate_recordset()
        self.assertEqual((self.customer.delivery_address_id, self.customer.invoice_address_id), (dock, self.customer))

    def test_all_quotations_of_a_customer_and_its_contacts_are_its_history(self):
        contact = self.make_customer('Anna', is_company=False, parent_id=self.customer.id)
        orders = self.env['sale.order'].with_user(self.salesperson).create([
            {'partner_id': self.customer.id}, {'partner_id': contact.id},
        ])
        orders[0].action_cancel()
        self.assertEqual(self.customer.with_user(self.salesperson).quotation_count, 2)
        action = self.customer.action_view_quotations()
        self.assertEqual(self.env['sale.order'].search(action['domain']), orders.sudo().sorted(lambda o: -o.id))

    def test_who_decides_at_a_company_stands_among_its_managers(self):
        boss = self.make_customer('Bella Boss', is_company=False, parent_id=self.customer.id, contact_role='owner')
        self.make_customer('Carl Clerk', is_company=False, parent_id=self.customer.id, contact_role='user')
        self.customer.invalidate_recordset()
        self.assertEqual(self.customer.manager_ids, boss)

    @freeze_time('2026-03-10')
    def test_a_birthday_shows_without_its_year_to_those_without_the_group(self):
        self.person.sudo().birthdate = date(1980, 3, 12)
        person = self.person.with_user(self.salesperson)
        self.assertEqual(person.birthday_md, '03-12')
        self.assertIn('birthday of Zoe Person on Mar 12', person.attention_message)
        with self.assertRaises(AccessError):
            person.read(['birthdate'])
        self.salesperson.group_ids += self.env.ref('crm_relationship.group_personal_data')
        self.assertEqual(self.person.with_user(self.salesperson).birthdate, date(1980, 3, 12))

    @freeze_time('2026-03-10')
    def test_an_impossible_birthday_is_refused_with_name_and_date(self):
        for day, reason in (
            (date(2026, 3, 11), 'Zoe Person, 2026-03-11, lies in the future'),
            (date(1880, 1, 1), 'Zoe Person, 1880-01-01, is more than 130 years'),
        ):
            with self.assertRaisesRegex(ValidationError, reason), self.cr.savepoint():
                self.person.sudo().birthdate = day
        with self.assertRaisesRegex(ValidationError, 'Quixotic Zebra is a company'), self.cr.savepoint():
            self.customer.sudo().birthdate = date(1980, 3, 12)

    def test_birthdays_and_addresses_of_a_page_take_constant_queries(self):
        customers = self.env['res.partner'].create([
            {'name': f'Page {number}', 'customer_rank': 1, 'is_company': True} for number in range(40)
        ]).with_user(self.salesperson)

        def count(records):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            for name in ('attention_message', 'delivery_address_id.name', 'quotation_count'):
                records.mapped(name)
            return self.cr.sql_log_count - before
        count(customers[:2])
        self.assertEqual(count(customers[:4]), count(customers))
