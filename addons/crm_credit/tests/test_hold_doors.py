from datetime import timedelta
from unittest.mock import patch

from odoo import Command, fields
from odoo.exceptions import AccessError
from odoo.tests import tagged

from ..exceptions import CreditRefused
from .test_hold import HoldCase


@tagged('post_install', '-at_install')
class TestHoldDoors(HoldCase):
    """Ways to make a confirmed order look smaller, paid for by somebody else, or gone: as the salesperson, limit 1,000,
    owed 800."""

    def confirmed(self, amount=150, **values):
        order = self.make_order(amount=amount, user=self.salesperson, **values)
        order.action_confirm()
        self.assertEqual(order.state, 'sale')
        return order

    def foreign_list(self, **rates):
        """A price list in a currency of which one of ours bought 100 in 2020, and 1 since 2025."""
        currency = self.env['res.currency'].create({'name': 'ZZC', 'symbol': 'Z'})
        self.env['res.currency.rate'].create(
            [
                {'currency_id': currency.id, 'name': '2020-01-01', 'rate': 100},
                {'currency_id': currency.id, 'name': '2025-01-01', 'rate': 1},
            ]
        )
        return self.env['product.pricelist'].create({'name': 'Foreign', 'currency_id': currency.id})

    def test_nobody_calls_an_order_invoiced_that_is_not(self):
        order = self.confirmed()
        for user in (self.salesperson, self.accountant):
            for record in (order, order.order_line):
                with self.refused(AccessError, order.name):
                    record.with_user(user).write({'invoice_status': 'invoiced'})
        with self.assertRaises(AccessError):
            self.make_order(user=self.salesperson, invoice_status='invoiced')
        self.assertEqual(self.exposure().exposure, 950)

    def test_lines_moved_to_another_order_can_not_be_put_in_again_unseen(self):
        order, other = self.confirmed(), self.make_order(amount=10, user=self.salesperson)
        order.order_line.order_id = other
        self.assertEqual(order.sudo().credit_approved, 0)
        other.action_confirm()
        self.assertEqual(self.exposure().exposure, 910)
        line = {'product_id': self.product.id, 'product_uom_qty': 1, 'price_unit': 150, 'tax_ids': False}
        with self.assertRaises(CreditRefused):
            order.write({'order_line': [Command.create(line)]})

    def test_a_contact_does_not_leave_its_debtor_with_orders(self):
        contact = self.env['res.partner'].create(
            {'name': 'Ivy Invoice', 'parent_id': self.customer.id, 'type': 'invoice'}
        )
        held = self.make_order(partner=contact, amount=500, user=self.salesperson)
        held.action_confirm()
        self.assertEqual(held.credit_state, 'held')
        mine = contact.with_user(self.salesperson)
        for values in ({'parent_id': False}, {'is_company': True}):
            with self.refused(AccessError, held.name):
                mine.write(values)
        mine.write({'parent_id': self.customer.id, 'phone': '123'})
        held.action_cancel()
        order = self.confirmed(partner=contact)
        with self.refused(AccessError, order.name):
            mine.parent_id = False
        order.action_cancel()
        mine.parent_id = False
        self.assertEqual(contact.commercial_partner_id, contact)

    def test_the_credit_department_may_move_a_contact_with_orders(self):
        contact = self.env['res.partner'].create({'name': 'Ivy', 'parent_id': self.customer.id, 'type': 'invoice'})
        self.confirmed(partner=contact)
        self.analyst.group_ids |= self.env.ref('base.group_partner_manager')
        contact.with_user(self.analyst).parent_id = False
        self.assertEqual(self.exposure().exposure, 800)

    def test_a_foreign_quotation_counts_at_the_rate_that_confirming_gives_it(self):
        order = self.make_order(
            amount=5000, user=self.salesperson, pricelist_id=self.foreign_list().id, date_order='2020-06-01'
        )
        self.assertEqual(order.currency_rate, 100)
        order.action_confirm()
        self.assertEqual((order.credit_state, self.hold_of(order).amount), ('held', 5000))

    def test_date_and_currency_of_a_confirmed_order_are_its_rate(self):
        foreign = self.foreign_list()
        order = self.confirmed(pricelist_id=foreign.id)
        with self.refused(AccessError, 'ZZC'):
            order.date_order = '2020-06-01'
        order.with_user(self.accountant).date_order = order.date_order - timedelta(days=1)
        domestic = self.confirmed(amount=40)
        domestic.date_order = domestic.date_order - timedelta(days=1)
        self.env['res.currency.rate'].create(
            {'currency_id': foreign.currency_id.id, 'name': self.day(-2), 'rate': 0.01}
        )
        with self.assertRaises(CreditRefused):
            domestic.write({'currency_id': foreign.currency_id.id})

    def test_nobody_brings_the_rate_of_another_day_past_confirmation(self):
        foreign = self.foreign_list()
        quotation = self.make_order(amount=5000, user=self.salesperson, pricelist_id=foreign.id)
        with self.refused(AccessError, quotation.name):
            quotation.write({'state': 'sale', 'date_order': '2020-06-01'})
        values = {'pricelist_id': foreign.id, 'date_order': '2020-06-01', 'state': 'sale'}
        with self.refused(AccessError, 'ZZC'):
            self.make_order(amount=5000, user=self.salesperson, **values)
        self.accountant.group_ids |= self.env.ref('sales_team.group_sale_salesman')
        self.assertEqual(self.make_order(amount=5000, user=self.accountant, **values).state, 'sale')
        today = {**values, 'date_order': fields.Datetime.now()}
        self.assertEqual(self.make_order(amount=5, user=self.salesperson, **today).state, 'sale')

    def test_unlocking_brings_back_what_was_closed_and_is_judged(self):
        work = self.env['product.product'].create(
            {'name': 'Work', 'type': 'service', 'invoice_policy': 'delivery', 'taxes_id': False}
        )
        line = {'product_id': work.id, 'product_uom_qty': 10, 'price_unit': 15, 'tax_ids': False}
        order = self.confirmed(order_line=[Command.create(line)])
        order.order_line.qty_delivered = 1
        order.sudo()._create_invoices().action_post()
        self.assertEqual(self.exposure().exposure, 950)
        order.sudo().action_lock()
        self.assertEqual(self.exposure().exposure, 815)
        self.confirmed(amount=180)
        with self.assertRaises(CreditRefused):
            order.with_user(self.salesperson).action_unlock()
        self.set_terms(self.customer, 2000)
        order.with_user(self.salesperson).action_unlock()
        self.assertEqual(self.exposure().exposure, 1130)

    def test_work_entered_as_done_beyond_the_order_is_counted_and_noted(self):
        work = self.env['product.product'].create(
            {'name': 'Work', 'type': 'service', 'invoice_policy': 'delivery', 'taxes_id': False}
        )
        line = {'product_id': work.id, 'product_uom_qty': 1, 'price_unit': 50, 'tax_ids': False}
        order = self.confirmed(order_line=[Command.create(line)])
        order.order_line.qty_delivered = 2
        self.assertEqual((self.exposure().exposure, order.credit_state), (900, 'clear'))
        order.order_line.qty_delivered = 10
        self.assertEqual((self.exposure().exposure, order.credit_state), (1300, 'warning'))
        self.assertIn('400.00 more were entered as delivered', order.message_ids[0].body)

    def test_what_another_addon_adds_while_confirming_is_counted_and_noted(self):
        order = self.make_order(amount=150, user=self.salesperson)
        confirm = type(order)._action_confirm

        def add_fee(records):
            line = {'product_id': self.product.id, 'product_uom_qty': 1, 'price_unit': 100, 'tax_ids': False}
            records.sudo().write({'order_line': [Command.create(line)]})
            return confirm(records)

        with patch.object(type(order), '_action_confirm', add_fee):
            order.action_confirm()
        self.assertEqual((order.state, order.credit_state, order.sudo().credit_approved), ('sale', 'warning', 250))
        self.assertIn('100.00 were added while the order was confirmed', ''.join(order.message_ids.mapped('body')))
