from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .common import CreditCase


@tagged('post_install', '-at_install')
class TestCreditPolicy(CreditCase):
    def test_fresh_database_has_a_draft_and_limits_nobody(self):
        standard = self.env.ref('crm_credit.credit_policy_standard')
        self.assertEqual(sorted(standard.grade_ids.mapped('code')), ['A', 'B', 'C', 'D'])
        self.assertEqual(sum(standard.factor_ids.mapped('weight')), 100)
        self.assertEqual(
            set(standard.factor_ids.mapped('dimension')),
            {'character', 'capacity', 'capital', 'collateral', 'conditions', 'coverage'},
        )
        self.assertFalse(self.env['credit.policy']._get_active(self.company))
        terms = self.customer._credit_terms(self.company)[self.customer.id]
        self.assertFalse(terms.checks_anything)

    def test_no_line_of_a_draft_can_be_moved_into_a_policy_in_force(self):
        policy = self.policy.with_user(self.credit_manager)
        policy.action_activate()
        draft = self.env['credit.policy'].browse(policy.action_new_version()['res_id'])
        line = (
            self.env['credit.authority']
            .with_user(self.credit_manager)
            .create({'policy_id': draft.id, 'group_id': self.env.ref('base.group_user').id, 'unlimited': True})
        )
        with self.assertRaisesRegex(UserError, 'New version'), self.cr.savepoint():
            line.policy_id = policy
        self.assertEqual(policy._get_authority(self.credit_manager), 50000)

    def test_manager_activates_and_an_active_policy_is_fixed(self):
        policy = self.policy.with_user(self.credit_manager)
        policy.action_activate()
        self.assertEqual(self.env['credit.policy']._get_active(self.company), self.policy)
        for change in (
            lambda: policy.write({'default_limit': 5}),
            lambda: policy.grade_ids[0].write({'max_limit': 1}),
            lambda: policy.rule_ids[0].unlink(),
            lambda: policy.write({'rule_ids': [(0, 0, {'name': 'Another', 'kind': 'order_maximum'})]}),
            lambda: policy.sudo().grade_ids[0].write({'min_score': 1}),
        ):
            with self.assertRaisesRegex(UserError, 'New version'), self.cr.savepoint():
                change()
        with self.assertRaises(UserError):
            policy.unlink()

    def test_analyst_reads_policies_but_does_not_change_them(self):
        policy = self.policy.with_user(self.analyst)
        self.assertTrue(policy.grade_ids.mapped('name'))
        with self.assertRaises(AccessError):
            policy.action_activate()

    def test_new_version_follows_and_ends_the_old_one(self):
        self.activate_policy()
        self.set_terms(self.customer, limit=1000, grade='B')
        rule = self.env['credit.policy'].browse(self.policy.id).rule_ids[1]
        draft = self.env['credit.policy'].browse(self.policy.action_new_version()['res_id'])
        self.assertEqual((draft.state, draft.version, draft.previous_id), ('draft', 2, self.policy))
        self.assertEqual(draft.grade_ids.mapped('code'), self.policy.grade_ids.mapped('code'))
        self.assertEqual(draft.rule_ids[1].name, rule.name)
        draft.rule_ids[1].grade_ids = draft._get_grade('D')
        draft.action_activate()
        self.assertLess(self.policy.date_to, draft.date_from)
        self.assertEqual(self.env['credit.policy']._get_active(self.company), draft)
        self.assertEqual(
            self.customer.credit_grade_id, draft._get_grade('B'), "graded customers move to the new version's grade"
        )
        again = self.env['credit.policy'].browse(draft.action_new_version()['res_id'])
        self.assertEqual(
            again.rule_ids[1].grade_ids, again._get_grade('D'), 'a rule names the grades of its own version'
        )

    def test_overlapping_policies_are_refused(self):
        self.activate_policy()
        other = self._make_policy(name='Other', date_from='2021-01-01')
        with self.assertRaisesRegex(ValidationError, 'overlaps'):
            other.action_activate()

    def test_policy_without_grade_for_low_scores_is_not_activated(self):
        self.policy._get_grade('D').unlink()
        with self.assertRaisesRegex(ValidationError, 'below 40'):
            self.policy.action_activate()

    def test_policy_that_ends_before_it_begins_is_refused(self):
        with self.assertRaisesRegex(ValidationError, 'before it begins'):
            self.policy.date_to = '2019-12-31'

    def test_negative_figures_are_refused(self):
        grade = self.policy._get_grade('A')
        for values in ({'max_limit': -1}, {'limit_months': -1}, {'review_months': 0}, {'min_score': 101}):
            with self.assertRaises(ValidationError), self.cr.savepoint():
                grade.write(values)
        with self.assertRaises(ValidationError), self.cr.savepoint():
            self.policy.rule_ids[0].tolerance = -0.1

    def test_archived_policy_lets_everybody_go(self):
        self.activate_policy()
        self.set_terms(self.customer, limit=100)
        self.policy.action_archive_policy()
        self.assertFalse(self.env['credit.policy']._get_active(self.company))
        self.assertFalse(self.customer._credit_terms(self.company)[self.customer.id].checks_anything)

    def test_authority_is_the_largest_of_the_users_groups(self):
        self.activate_policy()
        self.assertEqual(self.policy._get_authority(self.credit_manager), 50000)
        self.assertEqual(self.policy._get_authority(self.analyst), 0)
        with self.assertRaisesRegex(AccessError, 'beyond your authority'):
            self.policy.with_user(self.credit_manager)._check_authority(50001, 'Limit')
