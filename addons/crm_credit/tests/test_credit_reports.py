import io
from datetime import timedelta

from lxml import html as lxml_html
from pypdf import PdfReader

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import CreditCase

ASSESSMENT = 'crm_credit.report_credit_assessment'
FILE = 'crm_credit.report_credit_file'


@tagged('post_install', '-at_install')
class TestCreditReports(CreditCase):
    """The assessment and the credit file on paper, for the credit department only."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = fields.Date.context_today(cls.env.user)
        cls.activate_policy()

    def statement(self, years_ago, ebit, **values):
        return self.env['credit.statement'].create(
            {
                'partner_id': self.customer.id,
                'company_id': self.company.id,
                'date_end': self.today.replace(year=self.today.year - years_ago, month=1, day=31),
                'current_assets': 500,
                'total_assets': 1000,
                'current_liabilities': 300,
                'total_liabilities': 600,
                'equity': 400,
                'ebit': ebit,
                **values,
            }
        )

    def assess(self, partner=None, approve=True):
        assessment = (
            self.env['credit.assessment'].with_user(self.analyst).create({'partner_id': (partner or self.customer).id})
        )
        assessment.action_fill()
        assessment.line_ids.write({'score': 70, 'basis': 'Seen the books'})
        if approve:
            assessment.action_submit()
            assessment.with_user(self.credit_manager).write({'decision_note': 'Known for years'})
            assessment.with_user(self.credit_manager).action_approve()
        return assessment

    def html(self, report, records, user=None):
        Report = self.env['ir.actions.report'].with_user(user or self.analyst)
        return lxml_html.fromstring(Report._render_qweb_html(report, records.ids)[0].decode())

    def test_the_paper_says_what_was_proposed_decided_and_on_what(self):
        self.statement(2, 20)
        self.statement(1, 90)
        text = ' '.join(self.html(ASSESSMENT, self.assess()).text_content().split())
        for expected in (
            'Steady Stores GmbH',
            self.policy.display_name,
            'B – Grade B',
            '70.0',
            'Trade and outlook',
            'Seen the books',
            'Anna Analyst',
            'Carl Manager',
            'Known for years',
            '30 Days',
            'rising',
            'Grey',
            'Computed again from the stored inputs: score 70.0, grade B',
            'at most the ceiling',
        ):
            self.assertIn(expected, text)

    def test_a_statement_entered_after_the_decision_is_not_on_the_paper(self):
        assessment = self.assess()
        self.env.cr.execute(
            "UPDATE credit_assessment SET date_decided = date_decided - interval '1 day' WHERE id = %s", [assessment.id]
        )
        assessment.invalidate_recordset()
        self.statement(1, 90)
        self.assertNotIn('Altman', self.html(ASSESSMENT, assessment).text_content())

    @mute_logger('odoo.addons.base.models.ir_actions_report')
    def test_several_print_as_one_document_with_a_page_for_each(self):
        other = self.env['res.partner'].create({'name': 'Other', 'is_company': True, 'customer_rank': 1})
        assessments = self.assess() + self.assess(other, approve=False)
        document = self.html(ASSESSMENT, assessments)
        self.assertEqual(len(document.find_class('article')), 1)
        self.assertEqual(len(document.find_class('o_credit_next')), 1)
        with self.allow_pdf_render():
            report = self.env['ir.actions.report'].with_user(self.analyst).with_context(force_report_rendering=True)
            content, kind = report._render_qweb_pdf(ASSESSMENT, assessments.ids)
        self.assertEqual(kind, 'pdf')
        self.assertEqual(len(PdfReader(io.BytesIO(content)).pages), 2)

    def test_the_credit_file_shows_all_but_the_bank_reference(self):
        self.statement(1, 90)
        self.env['credit.investigation'].with_user(self.analyst).create(
            {
                'partner_id': self.customer.id,
                'source': 'bank',
                'rating': 'good for 50,000',
                'payment': 'Pays suppliers on time',
                'bank_reference': 'Secret word of the bank',
            }
        )
        self.make_invoice(self.customer, 321, date=self.today, due=self.today + timedelta(days=5))
        self.assess()
        text = ' '.join(self.html(FILE, self.customer).text_content().split())
        for expected in ('good for 50,000', 'Pays suppliers on time', '321.00', 'Assessment approved', 'Altman'):
            self.assertIn(expected, text)
        self.assertNotIn('Secret word', text)

    def test_a_customer_with_nothing_on_file_prints_too(self):
        other = self.env['res.partner'].create({'name': 'Unknown Ltd', 'is_company': True, 'customer_rank': 1})
        self.assertIn('Nothing is on file yet', self.html(FILE, other).text_content())

    def test_only_the_credit_department_prints_them(self):
        assessment = self.assess()
        for user in (self.salesperson, self.accountant):
            for report, records in ((ASSESSMENT, assessment), (FILE, self.customer)):
                with self.subTest(user=user.login, report=report), self.assertRaises(AccessError):
                    self.html(report, records, user)

    def test_queries_do_not_grow_with_the_number_of_papers(self):
        partners = self.env['res.partner'].create(
            [{'name': f'Customer {n}', 'is_company': True, 'customer_rank': 1} for n in range(8)]
        )
        Paper = self.env[f'report.{FILE}'].with_user(self.analyst)

        def count(customers):
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            Paper._get_report_values(customers.ids)
            return self.cr.sql_log_count - before

        count(partners[:2])
        self.assertEqual(count(partners[:3]), count(partners))
