from odoo import Command
from odoo.tests import tagged

from odoo.addons.crm_credit.exceptions import CreditRefused

from .test_delivery import DeliveryCase


@tagged('post_install', '-at_install')
class TestDeliveryExcess(DeliveryCase):
    """What leaves beyond the order is a change of the order; a closed delivery that goes on is one too. Limit 1,000,
    ten crates at 50 ordered; as the warehouse worker and the salesperson."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls.make_order(amount=500, quantity=10, user=cls.salesperson)
        cls.order.action_confirm()
        cls.picking = cls.order.picking_ids.with_user(cls.keeper)

    def deliver(self, quantity, picking=None):
        picking = (picking or self.picking).with_user(self.keeper)
        picking.move_ids.write({'quantity': quantity, 'picked': True})
        picking.with_context(skip_backorder=True).button_validate()
        return picking.state

    def test_more_than_ordered_waits_when_it_goes_over_the_limit(self):
        self.assertEqual(self.deliver(100), 'assigned')
        self.assertEqual(self.picking.credit_open_hold_id.amount, 5000)
        self.picking.credit_open_hold_id.with_user(self.credit_manager).action_release('Agreed')
        self.assertEqual(self.deliver(100), 'done')
        self.assertEqual(self.exposure().exposure, 5000)

    def test_more_than_ordered_waits_without_a_check_of_deliveries_too(self):
        self.env.cr.execute('UPDATE credit_policy SET check_delivery = FALSE WHERE id = %s', self.policy.ids)
        self.policy.invalidate_recordset(['check_delivery'])
        self.assertEqual(self.deliver(100), 'assigned')
        self.assertEqual(self.picking.credit_open_hold_id.amount, 4500)
        self.assertEqual(self.deliver(10), 'done')

    def test_more_than_ordered_within_the_limit_leaves(self):
        self.assertEqual(self.deliver(20), 'done')
        self.assertEqual(self.exposure().exposure, 1000)

    def test_products_added_to_the_transfer_wait_too(self):
        gold = self.env['product.product'].create(
            {
                'name': 'Gold',
                'type': 'consu',
                'is_storable': True,
                'invoice_policy': 'delivery',
                'taxes_id': False,
                'list_price': 501,
            }
        )
        self.env['stock.quant']._update_available_quantity(gold, self.warehouse.lot_stock_id, 10)
        move = {
            'product_id': gold.id,
            'product_uom_qty': 1,
            'quantity': 1,
            'picked': True,
            'product_uom': gold.uom_id.id,
            'location_id': self.picking.location_id.id,
            'location_dest_id': self.picking.location_dest_id.id,
        }
        self.picking.write({'move_ids': [Command.create(move)]})
        self.picking.move_ids.write({'picked': True})
        self.picking.button_validate()
        self.assertEqual(self.picking.state, 'assigned')
        self.assertEqual(self.picking.credit_open_hold_id.amount, 1001)

    def test_a_closed_delivery_that_goes_on_is_judged_with_its_whole_rest(self):
        self.picking.move_ids.write({'quantity': 1, 'picked': True})
        self.picking.with_context(skip_backorder=True, picking_ids_not_to_backorder=self.picking.ids).button_validate()
        self.assertEqual(self.exposure().exposure, 50)
        other = self.make_order(amount=900, quantity=18, user=self.salesperson)
        other.action_confirm()
        self.assertEqual((other.state, self.exposure().exposure), ('sale', 950))
        moves = self.order.sudo().picking_ids.move_ids
        with self.assertRaises(CreditRefused):
            self.order.order_line.product_uom_qty = 11
        self.assertEqual(self.order.sudo().picking_ids.move_ids, moves)
        other.action_cancel()
        self.order.order_line.product_uom_qty = 11
        self.assertEqual(self.exposure().exposure, 550)

    def test_a_release_of_the_growth_counts_with_that_of_the_order(self):
        self.set_terms(self.customer, 100)
        order = self.make_order(amount=500, quantity=10, user=self.salesperson)
        order.action_confirm()
        order.sudo().credit_hold_ids.with_user(self.credit_manager).action_release('Good customer')
        request = self.env['credit.hold.request'].with_user(self.salesperson)
        request.create({'sale_order_id': order.id, 'amount': 100, 'note': 'Two more'}).action_request()
        growth = order.sudo().credit_hold_ids.filtered(lambda hold: hold.kind == 'edit')
        growth.with_user(self.credit_manager).action_release('Two more')
        order.order_line.product_uom_qty = 12
        self.assertEqual(self.deliver(12, order.picking_ids), 'done')

    def test_the_rest_waits_when_the_release_has_run_out(self):
        self.set_terms(self.customer, 100)
        order = self.make_order(amount=500, quantity=10, user=self.salesperson)
        order.action_confirm()
        hold = order.sudo().credit_hold_ids
        hold.with_user(self.credit_manager).action_release('Good customer')
        self.assertEqual(self.deliver(4, order.picking_ids), 'done')
        self.env.flush_all()
        self.env.cr.execute('UPDATE credit_hold SET date_expiry = %s WHERE id = %s', [self.day(-1), hold.id])
        hold.invalidate_recordset()
        rest = order.sudo().picking_ids.filtered(lambda picking: picking.state != 'done')
        self.assertEqual(self.deliver(6, rest), 'assigned')
        self.assertEqual(rest.credit_open_hold_id.amount, 300)
