from dataclasses import replace
from datetime import timedelta
from unittest.mock import patch

from odoo import Command, fields
from odoo.tests import tagged

from ..hooks import uninstall_hook
from .common import CreditCase


@tagged('post_install', '-at_install')
class TestCreditMetricsChange(CreditCase):
    """A refresh of the customers in the log of changes leaves nothing that a refresh of all would still write."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = fields.Date.context_today(cls.env.user)
        cls.metrics = cls.env['crm.customer.metrics'].with_context(allowed_company_ids=cls.company.ids)
        cls.other = cls.env['res.partner'].create({'name': 'Other Ltd', 'is_company': True, 'customer_rank': 1})
        cls.make_invoice(cls.other, 700, date=cls.day(-40), due=cls.day(-10))
        cls.invoice = cls.make_invoice(cls.customer, 1000, date=cls.day(-60), due=cls.day(-30))
        cls.metrics.refresh()

    @classmethod
    def day(cls, days):
        return cls.today + timedelta(days=days)

    def figures(self):
        return self.metrics.search([('partner_id', '=', self.customer.id), ('company_id', '=', self.company.id)])

    def refresh_changed(self):
        """Refresh by the log; it is an error to go over all customers."""
        with patch.object(type(self.metrics), '_batches', side_effect=AssertionError("all customers are computed")):
            return self.metrics.refresh()

    def refresh_all(self):
        self.env['crm.metrics.run'].search([]).basis = False
        return self.metrics.refresh()

    def check(self, changed=True):
        written = self.refresh_changed()
        self.assertEqual(self.refresh_all(), 0, "a refresh of all customers finds what the log didn't tell")
        if changed:
            self.assertGreater(written, 0)

    def sell(self, **values):
        order = self.env['sale.order'].create({
            'partner_id': self.customer.id, **values,
            'order_line': [Command.create({'product_id': self.product_a.id, 'price_unit': 70})]})
        order.action_confirm()
        return order

    def receivable(self, move):
        return move.line_ids.filtered(lambda line: line.account_type == 'asset_receivable')

    def test_backdated_invoice_and_its_cancellation(self):
        self.assertEqual(self.refresh_changed(), 0)
        late = self.make_invoice(self.customer, 500, date=self.day(-500), due=self.day(-400))
        self.check()
        late.button_draft()
        self.check()
        late.button_cancel()
        self.check(changed=False)
        late.button_draft()
        late.action_post()
        self.check()
        late.button_draft()
        late.unlink()
        self.check()

    def test_payment_undone_and_done_again(self):
        payment = self.pay(self.invoice, self.day(-5))
        self.check()
        self.assertEqual((self.figures().average_days_late, self.figures().receivable), (25, 0))
        self.receivable(self.invoice).remove_move_reconcile()
        self.check()
        self.assertEqual((self.figures().payment_index_count, self.figures().unapplied), (0, -1000))
        (self.receivable(self.invoice) + self.receivable(payment.move_id)).reconcile()
        self.check()
        self.assertEqual(self.figures().payment_index_count, 1)

    def test_part_payment_and_credit_note(self):
        self.pay(self.invoice, self.day(-3), amount=400)
        self.check()
        refund = self.make_invoice(self.customer, 600, date=self.day(-1), move_type='out_refund')
        self.check()
        (self.receivable(self.invoice) + self.receivable(refund)).reconcile()
        self.check()
        self.assertEqual((self.figures().receivable, self.figures().sales_12m), (0, 400))

    def test_other_due_date_and_dispute_of_a_posted_invoice(self):
        self.pay(self.invoice, self.day(-5), amount=300)
        self.check()
        self.receivable(self.invoice).date_maturity = self.day(-1)
        self.check()
        self.assertEqual(self.figures().max_days_overdue, 1)
        self.invoice.credit_disputed = True
        self.check()
        self.assertEqual((self.figures().overdue, self.figures().payment_index_count), (0, 0))
        self.invoice.credit_disputed = False
        self.check()

    def test_orders_confirmed_redated_invoiced_cancelled_and_deleted(self):
        order = self.sell()
        self.check()
        order.date_order = fields.Datetime.now() - timedelta(days=300)
        self.check()
        invoice = order._create_invoices()
        invoice.invoice_date = self.day(-2)
        invoice.action_post()
        self.check()
        self.assertEqual(self.figures().order_count, 2)
        invoice.button_draft()
        invoice.unlink()
        self.check()
        order._action_cancel()
        self.check()
        order.unlink()
        self.check(changed=False)

    def test_contact_with_orders_goes_to_another_company(self):
        contact = self.env['res.partner'].create({'name': 'Buyer', 'parent_id': self.customer.id})
        self.sell(partner_invoice_id=contact.id)
        self.check()
        contact.parent_id = self.other
        self.check()

    def test_merged_and_deleted_customers(self):
        twin = self.env['res.partner'].create({'name': 'Twin', 'is_company': True, 'customer_rank': 1})
        self.make_invoice(twin, 90, date=self.day(-9))
        self.env['base.partner.merge.automatic.wizard'].create({})._merge([self.customer.id, twin.id], self.customer)
        self.check(changed=False)
        self.assertEqual(self.figures().sales_12m, 1090)
        bystander = self.env['res.partner'].create({'name': 'Bystander', 'is_company': True, 'customer_rank': 1})
        self.check()
        self.assertTrue(bystander.with_company(self.company).metrics_id)
        bystander.unlink()
        self.check(changed=False)

    def test_a_row_that_is_missing_comes_back(self):
        self.figures().sudo().unlink()
        self.check()
        self.assertEqual(self.figures().sales_12m, 1000)

    def test_sql_of_others_is_logged_too(self):
        self.env.cr.execute(
            'UPDATE account_move SET amount_untaxed_signed = amount_untaxed_signed + 1 WHERE id = %s', [self.invoice.id]
        )
        self.check()
        self.assertEqual(self.figures().sales_12m, 1001)

    def test_a_new_policy_computes_all_customers_and_new_terms_some(self):
        before = self.metrics._basis(self.metrics._scope(self.company))
        self.activate_policy()
        self.assertNotEqual(self.metrics._basis(self.metrics._scope(self.company)), before)
        self.metrics.refresh()
        self.set_terms(self.customer, limit=800, grade='B')
        self.check()
        self.assertEqual(self.figures().credit_light, 'red')

    def test_another_day_or_setting_computes_all_customers(self):
        with patch.object(type(self.metrics), '_scope', self.tomorrow(self.metrics._scope)):
            with self.assertRaisesRegex(AssertionError, 'all customers'):
                self.refresh_changed()
            self.metrics.refresh()
            self.assertEqual(self.figures().max_days_overdue, 31)
        with self.assertRaisesRegex(AssertionError, 'all customers'):
            self.refresh_changed()

    def tomorrow(self, original):
        def scope(_metrics, *args):
            scope = original(*args)
            return replace(scope, today=scope.today + timedelta(days=1))

        return scope

    def test_without_a_trigger_or_after_a_failure_all_customers_are_computed(self):
        self.env.cr.execute('ALTER TABLE account_move DISABLE TRIGGER crm_metrics_change_account_move')
        with self.assertRaisesRegex(AssertionError, 'all customers'):
            self.refresh_changed()
        self.env.cr.execute('ALTER TABLE account_move ENABLE TRIGGER crm_metrics_change_account_move')
        self.metrics.refresh()
        self.env['crm.metrics.run']._start(self.company)._fail('cut off')
        with self.assertRaisesRegex(AssertionError, 'all customers'):
            self.refresh_changed()

    def test_many_changes_are_computed_with_all_customers(self):
        self.patch(type(self.metrics), '_refresh_changed_at_most', 1)
        self.make_invoice(self.customer, 10)
        with self.assertRaisesRegex(AssertionError, 'all customers'):
            self.refresh_changed()

    def test_a_trigger_that_is_not_what_is_meant_is_noticed_and_made_anew(self):
        changes = self.env['crm.metrics.change']
        self.assertTrue(changes._is_complete())
        self.env.cr.execute("COMMENT ON FUNCTION crm_metrics_change_uom_uom() IS 'of an earlier version'")
        self.assertFalse(changes._is_complete())
        changes._install_triggers()
        self.assertTrue(changes._is_complete())

    def test_uninstalling_takes_the_triggers_away(self):
        uninstall_hook(self.env)
        self.assertFalse(self.env['crm.metrics.change']._is_complete())
        self.make_invoice(self.customer, 10)
        self.metrics.refresh()
        self.assertEqual(self.figures().sales_12m, 1010)
