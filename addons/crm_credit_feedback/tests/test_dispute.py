from odoo.tests import new_test_user, tagged

from odoo.addons.account.tests.common import AccountTestInvoicingCommon


@tagged('post_install', '-at_install')
class TestDispute(AccountTestInvoicingCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.agent = new_test_user(
            cls.env, login='dispute_agent', groups='base.group_user,crm_feedback.group_feedback_agent',
            company_id=cls.company_data['company'].id)
        cls.manager = new_test_user(
            cls.env, login='dispute_manager', groups='base.group_user,crm_feedback.group_feedback_manager',
            company_id=cls.company_data['company'].id)
        cls.invoice = cls.init_invoice(
            'out_invoice', partner=cls.partner_a, invoice_date='2026-01-05', amounts=[1000.0], post=True)

    def register(self, **values):
        return self.env['crm.complaint'].with_user(self.agent).create({
            'subject': 'Desk scratched', 'partner_id': self.partner_a.id, 'invoice_ids': self.invoice.ids,
            'company_id': self.company_data['company'].id, **values})

    def resolve(self, complaint, verdict):
        cause = self.env.ref('crm_feedback.crm_complaint_cause_delivery_late')
        complaint.write({'verdict': verdict, 'cause_id': cause.id, 'resolution': 'Discount'})
        complaint.action_resolve()

    def test_justified_complaint_disputes_its_invoices_until_it_is_closed(self):
        complaint = self.register()
        self.assertFalse(self.invoice.credit_disputed)
        self.resolve(complaint, 'justified')
        self.assertTrue(self.invoice.credit_disputed)
        complaint.action_close()
        self.assertFalse(self.invoice.credit_disputed)
        complaint.action_reopen()
        self.assertTrue(self.invoice.credit_disputed)

    def test_unjustified_or_cancelled_complaint_disputes_nothing(self):
        complaint = self.register()
        self.resolve(complaint, 'unjustified')
        self.assertFalse(self.invoice.credit_disputed)
        other = self.register(verdict='partly')
        self.assertTrue(self.invoice.credit_disputed)
        other.action_cancel()
        self.assertFalse(self.invoice.credit_disputed)

    def test_dispute_lasts_until_the_approved_settlement_is_carried_out(self):
        complaint = self.register()
        settlement = self.env['crm.complaint.settlement'].with_user(self.agent).create({
            'complaint_id': complaint.id, 'kind': 'discount', 'amount': 100})
        settlement.action_propose()
        settlement.with_user(self.manager).action_approve()
        self.resolve(complaint, 'justified')
        complaint.action_close()
        self.assertTrue(self.invoice.credit_disputed)
        settlement.action_done()
        self.assertFalse(self.invoice.credit_disputed)

    def test_second_complaint_keeps_the_dispute_alive(self):
        first, second = self.register(verdict='justified'), self.register(verdict='justified')
        first.action_cancel()
        self.assertTrue(self.invoice.credit_disputed)
        second.action_cancel()
        self.assertFalse(self.invoice.credit_disputed)

    def test_dispute_entered_by_hand_is_left_alone(self):
        self.invoice.credit_disputed = True
        complaint = self.register(verdict='justified')
        complaint.action_cancel()
        self.assertTrue(self.invoice.credit_disputed)

    def test_disputed_invoice_is_owed_but_not_overdue(self):
        company = self.company_data['company']
        before = self.partner_a._credit_exposure(company)[self.partner_a.id]
        self.register(verdict='justified')
        after = self.partner_a._credit_exposure(company)[self.partner_a.id]
        self.assertEqual((before.receivable, before.overdue), (after.receivable, before.receivable))
        self.assertEqual(after.overdue, 0)
