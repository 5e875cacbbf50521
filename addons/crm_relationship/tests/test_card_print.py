import io

from lxml import html as lxml_html
from pypdf import PdfReader

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import RelationshipCase

REPORT = 'crm_relationship.report_relationship_card'


@tagged('post_install', '-at_install')
class TestCardPrint(RelationshipCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ordinary = cls.make_customer('Quixotic Zebra', phone='+32 2 290 34 90', main_business='Zebra crossings')
        cls.key = cls.make_customer('Yonder Walrus', comment='<p>Never call on Mondays</p>')
        cls.key.sudo().value_class = 'vip'
        cls.make_customer('Anna Contact', is_company=False, parent_id=cls.key.id, function='Buyer')

    def html(self, customers, user=None):
        report = self.env['ir.actions.report'].with_user(user or self.salesperson)
        return lxml_html.fromstring(report._render_qweb_html(REPORT, customers.ids)[0].decode())

    def test_many_cards_are_one_document_with_a_page_for_each(self):
        document = self.html(self.ordinary + self.key)
        self.assertEqual(len(document.find_class('article')), 1)
        self.assertEqual(len(document.find_class('o_card_sheet')), 2)
        self.assertEqual(len(document.find_class('o_card_next')), 1)

    def test_the_card_shows_code_facts_and_what_to_ask(self):
        text = self.html(self.ordinary).text_content()
        for expected in (
            'Quixotic Zebra', 'QZ', '+32 2 290 34 90', 'Zebra crossings', 'Ask next time',
            'How do you like to be contacted?',
        ):
            self.assertIn(expected, text)
        self.assertNotIn('Which phone number reaches you?', text)

    def test_key_customers_get_the_fuller_card(self):
        order = self.env['sale.order'].with_user(self.salesperson).create({'partner_id': self.key.id})
        order.state = 'sale'
        document = self.html(self.key)
        self.assertEqual(len(document.find_class('o_card_key')), 1)
        for expected in (
            'Key customer', 'VIP', 'Never call on Mondays', 'Anna Contact', 'Buyer', order.name, 'Notes of the visit',
        ):
            self.assertIn(expected, document.text_content())
        self.assertFalse(self.html(self.ordinary).find_class('o_card_key'))

    def test_each_card_is_in_the_language_of_its_customer(self):
        self.env['res.lang']._activate_lang('fr_FR')
        item = self.env['crm.card.item'].search([('field_name', '=', 'email')])
        item.with_context(lang='fr_FR').question = 'Quelle adresse ?'
        self.key.lang = 'fr_FR'
        sheets = self.html(self.ordinary + self.key).find_class('o_card_sheet')
        self.assertEqual([sheet.get('lang') for sheet in sheets], ['en-US', 'fr-FR'])
        self.assertIn('Quelle adresse ?', sheets[1].text_content())
        self.assertNotIn('Quelle adresse ?', sheets[0].text_content())

    def test_personal_facts_are_printed_for_their_group_only(self):
        self.env['crm.personal.fact'].create({'partner_id': self.ordinary.id, 'value': 'Two children'})
        self.assertNotIn('Two children', self.html(self.ordinary).text_content())
        self.salesperson.group_ids += self.env.ref('crm_relationship.group_personal_data')
        self.assertIn('Two children', self.html(self.ordinary).text_content())

    def test_a_contact_prints_the_card_of_its_company_and_a_stranger_none(self):
        action = self.key.child_ids.action_print_card()
        self.assertEqual(action['context']['default_partner_ids'], self.key.ids)
        with self.assertRaisesRegex(UserError, 'Only customers'):
            self.env['res.partner'].create({'name': 'Stranger'}).action_print_card()

    def test_the_data_of_80_cards_take_as_many_queries_as_of_8(self):
        customers = self.env['res.partner'].create([
            {
                'name': f'Page {number}', 'customer_rank': 1, 'is_company': True, 'main_business': 'Trade',
                'child_ids': [(0, 0, {'name': f'Contact {number}'})],
            }
            for number in range(80)
        ])
        customers[::2].write({'value_class': 'major'})
        self.env.company.card_print_limit = 100
        Report = self.env[f'report.{REPORT}'].with_user(self.salesperson)

        def count(records):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.assertEqual(len(Report._get_report_values(records.ids)['cards']), len(records))
            return self.cr.sql_log_count - before
        count(customers[:2])
        self.assertEqual(count(customers[:8]), count(customers))

    @mute_logger('odoo.addons.base.models.ir_actions_report')
    def test_the_pdf_has_a_page_for_each_customer(self):
        with self.allow_pdf_render():
            report = self.env['ir.actions.report'].with_context(force_report_rendering=True)
            content, kind = report._render_qweb_pdf(REPORT, (self.ordinary + self.key).ids)
        self.assertEqual(kind, 'pdf')
        self.assertEqual(len(PdfReader(io.BytesIO(content)).pages), 2)
