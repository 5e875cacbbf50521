from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import CreditCase


@tagged('post_install', '-at_install')
class TestCreditMetrics(CreditCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = fields.Date.context_today(cls.env.user)
        cls.metrics = cls.env['crm.customer.metrics'].with_context(allowed_company_ids=cls.company.ids)

    def day(self, days):
        return self.today + timedelta(days=days)

    def refresh(self):
        self.metrics.refresh()
        return self.metrics.search([('partner_id', '=', self.customer.id), ('company_id', '=', self.company.id)])

    def seed(self):
        """Ages of all kinds, a dispute, instalments, part payment, a contact's invoice, other currency, an order."""
        contact = self.env['res.partner'].create({'name': 'Buyer', 'parent_id': self.customer.id})
        other = self.setup_other_currency('CHF', rates=[('2016-01-01', 4.0)])
        for amount, due in ((100, 5), (200, 0), (300, -1), (400, -31), (500, -75), (600, -100), (700, -300)):
            self.make_invoice(self.customer, amount, date=self.day(due - 20), due=self.day(due))
        self.make_invoice(contact, 50, date=self.day(-40), due=self.day(-10))
        self.make_invoice(self.customer, 80, date=self.day(-60), due=self.day(-30), currency_id=other.id)
        self.make_invoice(self.customer, 900, date=self.day(-60), due=self.day(-50)).credit_disputed = True
        self.make_invoice(self.customer, 40, date=self.day(-2), move_type='out_refund')
        self.make_invoice(
            self.customer, 1000, date=self.day(-10), invoice_payment_term_id=self.pay_terms_b.id, due=False
        )
        part = self.make_invoice(self.customer, 333, date=self.day(-20), due=self.day(-3))
        self.pay(part, self.day(-1), amount=33)
        order = self.env['sale.order'].create(
            {
                'partner_id': self.customer.id,
                'order_line': [
                    Command.create({'product_id': self.product_a.id, 'product_uom_qty': 3, 'price_unit': 70})
                ],
            }
        )
        order.action_confirm()

    def test_the_figures_of_lists_are_those_of_the_live_panel(self):
        self.seed()
        self.activate_policy()
        self.set_terms(self.customer, limit=5000, grade='B')
        row = self.refresh()
        exposure = self.customer._credit_exposure(self.company)[self.customer.id]
        terms = self.customer._credit_terms(self.company)[self.customer.id]
        for name in (
            'receivable',
            'not_due',
            'overdue_1_30',
            'overdue_31_60',
            'overdue_61_90',
            'overdue_91_120',
            'overdue_over_120',
            'unapplied',
            'disputed',
            'overdue',
            'max_days_overdue',
            'uninvoiced',
        ):
            self.assertAlmostEqual(row[name], getattr(exposure, name), 2, name)
            self.assertTrue(row[name], name)
        self.assertAlmostEqual(row.credit_exposure, exposure.exposure, 2)
        self.assertAlmostEqual(row.credit_utilization, terms.utilization(exposure), 4)
        self.assertEqual((row.credit_limit, row.credit_control, row.credit_grade_id.code), (5000, 'limited', 'B'))
        self.assertAlmostEqual(row.overdue, self.customer.credit_overdue, 2)

    def test_unlimited_customers_have_no_limit_and_no_utilisation(self):
        self.make_invoice(self.customer, 100)
        row = self.refresh()
        self.assertEqual(row.credit_control, 'unlimited')
        figures, _as_of = self.metrics._read_figures(
            self.company, self.customer.ids, ['credit_limit', 'credit_utilization']
        )
        self.assertEqual(figures[self.customer.id], {'credit_limit': None, 'credit_utilization': None})

    def test_limit_zero_is_used_up_by_anything(self):
        self.set_terms(self.customer, limit=0)
        self.make_invoice(self.customer, 100)
        self.assertEqual(self.refresh().credit_utilization, 1)

    def test_payment_index_weighs_money_and_leaves_credit_notes_and_disputes_out(self):
        for amount, late in ((9000, 0), (1000, 30)):
            due = self.day(-100)
            self.pay(self.make_invoice(self.customer, amount, date=self.day(-130), due=due), due + timedelta(days=late))
        disputed = self.make_invoice(self.customer, 5000, date=self.day(-130), due=self.day(-110))
        disputed.credit_disputed = True
        self.pay(disputed, self.day(-10))
        credited = self.make_invoice(self.customer, 2000, date=self.day(-130), due=self.day(-110))
        refund = self.make_invoice(self.customer, 2000, date=self.day(-20), move_type='out_refund')
        (credited + refund).line_ids.filtered(lambda line: line.account_type == 'asset_receivable').reconcile()
        row = self.refresh()
        self.assertAlmostEqual(row.payment_index, 77, 2)
        self.assertAlmostEqual(row.average_days_late, 3, 2)
        self.assertEqual(row.payment_index_count, 2)

    def test_without_payments_the_index_is_empty(self):
        self.make_invoice(self.customer, 100)
        self.refresh()
        figures, _as_of = self.metrics._read_figures(
            self.company, self.customer.ids, ['payment_index', 'payment_index_count']
        )
        self.assertEqual(figures[self.customer.id], {'payment_index': None, 'payment_index_count': 0})

    def test_refreshing_again_writes_nothing(self):
        self.seed()
        self.refresh()
        self.assertEqual(self.metrics.refresh(), 0)

    def test_accountants_and_analysts_refresh_and_see_limits_salespeople_do_not(self):
        self.set_terms(self.customer, limit=100)
        self.refresh()
        for user in (self.accountant, self.analyst):
            metrics = self.env['crm.customer.metrics'].with_user(user)
            metrics.refresh()
            row = metrics.search([('partner_id', '=', self.customer.id)])
            self.assertEqual(row.credit_limit, 100)
        metrics = self.env['crm.customer.metrics'].with_user(self.salesperson)
        row = metrics.search([('partner_id', '=', self.customer.id)])
        self.assertTrue(row)
        with self.assertRaises(AccessError):
            row.read(['credit_limit'])
        with self.assertRaises(AccessError):
            metrics.refresh()

    def test_the_list_groups_and_sorts(self):
        self.set_terms(self.customer, limit=100, grade='A')
        self.make_invoice(self.customer, 70, due=self.day(-5), date=self.day(-9))
        self.refresh()
        metrics = self.env['crm.customer.metrics'].with_user(self.accountant)
        groups = metrics._read_group(
            [('overdue', '>', 0)],
            ['user_id', 'credit_grade_id'],
            ['overdue:sum', 'credit_exposure:sum', 'max_days_overdue:max'],
        )
        self.assertIn((self.salesperson, self.customer.credit_grade_id, 70, 70, 5), groups)
        self.assertTrue(
            metrics.search([('credit_utilization', '>=', 0.5)], order='credit_utilization desc, overdue desc')
        )
        action = metrics.search([('partner_id', '=', self.customer.id)]).action_open_receivables()
        self.assertEqual(
            self.env['account.move'].with_user(self.accountant).search(action['domain']).amount_residual, 70
        )

    def test_attention_names_what_is_overdue(self):
        self.make_invoice(self.customer, 70, due=self.day(-45), date=self.day(-60))
        [(_sequence, level, text)] = [
            item
            for item in self.customer.with_user(self.salesperson)._get_attention_items()[self.customer.id]
            if 'overdue' in item[2]
        ]
        self.assertEqual(level, 'danger')
        self.assertIn('45 days', text)
