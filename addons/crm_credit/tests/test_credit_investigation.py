from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged

from .common import CreditCase


@tagged('post_install', '-at_install')
class TestCreditInvestigation(CreditCase):
    """Investigation files: who may see and change them, what assessments take from them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = fields.Date.context_today(cls.env.user)
        cls.bank = cls.env['res.bank'].create({'name': 'City Bank'})

    def investigation(self, user=None, **values):
        return (
            self.env['credit.investigation']
            .with_user(user or self.analyst)
            .create({'partner_id': self.customer.id, 'source': 'bank', **values})
        )

    # ------------------------------------------------------------------ access

    def test_controllers_write_their_own_and_read_all(self):
        mine = self.investigation(rating='good')
        colleague = self._make_user('credit_analyst_2', 'Alan Analyst', 'crm_credit.group_credit_analyst')
        theirs = self.investigation(colleague)
        mine.rating = 'very good'
        self.assertEqual(theirs.with_user(self.analyst).source, 'bank')
        with self.assertRaises(AccessError):
            theirs.with_user(self.analyst).rating = 'bad'
        with self.assertRaises(AccessError):
            theirs.with_user(self.analyst).unlink()
        with self.assertRaises(AccessError):
            self.investigation(user_id=colleague.id)
        theirs.with_user(self.credit_manager).rating = 'fair'
        mine.unlink()

    def test_salespeople_and_accountants_have_no_access(self):
        report = self.investigation(rating='good')
        for user in (self.salesperson, self.accountant):
            with self.assertRaises(AccessError):
                report.with_user(user).read(['rating'])
            with self.assertRaises(AccessError):
                self.env['credit.investigation'].with_user(user).search([])
            with self.assertRaises(AccessError):
                self.investigation(user)

    def test_attached_documents_are_as_secret_as_the_report(self):
        report = self.investigation()
        document = self.env['ir.attachment'].create(
            {'name': 'report.pdf', 'raw': b'secret', 'res_model': report._name, 'res_id': report.id}
        )
        self.assertEqual(document.with_user(self.analyst).raw, b'secret')
        for user in (self.salesperson, self.accountant):
            with self.assertRaises(AccessError):
                document.with_user(user).read(['raw'])

    def test_nobody_exports_bank_references_without_the_group(self):
        """Not even where an administrator opened the model to another group."""
        report = self.investigation(bank_id=self.bank.id, bank_account='4711', bank_reference='Pays promptly')
        self.env['ir.model.access'].create(
            {
                'name': 'opened',
                'model_id': self.env['ir.model']._get_id('credit.investigation'),
                'group_id': self.env.ref('account.group_account_invoice').id,
                'perm_read': True,
            }
        )
        self.env['ir.model.access'].call_cache_clearing_methods()
        self.accountant.group_ids |= self.env.ref('base.group_allow_export')
        opened = report.with_user(self.accountant)
        self.assertEqual(opened.source, 'bank')
        for name in ('bank_reference', 'bank_account', 'bank_id'):
            self.assertNotIn(name, opened.fields_get())
            with self.assertRaises(AccessError):
                opened.export_data([name])
            with self.assertRaises(AccessError):
                opened.read([name])
        self.analyst.group_ids |= self.env.ref('base.group_allow_export')
        self.assertEqual(report.export_data(['bank_reference'])['datas'], [['Pays promptly']])

    def test_other_companies_reports_are_not_seen(self):
        other = self.setup_other_company()['company']
        report = self.env['credit.investigation'].create({'partner_id': self.customer.id, 'company_id': other.id})
        self.assertNotIn(report, self.env['credit.investigation'].with_user(self.credit_manager).search([]))
        branch = self.env['res.company'].create({'name': 'Branch', 'parent_id': self.company.id})
        mine = self.investigation()
        self.analyst.write({'company_ids': [(6, 0, branch.ids)], 'company_id': branch.id})
        self.assertIn(mine, self.env['credit.investigation'].with_user(self.analyst).search([]))

    # ------------------------------------------------------------------ bad input and tracking

    def test_bad_dates_and_amounts_are_refused_in_words(self):
        with self.assertRaisesRegex(ValidationError, 'GmbH is valid until 2026-01-01, before its date 2026-02-01'):
            self.investigation(date='2026-02-01', date_to='2026-01-01')
        with self.assertRaisesRegex(ValidationError, r"Steady Stores GmbH: Recommended Limit can't be negative \(-5"):
            self.investigation(recommended_limit=-5)
        with self.assertRaisesRegex(ValidationError, r"Cost can't be negative \(-1"):
            self.investigation(cost=-1)

    def test_it_is_filed_under_the_company_and_changes_are_tracked(self):
        contact = self.env['res.partner'].create({'name': 'Buyer', 'parent_id': self.customer.id})
        report = self.investigation(partner_id=contact.id, rating='good')
        self.assertEqual(report.partner_id, self.customer)
        tracked = report._track_get_fields()
        self.assertLessEqual({'rating', 'recommended_limit', 'date_to', 'source', 'user_id'}, tracked)
        self.assertNotIn('bank_reference', tracked, "It's confidential: no copies in the chatter.")

    # ------------------------------------------------------------------ customer and assessment

    def test_customer_and_assessment_lead_to_the_reports(self):
        report = self.investigation()
        customer = self.customer.with_user(self.analyst)
        self.assertEqual(customer.credit_investigation_count, 1)
        action = customer.action_open_credit_investigations()
        self.assertEqual(self.env[action['res_model']].search(action['domain']), report)
        self.assertEqual(customer.action_open_credit_statements()['res_model'], 'credit.statement')
        assessment = self.env['credit.assessment'].with_user(self.analyst).create(
            {'partner_id': self.customer.id, 'policy_id': self.policy.id}
        )
        self.assertEqual(assessment.investigation_count, 1)
        self.assertEqual(assessment.action_open_investigations()['domain'], action['domain'])

    def test_factors_by_hand_show_what_the_last_valid_report_says(self):
        self.investigation(date=self.today - timedelta(days=100), operating='Old news')
        self.investigation(date=self.today - timedelta(days=10), operating='Opens two shops.\nCarries competing goods.')
        self.investigation(date=self.today - timedelta(days=5), payment='Pays late')
        self.investigation(
            date=self.today - timedelta(days=4), date_to=self.today - timedelta(days=1), operating='No longer valid'
        )
        assessment = self.env['credit.assessment'].with_user(self.analyst).create(
            {'partner_id': self.customer.id, 'policy_id': self.policy.id}
        )
        assessment.action_fill()
        evidence = {line.code: line.evidence for line in assessment.line_ids}
        self.assertIn('Opens two shops. Carries competing goods.', evidence['conditions'])
        self.assertIn('Bank', evidence['conditions'])
        self.assertFalse(evidence['coverage'])
        self.assertFalse(any(assessment.line_ids.mapped('basis')))

    def test_ratios_can_be_followed_over_the_years(self):
        for year, equity in ((2023, 300), (2024, 400), (2025, 500)):
            self.env['credit.statement'].with_user(self.analyst).create(
                {
                    'partner_id': self.customer.id, 'date_end': f'{year}-12-31', 'current_assets': 600,
                    'total_assets': 1000, 'current_liabilities': 300, 'total_liabilities': 1000 - equity,
                    'equity': equity, 'ebit': 100, 'retained_earnings': 50,
                }
            )
        rows = self.env['credit.statement'].with_user(self.analyst).formatted_read_group(
            [('partner_id', '=', self.customer.id)], ['date_end:year'], ['z_score:avg', 'equity_ratio:avg']
        )
        self.assertEqual([row['equity_ratio:avg'] for row in rows], [30, 40, 50])
        self.assertEqual(sorted(row['z_score:avg'] for row in rows), [row['z_score:avg'] for row in rows])
