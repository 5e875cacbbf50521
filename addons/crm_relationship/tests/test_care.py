from datetime import date
from unittest.mock import patch

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .common import RelationshipCase

MARK = "[('comment', 'ilike', 'care test')]"


class CareCase(RelationshipCase):
    """A sales manager's programmes for a few customers, on a Monday in November."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(freeze_time('2026-11-23 09:00:00'))
        cls.env.company.partner_id.tz = 'Europe/Berlin'
        cls.china, cls.germany = cls.env.ref('base.cn'), cls.env.ref('base.de')
        cls.programmes = cls.env['crm.care.programme'].with_user(cls.sales_manager)
        cls.greeting = cls.env.ref('crm_relationship.care_kind_greeting')
        cls.template = cls.env.ref('crm_relationship.mail_template_care_greeting')
        cls.seminar = cls.env.ref('crm_relationship.care_kind_seminar')

    @classmethod
    def customer(cls, name, email=None, **values):
        email = email or f"{name.replace(' ', '.').lower()}@example.com"
        return cls.make_customer(name, email=email, comment='care test', **values)

    def programme(self, **values):
        return self.programmes.create({
            'name': "Best wishes", 'kind_id': self.greeting.id, 'occasion': 'once', 'occasion_date': '2026-11-23',
            'audience_domain': MARK, 'channel': 'email', 'mail_template_id': self.template.id,
            'avoid_days_off': False, 'is_automatic': True, **values,
        })

    def cron(self):
        with self.enter_registry_test_mode():
            self.env.ref('crm_relationship.ir_cron_care').method_direct_trigger()
        self.env.invalidate_all()

    def start(self, **values):
        programme = self.programme(**values)
        programme.action_start()
        self.cron()
        return programme

    def recipients(self, programme):
        return self.env['crm.care.recipient'].search([('programme_id', '=', programme.id)])

    def outcome(self, programme):
        return {item.partner_id.name: item.reason or item.state for item in self.recipients(programme)}


@tagged('post_install', '-at_install')
class TestCareProgramme(CareCase):

    def test_a_greeting_goes_out_by_mail_and_its_cost_is_on_the_customer(self):
        azure = self.customer('Azure Interior')
        programme = self.start(unit_cost=1.5)
        recipient = self.recipients(programme)
        self.assertEqual((recipient.partner_id, recipient.state), (azure, 'sent'))
        self.assertIn("Best wishes", recipient.mail_id.subject)
        self.assertEqual(recipient.mail_id.recipient_ids, azure)
        touchpoint = recipient.touchpoint_id
        self.assertEqual(
            (touchpoint.partner_id, touchpoint.mode, touchpoint.company_cost, touchpoint.user_id),
            (azure, 'email', 1.5, self.salesperson),
        )
        self.env['crm.customer.metrics'].refresh(azure.ids)
        row = self.env['crm.customer.metrics'].search([('partner_id', '=', azure.id)], limit=1)
        self.assertEqual(row.contact_cost_12m, 1.5)
        self.assertEqual((programme.sent_count, programme.cost_total), (1, 1.5))
        self.assertEqual(azure.with_user(self.salesperson).care_recipient_count, 1)

    def test_nothing_goes_out_twice_however_often_the_action_runs(self):
        self.customer('Azure Interior')
        programme = self.start()
        mails = self.env['mail.mail'].search_count([('model', '=', 'crm.care.recipient')])
        self.cron()
        self.cron()
        self.assertEqual(len(self.recipients(programme)), 1)
        self.assertEqual(self.env['mail.mail'].search_count([('model', '=', 'crm.care.recipient')]), mails)
        with self.assertRaises(IntegrityError), mute_logger('odoo.sql_db'), self.env.cr.savepoint():
            self.env['crm.care.recipient'].create({
                'run_id': programme.run_ids.id, 'partner_id': self.recipients(programme).partner_id.id})

    def test_everybody_left_out_has_a_reason(self):
        self.customer('Reached')
        self.customer('Wants none', no_care=True)
        self.customer('Refuses greetings', care_refused_kind_ids=[(6, 0, self.greeting.ids)])
        self.customer('Blacklisted')
        self.env['mail.blacklist'].sudo().create({'email': 'blacklisted@example.com'})
        self.make_customer('Mailless', comment='care test')
        self.customer('Wrong address', email='nobody')
        self.customer('Second of one address', email='reached@example.com')
        programme = self.start()
        self.assertEqual(self.outcome(programme), {
            'Reached': 'sent', 'Wants none': 'no_care', 'Refuses greetings': 'refused', 'Blacklisted': 'blacklist',
            'Mailless': 'no_email', 'Wrong address': 'bad_email', 'Second of one address': 'same_email',
        })
        self.assertEqual(programme.excluded_count, 6)

    def test_a_contact_of_a_company_that_wants_no_care_is_left_out(self):
        company = self.customer('Azure Interior', no_care=True)
        self.env['res.partner'].create({'name': 'Nora', 'parent_id': company.id, 'email': 'nora@example.com'})
        programme = self.start(addressee='persons')
        self.assertEqual(self.outcome(programme), {'Nora': 'no_care'})

    def test_the_preview_shows_recipients_and_reasons_and_sends_nothing(self):
        self.customer('Azure Interior')
        self.make_customer('Mailless', comment='care test')
        programme = self.programme(is_automatic=False)
        action = programme.action_preview()
        shown = self.env['crm.care.recipient'].with_user(self.sales_manager).search(action['domain'])
        self.assertEqual(
            {item.partner_id.name: (item.state, item.reason) for item in shown},
            {'Azure Interior': ('planned', False), 'Mailless': ('excluded', 'no_email')},
        )
        self.assertEqual(programme.state, 'draft')
        self.cron()
        self.assertEqual(set(shown.mapped('state')), {'planned', 'excluded'})

    def test_what_does_not_go_out_by_itself_waits_for_a_person(self):
        self.customer('Azure Interior')
        programme = self.start(is_automatic=False)
        run = programme.run_ids
        self.assertEqual((run.state, run.planned_count, run.sent_count), ('listed', 1, 0))
        self.assertEqual(run.activity_ids.user_id, self.sales_manager)
        self.cron()
        self.assertEqual(len(run.activity_ids), 1)
        run.action_release()
        self.cron()
        self.assertEqual((run.state, run.sent_count), ('done', 1))
        self.assertFalse(run.activity_ids)

    def test_an_opt_out_after_the_preview_still_counts(self):
        azure = self.customer('Azure Interior')
        programme = self.programme(occasion_date='2026-11-30', is_automatic=False)
        programme.action_start()
        programme.run_ids.action_release()
        azure.no_care = True
        with freeze_time('2026-11-30 09:00:00'):
            self.cron()
        self.assertEqual(self.outcome(programme), {'Azure Interior': 'no_care'})

    def test_a_customer_taken_out_by_hand_stays_out(self):
        self.customer('Azure Interior')
        programme = self.programme()
        programme.action_preview()
        self.recipients(programme).with_user(self.sales_manager).action_exclude()
        programme.action_start()
        self.cron()
        self.assertEqual(self.outcome(programme), {'Azure Interior': 'manual'})
        self.recipients(programme).with_user(self.sales_manager).action_include()
        self.assertEqual(self.outcome(programme), {'Azure Interior': 'planned'})

    def test_one_bad_recipient_stops_no_other_and_is_tried_again_when_a_person_says_so(self):
        for name in ('Good one', 'Bad one', 'Good two'):
            self.customer(name)
        recipients = type(self.env['crm.care.recipient'])
        log_contacts = recipients._log_contacts

        def fail(records, mode):
            if 'Bad one' in records.partner_id.mapped('name'):
                raise ValueError("The printer is out of ink.")
            return log_contacts(records, mode)

        with patch.object(recipients, '_log_contacts', fail), mute_logger(
                'odoo.addons.crm_relationship.models.crm_care_recipient'):
            programme = self.start()
        self.assertEqual(
            self.outcome(programme), {'Good one': 'sent', 'Bad one': 'failed', 'Good two': 'sent'})
        bad = self.recipients(programme).filtered(lambda item: item.state == 'failed')
        self.assertEqual(bad.error, "The printer is out of ink.")
        self.cron()
        self.assertEqual(bad.state, 'failed', "nothing is tried again by itself")
        bad.with_user(self.sales_manager).action_retry()
        self.cron()
        self.assertEqual((bad.state, bad.error), ('sent', False))

    def test_a_mail_that_the_server_refuses_is_a_failure_and_costs_nothing(self):
        azure = self.customer('Azure Interior')
        programme = self.start(unit_cost=2)
        recipient = self.recipients(programme)
        recipient.mail_id.write({'state': 'exception', 'failure_reason': 'Mailbox full'})
        self.cron()
        self.assertEqual((recipient.state, recipient.error), ('failed', 'Mailbox full'))
        self.assertFalse(self.env['crm.touchpoint'].search([('partner_id', '=', azure.id)]))
        recipient.with_user(self.sales_manager).action_retry()
        self.assertEqual(programme.cost_total, 0)
        self.cron()
        self.assertEqual((recipient.state, programme.cost_total), ('sent', 2))

    def test_a_call_for_the_salesperson_counts_as_reached_when_it_is_done(self):
        azure = self.customer('Azure Interior')
        programme = self.start(channel='activity', activity_mode='phone', unit_cost=3)
        recipient = self.recipients(programme)
        activity = azure.activity_ids
        self.assertEqual((recipient.state, activity.user_id), ('scheduled', self.salesperson))
        activity.with_user(self.salesperson).action_feedback("Was pleased")
        self.assertEqual(recipient.state, 'sent')
        self.assertEqual(recipient.touchpoint_id.body, "Was pleased")
        self.assertEqual((recipient.touchpoint_id.mode, recipient.touchpoint_id.cost), ('phone', 3))
        self.assertEqual(self.env['crm.touchpoint'].search_count([('partner_id', '=', azure.id)]), 1)

    def test_a_gift_is_handed_over_and_its_cost_converted(self):
        self.env.ref('base.USD').active = self.env.ref('base.EUR').active = True
        foreign = self.env.ref('base.EUR') if self.env.company.currency_id.name != 'EUR' else self.env.ref('base.USD')
        self.env['res.currency.rate'].search([('currency_id', '=', foreign.id)]).unlink()
        self.env['res.currency.rate'].create({'currency_id': foreign.id, 'name': '2026-01-01', 'rate': 0.5})
        azure = self.customer('Azure Interior', city='Fremont')
        self.make_customer('Nowhere', comment='care test')
        programme = self.start(
            channel='gift', activity_mode='letter', gift_note="Calendar", unit_cost=10, currency_id=foreign.id,
            kind_id=self.env.ref('crm_relationship.care_kind_gift').id)
        self.assertEqual(self.outcome(programme), {'Azure Interior': 'scheduled', 'Nowhere': 'no_address'})
        azure.activity_ids.with_user(self.salesperson).action_feedback()
        recipient = self.recipients(programme).filtered('touchpoint_id')
        self.assertEqual(
            (recipient.touchpoint_id.concession, recipient.touchpoint_id.mode, recipient.touchpoint_id.company_cost),
            ("Calendar", 'letter', 20))
        self.assertEqual((recipient.company_cost, programme.cost_total), (20, 20))

    def test_work_of_a_salesperson_who_leaves_goes_to_the_successor(self):
        azure = self.customer('Azure Interior')
        programme = self.start(channel='activity', activity_mode='visit')
        self.salesperson.with_context(crm_handover=True).action_archive()
        azure.activity_ids.unlink()
        azure.user_id = self.other_salesperson
        self.cron()
        self.cron()
        self.assertEqual(self.recipients(programme).state, 'scheduled')
        self.assertEqual(azure.activity_ids.user_id, self.other_salesperson)

    def test_an_activity_deleted_unfinished_is_shown_as_failed(self):
        azure = self.customer('Azure Interior')
        programme = self.start(channel='activity', activity_mode='visit')
        azure.activity_ids.with_user(self.salesperson).unlink()
        self.cron()
        self.assertEqual(self.recipients(programme).state, 'failed')

    def test_an_answer_by_mail_counts_as_a_response(self):
        self.customer('Azure Interior')
        programme = self.start()
        recipient = self.recipients(programme)
        recipient.with_user(self.other_salesperson).message_update({})
        self.assertFalse(recipient.reply, "only the mail gateway says that an answer came")
        self.env['mail.thread'].message_process('crm.care.recipient', (
            f'From: {recipient.partner_id.email}\nTo: catchall@example.com\nSubject: Re: Best wishes\n'
            f'Message-Id: <care-answer@example.com>\nIn-Reply-To: {recipient.mail_id.message_id}\n\nThank you!'))
        self.env.invalidate_all()
        self.assertEqual((programme.response_count, programme.response_rate), (1, 1.0))

    def test_replies_to_an_invitation_are_noted_by_the_salesperson(self):
        self.customer('Azure Interior')
        programme = self.start(
            kind_id=self.seminar.id, place="Our house",
            mail_template_id=self.env.ref('crm_relationship.mail_template_care_invitation').id)
        recipient = self.recipients(programme)
        self.assertIn("Our house", recipient.mail_id.body_html)
        mine = recipient.with_user(self.salesperson)
        with Form(mine) as form:
            form.reply = 'accepted'
            form.guest_count = 2
            form.award_note = "Presents the prize to Tom"
        self.assertEqual((mine.reply, mine.reply_date), ('accepted', date(2026, 11, 23)))
        mine.action_attend()
        self.assertEqual(programme.response_count, 1)

    def test_a_greeting_cannot_be_accepted(self):
        self.customer('Azure Interior')
        programme = self.start()
        with self.assertRaisesRegex(UserError, "no invitation"):
            self.recipients(programme).with_user(self.salesperson).action_accept()

    def test_a_programme_reaches_customers_of_its_own_company_only(self):
        other = self.env['res.company'].create({'name': 'Elsewhere'})
        self.env['res.partner'].create({
            'name': 'Theirs', 'is_company': True, 'customer_rank': 1, 'company_id': other.id, 'comment': 'care test',
            'email': 'theirs@example.com'})
        self.customer('Ours')
        self.assertEqual(self.outcome(self.start()), {'Ours': 'sent'})

    def test_days_begin_in_the_time_zone_of_the_company(self):
        self.customer('Azure Interior')
        self.env.company.partner_id.tz = 'Asia/Shanghai'
        programme = self.programme(occasion_date='2026-11-24')
        programme.action_start()
        self.cron()
        self.assertEqual(self.outcome(programme), {'Azure Interior': 'planned'})
        with freeze_time('2026-11-23 16:30:00'):  # past midnight in Shanghai
            self.cron()
        self.assertEqual(self.outcome(programme), {'Azure Interior': 'sent'})

    def test_what_is_too_late_is_missed_and_says_so(self):
        self.customer('Azure Interior')
        programme = self.programme(occasion_date='2026-11-25', late_days=1)
        programme.action_start()
        programme.run_ids.sudo()._list_recipients()
        with freeze_time('2026-12-10 09:00:00'):
            self.cron()
        self.assertEqual(programme.run_ids.state, 'missed')
        self.assertEqual(self.outcome(programme), {'Azure Interior': 'late'})

    def test_ending_a_programme_drops_what_has_not_gone_out(self):
        self.customer('Azure Interior')
        programme = self.programme(occasion_date='2026-12-24')
        programme.action_start()
        programme.action_end()
        self.assertFalse(programme.run_ids)
        programme.action_reset()
        self.assertEqual(programme.state, 'draft')

    def test_what_has_reached_a_customer_stays_on_record(self):
        self.customer('Azure Interior')
        programme = self.start()
        with self.assertRaisesRegex(UserError, 'stays on record'):
            self.recipients(programme).with_user(self.sales_manager).unlink()
        with self.assertRaisesRegex(UserError, 'reached customers already'):
            programme.unlink()

    def test_two_thousand_recipients_cost_a_constant_number_of_queries_a_batch(self):
        counts = []
        for number in (20, 80):
            for index in range(number):
                self.env['res.partner'].create({
                    'name': f'Crowd {number}-{index}', 'is_company': True, 'customer_rank': 1,
                    'user_id': self.salesperson.id, 'comment': f'crowd {number}.',
                    'email': f'crowd{number}.{index}@example.com'})
            programme = self.programme(
                name=f'Crowd {number}', audience_domain=f"[('comment', 'ilike', 'crowd {number}.')]", unit_cost=1)
            programme.action_start()
            run = programme.run_ids.sudo()
            run._list_recipients()
            run.state = 'sending'
            self.env.flush_all()
            self.env.invalidate_all()
            batch = self.env['crm.care.recipient'].search([('run_id', '=', run.id)])
            before = self.env.cr.sql_log_count
            batch._send_safely()
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
            self.assertEqual(run.sent_count, number)
        self.assertLess(counts[1] - counts[0], 15, counts)  # Odoo renders mails in fifties


@tagged('post_install', '-at_install')
class TestCareOccasions(CareCase):

    def test_holidays_follow_the_calendar_of_each_customers_country(self):
        self.customer('Shanghai Trading', country_id=self.china.id)
        self.customer('Berlin Trading', country_id=self.germany.id)
        programme = self.programme(occasion='holiday')
        programme.action_start()
        planned = {(run.country_id.code, str(run.occasion_date), run.occasion_name) for run in programme.run_ids}
        self.assertIn(('DE', '2026-12-25', 'Christmas Day'), planned)
        self.assertIn(('CN', '2027-02-06', 'Chinese New Year (Spring Festival)'), planned)
        self.assertNotIn(('CN', '2026-12-25'), {item[:2] for item in planned})
        with freeze_time('2026-12-25 09:00:00'):
            self.cron()
        self.assertEqual(self.outcome(programme), {'Berlin Trading': 'sent', 'Shanghai Trading': 'planned'})

    def test_holidays_of_a_region_reach_its_customers_only_and_the_date_names_it(self):
        state = {code: self.env.ref(f'base.state_de_{code}') for code in ('by', 'bw', 'hh')}
        for name, code in (('Munich Trading', 'by'), ('Stuttgart Trading', 'bw'), ('Hamburg Trading', 'hh')):
            self.customer(name, country_id=self.germany.id, state_id=state[code].id)
        self.customer('Stateless Trading', country_id=self.germany.id)
        programme = self.programme(occasion='holiday')
        programme.action_start()
        epiphany = programme.run_ids.filtered(lambda run: run.occasion_date == date(2027, 1, 6))
        self.assertEqual(epiphany.state_ids, state['by'] + state['bw'])
        self.assertEqual(epiphany.display_name, "Epiphany · Germany (Baden-Württemberg, Bayern) · Best wishes")
        self.assertFalse(programme.run_ids.filtered(lambda run: run.occasion_date == date(2026, 12, 25)).state_ids)
        with freeze_time('2027-01-06 09:00:00'):
            epiphany.action_preview()
            self.assertEqual(
                set(epiphany.recipient_ids.partner_id.mapped('name')), {'Munich Trading', 'Stuttgart Trading'})
        new_year = programme.run_ids.filtered(lambda run: run.occasion_date == date(2027, 1, 1))
        new_year.action_preview()
        self.assertEqual(len(new_year.recipient_ids), 4)
        before = programme.run_ids
        programme._plan()
        self.assertEqual(programme.run_ids, before, "planning again changes nothing")

    def test_a_regional_holiday_can_be_chosen_and_says_where_it_is_one(self):
        self.customer('Munich Trading', country_id=self.germany.id, state_id=self.env.ref('base.state_de_by').id)
        programme = self.programme(occasion='holiday', country_ids=[(6, 0, self.germany.ids)])
        epiphany = self.env['crm.care.holiday'].search([
            ('country_id', '=', self.germany.id), ('key', '=', 'Epiphany')])
        self.assertRegex(epiphany.display_name, r"Epiphany \(Germany: .*BY")
        programme.holiday_ids = epiphany
        programme.action_start()
        self.assertEqual(programme.run_ids.mapped('occasion_date'), [date(2027, 1, 6)])

    def test_a_region_without_calendar_keeps_the_holidays_of_its_country(self):
        own = self.env['res.country.state'].create({
            'name': 'Own Region', 'code': 'QQ', 'country_id': self.germany.id})
        self.customer('Own Trading', country_id=self.germany.id, state_id=own.id)
        self.customer('Wrong Trading', country_id=self.china.id, state_id=self.env.ref('base.state_de_by').id)
        programme = self.programme(occasion='holiday')
        programme.action_start()
        self.assertFalse(programme.run_ids.state_ids)
        self.assertIn(date(2026, 12, 25), programme.run_ids.mapped('occasion_date'))

    def test_a_call_avoids_the_days_off_of_the_customers_region(self):
        self.customer('Munich Trading', country_id=self.germany.id, state_id=self.env.ref('base.state_de_by').id)
        self.customer('Hamburg Trading', country_id=self.germany.id, state_id=self.env.ref('base.state_de_hh').id)
        programme = self.programme(
            occasion_date='2027-01-06', avoid_days_off=True, channel='activity', activity_mode='phone')
        programme.action_preview()
        self.assertEqual(
            {item.partner_id.name: item.send_date for item in self.recipients(programme)},
            {'Munich Trading': date(2027, 1, 5), 'Hamburg Trading': date(2027, 1, 6)})

    def test_only_the_chosen_holidays_are_greeted(self):
        self.customer('Shanghai Trading', country_id=self.china.id)
        programme = self.programme(occasion='holiday', country_ids=[(6, 0, self.china.ids)])
        festival = self.env['crm.care.holiday'].search([
            ('country_id', '=', self.china.id), ('key', '=', 'Chinese New Year (Spring Festival)')])
        programme.holiday_ids = festival
        programme.action_start()
        self.assertEqual(programme.run_ids.mapped('occasion_date'), [date(2027, 2, 6)])

    def test_a_holiday_is_named_in_the_language_of_the_customer(self):
        self.env['res.lang']._activate_lang('zh_CN')
        self.customer('Shanghai Trading', country_id=self.china.id, lang='zh_CN')
        programme = self.programme(occasion='holiday', country_ids=[(6, 0, self.china.ids)])
        programme.action_start()
        with freeze_time('2027-01-01 09:00:00'):
            self.cron()
        self.assertIn("元旦", self.recipients(programme).mail_id.subject)

    def test_a_call_is_due_on_the_workday_before_days_off_of_the_country(self):
        self.customer('Shanghai Trading', country_id=self.china.id)
        programme = self.programme(
            occasion_date='2027-02-08', avoid_days_off=True, channel='activity', activity_mode='phone')
        programme.action_start()
        with freeze_time('2027-02-04 09:00:00'):
            self.cron()
        recipient = self.recipients(programme)
        self.assertEqual((recipient.send_date, recipient.state), (date(2027, 2, 4), 'scheduled'))

    def test_days_before_bring_the_action_forward(self):
        self.customer('Shanghai Trading')
        programme = self.programme(occasion_date='2026-12-24', lead_days=7)
        programme.action_start()
        self.assertEqual(programme.run_ids.send_date, date(2026, 12, 17))
        programme.lead_days = 10
        self.assertEqual(programme.run_ids.send_date, date(2026, 12, 14))

    def test_persons_are_greeted_on_their_birthday_once_a_year(self):
        company = self.customer('Azure Interior')
        nora = self.env['res.partner'].create({
            'name': 'Nora', 'parent_id': company.id, 'email': 'nora@example.com', 'birthdate': '1980-11-24'})
        self.env['res.partner'].create({
            'name': 'Otto', 'parent_id': company.id, 'email': 'otto@example.com', 'birthdate': '1981-07-01'})
        programme = self.start(occasion='birthday', addressee='persons')
        self.assertEqual(self.outcome(programme), {'Nora': 'planned'})
        self.assertEqual(programme.run_ids.expected_count, 1)
        with freeze_time('2026-11-24 09:00:00'):
            self.cron()
        self.assertEqual(self.outcome(programme), {'Nora': 'sent'})
        nora.birthdate = '1980-11-28'
        with freeze_time('2026-11-28 09:00:00'):
            self.cron()
        states = self.recipients(programme).mapped(lambda item: item.reason or item.state)
        self.assertEqual(sorted(states), ['repeated', 'sent'])

    def test_the_year_of_birth_stays_with_the_personal_data(self):
        hanna = self.customer('Hanna Lindqvist', is_company=False)
        hanna.with_env(self.env).birthdate = '1980-11-23'
        programme = self.start(occasion='birthday', addressee='persons')
        self.assertEqual(self.recipients(programme).years, 0)

    def test_the_anniversary_of_the_first_order_is_kept(self):
        azure = self.customer('Azure Interior')
        self.env['crm.customer.metrics'].refresh(azure.ids)
        self.env['crm.customer.metrics'].search([('partner_id', '=', azure.id)]).first_order_date = '2020-11-23'
        programme = self.start(occasion='anniversary')
        self.assertEqual((self.outcome(programme), self.recipients(programme).years), ({'Azure Interior': 'sent'}, 6))

    def test_a_date_entered_by_hand_is_one_more_date(self):
        self.customer('Azure Interior')
        programme = self.programme(occasion='free')
        programme.action_start()
        run = self.env['crm.care.run'].with_user(self.sales_manager).create({
            'programme_id': programme.id, 'occasion_date': '2026-11-23', 'label': 'Opening of the showroom'})
        self.cron()
        self.assertEqual((run.state, run.is_manual, run.sent_count), ('done', True, 1))
        self.assertIn('Opening of the showroom', self.recipients(programme).mail_id.subject)

    def test_a_customer_who_leaves_the_audience_is_no_longer_meant(self):
        azure = self.customer('Azure Interior')
        programme = self.start(occasion_date='2026-11-25')
        self.assertEqual(self.outcome(programme), {'Azure Interior': 'planned'})
        azure.comment = False
        self.cron()
        self.assertEqual(self.outcome(programme), {'Azure Interior': 'not_meant'})

    def test_planning_again_keeps_dates_that_are_right_and_drops_the_others(self):
        self.customer('Shanghai Trading', country_id=self.china.id)
        self.customer('Berlin Trading', country_id=self.germany.id)
        programme = self.programme(occasion='holiday')
        programme.action_start()
        kept = programme.run_ids.filtered(lambda run: run.country_id == self.germany)
        programme.country_ids = self.germany
        self.assertEqual(programme.run_ids, kept)


@tagged('post_install', '-at_install')
class TestCareMerge(CareCase):

    def merge(self, source, target):
        self.env['base.partner.merge.automatic.wizard'].create({})._merge(
            (source | target).ids, target, extra_checks=False)

    def test_after_a_merge_nobody_is_reached_twice_and_nothing_is_lost(self):
        first, second = self.customer('Azure Interior'), self.customer('Azure Interiors')
        programme = self.programme(occasion_date='2026-11-24', is_automatic=False)
        programme.action_start()
        run = programme.run_ids
        run.action_release()
        sent = run.recipient_ids.filtered(lambda item: item.partner_id == second)
        with freeze_time('2026-11-24 09:00:00'):
            sent.sudo()._send_safely()
            self.merge(second, first)
            self.env.invalidate_all()
            self.cron()
        self.assertEqual(len(run.recipient_ids), 2)
        self.assertEqual(run.recipient_ids.partner_id, first)
        self.assertEqual(sorted(item.reason or item.state for item in run.recipient_ids), ['merged', 'sent'])
        self.assertEqual(sent.send_key, f'{programme.id}:2026-11-24:{first.id}')

    def test_two_who_were_both_reached_stay_on_record(self):
        first, second = self.customer('Azure Interior'), self.customer('Azure Interiors')
        programme = self.start()
        self.merge(second, first)
        self.env.invalidate_all()
        self.assertEqual(self.recipients(programme).mapped('state'), ['sent', 'sent'])
        self.assertEqual(len(self.recipients(programme).filtered('send_key')), 1)

    def test_a_merged_customer_still_wants_no_care(self):
        first, second = self.customer('Azure Interior'), self.customer('Azure Interiors')
        second.write({'no_care': True, 'care_refused_kind_ids': [(6, 0, self.seminar.ids)]})
        self.merge(second, first)
        self.assertTrue(first.no_care)
        self.assertEqual(first.care_refused_kind_ids, self.seminar)


@tagged('post_install', '-at_install')
class TestCareRefusals(CareCase):

    def test_a_salesperson_neither_makes_programmes_nor_changes_recipients(self):
        self.customer('Azure Interior')
        programme = self.start()
        mine = programme.with_user(self.salesperson)
        self.assertEqual(mine.sent_count, 1)
        with self.assertRaises(AccessError):
            mine.name = "Mine"
        with self.assertRaises(AccessError):
            self.env['crm.care.programme'].with_user(self.salesperson).create({
                'name': "Mine", 'kind_id': self.greeting.id})
        with self.assertRaises(AccessError):
            programme.run_ids.with_user(self.salesperson).action_cancel()
        recipient = self.recipients(programme).with_user(self.salesperson)
        with self.assertRaisesRegex(UserError, "comes from the programme"):
            recipient.state = 'planned'
        with self.assertRaises(AccessError):
            recipient.action_exclude()

    def test_a_salesperson_notes_replies_of_own_customers_only(self):
        self.customer('Azure Interior')
        programme = self.start()
        with self.assertRaises(AccessError):
            self.recipients(programme).with_user(self.other_salesperson).action_responded()

    def test_without_an_audience_a_programme_does_not_start(self):
        for domain in ('[]', False):
            with self.assertRaisesRegex(UserError, "has no audience"):
                self.programme(audience_domain=domain).action_start()
        with self.assertRaisesRegex(UserError, "No customer matches"):
            self.programme(audience_domain="[('name', '=', 'Nobody at all')]").action_start()

    def test_everybody_is_meant_only_when_it_is_said(self):
        self.customer('Azure Interior')
        programme = self.programme(audience_domain='[]', all_customers=True, occasion_date='2026-12-24')
        programme.action_start()
        self.assertEqual(programme.state, 'running')

    def test_without_contents_a_programme_does_not_start(self):
        self.customer('Azure Interior')
        with self.assertRaisesRegex(UserError, "mail template"):
            self.programme(mail_template_id=False).action_start()
        with self.assertRaisesRegex(UserError, "what the gift is"):
            self.programme(channel='gift').action_start()

    def test_a_date_is_asked_for_and_birthdays_need_persons(self):
        with self.assertRaisesRegex(ValidationError, "date of its occasion"):
            self.programme(occasion_date=False)
        with self.assertRaisesRegex(ValidationError, "goes to persons"):
            self.programme(occasion='birthday')

    def test_a_country_without_a_known_calendar_is_refused_by_name(self):
        nowhere = self.env['res.country'].create({'name': 'Nowhere', 'code': 'XQ'})
        with self.assertRaisesRegex(ValidationError, "Nowhere.*dates entered by hand"):
            self.programme(occasion='holiday', country_ids=[(6, 0, nowhere.ids)])
        self.customer('Nowhere Trading', country_id=nowhere.id)
        self.make_customer('Stateless', comment='care test')
        programme = self.programme(occasion='holiday')
        self.assertIn("1 customers in Nowhere", programme.unreached_note)
        self.assertIn("1 customers without a country", programme.unreached_note)

    def test_an_import_with_an_unknown_currency_says_which_line(self):
        result = self.programmes.load(
            ['name', 'kind_id', 'occasion_date', 'unit_cost', 'currency_id'],
            [['Imported', 'Greeting', '2026-12-24', '5', 'XXQ']])
        self.assertFalse(result['ids'])
        self.assertIn('XXQ', result['messages'][0]['message'])

    @mute_logger('odoo.sql_db')
    def test_absurd_numbers_are_refused(self):
        for values in ({'lead_days': -1}, {'lead_days': 400}, {'check_days': 99}):
            with self.assertRaises(IntegrityError, msg=values), self.env.cr.savepoint():
                self.programme(**values)

    def test_a_cost_that_cannot_be_counted_is_refused_by_name(self):
        currency = self.env['res.currency'].create({'name': 'XQZ', 'symbol': 'Q'})
        with self.assertRaisesRegex(ValidationError, "Best wishes.*XQZ.*Enter a rate"):
            self.programme(unit_cost=5, currency_id=currency.id)
        with self.assertRaisesRegex(ValidationError, "“Best wishes”.*-5.0.*Enter zero or more"):
            self.programme(unit_cost=-5)
        self.programme(currency_id=currency.id)

    def test_a_date_cannot_be_due_after_its_occasion(self):
        programme = self.programme(occasion='free')
        with self.assertRaisesRegex(UserError, "after its occasion"):
            self.env['crm.care.run'].with_user(self.sales_manager).create({
                'programme_id': programme.id, 'occasion_date': '2026-11-23', 'send_date': '2026-11-25'})

    def test_a_date_is_not_released_before_the_programme_runs(self):
        self.customer('Azure Interior')
        programme = self.programme()
        programme.action_preview()
        with self.assertRaisesRegex(UserError, "isn't running"):
            programme.run_ids.action_release()
