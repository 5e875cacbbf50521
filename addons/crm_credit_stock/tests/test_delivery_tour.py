from odoo.tests import HttpCase, tagged

from .test_delivery import DeliveryCase


@tagged('post_install', '-at_install')
class TestDeliveryTour(DeliveryCase, HttpCase):
    """From the quotation to the truck in the browser: salesperson, credit manager, warehouse."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.credit_approver_id = cls.credit_manager

    def as_keeper(self, picking, tour):
        self.start_tour(f'/odoo/stock.picking/{picking.id}', tour, login=self.keeper.login)

    def test_warned_held_released_delivered(self):
        order = self.make_order(amount=1500, quantity=10, user=self.salesperson)
        self.start_tour(f'/odoo/orders/{order.id}', 'crm_credit_hold_salesperson', login=self.salesperson.login)
        self.assertEqual((order.state, order.credit_state), ('draft', 'held'))
        self.assertFalse(order.picking_ids)
        self.start_tour('/odoo', 'crm_credit_hold_manager', login=self.credit_manager.login)
        order.invalidate_recordset()
        self.assertEqual(order.state, 'sale')
        order.picking_ids.action_assign()
        self.as_keeper(order.picking_ids, 'crm_credit_stock_deliver')
        self.assertEqual(order.picking_ids.state, 'done')

    def test_the_warehouse_waits_asks_and_delivers_after_the_release(self):
        picking = self.order_and_cut_limit().picking_ids
        self.as_keeper(picking, 'crm_credit_stock_wait')
        self.assertEqual(picking.state, 'assigned')
        self.start_tour('/odoo', 'crm_credit_hold_manager', login=self.credit_manager.login)
        self.as_keeper(picking, 'crm_credit_stock_deliver')
        self.assertEqual(picking.state, 'done')
