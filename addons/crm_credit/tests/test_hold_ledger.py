from datetime import timedelta

from odoo import Command
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tests import tagged

from .test_hold import HoldCase


@tagged('post_install', '-at_install')
class TestHoldLedger(HoldCase):
    """What a release cost later."""

    def released(self, amount=500, days_ago=60):
        """The hold of an order that was released so many days ago."""
        order = self.held_order(amount)
        hold = self.hold_of(order)
        hold.with_user(self.credit_manager).action_release('Known for years')
        self.env.flush_all()
        self.env.cr.execute(
            'UPDATE credit_hold SET decided_at = decided_at - %s WHERE id = %s', [timedelta(days=days_ago), hold.id]
        )
        self.env.invalidate_all()
        return hold

    def invoice_order(self, hold, due_days_ago):
        order = hold.sale_order_id
        invoice = order._create_invoices()
        invoice.write(
            {
                'invoice_date': self.day(-due_days_ago - 5),
                'invoice_payment_term_id': False,
                'invoice_date_due': self.day(-due_days_ago),
            }
        )
        invoice.action_post()
        return invoice

    def follow_up(self):
        self.env.flush_all()
        with self.enter_registry_test_mode():
            self.env.ref('crm_credit.ir_cron_credit_hold_follow_up').method_direct_trigger()
        self.env.invalidate_all()

    def cost(self, hold):
        return hold.later_invoiced, hold.later_unpaid, hold.later_overdue, hold.later_days_late

    def test_unpaid_invoices_of_a_released_order_are_its_cost(self):
        hold = self.released()
        self.follow_up()
        self.assertEqual(self.cost(hold), (0, 0, 0, 0))
        self.invoice_order(hold, 40)
        self.follow_up()
        self.assertEqual(self.cost(hold), (500, 500, 500, 40))

    def test_what_was_paid_late_costs_days_only(self):
        hold = self.released()
        invoice = self.invoice_order(hold, 40)
        self.pay(invoice, self.day(-28))
        self.follow_up()
        self.assertEqual(self.cost(hold), (500, 0, 0, 12))

    def test_part_payment_not_due_and_disputes(self):
        part, early, disputed = self.released(), self.released(), self.released()
        self.pay(self.invoice_order(part, 10), self.day(-2), amount=200)
        self.invoice_order(early, -10)
        self.invoice_order(disputed, 30).credit_disputed = True
        self.follow_up()
        self.assertEqual(self.cost(part), (500, 300, 300, 10))
        self.assertEqual(self.cost(early), (500, 500, 0, 0))
        self.assertEqual(self.cost(disputed), (500, 500, 0, 0))

    def test_a_credit_note_is_no_payment(self):
        hold = self.released()
        invoice = self.invoice_order(hold, 40)
        refund = invoice._reverse_moves([{'invoice_date': self.today}], cancel=True)
        self.assertEqual(refund.state, 'posted')
        self.follow_up()
        self.assertEqual(self.cost(hold), (500, 0, 0, 0))

    def test_what_was_written_off_is_lost(self):
        bad_debt, difference = self.released(), self.released()
        expense = self.company_data['default_account_expense']
        invoice = self.invoice_order(bad_debt, 40)
        receivable = invoice.line_ids.filtered(lambda line: line.account_type == 'asset_receivable')
        entry = self.env['account.move'].create(
            {
                'journal_id': self.company_data['default_journal_misc'].id,
                'line_ids': [
                    Command.create({'account_id': expense.id, 'debit': 300}),
                    Command.create(
                        {'account_id': receivable.account_id.id, 'partner_id': receivable.partner_id.id, 'credit': 300}
                    ),
                ],
            }
        )
        entry.action_post()
        (receivable | entry.line_ids.filtered('credit')).reconcile()
        self.env['account.payment.register'].with_context(
            active_model='account.move', active_ids=self.invoice_order(difference, 10).ids
        ).create(
            {
                'payment_date': self.today,
                'amount': 480,
                'payment_difference_handling': 'reconcile',
                'writeoff_account_id': expense.id,
            }
        )._create_payments()
        self.follow_up()
        self.assertEqual((bad_debt.later_lost, bad_debt.later_unpaid), (300, 200))
        self.assertEqual((difference.later_lost, difference.later_unpaid), (20, 0))

    def test_an_invoice_of_two_orders_counts_by_share(self):
        hold, other = self.released(500), self.released(1500)
        invoice = (hold | other).sale_order_id._create_invoices()
        self.assertEqual(len(invoice), 1)
        invoice.write({'invoice_date': self.day(-20), 'invoice_payment_term_id': False,
                       'invoice_date_due': self.day(-15)})
        invoice.action_post()
        self.follow_up()
        self.assertEqual(self.cost(hold), (500, 500, 500, 15))
        self.assertEqual(self.cost(other), (1500, 1500, 1500, 15))

    def test_invoices_before_the_release_and_releases_by_itself_do_not_count(self):
        before, by_itself = self.released(days_ago=10), self.held_order(300)
        self.set_terms(self.customer, 100000)
        self.assertTrue(by_itself.credit_hold_ids.automatic)
        self.invoice_order(before, 40)
        self.invoice_order(self.hold_of(by_itself), 0)
        self.follow_up()
        self.assertEqual(self.cost(before), (0, 0, 0, 0))
        self.assertEqual(self.cost(self.hold_of(by_itself)), (0, 0, 0, 0))

    def test_running_it_again_writes_nothing(self):
        hold = self.released()
        self.invoice_order(hold, 40)
        Hold = self.env['credit.hold']
        self.assertEqual(Hold._follow_up(), 1)
        self.assertEqual(Hold._follow_up(), 0)

    def test_it_takes_the_same_number_of_queries_for_many(self):
        for _number in range(3):
            self.invoice_order(self.released(), 40)
        self.env.flush_all()
        with self.assertQueryCount(1):
            self.env['credit.hold']._follow_up()

    def test_the_decision_itself_stays_frozen(self):
        hold = self.released()
        self.invoice_order(hold, 40)
        self.follow_up()
        hold.sudo().write({'later_days_late': 40})
        for values in ({'decision_reason': 'Another'}, {'later_days_late': 0, 'amount': 1}, {'automatic': True}):
            with self.refused(UserError, 'stays as it is'):
                hold.sudo().write(values)

    def test_the_ledger_groups_overrides_by_approver(self):
        hold = self.released()
        self.invoice_order(hold, 40)
        self.follow_up()
        action = self.env.ref('crm_credit.credit_hold_action_override')
        self.assertIn('group_decided_by', action.context)
        Hold = self.env['credit.hold'].with_user(self.accountant)
        groups = Hold._read_group(
            Hold._override_domain() & Domain('partner_id', '=', self.customer.id),
            ['decided_by_id'],
            ['amount:sum', 'later_unpaid:sum', 'later_days_late:max'],
        )
        self.assertEqual(groups, [(self.credit_manager, 500, 500, 40)])
        Hold.get_views([(view.view_id.id, view.view_mode) for view in action.view_ids])
