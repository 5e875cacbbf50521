from datetime import date, timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged

from .common import CreditCase


@tagged('post_install', '-at_install')
class TestCreditTerms(CreditCase):
    def terms(self, partner=None, company=None):
        partner = partner or self.customer
        return partner._credit_terms(company or self.company)[partner.commercial_partner_id.id]

    def kinds(self, partner=None):
        return [rule.kind for rule in self.terms(partner).rules]

    # ------------------------------------------------------------------ what applies

    def test_empty_control_means_the_policy_default(self):
        self.policy.write({'default_control': 'limited', 'default_limit': 700, 'default_on_breach': 'warn'})
        self.activate_policy()
        terms = self.terms()
        self.assertEqual((terms.control, terms.limit, terms.on_breach), ('limited', 700, 'warn'))
        self.set_terms(self.customer, control='unlimited')
        self.assertEqual(self.terms().control, 'unlimited')

    def test_limit_zero_means_zero(self):
        self.activate_policy()
        self.set_terms(self.customer, limit=0)
        self.assertEqual((self.terms().control, self.terms().ceiling), ('limited', 0))

    def test_giving_a_limit_says_limited(self):
        self.customer.with_user(self.credit_manager).credit_limit = 1200
        self.assertEqual(self.customer.credit_control, 'limited')
        self.assertEqual(self.terms().limit, 1200)

    def test_contacts_share_their_companys_terms(self):
        contact = self.env['res.partner'].create({'name': 'Buyer', 'parent_id': self.customer.id})
        self.set_terms(self.customer, limit=900)
        self.assertEqual(contact._credit_terms(self.company)[self.customer.id].limit, 900)

    def test_limit_equal_to_the_company_default_stays_when_the_default_changes(self):
        self.env['ir.default'].set('res.partner', 'credit_limit', 500.0, company_id=self.company.id)
        self.set_terms(self.customer, limit=500)
        self.env['ir.default'].set('res.partner', 'credit_limit', 9000.0, company_id=self.company.id)
        self.assertEqual(self.terms().limit, 500)

    def test_terms_follow_grade_review_assessment_and_guarantees(self):
        self.activate_policy()
        self.set_terms(self.customer, limit=100, grade='A')
        today = fields.Date.context_today(self.env.user)
        self.customer._set_credit_terms(self.company, {'credit_review_date': today - timedelta(days=12)})
        terms = self.terms()
        self.assertEqual((terms.grade, terms.on_breach, terms.review_overdue_days), ('A', 'warn', 12))
        self.assertFalse(terms.has_assessment or terms.guarantee_expired)

    def test_rules_for_one_grade_leave_the_others_alone(self):
        self.policy.write(
            {
                'rule_ids': [
                    Command.create({'name': 'No D', 'kind': 'grade', 'grade_ids': self.policy._get_grade('D').ids}),
                    Command.create(
                        {
                            'name': 'Large order',
                            'kind': 'order_maximum',
                            'threshold': 5,
                            'grade_ids': self.policy._get_grade('C').ids,
                        }
                    ),
                ]
            }
        )
        self.activate_policy()
        self.assertEqual(self.kinds(), ['over_limit', 'overdue_days'])
        self.set_terms(self.customer, limit=0, grade='D')
        self.assertEqual(self.kinds(), ['over_limit', 'overdue_days', 'grade'])
        self.set_terms(self.customer, limit=0, grade='C')
        self.assertEqual(self.kinds(), ['over_limit', 'overdue_days', 'order_maximum'])

    def test_exceptions_soften_a_rule_until_they_end(self):
        self.activate_policy()
        today = fields.Date.context_today(self.env.user)
        exception = (
            self.env['credit.rule.exception']
            .with_user(self.credit_manager)
            .create(
                {
                    'kind': 'overdue_days',
                    'partner_id': self.customer.id,
                    'effect': 'skip',
                    'reason': 'Bank strike',
                    'date_from': today - timedelta(days=3),
                    'date_to': today,
                }
            )
        )
        self.assertEqual(self.kinds(), ['over_limit'])
        exception.effect = 'warn'
        self.assertEqual([rule.action for rule in self.terms().rules], ['hold', 'warn'])
        exception.date_to = today - timedelta(days=1)
        self.assertEqual(self.kinds(), ['over_limit', 'overdue_days'])

    def test_exception_for_a_grade(self):
        self.activate_policy()
        self.set_terms(self.customer, limit=10, grade='A')
        self.env['credit.rule.exception'].create(
            {'kind': 'overdue_days', 'grade_code': 'A', 'reason': 'Fair', 'date_to': date(2099, 1, 1)}
        )
        self.assertEqual(self.kinds(), ['over_limit'])
        with self.assertRaises(ValidationError):
            self.env['credit.rule.exception'].create({'kind': 'grade', 'reason': 'Nobody', 'date_to': date(2099, 1, 1)})

    # ------------------------------------------------------------------ branches

    def test_branches_have_the_terms_of_the_root(self):
        self.activate_policy()
        branch = self.env['res.company'].create({'name': 'Branch', 'parent_id': self.company.id})
        self.set_terms(self.customer, limit=300, company=branch)
        self.assertEqual(self.terms(company=branch).limit, 300)
        self.assertEqual(self.terms(company=self.company).limit, 300)
        for company in (self.company, branch):
            mirrored = self.customer.with_company(company)
            self.assertEqual((mirrored.credit_limit, mirrored.credit_control), (300, 'limited'))

    def test_other_companies_have_their_own_terms(self):
        other = self.env['res.company'].create({'name': 'Other company'})
        self.set_terms(self.customer, limit=300)
        self.assertEqual(self.terms(company=other).control, 'unlimited')

    def test_a_new_branch_takes_over_what_the_root_has(self):
        self.set_terms(self.customer, limit=300, grade='B')
        branch = self.env['res.company'].create({'name': 'Young branch', 'parent_id': self.company.id})
        mirrored = self.customer.with_company(branch)
        self.assertEqual(
            (mirrored.credit_limit, mirrored.credit_control, mirrored.credit_grade_id.code), (300, 'limited', 'B')
        )

    # ------------------------------------------------------------------ who may change them

    def test_outsiders_change_no_terms_of_a_controlled_customer(self):
        self.set_terms(self.customer, limit=300)
        parent = self.env['res.partner'].create({'name': 'Holding', 'is_company': True})
        for user, values, field in (
            (self.accountant, {'credit_limit': 5000}, 'Credit Limit'),
            (self.salesperson, {'property_payment_term_id': self.term_30.id}, 'Payment Terms'),
            (self.salesperson, {'credit_control': 'unlimited'}, 'Credit Control'),
            (self.salesperson, {'credit_grade_id': self.policy._get_grade('A').id}, 'Credit Grade'),
            (self.salesperson, {'parent_id': parent.id}, 'Related Company'),
        ):
            with self.subTest(field=field), self.assertRaisesRegex(AccessError, f'{field}.*Steady Stores.*Controller'):
                self.customer.with_user(user).write(values)
        self.customer.with_user(self.salesperson).write({'phone': '+49 1234', 'property_payment_term_id': False})

    def test_uncontrolled_customers_stay_as_odoo_has_them(self):
        self.customer.with_user(self.accountant).credit_limit = 4000
        self.assertFalse(self.customer.credit_control)
        self.customer.with_user(self.salesperson).property_payment_term_id = self.term_30
        with self.assertRaises(AccessError):
            self.customer.with_user(self.salesperson).credit_control = 'limited'

    def test_salespeople_add_contacts_to_controlled_customers(self):
        self.set_terms(self.customer, limit=300)
        self.customer._set_credit_terms(self.company, {'property_payment_term_id': self.term_30.id})
        contact = (
            self.env['res.partner'].with_user(self.salesperson).create({'name': 'Eve', 'parent_id': self.customer.id})
        )
        contact.name = 'Eva'
        self.assertEqual(contact.property_payment_term_id, self.term_30)

    def test_new_customers_bring_no_terms_of_their_own_where_the_default_is_limited(self):
        self.policy.default_control = 'limited'
        self.activate_policy()
        Partner = self.env['res.partner'].with_user(self.salesperson)
        with self.assertRaisesRegex(AccessError, 'Payment Terms'):
            Partner.create({'name': 'New', 'property_payment_term_id': self.term_30.id})
        with self.assertRaises(AccessError):
            Partner.create({'name': 'New', 'credit_control': 'unlimited'})
        self.assertTrue(Partner.create({'name': 'New'}))

    def test_salespeople_do_not_read_the_limit(self):
        self.set_terms(self.customer, limit=300)
        customer = self.customer.with_user(self.salesperson)
        with self.assertRaises(AccessError):
            customer.read(['credit_limit'])
        self.assertEqual(customer.credit_available, 300)
        for model in ('credit.assessment', 'credit.policy', 'credit.statement', 'credit.guarantee', 'credit.extension'):
            with self.assertRaises(AccessError):
                self.env[model].with_user(self.salesperson).search([])

    def test_negative_limits_are_refused(self):
        with self.assertRaisesRegex(ValidationError, 'negative'):
            self.customer.with_user(self.credit_manager).credit_limit = -5

    def test_changes_are_logged_on_the_customer(self):
        self.flush_tracking()
        self.customer.with_user(self.credit_manager).with_context(tracking_disable=False, mail_notrack=False).write(
            {'credit_control': 'limited', 'credit_limit': 800}
        )
        self.flush_tracking()
        tracked = self.customer.message_ids.tracking_value_ids.field_id.mapped('name')
        self.assertTrue({'credit_control', 'credit_limit'} <= set(tracked))
        self.assertEqual(tracked.count('credit_limit'), 1, 'once, not once a branch')

    def flush_tracking(self):
        self.env.flush_all()
        self.cr.flush()

    # ------------------------------------------------------------------ speed, merge

    def test_query_count_does_not_grow(self):
        self.activate_policy()
        partners = self.env['res.partner'].create([{'name': f'Customer {n}', 'is_company': True} for n in range(40)])
        partners._set_credit_terms(self.company, {'credit_control': 'limited', 'credit_limit': 10})
        self.env.flush_all()
        counts = []
        for some in (partners[:8], partners):
            some._credit_terms(self.company)
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            some._credit_terms(self.company)
            counts.append(self.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])
        self.assertLessEqual(counts[1], 4)

    def test_merging_takes_over_no_terms_and_asks_for_an_assessment(self):
        twin = self.env['res.partner'].create({'name': 'Steady Stores', 'is_company': True})
        self.set_terms(twin, limit=9000, grade='A')
        self.env['base.partner.merge.automatic.wizard']._merge((self.customer | twin).ids, self.customer)
        self.assertFalse(twin.exists())
        self.assertFalse(self.customer.credit_control or self.customer.credit_grade_id or self.customer.credit_limit)
        activity = self.customer.activity_ids.filtered(
            lambda a: a.activity_type_id == self.env.ref('crm_credit.mail_activity_type_credit_review')
        )
        self.assertTrue(activity)

    def test_merging_keeps_the_terms_of_the_customer_that_stays(self):
        twin = self.env['res.partner'].create({'name': 'Steady Stores', 'is_company': True})
        self.set_terms(twin, limit=9000, grade='A')
        self.set_terms(self.customer, limit=500, grade='C')
        self.env['base.partner.merge.automatic.wizard']._merge((self.customer | twin).ids, self.customer)
        self.assertEqual((self.customer.credit_limit, self.customer.credit_grade_id.code), (500, 'C'))
