from datetime import timedelta

from odoo.tests import HttpCase, tagged

from .test_hold import HoldCase


@tagged('post_install', '-at_install')
class TestCreditFileTour(HoldCase, HttpCase):
    """Investigation, archive, overrides and the payment that lets an order go: in the browser, by who does it."""

    def release(self, order):
        self.hold_of(order).with_user(self.credit_manager).action_release('Paid by bank transfer, slip seen')

    def test_the_controller_files_a_report_and_a_statement(self):
        self.start_tour('/odoo', 'crm_credit_investigate', login=self.analyst.login)
        report = self.env['credit.investigation'].search([('partner_id', '=', self.customer.id)])
        self.assertEqual((report.user_id, report.bank_reference), (self.analyst, 'No complaint'))
        statement = self.env['credit.statement'].search([('partner_id', '=', self.customer.id)])
        self.assertEqual(statement.z_zone, 'safe')

    def test_the_controller_reads_the_archive(self):
        self.release(self.held_order())
        self.start_tour(f'/odoo/res.partner/{self.customer.id}', 'crm_credit_archive', login=self.analyst.login)

    def test_the_manager_sees_what_releases_cost(self):
        order = self.held_order()
        self.release(order)
        order.invalidate_recordset()
        invoice = order._create_invoices()
        invoice.write(
            {
                'invoice_date': self.today,
                'invoice_payment_term_id': False,
                'invoice_date_due': self.today - timedelta(days=10),
            }
        )
        invoice.action_post()
        self.env['credit.hold']._follow_up()
        self.start_tour('/odoo', 'crm_credit_overrides', login=self.credit_manager.login)

    def test_a_payment_lets_the_order_go_by_itself(self):
        order = self.held_order()
        self.start_tour(f'/odoo/account.move/{self.invoice.id}', 'crm_credit_pay', login=self.billing.login)
        order.invalidate_recordset()
        self.assertEqual((order.state, order.credit_state), ('sale', 'released'))
        self.assertTrue(order.credit_hold_ids.automatic)
        self.start_tour(f'/odoo/orders/{order.id}', 'crm_credit_order_let_go', login=self.salesperson.login)
