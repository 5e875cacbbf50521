from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .common import CreditCase


class AssessmentCase(CreditCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        field = cls.env['ir.model.fields']._get
        cls.policy.write(
            {
                'factor_ids': [
                    Command.create(
                        {
                            'dimension': 'character',
                            'code': 'payment',
                            'name': 'Payment behaviour',
                            'weight': 50,
                            'sequence': 1,
                            'source': 'metric',
                            'metric_field_id': field('crm.customer.metrics', 'payment_index').id,
                            'curve_kind': 'linear',
                            'curve': '0=0; 100=100',
                            'missing_policy': 'score',
                            'missing_score': 60,
                        }
                    ),
                    Command.create(
                        {
                            'dimension': 'character',
                            'code': 'oldest',
                            'name': 'Oldest overdue invoice',
                            'weight': 25,
                            'sequence': 2,
                            'source': 'metric',
                            'metric_field_id': field('crm.customer.metrics', 'max_days_overdue').id,
                            'curve_kind': 'bands',
                            'curve': '0=100; 30=60; 90=20; inf=0',
                            'knock_out_operator': '>',
                            'knock_out_threshold': 90,
                            'knock_out_cap': 59,
                        }
                    ),
                    Command.create(
                        {
                            'dimension': 'capital',
                            'code': 'z',
                            'name': 'Financial strength',
                            'weight': 25,
                            'sequence': 3,
                            'source': 'credit',
                            'credit_figure': 'z_score',
                            'curve_kind': 'linear',
                            'curve': '0=0; 1.1=40; 2.6=80; 4=100',
                        }
                    ),
                ]
            }
        )
        cls.activate_policy()
        cls.today = fields.Date.context_today(cls.env.user)

    def days_ago(self, days):
        return self.today - timedelta(days=days)

    def invoice(self, amount, due_days_ago, paid_days_late=None, **values):
        due = self.days_ago(due_days_ago)
        invoice = self.make_invoice(self.customer, amount, date=due - timedelta(days=30), due=due, **values)
        if paid_days_late is not None:
            self.pay(invoice, due + timedelta(days=paid_days_late))
        return invoice

    def assessment(self, conditions=80, coverage=80, **values):
        """One that the analyst filled, with the scores by hand entered."""
        assessment = (
            self.env['credit.assessment'].with_user(self.analyst).create({'partner_id': self.customer.id, **values})
        )
        assessment.action_fill()
        for line in assessment.line_ids.filtered(lambda line: line.source == 'manual'):
            line.write({'score': {'conditions': conditions, 'coverage': coverage}[line.code], 'basis': 'Visit in May'})
        return assessment

    def line(self, assessment, code):
        return assessment.line_ids.filtered(lambda line: line.code == code)


@tagged('post_install', '-at_install')
class TestCreditAssessment(AssessmentCase):
    def test_the_limit_that_is_approved_is_the_one_that_stands_there(self):
        assessment = self.assessment()
        assessment.action_submit()
        with self.assertRaisesRegex(AccessError, 'authority'), self.cr.savepoint():
            assessment.with_user(self.credit_manager).write({'state': 'approved', 'approved_limit': 60000})
        self.assertEqual((assessment.state, self.customer.credit_control), ('submitted', False))
        assessment.with_user(self.credit_manager).write({'state': 'approved', 'approved_limit': 700})
        self.assertEqual((assessment.state, self.customer.credit_limit), ('approved', 700))

    def test_decisions_reach_who_submitted(self):
        assessment = self.assessment()
        assessment.action_submit()
        assessment.with_user(self.credit_manager).action_reject('Accounts of 2025 are missing')
        told = assessment.sudo().message_ids.filtered(lambda message: self.analyst.partner_id in message.partner_ids)
        self.assertIn('Accounts of 2025 are missing', told.body)

    def test_an_amount_that_nobody_may_approve_is_said_on_the_file(self):
        assessment = self.assessment()
        assessment.approved_limit = 60000
        assessment.action_submit()
        self.assertFalse(assessment.sudo().activity_ids)
        self.assertTrue(any('nobody was asked' in body for body in assessment.sudo().message_ids.mapped('body')))

    def test_controller_fills_and_submits_manager_approves_partner_has_grade_limit_and_term(self):
        for amount in (12000, 6000, 6000):
            self.invoice(amount, 60, paid_days_late=0)
        assessment = self.assessment()
        payment = self.line(assessment, 'payment')
        self.assertEqual((payment.value, payment.score), (80, 80))
        self.assertIn('3 settled invoices', payment.evidence)
        # payment 80 × 50, oldest 100 × 25, conditions and coverage 80 × 100 of 175: no statement, no capital
        self.assertAlmostEqual(assessment.score, (80 * 50 + 100 * 25 + 80 * 100) / 175, 2)
        self.assertEqual(assessment.grade_id.code, 'A')
        self.assertEqual(assessment.sales_12m, 24000)
        self.assertEqual(assessment.proposed_limit, 6000, 'three months of 2,000')
        assessment.action_submit()
        self.assertEqual((assessment.state, assessment.submitter_id), ('submitted', self.analyst))
        self.assertTrue(assessment.sudo().activity_ids, 'a manager is asked to decide')

        assessment.with_user(self.credit_manager).action_approve()
        self.assertEqual((assessment.state, assessment.approver_id), ('approved', self.credit_manager))
        customer = self.customer
        self.assertEqual(customer.credit_grade_id.code, 'A')
        self.assertEqual((customer.credit_control, customer.credit_limit), ('limited', 6000))
        self.assertEqual(customer.property_payment_term_id, self.term_30)
        self.assertEqual(customer.credit_review_date, assessment.date_review)
        self.assertGreater(assessment.date_review, self.today)
        self.assertTrue(customer._credit_terms(self.company)[customer.id].has_assessment)
        self.assertFalse(assessment.sudo().activity_ids)

    def test_four_eyes(self):
        assessment = self.assessment()
        assessment.with_user(self.credit_manager).action_submit()
        with self.assertRaisesRegex(AccessError, 'Four eyes'):
            assessment.with_user(self.credit_manager).action_approve()
        with self.assertRaisesRegex(AccessError, 'Manager: approve and release'):
            assessment.action_approve()
        self.assertEqual(assessment.state, 'submitted')
        assessment.with_user(self.other_manager).action_approve()
        self.assertEqual(assessment.state, 'approved')

    def test_writing_the_state_is_no_way_around_the_checks(self):
        assessment = self.assessment()
        with self.assertRaises(UserError):
            assessment.write({'state': 'approved'})
        assessment.action_submit()
        with self.assertRaises(AccessError):
            assessment.write({'state': 'approved'})
        with self.assertRaises(UserError):
            self.env['credit.assessment'].create({'partner_id': self.customer.id, 'state': 'approved'})

    def test_nobody_types_who_did_it_or_what_the_grade_rests_on(self):
        """By import or remote call: else the submitter would approve alone, and limits would have no ground."""
        grade = self.policy._get_grade('A')
        for user in (self.analyst, self.credit_manager):
            assessment = self.assessment().with_user(user)
            assessment.action_submit()
            for values in (
                {'submitter_id': self.salesperson.id},
                {'approver_id': self.salesperson.id},
                {'score': 99},
                {'grade_id': grade.id},
                {'proposed_limit': 77777},
                {'outside_grade': True},
                {'frozen_inputs': {'x': 1}},
            ):
                with self.assertRaisesRegex(AccessError, "can't be entered by hand"), self.cr.savepoint():
                    assessment.write(values)
            with self.assertRaises(AccessError):
                self.env['credit.assessment'].with_user(user).create({'partner_id': self.customer.id, 'sales_12m': 9e6})

    def test_a_state_that_is_written_keeps_who_and_when_and_needs_a_reason_too(self):
        assessment = self.assessment()
        assessment.write({'state': 'submitted'})
        self.assertEqual(assessment.submitter_id, self.analyst)
        self.assertTrue(assessment.frozen_inputs)
        theirs = assessment.with_user(self.credit_manager)
        with self.assertRaisesRegex(UserError, 'Say why'), self.cr.savepoint():
            theirs.write({'state': 'rejected'})
        theirs.write({'state': 'approved'})
        self.assertEqual(assessment.approver_id, self.credit_manager)
        self.assertTrue(assessment.date_decided and assessment.date_review)
        with self.assertRaisesRegex(UserError, 'approving a new one'):
            theirs.write({'state': 'superseded'})
        with self.assertRaises(UserError):
            theirs.action_approve()

    def test_authority_by_amount(self):
        assessment = self.assessment()
        assessment.action_submit()
        assessment.with_user(self.credit_manager).approved_limit = 60000
        with self.assertRaisesRegex(AccessError, 'beyond your authority'):
            assessment.with_user(self.credit_manager).action_approve()
        self.assertFalse(self.customer.credit_control, 'nothing half-written')
        assessment.with_user(self.credit_manager).approved_limit = 50000
        assessment.with_user(self.credit_manager).action_approve()
        self.assertEqual(self.customer.credit_limit, 50000)
        self.assertTrue(assessment.outside_grade)

    def test_reject_needs_a_reason(self):
        assessment = self.assessment()
        assessment.action_submit()
        manager = assessment.with_user(self.credit_manager)
        with self.assertRaisesRegex(UserError, 'Say why'):
            manager.action_reject()
        wizard = (
            self.env['credit.assessment.reject']
            .with_user(self.credit_manager)
            .with_context(active_id=assessment.id)
            .create({'reason': 'Statement is too old'})
        )
        wizard.action_reject()
        self.assertEqual((assessment.state, assessment.decision_note), ('rejected', 'Statement is too old'))
        self.assertFalse(self.customer.credit_control)

    def test_scores_by_hand_need_a_basis(self):
        assessment = self.assessment()
        self.line(assessment, 'coverage').basis = ' '
        with self.assertRaisesRegex(UserError, 'Insurance'):
            assessment.action_submit()
        self.line(assessment, 'coverage').write({'missing': True})
        assessment.action_submit()
        self.assertEqual(assessment.state, 'submitted')

    def test_submitted_content_is_fixed_until_it_is_taken_back(self):
        assessment = self.assessment()
        assessment.action_submit()
        with self.assertRaisesRegex(UserError, 'back to draft'):
            self.line(assessment, 'coverage').score = 100
        assessment.action_draft()
        self.line(assessment, 'coverage').score = 100
        self.assertEqual(assessment.state, 'draft')

    def test_approved_is_immutable_for_anyone_and_replays(self):
        assessment = self.assessment()
        assessment.action_submit()
        assessment.with_user(self.credit_manager).action_approve()
        score, grade = assessment.score, assessment.grade_id.code
        for change in (
            lambda: assessment.sudo().write({'approved_limit': 1}),
            lambda: assessment.sudo().write({'state': 'draft'}),
            lambda: assessment.sudo().line_ids[0].write({'score': 1}),
            lambda: assessment.sudo().line_ids[0].unlink(),
            lambda: assessment.sudo().write({'frozen_inputs': {}}),
            lambda: assessment.sudo().unlink(),
        ):
            with self.assertRaises(UserError), self.cr.savepoint():
                change()
        draft = self.env['credit.policy'].browse(self.policy.action_new_version()['res_id'])
        draft.factor_ids.filtered(lambda factor: factor.code == 'conditions').weight = 1
        draft.action_activate()
        self.invoice(90000, 120)
        self.assertEqual(assessment.replay(), (score, grade))

    def test_a_new_approval_supersedes_the_one_before(self):
        first, second = self.assessment(), self.assessment(conditions=30, coverage=20)
        for assessment in (first, second):
            assessment.action_submit()
            assessment.with_user(self.credit_manager).action_approve()
        self.assertEqual((first.state, first.superseded_by_id), ('superseded', second))
        self.assertEqual(second.state, 'approved')
        self.assertEqual(self.customer.credit_grade_id, second.grade_id)

    def test_a_thin_file_is_flagged_and_scored_neutral(self):
        self.invoice(500, 40, paid_days_late=25)
        assessment = self.assessment()
        payment = self.line(assessment, 'payment')
        self.assertTrue(assessment.thin_file and payment.missing)
        self.assertEqual(payment.score, 60)
        self.assertIn('thin file', payment.evidence)

    def test_overdue_over_90_days_caps_at_c(self):
        self.invoice(100, 95)
        assessment = self.assessment(conditions=100, coverage=100)
        self.assertEqual(assessment.max_days_overdue, 95)
        self.assertEqual(assessment.grade_id.code, 'C')
        self.assertIn('Oldest overdue', assessment.knock_out_note)

    def test_financial_statement_feeds_capital_and_equity(self):
        self.env['credit.statement'].with_user(self.analyst).create(
            {
                'partner_id': self.customer.id,
                'date_end': '2025-12-31',
                'current_assets': 60,
                'total_assets': 100,
                'current_liabilities': 30,
                'total_liabilities': 50,
                'retained_earnings': 20,
                'equity': 50,
                'ebit': 10,
            }
        )
        assessment = self.assessment()
        line = self.line(assessment, 'z')
        self.assertAlmostEqual(line.value, 6.56 * 0.3 + 3.26 * 0.2 + 6.72 * 0.1 + 1.05, 2)
        self.assertEqual((line.missing, assessment.equity), (False, 50))
        with self.assertRaises(UserError):
            line.write({'value': 9})

    def test_statement_that_cannot_be_is_refused(self):
        good = {
            'partner_id': self.customer.id,
            'date_end': '2025-12-31',
            'current_assets': 60,
            'total_assets': 100,
            'current_liabilities': 30,
            'total_liabilities': 50,
            'equity': 50,
        }
        for wrong, message in (
            ({'total_assets': 0, 'current_assets': 0}, 'above zero'),
            ({'equity': 80}, 'balance'),
            ({'current_assets': 101}, 'more than'),
        ):
            with self.assertRaisesRegex(ValidationError, message), self.cr.savepoint():
                self.env['credit.statement'].create({**good, **wrong})
        self.env['credit.statement'].create(good)
        with self.assertRaisesRegex(ValidationError, 'already'):
            self.env['credit.statement'].create(good)

    def test_company_default_draft_policy_serves_until_one_is_active(self):
        self.policy.action_archive_policy()
        draft = self._make_policy(name='Being prepared')
        assessment = self.env['credit.assessment'].with_user(self.analyst).create({'partner_id': self.customer.id})
        self.assertEqual(assessment.policy_id, draft)

    def test_assessment_of_a_contact_is_of_its_company(self):
        contact = self.env['res.partner'].create({'name': 'Buyer', 'parent_id': self.customer.id})
        assessment = self.env['credit.assessment'].with_user(self.analyst).create({'partner_id': contact.id})
        self.assertEqual(assessment.partner_id, self.customer)

    def test_approving_in_a_branch_gives_terms_to_root_and_branches(self):
        branch = self.env['res.company'].create({'name': 'Branch', 'parent_id': self.company.id})
        for user in (self.analyst, self.credit_manager):
            user.write({'company_ids': [Command.link(branch.id)]})
        assessment = (
            self.env['credit.assessment']
            .with_user(self.analyst)
            .with_company(branch)
            .create({'partner_id': self.customer.id})
        )
        self.assertEqual(assessment.company_id, self.company)
        assessment.action_fill()
        assessment.line_ids.filtered(lambda line: line.source == 'manual').write({'score': 70, 'basis': 'Talk'})
        assessment.action_submit()
        assessment.with_user(self.credit_manager).with_company(branch).action_approve()
        for company in (self.company, branch):
            self.assertEqual(self.customer.with_company(company).credit_grade_id, assessment.grade_id)
