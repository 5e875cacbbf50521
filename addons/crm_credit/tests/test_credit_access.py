from odoo.exceptions import AccessError
from odoo.tests import tagged

from .test_hold import HoldCase

CREDIT_FILE = ('credit.investigation', 'credit.statement', 'credit.assessment', 'credit.assessment.line')


@tagged('post_install', '-at_install')
class TestCreditAccess(HoldCase):
    """Who may not: by model, by menu and by button."""

    def assess(self, user):
        assessment = self.env['credit.assessment'].with_user(user).create({'partner_id': self.customer.id})
        assessment.action_fill()
        assessment.line_ids.write({'score': 70, 'basis': 'Visit in May'})
        assessment.action_submit()
        return assessment

    def visible_menus(self, user):
        """Names of the menus that the user can reach: visible, and so is all above them."""
        menus = self.env['ir.ui.menu'].with_user(user)._visible_menu_ids()
        return {
            name
            for name in (
                'menu_credit_investigation',
                'menu_credit_statement',
                'menu_credit_assessment',
                'menu_credit_archive',
                'menu_credit_overrides',
                'menu_credit_groups',
                'menu_credit_policy',
                'menu_credit_holds',
                'menu_credit_exposure',
            )
            if menus.issuperset(int(part) for part in self.env.ref(f'crm_credit.{name}').parent_path.split('/') if part)
        }

    def test_salespeople_and_accountants_open_nothing_of_the_credit_file(self):
        self.assess(self.analyst)
        for user in (self.salesperson, self.accountant):
            for model in CREDIT_FILE:
                with self.subTest(user=user.login, model=model), self.assertRaises(AccessError):
                    self.env[model].with_user(user).search([])
        with self.assertRaises(AccessError):
            self.env['credit.archive'].with_user(self.salesperson).search([])
        archive = self.env['credit.archive'].with_user(self.accountant)
        self.assertFalse(archive.search([('category', 'in', ('assessment', 'statement', 'investigation'))]))

    def test_menus_lead_only_where_the_role_may_go(self):
        self.assertEqual(self.visible_menus(self.salesperson), {'menu_credit_holds'})
        self.assertEqual(
            self.visible_menus(self.accountant),
            {
                'menu_credit_exposure',
                'menu_credit_holds',
                'menu_credit_archive',
                'menu_credit_overrides',
                'menu_credit_groups',
            },
        )
        self.assertEqual(
            self.visible_menus(self.credit_manager) - self.visible_menus(self.analyst), {'menu_credit_policy'}
        )

    def test_nobody_approves_what_they_prepared(self):
        assessment = self.assess(self.analyst)
        with self.assertRaises(AccessError):
            assessment.with_user(self.analyst).action_approve()
        own = self.env['res.partner'].create({'name': 'Own', 'is_company': True, 'customer_rank': 1})
        prepared = self.env['credit.assessment'].with_user(self.credit_manager).create({'partner_id': own.id})
        prepared.action_fill()
        prepared.line_ids.write({'score': 70, 'basis': 'Visit in May'})
        prepared.action_submit()
        with self.refused(AccessError, 'Four eyes'):
            prepared.action_approve()
        prepared.with_user(self.other_manager).action_approve()
        self.assertEqual(prepared.state, 'approved')

    def test_an_assessment_form_loads_for_the_controller_with_its_statements(self):
        self.env['credit.statement'].with_user(self.analyst).create(
            {
                'partner_id': self.customer.id,
                'date_end': '2025-12-31',
                'current_assets': 500,
                'total_assets': 1000,
                'current_liabilities': 200,
                'total_liabilities': 400,
                'equity': 600,
            }
        )
        trend = self.assess(self.analyst).statement_trend
        self.assertEqual([year['label'] for year in trend['years']], ['2025'])
        self.assertEqual(trend['years'][0]['zone'], 'safe')

    def test_statements_of_later_years_are_not_on_an_earlier_assessment(self):
        assessment = (
            self.env['credit.assessment']
            .with_user(self.analyst)
            .create({'partner_id': self.customer.id, 'date': self.day(-30)})
        )
        self.env['credit.statement'].with_user(self.analyst).create(
            {
                'partner_id': self.customer.id,
                'date_end': self.day(-1),
                'current_assets': 500,
                'total_assets': 1000,
                'current_liabilities': 200,
                'total_liabilities': 400,
                'equity': 600,
            }
        )
        assessment.invalidate_recordset()
        self.assertFalse(assessment.statement_trend)
