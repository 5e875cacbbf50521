from datetime import timedelta

from odoo import Command, fields
from odoo.tests import HttpCase, tagged

from .common import CreditCase


@tagged('post_install', '-at_install')
class TestCreditTours(CreditCase, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = fields.Date.context_today(cls.env.user)
        payment_index = cls.env['ir.model.fields']._get('crm.customer.metrics', 'payment_index')
        cls.policy.write(
            {
                'factor_ids': [
                    Command.create(
                        {
                            'dimension': 'character',
                            'code': 'payment',
                            'name': 'Payment behaviour',
                            'weight': 100,
                            'source': 'metric',
                            'metric_field_id': payment_index.id,
                            'curve_kind': 'linear',
                            'curve': '0=0; 100=100',
                        }
                    )
                ]
            }
        )
        cls.activate_policy()

    def test_controller_assesses_manager_approves(self):
        for amount in (12000, 6000, 6000):
            due = self.today - timedelta(days=40)
            self.pay(self.make_invoice(self.customer, amount, date=due - timedelta(days=30), due=due), due)
        self.start_tour(f'/odoo/res.partner/{self.customer.id}', 'crm_credit_assess', login='credit_analyst')
        assessment = self.env['credit.assessment'].search([('partner_id', '=', self.customer.id)])
        self.assertEqual((assessment.state, assessment.submitter_id), ('submitted', self.analyst))
        self.start_tour(f'/odoo/credit.assessment/{assessment.id}', 'crm_credit_approve', login='credit_manager')
        self.assertEqual((self.customer.credit_grade_id.code, self.customer.credit_limit), ('A', 6000))

    def test_accountant_sees_who_is_overdue_against_which_limit(self):
        self.set_terms(self.customer, limit=1000, grade='B')
        self.make_invoice(
            self.customer, 1500, date=self.today - timedelta(days=70), due=self.today - timedelta(days=40)
        )
        self.env['crm.customer.metrics'].with_context(allowed_company_ids=self.company.ids).refresh()
        self.start_tour('/odoo/credit-customers', 'crm_credit_exposure', login='credit_accountant')
