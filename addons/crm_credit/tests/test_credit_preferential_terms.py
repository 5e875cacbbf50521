from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import CreditCase


@tagged('post_install', '-at_install')
class TestCreditPreferentialTerms(CreditCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sales_manager = cls._make_user('terms_manager', 'Mona Manager', 'sales_team.group_sale_manager')
        cls.customer.with_company(cls.company).credit_control = 'limited'
        cls.free = cls.env['res.partner'].create({'name': 'Free Stores', 'is_company': True, 'customer_rank': 1})
        cls.rule = cls.env['crm.terms.rule'].create({
            'name': 'Thirty days', 'company_id': cls.company.id, 'payment_term_id': cls.term_30.id,
            'audience_domain': f"[('id', 'in', {(cls.customer + cls.free).ids})]",
            'mode': 'automatic', 'notice_days': 0,
        })

    def term(self, partner):
        return partner.with_company(self.company).property_payment_term_id

    def run_scheduler(self):
        with self.enter_registry_test_mode():
            self.env.ref('crm_relationship.ir_cron_terms').method_direct_trigger()
        self.env.invalidate_all()

    def changes(self, partner):
        return self.env['crm.terms.application'].search([('partner_id', '=', partner.id)])

    def test_the_scheduler_only_proposes_payment_terms_of_controlled_customers(self):
        self.run_scheduler()
        self.assertEqual(self.term(self.free), self.term_30)
        self.assertFalse(self.term(self.customer))
        change = self.changes(self.customer)
        self.assertEqual((change.state, change.message), (
            'proposed', 'The credit department decides about the payment term'))
        self.run_scheduler()
        self.assertEqual(len(self.changes(self.customer)), 1)

    def test_a_sales_manager_is_told_who_decides_and_an_analyst_applies(self):
        self.run_scheduler()
        change = self.changes(self.customer)
        with self.assertRaisesRegex(AccessError, 'credit department decides.*Steady Stores'):
            change.with_user(self.sales_manager).action_apply()
        change.with_user(self.analyst).action_apply()
        self.assertEqual(change.state, 'applied')
        self.assertEqual(self.term(self.customer), self.term_30)

    def test_the_preview_says_that_credit_decides_and_passes_it_on(self):
        action = self.rule.with_user(self.sales_manager).action_preview()
        preview = self.env['crm.terms.preview'].with_user(self.sales_manager).browse(action['res_id'])
        self.assertEqual((preview.change_count, preview.credit_count), (1, 1))
        preview.action_apply()
        self.assertEqual(self.term(self.free), self.term_30)
        self.assertFalse(self.term(self.customer))
        self.assertEqual(self.changes(self.customer).state, 'proposed')

    def test_a_customer_that_comes_under_credit_control_before_the_day_waits_for_the_credit_department(self):
        self.rule.notice_days = 7
        self.run_scheduler()
        change = self.changes(self.free)
        self.assertEqual(change.state, 'announced')
        self.free.with_company(self.company).credit_control = 'limited'
        change.date_effective = '2000-01-01'
        self.run_scheduler()
        self.assertFalse(self.term(self.free))
        self.assertEqual(change.state, 'proposed')

    def test_an_analyst_decides_about_no_price_list(self):
        change = self.env['crm.terms.application'].create({
            'company_id': self.company.id, 'partner_id': self.customer.id, 'rule_id': self.rule.id,
            'kind': 'pricelist', 'state': 'proposed'})
        with self.assertRaises(AccessError):
            change.with_user(self.analyst).action_apply()

    # -- telling the credit department

    def told(self):
        return self.rule.activity_ids.filtered(
            lambda known: known.activity_type_id == self.env.ref('crm_credit.mail_activity_type_credit_terms'))

    def test_the_credit_department_is_told_once_and_the_activity_ends_with_the_decision(self):
        for _run in range(3):
            self.run_scheduler()
            self.assertEqual(len(self.told()), 1)
        activity = self.told()
        self.assertEqual(activity.user_id, self.analyst)
        self.assertIn('Thirty days', activity.summary)
        self.assertIn('decision: 1', activity.summary)
        self.assertIn('Steady Stores', activity.note)
        self.assertNotIn('Free Stores', activity.note, 'nobody waits for the credit department there')
        self.assertEqual(activity.with_user(self.analyst).res_model, 'crm.terms.rule')
        self.rule.with_user(self.analyst).read(['name'])
        self.changes(self.customer).with_user(self.analyst).action_apply()
        self.assertFalse(self.told())
        self.run_scheduler()
        self.assertFalse(self.told(), 'decided')

    def test_later_proposals_go_into_the_open_activity(self):
        self.run_scheduler()
        third = self.env['res.partner'].create({'name': 'Third Stores', 'is_company': True, 'customer_rank': 1})
        third.with_company(self.company).credit_control = 'limited'
        self.rule.audience_domain = f"[('id', 'in', {(self.customer + third).ids})]"
        self.run_scheduler()
        self.assertEqual(len(self.told()), 1)
        self.assertIn('decision: 2', self.told().summary)
        self.changes(self.customer).with_user(self.analyst).action_reject()
        self.assertTrue(self.told(), 'one still waits')
        self.changes(third).with_user(self.analyst).action_reject()
        self.assertFalse(self.told())

    def test_an_activity_marked_done_does_not_come_back_every_night(self):
        self.run_scheduler()
        self.told().with_user(self.analyst).action_feedback(feedback='Later')
        self.run_scheduler()
        self.assertFalse(self.told())

    def test_what_is_withdrawn_ends_the_activity(self):
        self.run_scheduler()
        self.rule.audience_domain = f"[('id', 'in', {self.free.ids})]"
        self.run_scheduler()
        self.assertEqual(self.changes(self.customer).state, 'cancelled')
        self.assertFalse(self.told())

    def test_a_customer_that_comes_under_credit_control_is_told_too(self):
        self.rule.audience_domain = f"[('id', 'in', {self.free.ids})]"
        self.rule.notice_days = 7
        self.run_scheduler()
        self.assertFalse(self.told())
        self.free.with_company(self.company).credit_control = 'limited'
        self.changes(self.free).date_effective = '2000-01-01'
        self.run_scheduler()
        self.assertIn('Free Stores', self.told().note)
