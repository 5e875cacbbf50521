from datetime import datetime

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from odoo.addons.crm_relationship.tests.test_care import MARK, CareCase
from odoo.addons.mass_mailing.tests.common import MassMailCase


class CareMailingCase(CareCase, MassMailCase):
    """A care programme whose recipients get a mailing that a marketing person writes."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.marketer = new_test_user(
            cls.env, login='rel_marketer', name='Mia Marketer', email='mia.marketer@example.com',
            groups='base.group_user,sales_team.group_sale_manager,mass_mailing.group_mass_mailing_user',
        )

    def write_mailing(self, run, **values):
        context = run.with_user(self.marketer).action_write_mailing()['context']
        return self.env['mailing.mailing'].with_user(self.marketer).with_context(**context).create({
            'subject': context['default_subject'],
            'body_html': '<p>News <a href="https://example.com/news">Read on</a></p>',
            'reply_to_mode': 'update', **values})

    def send(self, mailing):
        with self.mock_mail_gateway(mail_unlink_sent=False):
            mailing.action_send_mail()
        self.env.invalidate_all()

    def contact(self, partner):
        return self.env['mailing.contact'].search([('email_normalized', '=', partner.email_normalized)])

    def collect(self):
        self.env.flush_all()
        with self.enter_registry_test_mode():
            self.env.ref('crm_relationship_mass_mailing.ir_cron_care_mailing').method_direct_trigger()
        self.env.invalidate_all()

    def results(self, programme):
        return {item.partner_id.name: item.mailing_state for item in self.recipients(programme)}


@tagged('post_install', '-at_install')
class TestCareMailing(CareMailingCase):

    def test_recipients_become_a_mailing_list_and_nobody_stands_on_it_twice(self):
        azure = self.customer('Azure Interior')
        self.make_customer('Mailless', comment='care test')
        programme = self.start(channel='mailing', unit_cost=1)
        mailing_list = programme.run_ids.mailing_list_id.sudo()
        self.assertEqual(mailing_list.contact_ids.mapped('email'), [azure.email])
        self.assertEqual(self.outcome(programme), {'Azure Interior': 'scheduled', 'Mailless': 'no_email'})
        self.assertEqual(programme.cost_total, 0, "nothing has gone out yet")
        action = programme.run_ids.action_write_mailing()
        self.assertEqual(action['context']['default_contact_list_ids'], mailing_list.ids)
        again = self.start(channel='mailing', mailing_list_id=mailing_list.id)
        self.assertEqual(self.outcome(again)['Azure Interior'], 'scheduled')
        self.assertEqual(len(mailing_list.contact_ids), 1)

    def test_who_has_left_the_list_is_left_out(self):
        self.customer('Azure Interior')
        newsletter = self.env['mailing.list'].create({'name': "Newsletter"})
        self.env['mailing.contact'].create({
            'name': 'Azure', 'email': 'azure.interior@example.com',
            'subscription_ids': [(0, 0, {'list_id': newsletter.id, 'opt_out': True})]})
        programme = self.start(channel='mailing', mailing_list_id=newsletter.id)
        self.assertEqual(self.outcome(programme), {'Azure Interior': 'refused'})

    def test_who_stands_on_the_list_is_no_lost_activity(self):
        self.customer('Azure Interior')
        programme = self.start(channel='mailing')
        self.cron()
        self.assertEqual(self.outcome(programme), {'Azure Interior': 'scheduled'})


@tagged('post_install', '-at_install')
class TestCareMailingResults(CareMailingCase):

    def test_a_recipient_is_reached_when_the_mailing_goes_out(self):
        azure = self.customer('Azure Interior')
        programme = self.start(channel='mailing', unit_cost=2)
        mailing = self.write_mailing(programme.run_ids)
        self.assertEqual(self.results(programme), {'Azure Interior': 'waiting'})
        self.assertEqual(programme.mailing_waiting_count, 1)
        self.send(mailing)
        self.collect()
        recipient = self.recipients(programme)
        self.assertEqual((recipient.state, recipient.mailing_state), ('sent', 'sent'))
        self.assertEqual(recipient.date_sent, mailing.mailing_trace_ids.sent_datetime)
        self.assertEqual((recipient.touchpoint_id.partner_id, recipient.touchpoint_id.mode), (azure, 'email'))
        self.assertEqual((programme.sent_count, programme.cost_total, programme.mailing_sent_count), (1, 2, 1))

    def test_opens_clicks_and_replies_are_noted_and_counted(self):
        silent, opens, clicks, replies = (self.customer(name) for name in ('Silent', 'Opens', 'Clicks', 'Replies'))
        programme = self.start(channel='mailing')
        mailing = self.write_mailing(programme.run_ids)
        self.send(mailing)
        self.gateway_mail_trace_open(mailing, self.contact(opens))
        self.gateway_mail_trace_click(mailing, self.contact(clicks), 'Read on')
        self.gateway_mail_trace_reply(mailing, self.contact(replies))
        self.collect()
        self.assertEqual(self.results(programme), {
            'Silent': 'sent', 'Opens': 'opened', 'Clicks': 'clicked', 'Replies': 'replied'})
        for record in (programme, programme.run_ids):
            self.assertEqual(
                (record.mailing_sent_count, record.mailing_opened_count, record.mailing_clicked_count,
                 record.mailing_replied_count, record.mailing_bounced_count), (4, 3, 1, 1, 0))
            self.assertEqual((record.mailing_opened_rate, record.mailing_clicked_rate), (0.75, 0.25))
            self.assertEqual((record.response_count, record.response_rate), (2, 0.5), "clicked or replied")
        by_partner = self.recipients(programme).grouped('partner_id')
        self.assertEqual(by_partner[replies].reply, 'responded')
        self.assertFalse(by_partner[clicks].reply, "a click is a response, but nobody got in touch")
        self.assertFalse(by_partner[silent].response_count)

    def test_a_salesperson_sees_the_results_and_changes_none(self):
        azure = self.customer('Azure Interior')
        programme = self.start(channel='mailing')
        mailing = self.write_mailing(programme.run_ids)
        self.send(mailing)
        self.gateway_mail_trace_open(mailing, self.contact(azure))
        self.collect()
        mine = self.recipients(programme).with_user(self.salesperson)
        self.assertEqual(mine.read(['mailing_state'])[0]['mailing_state'], 'opened')
        self.assertEqual(programme.with_user(self.salesperson).mailing_opened_count, 1)
        with self.assertRaisesRegex(UserError, "comes from the programme"):
            mine.mailing_state = 'replied'
        with self.assertRaises(AccessError):
            mine.read(['mailing_contact_id'])

    def test_a_bounced_address_fails_visibly_and_can_be_tried_again(self):
        azure = self.customer('Azure Interior')
        programme = self.start(channel='mailing', unit_cost=2, late_days=9)
        mailing = self.write_mailing(programme.run_ids)
        self.send(mailing)
        self.collect()
        touchpoint = self.recipients(programme).touchpoint_id
        self.gateway_mail_trace_bounce(mailing, self.contact(azure), {'body': "Mailbox unknown"})
        self.collect()
        recipient = self.recipients(programme)
        self.assertEqual((recipient.state, recipient.mailing_state), ('failed', 'bounced'))
        self.assertRegex(recipient.error, "azure.interior@example.com came back: Mailbox unknown. Correct the e-mail")
        self.assertFalse(touchpoint.exists())
        self.assertEqual((programme.failed_count, programme.cost_total, programme.mailing_bounced_count), (1, 0, 1))
        azure.email = 'new.azure@example.com'
        recipient.with_user(self.sales_manager).action_retry()
        self.cron()
        self.collect()
        self.assertEqual((recipient.state, recipient.mailing_state), ('scheduled', 'waiting'))
        second = self.write_mailing(programme.run_ids)
        self.send(second)
        self.collect()
        self.assertEqual((recipient.state, recipient.mailing_state), ('sent', 'sent'))
        self.assertEqual(recipient.sudo().mailing_contact_id.email, 'new.azure@example.com')

    def test_who_is_blacklisted_or_leaves_before_the_mailing_is_left_out_with_the_reason(self):
        blocked, leaves, stops, stays = (self.customer(name) for name in ('Blocked', 'Leaves', 'Stops', 'Stays'))
        programme = self.start(channel='mailing')
        run = programme.run_ids
        self.env['mail.blacklist']._add(blocked.email)
        self.contact(leaves).subscription_ids.opt_out = True
        stops.no_care = True
        mailing = self.write_mailing(run)
        self.send(mailing)
        self.collect()
        self.assertEqual(self.outcome(programme), {
            'Blocked': 'blacklist', 'Leaves': 'refused', 'Stops': 'refused', 'Stays': 'sent'})
        self.assertEqual(self.results(programme)['Stops'], 'cancelled')
        self.assertEqual((run.excluded_count, run.sent_count), (3, 1))

    def test_who_unsubscribes_is_left_out_of_the_next_date_whatever_its_list(self):
        leaves, blocks, _stays = (self.customer(name) for name in ('Leaves', 'Blocks', 'Stays'))
        programme = self.start(channel='mailing', occasion='yearly')
        self.send(self.write_mailing(programme.run_ids))
        self.contact(leaves).subscription_ids.opt_out = True
        self.env['mail.blacklist']._add(blocks.email)
        self.collect()
        self.assertEqual(set(self.outcome(programme).values()), {'sent'})
        with freeze_time('2027-11-23 09:00:00'):
            self.cron()
            self.cron()
        following = self.recipients(programme).filtered(lambda item: item.occasion_date.year == 2027)
        self.assertEqual(
            {item.partner_id.name: item.reason or item.state for item in following},
            {'Leaves': 'refused', 'Blocks': 'blacklist', 'Stays': 'scheduled'})
        letters = self.start(name="Letters", mail_template_id=self.template.id)
        self.assertEqual(self.outcome(letters)['Leaves'], 'refused', "of the same kind, by e-mail")

    def test_mailings_of_others_and_tests_do_not_count(self):
        azure = self.customer('Azure Interior')
        newsletter = self.env['mailing.list'].create({'name': "Newsletter"})
        programme = self.start(channel='mailing', mailing_list_id=newsletter.id)
        second = self.start(channel='mailing', mailing_list_id=newsletter.id, name="Another")
        self.assertFalse(self.write_mailing(programme.run_ids, care_run_id=False).care_run_id)
        mailing = self.write_mailing(programme.run_ids)
        stranger = self.env['mailing.mailing'].create({
            'subject': "Elsewhere", 'mailing_model_id': self.env['ir.model']._get_id('mailing.list'),
            'contact_list_ids': [(6, 0, newsletter.ids)]})
        self._create_traces(stranger, self.contact(azure), datetime(2026, 11, 23), trace_status='open')
        self.collect()
        self.assertEqual(self.results(programme), {'Azure Interior': 'waiting'})
        self.send(mailing)
        self._create_traces(
            mailing, self.contact(azure), datetime(2026, 11, 23), trace_status='open', is_test_trace=True)
        self.collect()
        self.assertEqual(self.results(programme), {'Azure Interior': 'sent'})
        self.assertEqual(self.results(second), {'Azure Interior': 'waiting'}, "only the date of the mailing")

    def test_who_waits_on_a_list_is_reached_by_a_mailing_to_it_without_a_date(self):
        azure = self.customer('Azure Interior')
        newsletter = self.env['mailing.list'].create({'name': "Newsletter"})
        programme = self.start(channel='mailing', mailing_list_id=newsletter.id, unit_cost=2)
        self.start(channel='mailing', mailing_list_id=newsletter.id, name="Another")
        mailing = self.env['mailing.mailing'].with_user(self.marketer).create({
            'subject': "News for all", 'mailing_model_id': self.env['ir.model']._get_id('mailing.list'),
            'body_html': '<p>News</p>', 'reply_to_mode': 'update', 'contact_list_ids': [(6, 0, newsletter.ids)]})
        self.assertFalse(mailing.care_run_id, "two dates share the list")
        self.collect()
        self.assertEqual(self.results(programme), {'Azure Interior': 'waiting'}, "nothing went out yet")
        self.send(mailing)
        self.collect()
        recipient = self.recipients(programme)
        self.assertEqual((recipient.state, recipient.mailing_state, recipient.company_cost), ('sent', 'sent', 2))
        self.assertEqual(recipient.with_user(self.salesperson).touchpoint_id.partner_id, azure)
        self.assertEqual(self.env['crm.care.recipient']._find_new_results(0), [])

    def test_a_mailing_to_a_list_made_for_a_date_belongs_to_that_date(self):
        self.customer('Azure Interior')
        programme = self.start(channel='mailing')
        mailing = self.env['mailing.mailing'].with_user(self.marketer).create({
            'subject': "By hand", 'mailing_model_id': self.env['ir.model']._get_id('mailing.list'),
            'contact_list_ids': [(6, 0, programme.run_ids.mailing_list_id.ids)]})
        self.assertEqual(mailing.care_run_id, programme.run_ids)

    def test_a_mailing_to_the_customers_themselves_counts_for_them(self):
        azure = self.customer('Azure Interior')
        programme = self.start(channel='mailing')
        mailing = self.env['mailing.mailing'].create({
            'subject': "To customers", 'mailing_model_id': self.env['ir.model']._get_id('res.partner'),
            'mailing_domain': MARK, 'care_run_id': programme.run_ids.id})
        self._create_traces(mailing, azure, datetime(2026, 11, 23), trace_status='sent')
        self.collect()
        self.assertEqual(self.results(programme), {'Azure Interior': 'sent'})

    def test_noting_again_changes_nothing_and_a_click_is_noted_within_minutes(self):
        azure = self.customer('Azure Interior')
        programme = self.start(channel='mailing', unit_cost=2)
        mailing = self.write_mailing(programme.run_ids)
        self.send(mailing)
        self.collect()
        cron = self.env.ref('crm_relationship_mass_mailing.ir_cron_care_mailing')
        self.env['ir.cron.trigger'].search([('cron_id', '=', cron.id)]).unlink()
        self.gateway_mail_trace_click(mailing, self.contact(azure), 'Read on')
        self.assertEqual(self.env['ir.cron.trigger'].search_count([('cron_id', '=', cron.id)]), 1, "one for all")
        self.collect()
        recipient = self.recipients(programme)
        before = recipient.read()
        contacts = self.env['crm.touchpoint'].search_count([('partner_id', '=', azure.id)])
        self.collect()
        self.assertEqual(self.env['crm.care.recipient']._find_new_results(0), [])
        self.assertEqual(recipient.read(), before)
        self.assertEqual(self.env['crm.touchpoint'].search_count([('partner_id', '=', azure.id)]), contacts)
        self.assertEqual(programme.cost_total, 2)

    def test_one_recipient_whose_result_cannot_be_noted_stops_no_other(self):
        self.customer('Broken')
        self.customer('Sound')
        programme = self.start(channel='mailing')
        self.send(self.write_mailing(programme.run_ids))
        Recipient = type(self.env['crm.care.recipient'])
        original = Recipient._arrive

        def fail(records, results):
            if 'Broken' in records.mapped('partner_id.name'):
                raise ValueError("No contact today")
            return original(records, results)
        self.patch(Recipient, '_arrive', fail)
        with self.assertLogs('odoo.addons.crm_relationship_mass_mailing', 'WARNING'):
            self.collect()
        self.assertEqual(self.results(programme), {'Broken': 'waiting', 'Sound': 'sent'})
        broken = self.recipients(programme).filtered(lambda item: item.partner_id.name == 'Broken')
        self.assertIn("No contact today", broken.error)

    def test_responders_count_for_the_campaign_plan(self):
        azure, _silent = self.customer('Azure Interior'), self.customer('Silent')
        plan = self.env['crm.campaign.plan'].create({
            'name': "Autumn offer", 'date_start': '2026-10-01', 'date_end': '2026-12-31', 'audience_domain': MARK})
        programme = self.start(channel='mailing', campaign_plan_id=plan.id)
        mailing = self.write_mailing(programme.run_ids)
        self.assertEqual(mailing.campaign_id, plan.campaign_id)
        self.send(mailing)
        self.gateway_mail_trace_click(mailing, self.contact(azure), 'Read on')
        self.collect()
        self.assertEqual(
            (plan.care_reached_count, plan.care_response_count, plan.care_response_rate), (2, 1, 0.5))
        action = plan.with_user(self.salesperson).action_open_responders()
        self.assertIn('search_default_replied', action['context'])

    def test_noting_takes_as_many_queries_for_few_as_for_many(self):
        counts = []
        for number in (3, 60):
            customers = [self.customer(f'Query {number} {index}') for index in range(number)]
            programme = self.programme(
                channel='mailing', audience_domain=f"[('id', 'in', {[c.id for c in customers]})]")
            programme.action_start()
            self.cron()
            mailing = self.write_mailing(programme.run_ids)
            contacts = self.recipients(programme).sudo().mailing_contact_id
            self._create_traces(mailing, contacts, datetime(2026, 11, 23), trace_status='sent')
            self.env.flush_all()
            self.env.invalidate_all()
            recipients = self.env['crm.care.recipient']
            rows = recipients._find_new_results(0)
            self.assertEqual(len(rows), number)
            before = self.env.cr.sql_log_count
            recipients._note_safely(rows)
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLess(counts[1] - counts[0], 15, counts)
