import io
from datetime import date
from unittest.mock import patch

from freezegun import freeze_time
from lxml import html as lxml_html
from pypdf import PdfReader, PdfWriter

from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from .common import RelationshipCase

CARD = 'crm_relationship.report_relationship_card'
SMALL = 'crm_relationship.report_relationship_card_small'
ROSTER = 'crm_relationship.report_customer_roster'


def blank_pdf(pages):
    writer = PdfWriter()
    for _page in range(pages):
        writer.add_blank_page(100, 100)
    buffer = io.BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


@tagged('post_install', '-at_install')
class TestCardBatch(RelationshipCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.company.card_print_limit = 3
        cls.customers = cls.env['res.partner'].browse(
            [cls.make_customer(f'Zebra {number}').id for number in range(60)])

    def dialog(self, customers, user=None, **values):
        action = customers.with_user(user or self.salesperson).action_print_card()
        return self.env['crm.card.print'].with_user(user or self.salesperson).with_context(
            **action['context']).create(values)

    def html(self, report, customers, **data):
        Report = self.env['ir.actions.report'].with_user(self.salesperson)
        return lxml_html.fromstring(Report._render_qweb_html(report, customers.ids, data=data)[0].decode())

    def run_jobs(self, render=None):
        seen = []

        def fake(report, report_ref, res_ids=None, data=None):
            seen.append((report.env.uid, report_ref, len(res_ids), data))
            return (render or (lambda ids: blank_pdf(len(ids))))(res_ids), 'pdf'
        path = 'odoo.addons.base.models.ir_actions_report.IrActionsReport._render_qweb_pdf'
        with self.enter_registry_test_mode(), patch(path, fake):
            self.env.ref('crm_relationship.ir_cron_card_print').method_direct_trigger()
        return seen

    def test_few_cards_are_printed_at_once_in_the_layout_and_language_chosen(self):
        action = self.dialog(self.customers[:2], layout='a6', language='user').action_print()
        self.assertEqual(action['report_name'], SMALL)
        self.assertEqual(action['data'], {'card_ids': self.customers[:2].ids, 'card_lang': 'en_US'})
        action = self.dialog(self.customers[:2]).action_print()
        self.assertEqual(action['data']['card_lang'], False)

    def test_many_cards_are_printed_in_the_background_part_by_part_into_one_file(self):
        action = self.dialog(self.customers).action_print()
        self.assertEqual(action['tag'], 'display_notification')
        job = self.env['crm.card.print.job'].with_user(self.salesperson).search([])
        self.assertRecordValues(job, [{'state': 'queued', 'total_count': 60, 'progress': 0}])
        seen = self.run_jobs()
        self.assertEqual([(uid, count) for uid, _ref, count, _data in seen],
                         [(self.salesperson.id, 25), (self.salesperson.id, 25), (self.salesperson.id, 10)])
        job.invalidate_recordset()
        self.assertRecordValues(job, [{'state': 'done', 'done_count': 60, 'progress': 100}])
        pdf = PdfReader(io.BytesIO(job.attachment_id.with_user(self.salesperson).raw))
        self.assertEqual(len(pdf.pages), 60)
        self.assertEqual(self.env['ir.attachment'].search_count([('res_model', '=', job._name)]), 1)
        self.assertIn(f'/web/content/{job.attachment_id.id}', job.action_download()['url'])

    def test_who_asked_sees_how_many_cards_are_printed(self):
        shown = []
        message = patch.object(
            type(self.env['crm.card.print.job']), '_show_progress',
            lambda job, user, title, done, total: shown.append((user, done, total)),
        )
        with message:
            self.dialog(self.customers).action_print()
            self.run_jobs()
        self.assertEqual(shown, [(self.salesperson, done, 60) for done in (0, 25, 50, 60)])

    def test_a_failed_print_says_why_and_goes_on_where_it_was(self):
        self.dialog(self.customers[:30]).action_print()
        calls = []

        def fail_second(ids):
            calls.append(ids)
            if len(calls) == 2:
                raise ValueError('Out of paper')
            return blank_pdf(len(ids))
        self.run_jobs(fail_second)
        job = self.env['crm.card.print.job'].with_user(self.salesperson).search([])
        job.invalidate_recordset()
        self.assertRecordValues(job, [{'state': 'failed', 'error': 'Out of paper', 'done_count': 25}])
        job.action_retry()
        self.assertEqual([count for _uid, _ref, count, _data in self.run_jobs()], [5])
        job.invalidate_recordset()
        self.assertEqual((job.state, len(PdfReader(io.BytesIO(job.sudo().attachment_id.raw)).pages)), ('done', 30))

    def test_nobody_sees_or_forges_the_prints_of_another(self):
        self.dialog(self.customers[:30]).action_print()
        job = self.env['crm.card.print.job'].with_user(self.salesperson).search([])
        with self.assertRaises(AccessError):
            job.with_user(self.sales_manager).check_access('read')
        with self.assertRaises(AccessError):
            job.user_id = self.sales_manager
        with self.assertRaises(AccessError):
            job.with_user(self.other_salesperson).action_cancel()
        job.action_cancel()
        self.assertEqual(job.state, 'cancelled')
        self.assertFalse(self.run_jobs())

    def test_a_card_without_a_name_is_refused_and_the_customer_is_said(self):
        nameless = self.customers[0]
        self.env.cr.execute("UPDATE res_partner SET name = '', email = 'who@example.com' WHERE id = %s", [nameless.id])
        nameless.invalidate_recordset()
        message = rf'have no name.*who@example.com \(ID {nameless.id}\)'
        with self.assertRaisesRegex(UserError, message):
            self.customers[:2].with_user(self.salesperson).action_print_card()
        with self.assertRaisesRegex(UserError, message):
            self.env['report.crm_relationship.report_relationship_card']._get_report_values(nameless.ids)

    def test_the_small_card_has_a_page_each_with_what_is_needed_at_the_door(self):
        customer = self.customers[0]
        customer.write({'phone': '+32 2 290 34 90', 'trading_habits': 'Orders on Mondays'})
        document = self.html(SMALL, self.customers[:2])
        self.assertEqual(len(document.find_class('o_small_card')), 2)
        self.assertEqual(len(document.find_class('o_small_next')), 1)
        for expected in ('Zebra 0', '+32 2 290 34 90', 'Orders on Mondays', 'Ask next time', customer.ref):
            self.assertIn(expected, document.text_content())

    def test_cards_can_be_in_the_language_of_who_prints(self):
        self.env['res.lang']._activate_lang('fr_FR')
        self.customers[0].lang = 'fr_FR'
        card = 'crm_relationship.report_relationship_card'
        for data, lang in (({}, 'fr-FR'), ({'card_lang': 'en_US'}, 'en-US')):
            sheet, = self.html(card, self.customers[0], **data).find_class('o_card_sheet')
            self.assertEqual(sheet.get('lang'), lang)

    def test_the_roster_has_a_line_for_each_customer_by_code(self):
        contact = self.make_customer('Anna', is_company=False, parent_id=self.customers[1].id)
        text = self.html(ROSTER, self.customers[:3] + contact).text_content()
        self.assertIn('3 customers', ' '.join(text.split()))
        for expected in ('Zebra 0', 'Zebra 1', 'Anna', 'Intermediary', 'Sally Seller'):
            self.assertIn(expected, text)
        self.salesperson.group_ids += self.env.ref('base.group_allow_export')
        names = self.env.ref('crm_relationship.export_customer_roster').export_fields.mapped('name')
        self.assertEqual(len(self.customers.with_user(self.salesperson).export_data(names)['datas'][0]), len(names))

    def test_the_data_of_80_small_cards_and_a_roster_take_as_many_queries_as_of_8(self):
        customers = self.env['res.partner'].create([
            {
                'name': f'Page {number}', 'customer_rank': 1, 'is_company': True, 'email': f'p{number}@example.com',
                'child_ids': [(0, 0, {'name': f'Contact {number}', 'phone': '12'})],
            }
            for number in range(80)
        ])
        customers[::2].write({'value_class': 'major'})
        self.env.company.card_print_limit = 100
        for report in (SMALL, ROSTER):
            Report = self.env[f'report.{report}'].with_user(self.salesperson)

            def count(records, Report=Report):
                self.env.flush_all()
                self.env.invalidate_all()
                before = self.cr.sql_log_count
                Report._get_report_values(records.ids)
                return self.cr.sql_log_count - before
            count(customers[:2])
            self.assertEqual(count(customers[:8]), count(customers))


@tagged('post_install', '-at_install')
class TestCardRoutes(RelationshipCase, HttpCase):
    """The plain addresses of the reports are no way around dialog, log and limit."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.company.card_print_limit = 2
        cls.customers = cls.env['res.partner'].browse([cls.make_customer(f'Zebra {number}').id for number in range(3)])

    def get(self, login, report, customers, kind='html', query=''):
        self.authenticate(login, login)
        ids = ','.join(map(str, customers.ids))
        return self.url_open(f'/report/{kind}/{report}/{ids}{query}')

    def readings(self):
        return self.env['crm.card.reading'].search([('partner_id', 'in', self.customers.ids), ('kind', '=', 'print')])

    def test_the_print_menu_offers_the_dialog_and_no_card_without_it(self):
        bindings = self.env['ir.actions.actions'].with_user(self.salesperson).get_bindings('res.partner')
        names = [action['name'] for action in bindings['report']]
        self.assertIn('Print Cards', names)
        self.assertFalse({'Relationship Card', 'Relationship Card (Card Size)', 'Customer Roster'} & set(names))

    def test_a_card_printed_by_its_address_is_logged(self):
        response = self.get('rel_salesperson', CARD, self.customers[:2])
        self.assertEqual(response.status_code, 200)
        self.assertIn('Zebra 1', response.text)
        self.assertEqual(self.readings().partner_id, self.customers[:2])
        self.assertEqual(self.readings().user_id, self.salesperson)

    @mute_logger('odoo.http')
    def test_no_address_prints_more_than_the_limit(self):
        for report, kind in ((CARD, 'html'), (SMALL, 'pdf'), (ROSTER, 'html')):
            for query in ('', '?context={"card_print_job": 1}'):
                response = self.get('rel_salesperson', report, self.customers, kind, query)
                self.assertNotEqual(response.status_code, 200, (report, kind, query))
                self.assertNotIn('Zebra 1', response.text)
        self.assertFalse(self.readings())
        with self.assertRaisesRegex(UserError, '3 customers.*limit is 2.*in the background'):
            self.env[f'report.{CARD}'].with_user(self.salesperson)._get_report_values(self.customers.ids)

    def test_a_job_prints_beyond_the_limit_for_whom_it_was_asked_only(self):
        job = self.env['crm.card.print.job'].with_user(self.salesperson)._enqueue(self.customers, 'roster', 'user')
        Report = self.env[f'report.{ROSTER}'].with_context(card_print_job=job.id)
        values = Report.with_user(self.salesperson)._get_report_values(self.customers.ids)
        self.assertEqual(len(values['lines']), 3)
        with self.assertRaisesRegex(UserError, 'in the background'):
            Report.with_user(self.other_salesperson)._get_report_values(self.customers.ids)
        more = self.customers | self.make_customer('Not in the job')
        with self.assertRaisesRegex(UserError, 'in the background'):
            Report.with_user(self.salesperson)._get_report_values(more.ids)

    @mute_logger('odoo.http')
    def test_whoever_keeps_no_customers_prints_none(self):
        new_test_user(self.env, login='rel_stranger', groups='base.group_user')
        new_test_user(self.env, login='rel_portal', groups='base.group_portal')
        for login in ('rel_stranger', 'rel_portal'):
            for report in (CARD, SMALL, ROSTER):
                response = self.get(login, report, self.customers[:1])
                self.assertNotEqual(response.status_code, 200, (login, report))
                self.assertNotIn('Zebra 0', response.text)
        self.assertFalse(self.readings())


@tagged('post_install', '-at_install')
@freeze_time('2026-11-23 09:00:00')
class TestCardReading(RelationshipCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.company.card_reading_days = 3
        (cls.salesperson + cls.sales_manager).tz = 'Europe/Brussels'
        cls.visited = cls.make_customer('Quixotic Zebra')
        cls.met = cls.make_customer('Yonder Walrus')
        cls.called = cls.make_customer('Called Only')
        for customer, activity_type in (
            (cls.visited, 'crm_relationship.mail_activity_type_visit'), (cls.called, 'mail.mail_activity_data_call'),
        ):
            customer.activity_schedule(activity_type, date(2026, 11, 23), user_id=cls.salesperson.id)
        cls.contact = cls.make_customer('Wanda', is_company=False, parent_id=cls.met.id)
        cls.env['calendar.event'].with_user(cls.salesperson).create({
            'name': 'Lunch', 'start': '2026-11-23 22:30:00', 'stop': '2026-11-23 23:00:00',
            'partner_ids': [(6, 0, (cls.salesperson.partner_id + cls.contact).ids)],
        })
        cls.Reading = cls.env['crm.card.reading']

    def remind(self):
        with self.enter_registry_test_mode():
            self.env.ref('crm_relationship.ir_cron_card_reading').method_direct_trigger()
        return self.Reading.with_user(self.salesperson).search([('read_on', '=', False)])

    def test_the_customers_of_today_are_those_visited_and_met_that_day_at_home(self):
        Reading = self.Reading.with_user(self.salesperson)
        self.assertEqual(Reading._visited(self.salesperson, date(2026, 11, 23)), self.visited + self.met)
        self.salesperson.tz = 'Asia/Shanghai'  # where the lunch is tomorrow
        self.assertEqual(Reading._visited(self.salesperson, date(2026, 11, 23)), self.visited)
        self.assertEqual(Reading._visited(self.salesperson, date(2026, 11, 24)), self.met)

    def test_todays_cards_are_offered_for_print_and_none_without_a_visit(self):
        Partner = self.env['res.partner']
        action = Partner.with_user(self.salesperson).action_print_todays_cards()
        self.assertEqual(action['context']['default_partner_ids'], (self.visited + self.met).ids)
        with self.assertRaisesRegex(UserError, 'no visit today'):
            Partner.with_user(self.sales_manager).action_print_todays_cards()

    def test_a_card_is_on_the_list_once_until_it_is_opened(self):
        pending = self.remind()
        self.assertEqual(pending.partner_id, self.visited + self.met)
        self.assertEqual(self.remind(), pending)
        self.assertIn('read the card before the visit', self.visited.attention_message)
        action = self.visited.action_read_card()
        self.assertEqual(action['res_id'], self.visited.id)
        pending.invalidate_recordset()
        row = pending.filtered(lambda reading: reading.partner_id == self.visited)
        self.assertRecordValues(row, [{'kind': 'screen', 'user_id': self.salesperson.id}])
        self.assertEqual(self.remind().partner_id, self.met)

    def test_the_reminder_is_one_message_that_names_the_customers(self):
        domain = [('partner_ids', 'in', self.salesperson.partner_id.ids), ('subject', 'like', 'Cards to read')]
        self.remind()
        self.remind()
        message = self.env['mail.message'].search(domain)
        self.assertEqual(len(message), 1)
        self.assertIn('Quixotic Zebra', message.body)
        self.assertIn('Yonder Walrus', message.body)

    def test_a_card_read_lately_needs_no_second_reading_and_one_read_long_ago_does(self):
        with freeze_time('2026-11-21 09:00:00'):
            self.visited.action_read_card()
        with freeze_time('2026-11-10 09:00:00'):
            self.met.action_read_card()
        self.assertEqual(self.remind().partner_id, self.met)

    def test_opening_and_printing_are_logged_once_a_day(self):
        self.visited.action_read_card()
        self.visited.action_read_card()
        with freeze_time('2026-11-24 09:00:00'):
            self.env['crm.card.print'].with_user(self.salesperson).create(
                {'partner_ids': [(6, 0, self.visited.ids)]}).action_print()
        rows = self.visited.sudo().card_reading_ids.sorted('id')
        self.assertEqual(rows.mapped('kind'), ['screen', 'print'])

    def test_readers_see_their_own_list_and_managers_all_and_nobody_writes_it(self):
        pending = self.remind()
        self.assertFalse(self.Reading.with_user(self.other_salesperson).search([('id', 'in', pending.ids)]))
        self.assertEqual(self.Reading.with_user(self.sales_manager).search([('id', 'in', pending.ids)]), pending)
        with self.assertRaises(AccessError):
            pending[0].read_on = '2026-11-23 08:00:00'

    def test_without_days_nobody_is_reminded(self):
        self.env.company.card_reading_days = 0
        self.assertFalse(self.remind())

    def test_the_card_alone_asks_for_what_is_missing(self):
        self.assertIn('Which phone number reaches you?', self.visited.card_questions)
