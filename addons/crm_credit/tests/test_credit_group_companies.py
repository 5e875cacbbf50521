from odoo import Command
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import new_test_user, tagged

from .test_hold import HoldCase


@tagged('post_install', '-at_install')
class TestCreditGroupCompanies(HoldCase):
    """One customer, two companies, one limit of 2,000 in the first one's currency; the second one's is worth a quarter.

    The customer owes 800 here (own limit 1,000) and 400 there (1,600 in that company's currency, own limit 9,000).
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.currency = cls.setup_other_currency('CHF', rates=[('2016-01-01', 4.0)])
        cls.other = cls.setup_other_company(currency_id=cls.currency.id)['company']
        cls.env.user.company_ids |= cls.other
        cls.other_policy = cls._make_policy(company_id=cls.other.id)
        cls.other_policy.action_activate()
        cls.set_terms(cls.customer, 9000, company=cls.other)
        cls.order_in(cls.other, 1600).action_confirm()
        cls.group = cls.env['credit.group'].create(
            {
                'name': 'Both companies',
                'company_id': cls.company.id,
                'company_ids': [Command.set((cls.company | cls.other).ids)],
                'credit_limit': 2000,
                'member_ids': [Command.set(cls.customer.ids)],
            }
        )
        cls.local_analyst = new_test_user(
            cls.env,
            'local_analyst',
            'base.group_user,crm_credit.group_credit_analyst',
            company_id=cls.other.id,
            company_ids=[Command.set(cls.other.ids)],
        )

    @classmethod
    def order_in(cls, company, amount):
        Order = cls.env['sale.order'].with_company(company)
        return Order.create(
            {
                'partner_id': cls.customer.id,
                'company_id': company.id,
                'order_line': [Command.create({'product_id': cls.product.id, 'price_unit': amount, 'tax_ids': False})],
            }
        )

    def test_what_is_owed_elsewhere_counts_at_todays_rate(self):
        exposure = self.exposure()
        self.assertEqual((exposure.exposure, exposure.group_others), (800, 400))
        there = self.exposure(company=self.other)
        self.assertEqual((there.exposure, there.group_others), (1600, 3200))
        terms = self.customer._credit_terms(self.other)[self.customer.id]
        self.assertEqual((terms.limit, terms.group_limit), (9000, 8000))
        self.assertEqual((self.group.exposure, self.group.available), (1200, 800))

    def test_the_shared_limit_holds_an_order_that_the_companys_own_limit_would_let_pass(self):
        order = self.order_in(self.other, 3300)
        order.action_confirm()
        self.assertEqual(order.credit_state, 'held')
        self.assertIn('Both companies', order.credit_hold_ids.reasons)
        self.assertNotIn('Credit limit exceeded', order.credit_hold_ids.reasons)
        smaller = self.order_in(self.other, 3200)
        smaller.action_confirm()
        self.assertEqual(smaller.state, 'sale')
        self.assertEqual(self.group.available, 0)

    def test_the_own_limit_of_each_company_is_the_sub_limit_there(self):
        order = self.order_in(self.company, 300)
        order.action_confirm()
        self.assertIn('Credit limit exceeded', order.credit_hold_ids.reasons)
        self.assertNotIn('Both companies', order.credit_hold_ids.reasons)

    def test_in_one_batch_orders_of_both_companies_see_each_other(self):
        self.set_terms(self.customer, 9000)
        first, second, third = (
            self.order_in(self.company, 700),
            self.order_in(self.other, 440),
            self.order_in(self.company, 60),
        )
        (first | second | third).action_confirm()
        self.assertEqual((first | second | third).mapped('state'), ['sale', 'draft', 'sale'])
        self.assertIn('40.00', second.credit_hold_ids.reasons)

    def test_a_payment_in_one_company_releases_the_order_in_the_other(self):
        order = self.order_in(self.other, 3300)
        order.action_confirm()
        self.assertEqual(order.credit_state, 'held')
        self.pay(self.invoice, self.today)
        self.assertEqual((order.state, order.credit_state), ('sale', 'released'))

    def test_both_companies_places_are_locked(self):
        self.order_in(self.company, 10).action_confirm()
        self.env.cr.execute('SELECT company_id FROM credit_lock WHERE partner_id = %s', [self.customer.id])
        self.assertEqual({company for (company,) in self.env.cr.fetchall()}, set((self.company | self.other).ids))

    def test_over_the_limit_is_found_in_both_companies(self):
        self.group.credit_limit = 1100
        for company in (self.company, self.other):
            Partner = self.env['res.partner'].with_company(company)
            self.assertEqual(
                Partner.search([('id', '=', self.customer.id), ('credit_over_limit', '=', True)]), self.customer
            )
            self.assertTrue(self.customer.with_company(company).credit_over_limit)

    def test_nightly_figures_agree_with_the_live_ones(self):
        self.env['crm.customer.metrics'].with_company(self.other).refresh()
        self.env['crm.customer.metrics'].with_company(self.company).refresh()
        metrics = self.env['crm.customer.metrics'].search(
            [('partner_id', '=', self.customer.id), ('company_id', '=', self.company.id)]
        )
        self.assertAlmostEqual(metrics.credit_utilization, self.customer.credit_utilization)
        self.set_terms(self.customer, 9000)
        self.env['crm.customer.metrics'].with_company(self.company).refresh()
        metrics.invalidate_recordset()
        self.assertAlmostEqual(metrics.credit_utilization, 0.6)
        self.assertAlmostEqual(self.customer.credit_utilization, 0.6)

    # -- who sees what

    def test_a_user_of_one_company_sees_the_sum_but_only_the_own_companys_part(self):
        group = self.group.with_user(self.local_analyst)
        self.assertEqual((group.credit_limit, group.exposure, group.available), (2000, 1200, 800))
        self.assertEqual(group.exposure_here, 400)
        self.assertEqual(self.group.with_user(self.analyst).exposure_here, 800)
        member = group.member_ids.with_company(self.other)
        self.assertEqual(member.credit_exposure, 1600, "the own company's, in its currency")

    def test_groups_of_other_companies_are_not_seen(self):
        local = self.env['credit.group'].create({'name': 'Here only', 'company_id': self.company.id, 'credit_limit': 1})
        Group = self.env['credit.group'].with_user(self.local_analyst)
        self.assertEqual(Group.search([]), self.group)
        with self.assertRaises(AccessError):
            local.with_user(self.local_analyst).read(['name'])

    def test_a_manager_of_one_company_does_not_bind_another(self):
        Group = self.env['credit.group'].with_user(self.credit_manager)
        with self.assertRaises(AccessError), self.cr.savepoint():  # Odoo doesn't let them name that company
            Group.create(
                {
                    'name': 'Too far',
                    'company_id': self.company.id,
                    'credit_limit': 1,
                    'company_ids': [Command.set((self.company | self.other).ids)],
                }
            )
        with self.assertRaisesRegex(AccessError, self.other.name), self.cr.savepoint():
            self.group.with_user(self.credit_manager).company_ids = [Command.unlink(self.other.id)]
        with self.assertRaisesRegex(AccessError, self.other.name), self.cr.savepoint():
            self.group.with_user(self.credit_manager).write({'credit_limit': 5000, 'change_reason': 'Growth'})
        self.env.registry.clear_cache()

    def test_the_giving_company_is_one_of_the_companies(self):
        with self.assertRaisesRegex(ValidationError, 'Both companies.*must be one of its companies'):
            self.group.company_ids = [Command.set(self.other.ids)]

    def test_exposure_costs_at_most_four_queries_without_a_group(self):
        free = self.env['res.partner'].create({'name': 'Free', 'is_company': True})
        free._credit_exposure(self.company)
        self.env.flush_all()
        with self.assertQueryCount(4):
            free._credit_exposure(self.company)
