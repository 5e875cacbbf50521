from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import Form, tagged

from .common import CreditCase


@tagged('post_install', '-at_install')
class TestCreditTermsAudit(CreditCase):
    """Terms given outside the grade are listed, with who gave them and why."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # tests don't track changes unless told to
        cls.env = cls.env(context={'allowed_company_ids': cls.company.ids})
        cls.customer = cls.customer.with_env(cls.env)
        cls.activate_policy()
        cls.set_terms(cls.customer, limit=10000, grade='C')
        cls.customer._set_credit_terms(cls.company, {'property_payment_term_id': cls.term_30.id})
        cls.env.flush_all()
        cls.cr.precommit.run()

    def found(self, user=None):
        self.env.flush_all()
        self.cr.precommit.run()
        self.env.invalidate_all()
        user = user or self.analyst
        Audit = self.env['credit.terms.audit'].with_user(user)
        return Audit.search([('partner_id', '=', self.customer.id)])

    def test_terms_of_the_grade_are_not_listed(self):
        self.assertFalse(self.found())

    def test_a_limit_typed_above_the_ceiling_is_listed_with_who_and_why(self):
        with Form(self.customer.with_user(self.analyst), 'base.view_partner_form') as form:
            form.credit_limit = 10001
            form.credit_change_reason = 'Agreed with the board'
        line = self.found()
        self.assertEqual((line.kind, line.given_limit, line.grade_limit), ('ceiling', 10001, 10000))
        self.assertEqual((line.user_id, line.reason), (self.analyst, 'Agreed with the board'))
        archived = (
            self.env['credit.archive']
            .with_user(self.analyst)
            .search([('partner_id', '=', self.customer.id), ('kind', '=', 'limit')], limit=1)
        )
        self.assertIn('10001: Agreed with the board', archived.text)

    def test_why_terms_change_is_not_in_the_log_that_salespeople_read(self):
        self.customer.with_user(self.analyst).write({'credit_limit': 10001, 'credit_change_reason': 'Bad references'})
        self.assertEqual(self.found().reason, 'Bad references')
        logged = self.customer.with_user(self.salesperson).message_ids.mapped('body')
        self.assertFalse(any('Bad references' in body for body in logged))
        with self.assertRaises(AccessError):
            self.env['credit.terms.reason'].with_user(self.salesperson).search([])

    def test_the_form_asks_why_before_it_saves(self):
        form = Form(self.customer.with_user(self.analyst), 'base.view_partner_form')
        form.credit_control = 'unlimited'
        with self.assertRaisesRegex(AssertionError, 'credit_change_reason'):
            form.save()

    def test_unlimited_and_other_terms_and_limits_without_a_grade_are_listed(self):
        self.customer.with_user(self.analyst).write(
            {'credit_control': 'unlimited', 'property_payment_term_id': self.term_immediate.id}
        )
        self.assertEqual(self.found().mapped('kind'), ['term', 'unlimited'])
        term = self.found()[0]
        self.assertEqual((term.given_term_id, term.grade_term_id), (self.term_immediate, self.term_30))
        self.customer._set_credit_terms(
            self.company, {'credit_control': 'limited', 'credit_limit': 5, 'credit_grade_id': False}
        )
        self.assertEqual(self.found().mapped('kind'), ['ungraded'])

    def test_a_limit_above_the_assessment_in_force_is_listed(self):
        assessment = self.env['credit.assessment'].with_user(self.analyst).create({'partner_id': self.customer.id})
        assessment.action_fill()
        assessment.line_ids.write({'score': 70, 'basis': 'Visit in May'})
        assessment.action_submit()
        assessment.with_user(self.credit_manager).write(
            {'approved_limit': 400, 'decision_note': 'Parent stands for it'}
        )
        assessment.with_user(self.credit_manager).action_approve()
        line = self.found()
        self.assertEqual((line.kind, line.given_limit, line.grade_limit), ('proposal', 400, 0))
        self.assertEqual((line.assessment_id, line.user_id), (assessment, self.credit_manager))
        self.assertIn('Assessment of', line.reason)
        self.assertEqual(line.action_open_customer()['res_id'], self.customer.id)

    def test_salespeople_and_accountants_see_none_and_other_companies_theirs_only(self):
        for user in (self.salesperson, self.accountant):
            with self.assertRaises(AccessError):
                self.env['credit.terms.audit'].with_user(user).search([])
        self.customer.credit_limit = 10001
        other = self.env['res.company'].create({'name': 'Elsewhere'})
        self.analyst.company_ids += other
        self.assertTrue(self.found())
        elsewhere = self.env['credit.terms.audit'].with_user(self.analyst).with_context(allowed_company_ids=other.ids)
        self.assertFalse(elsewhere.search([('partner_id', '=', self.customer.id)]))
        self.assertLessEqual(self.found().date, fields.Datetime.now())
