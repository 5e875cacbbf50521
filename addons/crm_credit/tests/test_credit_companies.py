from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .test_hold import HoldCase


@tagged('post_install', '-at_install')
class TestCreditCompanies(HoldCase):
    """A root company, its branch, another company: one limit of 1,000 for the first two, 800 of it used."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.branch = cls.env['res.company'].create({'name': 'Branch North', 'parent_id': cls.company.id})
        cls.env.user.company_ids |= cls.branch
        cls.branch_seller = cls.user_of(cls.branch, 'branch_seller', 'sales_team.group_sale_salesman')
        cls.branch_manager = cls.user_of(cls.branch, 'branch_manager', 'crm_credit.group_credit_manager')
        cls.branch_analyst = cls.user_of(cls.branch, 'branch_analyst', 'crm_credit.group_credit_analyst')

    @classmethod
    def user_of(cls, company, login, groups):
        return new_test_user(
            cls.env, login, f'base.group_user,base.group_partner_manager,{groups}',
            company_id=company.id, company_ids=[Command.set(company.ids)])

    def order_in(self, company, amount, user):
        return self.env['sale.order'].with_user(user).with_company(company).create({
            'partner_id': self.customer.id, 'company_id': company.id, 'user_id': user.id,
            'order_line': [Command.create({'product_id': self.product.id, 'price_unit': amount, 'tax_ids': False})]})

    def test_terms_of_the_root_bind_an_order_of_the_branch(self):
        order = self.order_in(self.branch, 300, self.branch_seller)
        order.action_confirm()
        self.assertEqual((order.state, order.credit_state), ('draft', 'held'))
        hold = order.sudo().credit_hold_ids
        self.assertEqual((hold.company_id, hold.exposure, hold.agreed, hold.available), (self.branch, 800, 1000, 200))
        within = self.order_in(self.branch, 200, self.branch_seller)
        within.action_confirm()
        self.assertEqual(within.state, 'sale')

    def test_the_branch_sees_its_holds_and_the_roots_manager_decides_where_he_works(self):
        order = self.order_in(self.branch, 300, self.branch_seller)
        order.action_confirm()
        hold = order.sudo().credit_hold_ids
        for user in (self.branch_seller, self.branch_manager, self.branch_analyst):
            self.assertEqual(self.env['credit.hold'].with_user(user).search([]), hold)
        self.assertFalse(self.env['credit.hold'].with_user(self.credit_manager).search([('id', '=', hold.id)]))
        with self.assertRaises(AccessError):
            hold.with_user(self.credit_manager).action_release('Not mine')
        hold.with_user(self.branch_manager).action_release('Known here')
        self.assertEqual((order.state, order.credit_state), ('sale', 'released'))

    def test_root_and_branch_show_one_figure(self):
        self.order_in(self.branch, 150, self.branch_seller).action_confirm()
        for company, user in ((self.company, self.salesperson), (self.branch, self.branch_seller)):
            seen = self.customer.with_user(user).with_company(company)
            self.assertEqual((seen.credit_exposure, seen.credit_available), (950, 50), company.name)
        for company, user in ((self.company, self.analyst), (self.branch, self.branch_analyst)):
            found = self.env['res.partner'].with_user(user).with_company(company).search(
                [('id', '=', self.customer.id), ('credit_exposure', '=', 950)])
            self.assertEqual(found, self.customer, company.name)

    def test_an_order_of_the_root_finds_what_the_branch_took(self):
        self.order_in(self.branch, 150, self.branch_seller).action_confirm()
        order = self.order_in(self.company, 51, self.salesperson)
        order.action_confirm()
        self.assertEqual(order.credit_state, 'held')

    def test_terms_decided_in_the_branch_are_the_roots(self):
        self.customer.with_user(self.branch_analyst).with_company(self.branch).credit_limit = 5000
        for company in (self.company, self.branch):
            self.assertEqual(self.customer.with_company(company).credit_limit, 5000)
        self.assertEqual(self.customer._credit_terms(self.company)[self.customer.id].limit, 5000)

    def test_a_payment_to_the_root_releases_the_order_of_the_branch(self):
        order = self.order_in(self.branch, 300, self.branch_seller)
        order.action_confirm()
        self.pay(self.invoice, self.today)
        self.assertEqual(order.state, 'sale')

    def test_another_company_has_its_own_limit_figures_and_holds(self):
        other = self.setup_other_company()['company']
        stranger = self.user_of(other, 'stranger', 'crm_credit.group_credit_analyst')
        seller = self.user_of(other, 'other_seller', 'sales_team.group_sale_salesman')
        order = self.order_in(other, 5000, seller)
        order.action_confirm()
        self.assertEqual((order.state, order.credit_state), ('sale', 'none'), 'no policy there')
        held = self.held_order(500)
        self.assertFalse(self.env['credit.hold'].with_user(stranger).search([]))
        with self.assertRaises(AccessError):
            held.sudo().credit_hold_ids.with_user(stranger).read(['amount'])
        self.assertEqual(self.customer.with_user(stranger).credit_exposure, 5000)
        self.assertEqual(self.customer.with_user(self.analyst).credit_exposure, 800)
        self.assertEqual(self.customer.with_user(stranger).credit_limit, 0)

    def test_guarantees_and_extensions_of_the_root_are_seen_in_the_branch(self):
        guarantee = self.env['credit.guarantee'].with_user(self.credit_manager).create(
            {'name': 'BG 1', 'partner_id': self.customer.id, 'amount': 400, 'date_from': '2026-01-01'})
        guarantee.action_accept()
        self.assertIn(guarantee, self.env['credit.guarantee'].with_user(self.branch_analyst).search([]))
        order = self.order_in(self.branch, 600, self.branch_seller)
        order.action_confirm()
        self.assertEqual(order.state, 'sale')
