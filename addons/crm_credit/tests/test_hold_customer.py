from unittest.mock import patch

from odoo import Command
from odoo.tests import HttpCase, tagged

from .test_hold import HoldCase

SIGNATURE = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='


@tagged('post_install', '-at_install')
class TestHoldPaid(HoldCase):
    """Orders that customers pay: what is paid needs no credit, the rest is held politely."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.provider = cls.env['payment.provider'].sudo().create({'name': 'Test', 'code': 'none', 'state': 'test'})
        cls.provider.journal_id = cls.company_data['default_journal_bank']

    def pay_order(self, order, amount, state='done'):
        transaction = (
            self.env['payment.transaction']
            .sudo()
            .create(
                {
                    'provider_id': self.provider.id,
                    'payment_method_id': self.env.ref('payment.payment_method_unknown').id,
                    'reference': f'T{order.id}-{len(order.transaction_ids)}',
                    'amount': amount,
                    'currency_id': order.currency_id.id,
                    'partner_id': order.partner_invoice_id.id,
                    'state': 'draft',
                    'operation': 'online_redirect',
                    'sale_order_ids': [Command.set(order.ids)],
                }
            )
        )
        self.provider.support_manual_capture = 'partial'
        transaction.state = state
        with patch.object(type(transaction), '_create_payment', lambda records, **values: None):
            transaction._post_process()
        return transaction

    def test_an_order_paid_in_full_needs_no_credit(self):
        for state in ('done', 'authorized'):
            order = self.make_order(amount=5000, require_payment=True, prepayment_percent=1.0)
            self.pay_order(order, 5000, state)
            self.assertEqual((order.state, order.credit_state), ('sale', 'clear'), state)

    def test_a_part_payment_leaves_the_rest_to_credit(self):
        passes = self.make_order(amount=500, require_payment=True, prepayment_percent=0.6)
        self.pay_order(passes, 300)
        self.assertEqual((passes.state, passes.credit_state), ('sale', 'clear'))

    def test_a_held_paid_order_becomes_sent_and_is_not_reported_as_confirmed(self):
        order = self.make_order(amount=5000, require_payment=True, prepayment_percent=0.3)
        transaction = self.pay_order(order, 1500)
        self.assertEqual((order.state, order.credit_state), ('sent', 'held'))
        self.assertFalse(transaction._check_amount_and_confirm_order())
        self.assertEqual(order.credit_hold_ids.amount, 3500)
        self.assertEqual(order.credit_hold_ids.kept_context, {'send_email': True})

    def test_a_released_paid_order_is_invoiced(self):
        self.env['ir.config_parameter'].sudo().set_param('sale.automatic_invoice', 'True')
        order = self.make_order(amount=5000, require_payment=True, prepayment_percent=0.3)
        self.pay_order(order, 1500)
        self.assertFalse(order.invoice_ids)
        order.credit_hold_ids.with_user(self.credit_manager).action_release('Prepaid a third, known customer')
        self.assertEqual(order.state, 'sale')
        self.assertEqual(order.invoice_ids.amount_total, 1500)
        self.assertEqual(order.invoice_ids.state, 'posted')


@tagged('post_install', '-at_install')
class TestHoldPortal(HoldCase, HttpCase):
    """What the customer sees of a hold: a received order, no refusal."""

    def accept(self, order):
        return self.make_jsonrpc_request(
            f'/my/orders/{order.id}/accept',
            {'access_token': order._portal_ensure_token(), 'name': 'Bella Buyer', 'signature': SIGNATURE},
        )

    def test_a_signed_order_is_received_and_checked(self):
        order = self.make_order(amount=500, user=self.salesperson, require_signature=True, require_payment=False)
        order.sudo().state = 'sent'
        self.env.flush_all()
        result = self.accept(order)
        self.assertTrue(result.get('force_refresh'))
        order.invalidate_recordset()
        self.assertEqual((order.state, order.credit_state, order.signed_by), ('sent', 'held', 'Bella Buyer'))
        page = self.url_open(result['redirect_url']).text
        self.assertIn('your order has been received', page)
        self.assertNotIn('has been confirmed', page)
        self.assertNotIn('Credit limit', page)
        order.credit_hold_ids.with_user(self.credit_manager).action_release('Fine')
        self.assertEqual(order.state, 'sale')
        self.assertTrue(
            order.message_ids.filtered(
                lambda message: (
                    message.subtype_id == self.env.ref('mail.mt_comment') and self.customer in message.partner_ids
                )
            )
        )

    def test_a_signed_order_within_the_limit_is_confirmed_as_ever(self):
        order = self.make_order(amount=100, user=self.salesperson, require_signature=True, require_payment=False)
        order.sudo().state = 'sent'
        self.env.flush_all()
        self.accept(order)
        order.invalidate_recordset()
        self.assertEqual(order.state, 'sale')
