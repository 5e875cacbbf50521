from datetime import timedelta
from unittest.mock import patch

from odoo.tests import tagged
from odoo.tools import mute_logger

from .test_credit_assessment import AssessmentCase


@tagged('post_install', '-at_install')
class TestCreditDowngrade(AssessmentCase):
    """Lower grades are proposed when the figures get worse, and nothing is lowered by itself."""

    def graded(self, conditions=95, coverage=95):
        """The customer with an approved assessment of good figures."""
        for month in range(1, 5):
            self.invoice(1000, due_days_ago=30 * month + 60, paid_days_late=0)
        assessment = self.assessment(conditions=conditions, coverage=coverage)
        assessment.action_submit()
        assessment.with_user(self.credit_manager).action_approve()
        return assessment

    def refresh(self):
        self.env['crm.customer.metrics'].with_context(allowed_company_ids=self.company.ids).refresh()

    def run_cron(self):
        self.env.flush_all()
        with self.enter_registry_test_mode():
            self.env.ref('crm_credit.ir_cron_credit_downgrade').method_direct_trigger()
        self.env.invalidate_all()

    def proposals(self, partner=None):
        return self.env['credit.assessment'].search(
            [('partner_id', '=', (partner or self.customer).id), ('proposal_reason', '!=', False)]
        )

    def test_good_figures_propose_nothing(self):
        assessment = self.graded()
        self.assertEqual(assessment.grade_id.code, 'A')
        self.refresh()
        self.run_cron()
        self.assertFalse(self.proposals())

    def test_a_long_overdue_invoice_proposes_a_lower_grade_with_reasons(self):
        assessment = self.graded()
        self.invoice(500, due_days_ago=100)
        self.refresh()
        self.run_cron()
        proposal = self.proposals()
        self.assertEqual((len(proposal), proposal.state, proposal.grade_id.code), (1, 'draft', 'C'))
        self.assertIn('grade C instead of A', proposal.proposal_reason)
        self.assertIn('Oldest overdue invoice', proposal.proposal_reason)
        self.assertEqual(proposal.user_id, self.analyst)
        activity = proposal.activity_ids
        self.assertEqual((len(activity), activity.user_id), (1, self.analyst))
        self.assertIn('C instead of A', activity.summary)
        self.assertEqual(assessment.state, 'approved')

    def test_nothing_is_lowered_by_itself(self):
        assessment = self.graded()
        limit = self.customer.credit_limit
        self.invoice(500, due_days_ago=100)
        self.refresh()
        self.run_cron()
        self.assertEqual(self.customer.with_company(self.company).credit_grade_id.code, 'A')
        self.assertEqual((self.customer.credit_limit, assessment.state), (limit, 'approved'))
        proposal = self.proposals().with_user(self.analyst)
        proposal.action_submit()
        proposal.with_user(self.credit_manager).action_approve()
        self.assertEqual(self.customer.with_company(self.company).credit_grade_id.code, 'C')

    def test_judgement_by_hand_is_taken_over_with_its_basis(self):
        self.graded()
        self.invoice(500, due_days_ago=100)
        self.refresh()
        self.run_cron()
        line = self.line(self.proposals(), 'conditions')
        self.assertEqual(line.score, 95)
        self.assertIn('Visit in May', line.basis)

    def test_one_proposal_at_a_time(self):
        self.graded()
        self.invoice(500, due_days_ago=100)
        self.refresh()
        for _time in range(2):
            self.run_cron()
        self.assertEqual(len(self.proposals()), 1)
        self.assertEqual(len(self.proposals().activity_ids), 1)

    def test_a_rejected_proposal_rests_for_a_while(self):
        self.graded()
        self.invoice(500, due_days_ago=100)
        self.refresh()
        self.run_cron()
        proposal = self.proposals().with_user(self.analyst)
        proposal.action_submit()
        proposal.with_user(self.credit_manager).action_reject('Paid, the bank is slow')
        self.run_cron()
        self.assertEqual(len(self.proposals()), 1)
        self.env.flush_all()
        self.env.cr.execute(
            'UPDATE credit_assessment SET date_decided = date_decided - %s WHERE id = %s',
            [timedelta(days=31), proposal.id],
        )
        self.env.invalidate_all()
        self.run_cron()
        self.assertEqual(len(self.proposals()), 2)

    def test_an_open_assessment_is_enough(self):
        self.graded()
        self.invoice(500, due_days_ago=100)
        self.refresh()
        self.env['credit.assessment'].with_user(self.analyst).create({'partner_id': self.customer.id})
        self.run_cron()
        self.assertFalse(self.proposals())

    def test_without_an_assessment_only_knock_outs_count(self):
        other = self.env['res.partner'].create({'name': 'Graded by hand', 'is_company': True, 'customer_rank': 1})
        fine = self.env['res.partner'].create({'name': 'Slow payer', 'is_company': True, 'customer_rank': 1})
        self.set_terms(other | fine, limit=900, grade='B')
        due = self.days_ago(100)
        self.make_invoice(other, 100, date=due, due=due)
        self.make_invoice(fine, 100, date=self.days_ago(50), due=self.days_ago(50))
        self.refresh()
        self.run_cron()
        self.assertEqual(self.proposals(other).grade_id.code, 'C')
        self.assertEqual(self.proposals(other).user_id, self.proposals(other).activity_ids.user_id)
        self.assertFalse(self.proposals(fine))

    def test_thin_files_are_not_lowered_for_one_late_payment(self):
        self.assessment(conditions=95, coverage=95).action_submit()
        submitted = self.env['credit.assessment'].search([('partner_id', '=', self.customer.id)])
        submitted.with_user(self.credit_manager).action_approve()
        self.invoice(1000, due_days_ago=150, paid_days_late=80)
        self.refresh()
        self.run_cron()
        self.assertFalse(self.proposals())

    def test_without_a_policy_in_force_nothing_is_proposed(self):
        self.graded()
        self.invoice(500, due_days_ago=100)
        self.refresh()
        self.policy.action_archive_policy()
        self.env.flush_all()
        self.env.cr.execute('UPDATE credit_policy SET state = %s WHERE id = %s', ['archived', self.policy.id])
        self.env.invalidate_all()
        self.run_cron()
        self.assertFalse(self.proposals())

    @mute_logger('odoo.addons.crm_credit.models.credit_schedule_mixin')
    def test_one_failing_customer_does_not_stop_the_rest(self):
        bad, good = self.env['res.partner'].create(
            [{'name': name, 'is_company': True, 'customer_rank': 1} for name in ('Bad', 'Good')]
        )
        self.set_terms(bad | good, limit=900, grade='B')
        for partner in (bad, good):
            self.make_invoice(partner, 100, date=self.days_ago(100), due=self.days_ago(100))
        self.refresh()
        Assessment = type(self.env['credit.assessment'])
        propose = Assessment._propose_downgrade

        def fail_for_bad(model, root, partner):
            propose(model, root, partner)
            if partner == bad:
                raise ValueError('Broken customer')

        with patch.object(Assessment, '_propose_downgrade', fail_for_bad):
            self.run_cron()
        self.assertFalse(self.proposals(bad))
        self.assertEqual(bad.credit_grade_error, 'Broken customer')
        self.assertEqual(len(self.proposals(good)), 1)
        self.run_cron()
        self.assertEqual((len(self.proposals(bad)), len(self.proposals(good))), (1, 1))
        self.assertFalse(bad.credit_grade_error)

    def test_comparing_takes_the_same_number_of_queries_for_many(self):
        Assessment = self.env['credit.assessment']

        def queries():
            self.refresh()
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            found = Assessment.with_company(self.company)._find_downgrades(self.company)
            return self.cr.sql_log_count - before, len(found)

        def add(count):
            for partner in self.env['res.partner'].create(
                [{'name': f'Late {i}', 'is_company': True, 'customer_rank': 1} for i in range(count)]
            ):
                self.set_terms(partner, limit=900, grade='B')
                self.make_invoice(partner, 100, date=self.days_ago(100), due=self.days_ago(100))

        add(2)
        queries()
        few, found_few = queries()
        add(6)
        many, found_many = queries()
        self.assertEqual((found_few, found_many), (2, 8))
        self.assertEqual(few, many)
