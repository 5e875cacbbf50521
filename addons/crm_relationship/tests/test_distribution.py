from datetime import date

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged

from .common import RelationshipCase


@tagged('post_install', '-at_install')
class TestDistribution(RelationshipCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(freeze_time('2026-11-23 09:00:00'))
        cls.dealer = cls.make_customer('Northern Dealers', customer_type='intermediary')
        cls.rival = cls.make_customer('Rival Dealers', customer_type='intermediary')
        germany = cls.env.ref('base.de').id
        cls.hotel = cls.make_customer('Harbour Hotel', customer_type='manufacturer', country_id=germany, zip='20457')
        cls.bakery = cls.make_customer('Corner Bakery', customer_type='manufacturer', country_id=germany, zip='28195')
        cls.north, cls.hamburg, cls.south = cls.env['crm.territory'].with_user(cls.sales_manager).create([
            {'name': "North", 'country_id': germany, 'zips': '2'},
            {'name': "Hamburg", 'country_id': germany, 'zips': '20, 21, 22'},
            {'name': "South", 'country_id': germany, 'zips': '8'},
        ])
        cls.chair = cls.env['product.product'].create({
            'name': 'Chair', 'type': 'service', 'list_price': 100, 'invoice_policy': 'order', 'taxes_id': False,
            'uom_ids': [(4, cls.env.ref('uom.product_uom_dozen').id)],
        })

    def link(self, intermediary=None, user=None, **values):
        return self.env['crm.distribution.link'].with_user(user or self.salesperson).create({
            'intermediary_id': (intermediary or self.dealer).id, 'date_start': '2026-01-01', **values,
        })

    def order(self, customer=None, quantity=2, **values):
        order = self.env['sale.order'].with_user(self.salesperson).create({
            'partner_id': (customer or self.hotel).id,
            'order_line': [(0, 0, {'product_id': self.chair.id, 'product_uom_qty': quantity})], **values,
        })
        order.action_confirm()
        return order

    def report(self, quantity=5, **values):
        return self.env['crm.sell.through'].with_user(self.salesperson).create({
            'intermediary_id': self.dealer.id, 'partner_id': self.bakery.id, 'product_id': self.chair.id,
            'date_start': '2026-10-01', 'date_end': '2026-10-31', 'quantity': quantity, 'amount': quantity * 90,
            **values,
        })

    def sold(self, intermediary=None, user=None):
        """Return {source: amount} of the sales through an intermediary."""
        self.env.flush_all()
        rows = self.env['crm.sell.through.report'].with_user(user or self.salesperson)._read_group(
            [('intermediary_id', '=', (intermediary or self.dealer).id)], ['source'], ['amount:sum', 'quantity:sum'],
        )
        return {source: (amount, quantity) for source, amount, quantity in rows if amount or quantity}

    # ------------------------------------------------------------------ links

    def test_orders_and_invoices_of_a_served_customer_name_the_intermediary(self):
        self.link(partner_id=self.hotel.id)
        with Form(self.env['sale.order'].with_user(self.salesperson)) as form:
            form.partner_id = self.hotel
            self.assertEqual(form.intermediary_id, self.dealer)
        order = self.order()
        invoice = order._create_invoices()
        self.assertEqual(invoice.intermediary_id, self.dealer)
        self.assertFalse(self.order(self.bakery).intermediary_id)
        self.assertFalse(self.order(self.dealer).intermediary_id)

    def test_only_a_link_of_today_counts_and_two_intermediaries_are_no_default(self):
        self.link(partner_id=self.hotel.id, date_end='2026-11-22')
        self.assertFalse(self.order().intermediary_id)
        self.link(partner_id=self.hotel.id)
        self.assertEqual(self.order().intermediary_id, self.dealer)
        category = self.env['product.category'].create({'name': "Lamps"})
        self.link(self.rival, partner_id=self.hotel.id, categ_id=category.id)
        self.assertEqual(self.order().intermediary_id, self.dealer, "one for all products goes before one for some")
        self.link(self.rival, partner_id=self.hotel.id)
        self.assertFalse(self.order().intermediary_id)

    def test_a_contact_is_replaced_by_its_company(self):
        contact = self.make_customer('Anna', is_company=False, parent_id=self.hotel.id)
        self.assertEqual(self.link(partner_id=contact.id).partner_id, self.hotel)

    def test_bad_links_are_refused(self):
        with self.assertRaisesRegex(ValidationError, "a customer or a territory"):
            self.link()
        with self.assertRaisesRegex(ValidationError, "own customer"):
            self.link(partner_id=self.dealer.id)
        with self.assertRaisesRegex(ValidationError, "Correct one of the two dates"):
            self.link(partner_id=self.hotel.id, date_end='2025-12-31')
        with self.assertRaisesRegex(ValidationError, "where Nowhere is"):
            self.env['crm.territory'].create({'name': "Nowhere"})

    def test_overlapping_territories_and_customers_warn(self):
        north = self.link(territory_id=self.north.id)
        self.assertFalse(north.overlap_message)
        self.link(self.rival, territory_id=self.south.id)
        old = self.link(self.rival, territory_id=self.hamburg.id, date_end='2026-06-30')
        later = self.link(territory_id=self.hamburg.id, date_start='2026-12-01', intermediary=self.rival)
        north.invalidate_recordset(['overlap_message'])
        self.assertEqual(north.overlap_message, "also served by Rival Dealers")
        self.assertEqual(later.overlap_message, "also served by Northern Dealers")
        north.date_start = '2026-07-01'
        old.invalidate_recordset(['overlap_message'])
        self.assertFalse(old.overlap_message, "they never served it at the same time")
        hotel = self.link(partner_id=self.hotel.id)
        self.assertFalse(hotel.overlap_message)
        self.link(self.rival, partner_id=self.hotel.id)
        hotel.invalidate_recordset(['overlap_message'])
        self.assertIn("Rival", hotel.overlap_message)

    def test_different_products_do_not_overlap(self):
        furniture, lamps = self.env['product.category'].create([{'name': "Furniture"}, {'name': "Lamps"}])
        desks = self.env['product.category'].create({'name': "Desks", 'parent_id': furniture.id})
        mine = self.link(territory_id=self.north.id, categ_id=furniture.id)
        self.link(self.rival, territory_id=self.north.id, categ_id=lamps.id)
        self.assertFalse(mine.overlap_message)
        self.link(self.rival, territory_id=self.north.id, categ_id=desks.id)
        mine.invalidate_recordset(['overlap_message'])
        self.assertIn("Rival", mine.overlap_message)

    def test_customers_of_a_territory_are_linked_in_one_step(self):
        self.link(self.rival, partner_id=self.bakery.id)
        territory = self.link(territory_id=self.north.id)
        action = territory.action_link_customers()
        links = self.env['crm.distribution.link'].search(action['domain'])
        self.assertIn(self.hotel, links.partner_id)
        self.assertNotIn(self.bakery, links.partner_id, "somebody serves it already")
        with self.assertRaisesRegex(UserError, "served already"):
            territory.action_link_customers()

    # ------------------------------------------------------------------ sales through an intermediary

    def test_each_sale_counts_once_from_order_to_invoice_and_credit_note(self):
        self.link(partner_id=self.hotel.id)
        order = self.order(quantity=3)
        self.assertEqual(self.sold(), {'order': (300, 3)})
        invoice = order._create_invoices()
        self.assertEqual(self.sold()['order'][0], 300, "a draft invoice isn't a sale yet")
        invoice.action_post()
        self.assertEqual(self.sold(), {'invoice': (300, 3)})
        refund = invoice._reverse_moves([{'invoice_date': date(2026, 11, 23)}])
        self.assertEqual(refund.intermediary_id, self.dealer)
        refund.action_post()
        self.assertEqual(self.sold().get('invoice', (0, 0)), (0, 0))
        self.order(quantity=1)._action_cancel()
        self.order(self.dealer, quantity=50)
        self.assertNotIn(50, [quantity for _amount, quantity in self.sold().values()], "own purchases aren't sold on")

    def test_a_down_payment_is_not_counted_twice(self):
        self.link(partner_id=self.hotel.id)
        order = self.order(quantity=10)
        wizard = self.env['sale.advance.payment.inv'].with_context(active_ids=order.ids).create({
            'advance_payment_method': 'fixed', 'fixed_amount': 400, 'sale_order_ids': order.ids,
        })
        wizard._create_invoices(order).action_post()
        self.assertEqual(sum(amount for amount, _quantity in self.sold().values()), 1000)
        order._create_invoices(final=True).action_post()
        self.assertEqual(self.sold()['invoice'][0], 1000)

    def test_reported_sales_count_beside_our_own(self):
        self.link(partner_id=self.hotel.id)
        self.order(quantity=2)
        self.report(quantity=1, product_uom_id=self.env.ref('uom.product_uom_dozen').id, amount=1080)
        self.assertEqual(self.sold(), {'order': (200, 2), 'reported': (1080, 12)})
        dealer, bakery = (partner.with_user(self.salesperson) for partner in (self.dealer, self.bakery))
        self.assertEqual((dealer.sell_through_12m, bakery.bought_through_12m), (1280, 1080))
        self.assertEqual((dealer.served_count, self.hotel.with_user(self.salesperson).served_by_count), (1, 1))

    def test_a_report_that_repeats_our_invoice_warns_and_can_be_left_out(self):
        self.link(partner_id=self.hotel.id)
        invoice = self.order()._create_invoices()
        invoice.invoice_date = date(2026, 11, 20)
        invoice.action_post()
        entry = self.report(partner_id=self.hotel.id, date_start='2026-11-01', date_end='2026-11-30')
        self.assertIn(invoice.name, entry.double_message)
        self.assertFalse(self.report().double_message)
        entry.excluded = True
        self.assertFalse(entry.double_message)
        self.assertEqual(self.sold()['reported'][0], 450)

    def test_the_same_report_is_not_entered_twice(self):
        self.report(reference="R-10")
        with self.assertRaisesRegex(ValidationError, "reported Chair for Corner Bakery"):
            self.report(reference="R-10")
        self.report(reference="R-11")
        with self.assertRaisesRegex(ValidationError, "Correct one of the two dates"):
            self.report(date_end='2026-09-30')
        with self.assertRaisesRegex(ValidationError, "isn't sold on yet"):
            self.report(partner_id=self.dealer.id)

    def test_a_report_is_imported_from_a_file(self):
        self.env.flush_all()
        result = self.env['crm.sell.through'].with_user(self.salesperson).load(
            ['intermediary_id', 'partner_id', 'date_start', 'date_end', 'product_id', 'quantity', 'amount'],
            [['Northern Dealers', 'Corner Bakery', '2026-10-01', '2026-10-31', 'Chair', '4', '360']],
        )
        self.assertFalse(result['messages'])
        entry = self.env['crm.sell.through'].browse(result['ids'])
        self.assertEqual((entry.partner_id, entry.product_uom_id, entry.company_amount), (
            self.bakery, self.chair.uom_id, 360))

    def test_a_contract_through_an_intermediary_passes_it_on(self):
        contract = self.env['crm.contract'].with_user(self.salesperson).create({
            'partner_id': self.bakery.id, 'subject': "Chairs", 'channel': 'distributor',
            'intermediary_id': self.rival.id, 'date_start': '2026-11-01',
            'line_ids': [(0, 0, {'product_id': self.chair.id, 'quantity': 5, 'standard_quantity': 1})],
        })
        contract.action_activate()
        self.assertEqual(self.env['sale.order'].browse(contract.action_repeat()['res_id']).intermediary_id, self.rival)

    def test_amounts_are_in_company_currency(self):
        foreign = self.env['res.currency'].create({
            'name': 'XTC', 'symbol': 'X', 'rate_ids': [(0, 0, {'name': '2026-01-01', 'rate': 2.0})],
        })
        self.link(partner_id=self.hotel.id)
        pricelist = self.env['product.pricelist'].create({'name': "Foreign", 'currency_id': foreign.id})
        order = self.order(pricelist_id=pricelist.id)
        self.assertEqual((order.amount_total, self.sold()), (400, {'order': (200, 2)}))
        order._create_invoices().action_post()
        self.assertEqual(self.sold(), {'invoice': (200, 2)})
        self.assertEqual(self.report(currency_id=foreign.id).company_amount, 225)

    # ------------------------------------------------------------------ who may

    def test_everyone_reads_who_serves_whom_but_changes_only_the_own(self):
        link = self.link(partner_id=self.hotel.id)
        other = link.with_user(self.other_salesperson)
        self.assertEqual(other.intermediary_id, self.dealer)
        with self.assertRaises(AccessError):
            other.note = "Mine now"
        with self.assertRaises(AccessError):
            self.link(partner_id=self.bakery.id, user=self.other_salesperson)
        link.with_user(self.sales_manager).note = "Exclusive"
        with self.assertRaises(AccessError):
            self.env['crm.territory'].with_user(self.salesperson).create({'name': "Mine", 'zips': '1'})

    def test_sales_through_an_intermediary_are_for_its_keeper_and_managers(self):
        self.link(partner_id=self.hotel.id)
        entry = self.report()
        self.assertFalse(self.sold(user=self.other_salesperson))
        self.assertTrue(self.sold(user=self.sales_manager))
        self.assertEqual(self.dealer.with_user(self.other_salesperson).sell_through_12m, 0)
        with self.assertRaises(AccessError):
            entry.with_user(self.other_salesperson).read(['amount'])

    def test_merging_customers_keeps_links_and_reports(self):
        link, entry = self.link(partner_id=self.hotel.id), self.report(partner_id=self.hotel.id)
        kept = self.make_customer('Harbor Hotel')
        wizard = self.env['base.partner.merge.automatic.wizard'].create({})
        wizard._merge((self.hotel | kept).ids, kept)
        self.assertEqual((link.partner_id, entry.partner_id), (kept, kept))
        self.link(self.rival, partner_id=self.dealer.id)
        wizard._merge((self.rival | self.dealer).ids, self.dealer)
        self.assertEqual(len(self.dealer.served_link_ids), 2, "not even a link that now makes no sense is lost")

    def test_the_lists_take_as_many_queries_for_80_links_as_for_8(self):
        customers = self.env['res.partner'].create([
            {'name': f'End {number}', 'customer_rank': 1, 'is_company': True} for number in range(80)
        ])
        links = self.env['crm.distribution.link'].create([
            {'intermediary_id': self.dealer.id, 'partner_id': customer.id, 'territory_id': self.north.id}
            for customer in customers
        ])
        entries = self.env['crm.sell.through'].create([{
            'intermediary_id': self.dealer.id, 'partner_id': customer.id, 'product_id': self.chair.id,
            'date_start': '2026-10-01', 'date_end': '2026-10-31', 'quantity': 1, 'amount': 90,
        } for customer in customers])
        specs = (
            (links, {'display_name': {}, 'overlap_message': {}, 'is_current': {}}),
            (entries, {'double_message': {}, 'company_amount': {}}),
            (customers, {'served_count': {}, 'sell_through_12m': {}, 'bought_through_12m': {}}),
        )

        def count(records, spec):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            records.web_read(spec)
            return self.cr.sql_log_count - before
        for records, spec in specs:
            count(records[:2], spec)
            self.assertEqual(count(records[:8], spec), count(records, spec))
