from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from odoo.addons.crm_credit.tests.test_exposure import ExposureCase


class DeliveryCase(ExposureCase):
    """A customer with a limit of 1,000, goods in stock, and a warehouse worker."""

    @classmethod
    def get_default_groups(cls):
        return super().get_default_groups() | cls.quick_ref('stock.group_stock_manager')

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.product = cls.env['product.product'].create(
            {
                'name': 'Crate',
                'type': 'consu',
                'is_storable': True,
                'invoice_policy': 'delivery',
                'taxes_id': False,
                'list_price': 50,
            }
        )
        cls.warehouse = cls.env['stock.warehouse'].search([('company_id', '=', cls.company.id)], limit=1)
        cls.env['stock.quant']._update_available_quantity(cls.product, cls.warehouse.lot_stock_id, 1000)
        cls.keeper = new_test_user(
            cls.env,
            'warehouse_keeper',
            'stock.group_stock_user',
            password='warehouse_keeper',
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )
        cls.policy.check_delivery = True
        cls.activate_policy()
        cls.set_terms(cls.customer, 1000)

    def order_and_cut_limit(self, limit=100, quantity=10.0):
        """A clear order whose customer loses the limit before the goods leave."""
        order = self.make_order(amount=500, quantity=quantity, user=self.salesperson)
        order.action_confirm()
        self.assertEqual(order.state, 'sale')
        self.set_terms(self.customer, limit)
        order.picking_ids.move_ids.write({'quantity': quantity, 'picked': True})
        return order


@tagged('post_install', '-at_install')
class TestDelivery(DeliveryCase):
    """The last gate, for customers and sold goods only."""

    def test_goods_wait_visibly_and_the_warehouse_knows_whom_to_ask(self):
        self.company.credit_approver_id = self.credit_manager
        picking = self.order_and_cut_limit().picking_ids.with_user(self.keeper)
        action = picking.button_validate()
        self.assertEqual(picking.state, 'assigned')
        self.assertEqual(action['tag'], 'display_notification')
        self.assertIn(self.credit_manager.name, action['params']['message'])
        self.assertIn('400.00', picking.credit_hold_message)
        self.assertFalse(picking.credit_can_decide)
        self.assertEqual(picking.credit_hold_ids.kind, 'delivery')

    def test_the_warehouse_sees_why_but_no_limits(self):
        picking = self.order_and_cut_limit().picking_ids.with_user(self.keeper)
        picking.button_validate()
        hold = picking.credit_hold_ids
        self.assertIn('Credit limit exceeded', hold.reasons_text)
        for name in ('exposure', 'agreed', 'available', 'overdue', 'grade', 'figures'):
            with self.subTest(field=name), self.assertRaises(AccessError):
                hold.read([name])
        for name in ('credit_limit', 'credit_available', 'credit_exposure', 'credit_panel', 'credit_signal'):
            with self.subTest(field=name), self.assertRaises(AccessError):
                self.customer.with_user(self.keeper).read([name])
        waiting = self.make_order(amount=5000, user=self.salesperson)
        waiting.action_confirm()
        self.assertFalse(
            self.env['credit.hold'].with_user(self.keeper).search([('id', 'in', waiting.credit_hold_ids.ids)])
        )
        with self.assertRaises(AccessError):
            hold.action_release('I need the space')

    def test_other_ways_to_done_are_refused(self):
        picking = self.order_and_cut_limit().picking_ids.with_user(self.keeper)
        with self.assertRaises(UserError):
            picking._action_done()
        with self.assertRaises(UserError):
            picking.move_ids._action_done()

    def test_released_there_the_goods_leave(self):
        order = self.order_and_cut_limit()
        picking = order.picking_ids
        picking.with_user(self.keeper).button_validate()
        self.assertTrue(picking.with_user(self.credit_manager).credit_can_decide)
        picking.credit_hold_ids.with_user(self.credit_manager).action_release('Truck waits, manager on the phone')
        self.assertFalse(picking.credit_open_hold_id)
        picking.with_user(self.keeper).button_validate()
        self.assertEqual(picking.state, 'done')
        self.assertTrue(picking.credit_hold_ids.used_at)

    def test_a_released_order_may_leave_without_a_second_release(self):
        order = self.make_order(amount=1500, user=self.salesperson)
        order.action_confirm()
        order.credit_hold_ids.with_user(self.credit_manager).action_release('Known customer')
        order.picking_ids.move_ids.write({'quantity': 1, 'picked': True})
        order.picking_ids.with_user(self.keeper).button_validate()
        self.assertEqual(order.picking_ids.state, 'done')

    def test_paid_in_the_meantime_the_hold_goes_away(self):
        invoice = self.make_invoice(self.customer, 400, date=self.today)
        order = self.make_order(amount=500, quantity=10, user=self.salesperson)
        order.action_confirm()
        self.set_terms(self.customer, 600)
        order.picking_ids.move_ids.write({'quantity': 10, 'picked': True})
        order.picking_ids.with_user(self.keeper).button_validate()
        self.assertTrue(order.picking_ids.credit_open_hold_id)
        self.pay(invoice, self.today)
        self.assertFalse(order.picking_ids.credit_open_hold_id)
        order.picking_ids.with_user(self.keeper).button_validate()
        self.assertEqual(order.picking_ids.state, 'done')

    def test_returns_refunds_and_invoices_of_shipped_goods_are_never_blocked(self):
        order = self.make_order(amount=500, quantity=10, user=self.salesperson)
        order.action_confirm()
        picking = order.picking_ids
        picking.move_ids.write({'quantity': 10, 'picked': True})
        picking.button_validate()
        self.set_terms(self.customer, 0)
        invoice = order._create_invoices()
        invoice.action_post()
        self.assertEqual(invoice.state, 'posted')
        wizard = (
            self.env['stock.return.picking'].with_context(active_id=picking.id, active_model='stock.picking').create({})
        )
        wizard.product_return_moves.quantity = 2
        back = self.env['stock.picking'].browse(wizard.action_create_returns()['res_id'])
        back.move_ids.write({'quantity': 2, 'picked': True})
        back.with_user(self.keeper).button_validate()
        self.assertEqual(back.state, 'done')

    def test_nothing_is_checked_unless_the_policy_says_so(self):
        self.policy.action_archive_policy()
        self.set_terms(self.customer, 1000)
        picking = self.order_and_cut_limit(limit=0).picking_ids
        picking.with_user(self.keeper).button_validate()
        self.assertEqual(picking.state, 'done')

    def test_an_edit_over_the_limit_is_refused_before_procurement(self):
        order = self.make_order(amount=500, quantity=10, user=self.salesperson)
        order.action_confirm()
        launched = []
        lines = type(order.order_line)
        origin = lines._action_launch_stock_rule
        self.patch(
            lines, '_action_launch_stock_rule', lambda *args, **kwargs: launched.append(args) or origin(*args, **kwargs)
        )
        with self.assertRaises(UserError):
            order.order_line.with_user(self.salesperson).product_uom_qty = 30
        self.assertFalse(launched)

    def test_a_held_order_makes_no_transfer(self):
        order = self.make_order(amount=1500, user=self.salesperson)
        order.action_confirm()
        self.assertFalse(order.picking_ids)

    def test_a_delivery_without_backorder_closes_the_rest(self):
        order = self.make_order(amount=500, quantity=10, user=self.salesperson)
        order.action_confirm()
        order.picking_ids.move_ids.write({'quantity': 6, 'picked': True})
        order.picking_ids.with_context(
            skip_backorder=True, picking_ids_not_to_backorder=order.picking_ids.ids
        ).button_validate()
        self.assertEqual(self.exposure().uninvoiced, 300)
        order._create_invoices().action_post()
        self.assertEqual((self.exposure().uninvoiced, self.exposure().receivable), (0, 300))
