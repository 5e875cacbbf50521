import contextlib
import threading

from odoo import SUPERUSER_ID, api
from odoo.exceptions import UserError, ValidationError
from odoo.sql_db import db_connect
from odoo.tests import tagged

from ..hooks import _register_unique_refs
from .common import RelationshipCase


@tagged('post_install', '-at_install')
class TestCustomerCode(RelationshipCase):

    def test_a_new_customer_gets_a_short_code_from_its_name(self):
        customer = self.make_customer('Quixotic Zebra Trading GmbH')
        self.assertEqual(customer.ref, 'QZT')
        self.assertEqual(customer.customer_code_ids.assigned_name, 'Quixotic Zebra Trading GmbH')
        self.assertTrue(customer.has_customer_code)

    def test_a_chinese_name_gives_pinyin_initials(self):
        self.assertEqual(self.make_customer('重庆紫霄有限公司').ref, 'CQZX')

    def test_a_second_customer_of_that_name_gets_the_next_number(self):
        codes = [self.make_customer('Quixotic Zebra').ref for __ in range(3)]
        self.assertEqual(codes, ['QZ', 'QZ2', 'QZ3'])

    def test_names_that_lead_to_one_code_in_one_batch_differ(self):
        partners = self.env['res.partner'].create([
            {'name': name, 'customer_rank': 1}
            for name in ('Studio 54', 'Studio 54', 'Qwyzzle Xylo 2', 'Qwyzzle Xylo', 'Qwyzzle Xylo')
        ])
        codes = partners.mapped('ref')
        self.assertEqual(len({code.upper() for code in codes}), 5, codes)

    def test_contacts_and_vendors_get_none(self):
        customer = self.make_customer('Quixotic Zebra')
        contact = self.make_customer('Anna Contact', is_company=False, parent_id=customer.id)
        vendor = self.env['res.partner'].create({'name': 'Vendor Only', 'supplier_rank': 1})
        self.assertFalse(contact.ref or vendor.ref)
        self.assertFalse(contact.customer_type or vendor.customer_type)

    def test_changing_the_name_keeps_the_code(self):
        customer = self.make_customer('Quixotic Zebra')
        customer.name = 'Another Name'
        self.assertEqual(customer.ref, 'QZ')

    def test_a_given_code_is_kept_and_registered(self):
        customer = self.make_customer('Quixotic Zebra', ref=' kd-4711 ')
        self.assertEqual(customer.ref, 'kd-4711')
        self.assertEqual(customer.customer_code_ids.mapped('code'), ['kd-4711'])

    def test_a_taken_code_is_refused_with_its_owner_whatever_the_case(self):
        self.make_customer('Quixotic Zebra', ref='KD-4711')
        with self.assertRaisesRegex(ValidationError, 'kd-4711.*Quixotic Zebra'):
            self.make_customer('Other', ref='kd-4711')

    def test_a_refusal_does_not_name_customers_of_other_companies(self):
        other = self.env['res.company'].create({'name': 'Other Company'})
        self.env['res.partner'].create(
            {'name': 'Secret Client', 'is_company': True, 'customer_rank': 1, 'ref': 'SEC-1', 'company_id': other.id})
        with self.assertRaisesRegex(ValidationError, 'sec-1 belongs to a customer of another company'):
            self.make_customer('Somebody', ref='sec-1')

    def test_the_same_code_twice_in_one_import_is_refused(self):
        result = self.env['res.partner'].load(
            ['name', 'ref', 'customer_rank'], [['First Import', 'IMP-1', '1'], ['Second Import', 'imp-1', '1']],
        )
        self.assertFalse(result['ids'])
        self.assertEqual(result['messages'][-1]['record'], 1)
        self.assertIn('imp-1 belongs to First Import', result['messages'][-1]['message'])

    def test_codes_of_archived_and_deleted_customers_are_not_given_out_again(self):
        archived, deleted = self.make_customer('Quixotic Zebra'), self.make_customer('Quixotic Zebra')
        archived.with_user(self.sales_manager).active = False
        deleted.sudo().unlink()
        self.assertEqual(self.make_customer('Quixotic Zebra').ref, 'QZ3')
        with self.assertRaisesRegex(ValidationError, 'qz2 belongs to Quixotic Zebra'):
            self.make_customer('Someone', ref='qz2')
        code = self.env['crm.customer.code'].search([('code', '=', 'QZ2')])
        self.assertEqual((code.partner_id.id, code.is_current, code.assigned_name), (False, False, 'Quixotic Zebra'))

    def test_editing_the_code_keeps_the_old_one_reserved_and_findable(self):
        customer = self.make_customer('Quixotic Zebra')
        customer.ref = 'ZEBRA'
        self.assertRecordValues(customer.customer_code_ids.sorted('code'), [
            {'code': 'QZ', 'is_current': False}, {'code': 'ZEBRA', 'is_current': True},
        ])
        self.assertEqual(self.make_customer('Quixotic Zebra').ref, 'QZ2')
        self.assertEqual(self.env['res.partner'].name_search('qz')[0][0], customer.id)
        customer.ref = 'QZ'
        self.assertEqual(customer.customer_code_ids.filtered('is_current').code, 'QZ')

    def test_taking_another_customers_code_is_refused(self):
        self.make_customer('Quixotic Zebra')
        other = self.make_customer('Other Yak')
        with self.assertRaisesRegex(ValidationError, 'qz belongs to Quixotic Zebra'):
            other.ref = 'qz'

    def test_a_copy_gets_a_code_of_its_own(self):
        customer = self.make_customer('Quixotic Zebra')
        copy = customer.with_context(res_partner_search_mode='customer').copy({'name': 'Quixotic Zebra'})
        self.assertEqual(copy.ref, 'QZ2')

    def test_a_quotation_or_opportunity_makes_a_customer(self):
        buyer, prospect, lead_only = self.env['res.partner'].create([
            {'name': 'Quoted Xerxes'}, {'name': 'Promising Xerxes'}, {'name': 'Lead Xerxes'},
        ])
        self.env['sale.order'].with_user(self.salesperson).create({'partner_id': buyer.id})
        self.env['crm.lead'].with_user(self.salesperson).create([
            {'name': 'Chance', 'type': 'opportunity', 'partner_id': prospect.id},
            {'name': 'Lead', 'type': 'lead', 'partner_id': lead_only.id},
        ])
        self.assertEqual([buyer.ref, prospect.ref, lead_only.ref], ['QX', 'PX', False])
        self.assertEqual(buyer.customer_type, 'individual')

    def test_an_order_of_a_contact_makes_its_company_the_customer(self):
        company = self.env['res.partner'].create({'name': 'Quoted Xerxes', 'is_company': True})
        contact = self.env['res.partner'].create({'name': 'Buyer', 'parent_id': company.id})
        self.env['sale.order'].create({'partner_id': contact.id})
        self.assertTrue(company.ref)
        self.assertFalse(contact.ref)

    def test_becoming_a_customer_keeps_a_reference_that_is_free(self):
        partner = self.env['res.partner'].create({'name': 'Vendor First', 'ref': 'V-77'})
        partner._increase_rank('customer_rank')
        self.assertEqual(partner.customer_code_ids.code, 'V-77')

    def test_existing_duplicates_are_tolerated_and_listed_until_cleaned(self):
        first, second, unique = self.env['res.partner'].create([
            {'name': name} for name in ('Dup One', 'Dup Two', 'Unique Three')
        ])
        # as in a database filled before this addon was installed
        self.env.cr.execute(
            "UPDATE res_partner SET customer_rank = 1, ref = CASE id WHEN %s THEN 'UNI-3' ELSE 'DUP-1' END"
            " WHERE id IN %s",
            (unique.id, (first.id, second.id, unique.id)),
        )
        self.env.invalidate_all()
        _register_unique_refs(self.env)
        (first + second + unique)._assign_missing_codes()
        without = self.env['res.partner'].search([('is_customer', '=', True), ('has_customer_code', '=', False)])
        self.assertLessEqual(first + second, without)
        self.assertNotIn(unique, without)
        self.assertEqual((first + second).mapped('ref'), ['DUP-1', 'DUP-1'])
        with self.assertRaisesRegex(ValidationError, 'dup-1 belongs to Dup'):
            self.make_customer('Third', ref='dup-1')
        second.ref = 'DUP-2'
        first._assign_missing_codes()
        self.assertEqual([first.has_customer_code, second.has_customer_code], [True, True])

    def test_every_code_of_a_merged_customer_finds_the_survivor(self):
        survivor, merged = self.make_customer('Quixotic Zebra'), self.make_customer('Yonder Walrus')
        merged.ref = 'WALRUS'
        self.env['base.partner.merge.automatic.wizard'].create({})._merge((survivor + merged).ids, survivor)
        self.assertEqual(survivor.ref, 'QZ')
        self.assertEqual(survivor.customer_code_ids.filtered('is_current').mapped('code'), ['QZ'])
        for code in ('YW', 'walrus', 'qz'):
            self.assertEqual(self.env['res.partner'].name_search(code)[0][0], survivor.id, code)
        with self.assertRaises(ValidationError):
            self.make_customer('Yonder Walrus', ref='YW')

    def test_merging_two_duplicates_of_one_code_cleans_them(self):
        first, second = self.env['res.partner'].create([{'name': 'Dup One'}, {'name': 'Dup Two'}])
        self.env.cr.execute(
            "UPDATE res_partner SET customer_rank = 1, ref = 'DUP-1' WHERE id IN %s", ((first + second)._ids,),
        )
        self.env.invalidate_all()
        self.env['base.partner.merge.automatic.wizard'].create({})._merge((first + second).ids, first)
        self.assertEqual(first.customer_code_ids.mapped('code'), ['DUP-1'])
        self.assertTrue(first.has_customer_code)

    def test_a_customer_is_found_by_code_and_an_exact_code_comes_first(self):
        self.env['res.partner'].create({'name': 'A name with qz inside'})
        customer = self.make_customer('Quixotic Zebra')
        Partner = self.env['res.partner'].with_user(self.salesperson)
        self.assertEqual(Partner.name_search('QZ')[0][0], customer.id)
        self.assertEqual(len(Partner.name_search('qz', limit=1)), 1)
        self.assertFalse(Partner.name_search('qz', [('id', '!=', customer.id), ('customer_rank', '>', 0)]))

    def test_codes_are_never_deleted(self):
        customer = self.make_customer('Quixotic Zebra')
        with self.assertRaises(UserError):
            customer.sudo().customer_code_ids.unlink()

    def test_a_batch_takes_a_constant_number_of_queries(self):
        def count(number):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            Code = self.env['crm.customer.code']
            Code._reserve([(f'Batch Customer {index}', None, None) for index in range(number)])
            Code._reserve([('Batch Customer', None, None) for __ in range(number)])
            return self.cr.sql_log_count - before
        count(1)
        self.assertEqual(count(5), count(200))

    def test_creating_200_customers_needs_no_query_for_each_code(self):
        Partner = self.env['res.partner'].with_context(tracking_disable=True, mail_create_nolog=True)

        def count(number, **values):
            self.env.flush_all()
            before = self.cr.sql_log_count
            Partner.create([{'name': f'Batch {index}', **values} for index in range(number)])
            self.env.flush_all()
            return self.cr.sql_log_count - before
        count(2, customer_rank=1)
        plain = count(200)
        self.assertLessEqual(count(200, customer_rank=1) - plain, 20)


@tagged('post_install', '-at_install')
class TestSimultaneousCodes(RelationshipCase):

    def test_two_simultaneous_creations_get_different_codes(self):
        values = {'name': 'Simultaneous Vexing Quokka', 'customer_rank': 1}
        first, second = (
            self.enterContext(contextlib.closing(db_connect(self.cr.dbname).cursor())) for __ in range(2)
        )
        # Made here: while modules are being loaded another thread can't reach the registry.
        first_env, second_env = (
            api.Environment(cr, SUPERUSER_ID, {'tracking_disable': True}) for cr in (first, second)
        )
        self.addCleanup(self._forget)
        second_env['res.partner'].search_count([])  # its snapshot is taken before the first one commits
        partner = first_env['res.partner'].create(values)
        result = {}

        def create_second():
            result['code'] = second_env['res.partner'].create(values).ref
            second.commit()

        thread = threading.Thread(target=create_second)
        thread.start()
        thread.join(1)
        self.assertTrue(thread.is_alive(), "the second one waits until the first has decided")
        first_code = partner.ref
        first.commit()
        thread.join(30)
        self.assertEqual([first_code, result.get('code')], ['SVQ', 'SVQ2'])

    def _forget(self):
        with db_connect(self.cr.dbname).cursor() as cr:  # commits when it is left
            cr.execute("DELETE FROM res_partner WHERE name = 'Simultaneous Vexing Quokka'")
            cr.execute("DELETE FROM crm_customer_code WHERE code LIKE 'SVQ%'")
