from odoo import Command
from odoo.tests import Form, tagged

from odoo.addons.crm_credit.exceptions import CreditRefused

from .test_delivery import DeliveryCase


@tagged('post_install', '-at_install')
class TestDeliveryCosts(DeliveryCase):
    """Delivery costs with Odoo's own ``stock_delivery``: chosen with the order, changed later, charged by the carrier.

    Skipped without it; tests/integration/test_with_other_apps.py installs it. The customer has a limit of 1,000.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if 'carrier_price' not in cls.env['stock.picking']._fields:
            cls.skipTest(cls, 'stock_delivery is not installed')
        cls.product.weight = 1.0
        cls.estimated = cls.make_carrier('Estimated', 100)
        cls.real = cls.make_carrier('Real', 100, 'real')
        cls.other = cls.make_carrier('Express', 250)

    @classmethod
    def make_carrier(cls, name, price, policy='estimated'):
        """A carrier with a product of its own, which keeps the price."""
        freight = cls.env['product.product'].create(
            {'name': name, 'type': 'service', 'taxes_id': False, 'invoice_policy': 'order', 'list_price': price}
        )
        return cls.env['delivery.carrier'].create(
            {
                'name': name,
                'product_id': freight.id,
                'delivery_type': 'fixed',
                'invoice_policy': policy,
                'integration_level': 'rate_and_ship',
            }
        )

    def charge(self, order, carrier):
        """Choose a carrier in the dialog, as the salesperson."""
        dialog = Form(
            self.env['choose.delivery.carrier']
            .with_user(self.salesperson)
            .with_context(default_order_id=order.id, default_carrier_id=carrier.id)
        )
        dialog.save().button_confirm()
        return order.order_line.filtered('is_delivery')

    def confirmed(self, amount, carrier=None):
        order = self.make_order(amount=amount, user=self.salesperson)
        if carrier:
            self.charge(order, carrier)
        order.action_confirm()
        return order.with_env(self.env)

    def deliver(self, order):
        order.picking_ids.move_ids.write({'quantity': 1.0, 'picked': True})
        order.picking_ids.picking_type_id.print_label = True
        return order.picking_ids.with_user(self.keeper).button_validate()

    def test_costs_chosen_on_the_quotation_are_held_with_it(self):
        self.assertEqual(self.confirmed(950).credit_state, 'clear')
        self.set_terms(self.customer, 1990)
        order = self.confirmed(950, self.estimated)
        self.assertEqual((order.state, order.credit_state, order.credit_hold_ids.amount), ('draft', 'held', 1050))

    def test_costs_chosen_after_the_confirmation_are_refused_over_the_limit(self):
        order = self.confirmed(950)
        with self.assertRaises(CreditRefused) as refused, self.cr.savepoint():
            self.charge(order, self.estimated)
        self.assertIn(order.name, str(refused.exception))
        self.assertFalse(order.order_line.filtered('is_delivery'))
        self.assertFalse(order.carrier_id)

    def test_costs_within_the_limit_are_counted(self):
        order = self.confirmed(900)
        self.charge(order, self.estimated)
        self.assertEqual((order.amount_total, order.credit_approved), (1000, 1000))
        self.assertEqual(self.exposure().exposure, 1000)

    def test_another_carrier_at_the_same_price_or_less_is_never_refused(self):
        order = self.confirmed(700, self.other)
        self.set_terms(self.customer, 10)
        line = self.charge(order, self.make_carrier('Also Express', 250))
        self.assertEqual((line.price_unit, order.credit_approved), (250, 950))
        line = self.charge(order, self.estimated)
        self.assertEqual((line.price_unit, order.credit_approved), (100, 800))
        with self.assertRaises(CreditRefused), self.cr.savepoint():
            self.charge(order, self.other)

    def test_costs_taken_out_need_a_decision_when_they_are_put_in_again(self):
        order = self.confirmed(700, self.other)
        order.order_line.filtered('is_delivery').with_user(self.salesperson).unlink()
        self.assertEqual(order.credit_approved, 700)
        self.assertEqual(self.confirmed(250).credit_state, 'clear')
        with self.assertRaises(CreditRefused), self.cr.savepoint():
            self.charge(order, self.other)

    def test_real_costs_count_when_they_are_known_only(self):
        order = self.confirmed(950)
        line = self.charge(order, self.real)
        self.assertEqual((line.price_unit, order.credit_approved), (0, 950), 'an estimate is no amount')

    def test_what_the_carrier_charges_for_goods_that_left_is_not_refused_but_seen(self):
        order = self.confirmed(950, self.real)
        self.assertEqual(order.credit_state, 'clear')
        self.deliver(order)
        self.assertEqual((order.picking_ids.state, order.amount_total), ('done', 1050))
        self.assertEqual((order.credit_state, order.credit_approved), ('warning', 1050))
        note = order.message_ids[:1].body
        self.assertIn('Delivery costs', note)
        self.assertIn('50.00', note)
        self.assertEqual(self.exposure().exposure, 1050, 'the next order finds it')
        self.assertEqual(self.confirmed(10).credit_state, 'held')

    def test_what_the_carrier_charges_within_the_limit_changes_nothing_but_the_figures(self):
        order = self.confirmed(800, self.real)
        self.deliver(order)
        self.assertEqual((order.credit_state, order.credit_approved), ('clear', 900))

    def test_the_gate_weighs_goods_not_costs(self):
        order = self.confirmed(700, self.other)
        self.set_terms(self.customer, 900)
        self.deliver(order)
        self.assertEqual(order.picking_ids.state, 'assigned')
        hold = order.picking_ids.credit_hold_ids
        self.assertEqual((hold.kind, hold.amount), ('delivery', 700), 'costs need no release of the delivery')
        self.assertFalse(order.order_line.filtered('is_delivery').qty_delivered)
        hold.with_user(self.credit_manager).action_release('Long-standing customer')
        self.deliver(order)
        self.assertEqual(order.picking_ids.state, 'done')

    def test_a_held_order_books_nothing_at_the_carrier(self):
        order = self.confirmed(950, self.estimated)
        self.assertFalse(order.picking_ids)
        order.credit_hold_ids.with_user(self.credit_manager).action_release('Paid tomorrow')
        self.assertEqual((order.state, order.picking_ids.carrier_id), ('sale', self.estimated))

    def test_the_hook_is_not_applied_twice(self):
        picking = self.env['stock.picking']
        picking._register_hook()
        self.assertFalse(hasattr(type(picking)._add_delivery_cost_to_so.__wrapped__, 'credit_gate'))
        order = self.confirmed(100)
        order.write({'order_line': [Command.create({'product_id': self.estimated.product_id.id, 'price_unit': 20})]})
        self.assertEqual(order.credit_approved, 120)
