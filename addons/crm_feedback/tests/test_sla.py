from odoo import Command
from odoo.exceptions import ValidationError
from odoo.tests import tagged

from .common import FeedbackCase


@tagged('post_install', '-at_install')
class TestSla(FeedbackCase):

    def holiday(self, day, **values):
        return self.env['resource.calendar.leaves'].create({
            'name': 'Holiday', 'date_from': f'{day} 00:00:00', 'date_to': f'{day} 22:59:59',
            'calendar_id': self.calendar.id, 'company_id': self.company.id, 'time_type': 'leave', **values})

    def test_deadlines_count_working_hours_of_the_calendar_in_its_time_zone(self):
        complaint = self.register()
        self.assertEqual(complaint.first_response_due, self.due('2026-01-12 09:00'))
        self.assertEqual(complaint.resolution_due, self.due('2026-01-13 16:00'), 'the exact end of a day stays in it')
        self.assertEqual(complaint.sla_state, 'ok')

    def test_nights_and_weekends_do_not_count(self):
        self.at('2026-01-16 15:30')
        complaint = self.register()
        self.assertEqual(complaint.first_response_due, self.due('2026-01-19 08:30'))

    def test_lunch_does_not_count(self):
        self.policy.calendar_id = self._make_calendar(spans=((8, 12), (13, 17)))
        self.at('2026-01-12 10:30')
        self.assertEqual(self.register().first_response_due, self.due('2026-01-12 12:30'))

    def test_lunch_lines_of_odoos_default_calendar_do_not_count(self):
        calendar = self._make_calendar(spans=((8, 12), (13, 17)))
        calendar.attendance_ids = [Command.create({
            'name': 'Lunch', 'dayofweek': '0', 'hour_from': 12, 'hour_to': 13, 'day_period': 'lunch'})]
        self.policy.calendar_id = calendar
        self.at('2026-01-12 10:30')
        self.assertEqual(self.register().first_response_due, self.due('2026-01-12 12:30'))

    def test_holidays_of_the_company_do_not_count(self):
        self.holiday('2026-01-13')
        self.assertEqual(self.register().resolution_due, self.due('2026-01-14 16:00'))

    def test_holidays_of_another_company_count_as_work(self):
        other = self.env['res.company'].create({'name': 'Elsewhere'})
        shared = self._make_calendar()
        shared.company_id = False
        self.policy.calendar_id = shared
        leave = self.holiday('2026-01-13', calendar_id=False)
        self.env.cr.execute(
            'UPDATE resource_calendar_leaves SET company_id = %s WHERE id = %s', [other.id, leave.id])
        leave.invalidate_recordset()
        self.assertEqual(self.register().resolution_due, self.due('2026-01-13 16:00'))

    def test_absences_of_one_person_and_training_count_as_work(self):
        self.holiday('2026-01-13', time_type='other')
        self.assertEqual(self.register().resolution_due, self.due('2026-01-13 16:00'))

    def test_a_holiday_entered_later_moves_open_deadlines(self):
        complaint = self.register()
        holiday = self.holiday('2026-01-13')
        self.assertEqual(complaint.resolution_due, self.due('2026-01-14 16:00'))
        holiday.unlink()
        self.assertEqual(complaint.resolution_due, self.due('2026-01-13 16:00'))

    def test_clock_change_keeps_office_hours(self):
        self.at('2026-03-27 15:30')
        self.assertEqual(self.register().first_response_due, self.due('2026-03-30 07:30'))

    def test_policy_without_calendar_takes_the_companys_and_without_that_every_hour(self):
        self.policy.calendar_id = False
        self.company.resource_calendar_id = self.calendar
        self.assertEqual(self.register().resolution_due, self.due('2026-01-13 16:00'))
        complaint = self.register()
        complaint.sudo().sla_calendar_id = False
        self.assertEqual(complaint.resolution_due, self.due('2026-01-13 00:00'))

    def test_calendar_open_around_midnight(self):
        self.policy.calendar_id = self._make_calendar(spans=((0, 24),), days='0123456', tz='UTC')
        self.assertEqual(self.register().resolution_due, self.due('2026-01-13 00:00'))

    def test_calendar_without_hours_is_refused_and_never_crashes_a_complaint(self):
        empty = self._make_calendar(spans=())
        with self.assertRaisesRegex(ValidationError, 'are empty'):
            self.policy.calendar_id = empty
        complaint = self.register()
        complaint.sudo().sla_calendar_id = empty
        self.assertEqual((complaint.sla_state, complaint.resolution_due), ('none', False))
        self.assertIn('leave no time', complaint.sla_note)

    def test_no_policy_means_no_deadline(self):
        self.policy.active = False
        complaint = self.register()
        self.assertEqual((complaint.sla_state, complaint.resolution_due), ('none', False))
        self.assertIn('no deadlines', complaint.dispatch_note)

    def test_waiting_for_the_customer_stops_the_resolution_clock_only(self):
        complaint = self.register()
        self.at('2026-01-12 09:00')
        complaint.action_wait()
        self.at('2026-01-14 09:00')
        self.assertEqual(complaint.sla_breach_at, self.due('2026-01-12 09:00'), 'nobody has answered yet')
        complaint.action_start()
        self.assertEqual(complaint.resolution_due, self.due('2026-01-15 16:00'))
        self.assertEqual(complaint.first_response_due, self.due('2026-01-12 09:00'))

    def test_clock_stands_still_while_waiting(self):
        complaint = self.register()
        complaint.action_set_first_response()
        complaint.action_wait()
        self.at('2026-03-12 09:00')
        self.env['crm.complaint']._refresh_sla_state()
        self.assertEqual((complaint.sla_state, complaint.sla_label), ('ok', 'clock stopped'))

    def test_state_is_stored_searchable_and_refreshed_in_one_statement(self):
        complaints = self.register() + self.register() + self.register()
        complaints[0].action_set_first_response()
        complaints[2].action_cancel()
        self.env.flush_all()
        self.at('2026-01-12 08:45')
        with self.assertQueryCount(1):
            self.assertEqual(self.env['crm.complaint']._refresh_sla_state(), 1)
        self.assertEqual(complaints.mapped('sla_state'), ['ok', 'at_risk', 'none'])
        self.at('2026-01-12 09:00')
        self.env['crm.complaint']._refresh_sla_state()
        self.assertEqual(complaints[1].sla_state, 'at_risk', 'the due moment itself is in time')
        self.at('2026-01-12 09:01')
        self.env['crm.complaint']._refresh_sla_state()
        found = self.env['crm.complaint'].search([('sla_state', '=', 'breached'), ('id', 'in', complaints.ids)])
        self.assertEqual(found, complaints[1])

    def test_remaining_working_time_in_words(self):
        complaint = self.register()
        self.at('2026-01-12 08:20')
        complaint.invalidate_recordset()
        self.assertEqual(complaint.sla_label, '40 min left')
        complaint.action_set_first_response()
        self.at('2026-01-13 13:45')
        complaint.invalidate_recordset()
        self.assertEqual(complaint.sla_label, '2 h 15 min left')
        self.at('2026-01-14 08:30')
        complaint.invalidate_recordset()
        self.assertEqual((complaint.sla_label, complaint.sla_remaining_hours), ('30 min late', -0.5))

    def test_reading_a_page_costs_the_same_for_few_and_for_many(self):
        few = self.register()
        many = self.env['crm.complaint'].create([
            {'subject': f'{n}', 'partner_id': self.customer.id, 'date_received': f'2026-01-{n + 1:02} 09:00:00'}
            for n in range(11)])
        counts = []
        for complaints in (few, few + many):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            complaints.with_user(self.agent).read(['name', 'partner_id', 'user_id', 'sla_state', 'sla_label'])
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0] + 1, 'one chunk of the calendar more, nothing per record')

    def test_public_reply_of_an_employee_is_the_first_response(self):
        complaint = self.register()
        self.at('2026-01-12 08:30')
        complaint.message_post(body='Looking into it', message_type='comment', subtype_xmlid='mail.mt_note')
        self.assertFalse(complaint.first_response_at, 'an internal note answers nobody')
        complaint.message_post(body='We are on it', message_type='comment', subtype_xmlid='mail.mt_comment')
        self.assertEqual(complaint.first_response_at, self.now)
        self.assertEqual(complaint.state, 'in_progress')
        self.assertFalse(complaint.first_response_late)

    def test_message_of_the_customer_starts_the_next_response_clock_until_answered(self):
        complaint = self.register()
        complaint.action_set_first_response()
        self.at('2026-01-12 10:00')
        self.customer_writes(complaint)
        self.at('2026-01-12 11:00')
        self.customer_writes(complaint)
        self.assertEqual(complaint.next_response_due, self.due('2026-01-12 13:00'), 'counted from the first one')
        complaint.message_post(body='Sorry', message_type='comment', subtype_xmlid='mail.mt_comment')
        self.assertFalse(complaint.next_response_due)

    def customer_writes(self, complaint):
        complaint.sudo().message_post(
            body='And?', message_type='email', subtype_xmlid='mail.mt_comment', author_id=self.customer.id,
            email_from=self.customer.email)

    def test_message_of_the_customer_ends_the_waiting(self):
        complaint = self.register()
        complaint.action_wait()
        self.at('2026-01-12 15:00')
        self.customer_writes(complaint)
        self.assertEqual(complaint.state, 'in_progress')
        self.assertEqual(complaint.resolution_due, self.due('2026-01-14 15:00'))

    def test_raising_the_priority_takes_the_faster_level_from_the_same_start(self):
        self.env['crm.sla.policy'].create({
            'name': 'Fast', 'calendar_id': self.calendar.id, 'sequence': 5, 'priority_from': '3',
            'first_response_hours': 0.5, 'resolution_hours': 2})
        complaint = self.register()
        self.assertEqual(complaint.sla_policy_id, self.policy)
        self.at('2026-01-12 08:15')
        complaint.priority = '3'
        self.assertEqual(complaint.sla_policy_id.name, 'Fast')
        self.assertEqual(complaint.resolution_due, self.due('2026-01-12 10:00'))
        self.assertIn('Fast', complaint.dispatch_note)

    def test_raising_the_priority_never_slows_down(self):
        self.env['crm.sla.policy'].create({
            'name': 'Slow but first', 'calendar_id': self.calendar.id, 'sequence': 5, 'priority_from': '3',
            'resolution_hours': 80})
        complaint = self.register()
        complaint.priority = '3'
        self.assertEqual(complaint.sla_policy_id, self.policy)

    def test_changing_a_policy_moves_no_promise_already_made(self):
        complaint = self.register()
        self.policy.resolution_hours = 1
        complaint.action_start()
        self.assertEqual(complaint.resolution_due, self.due('2026-01-13 16:00'))

    def test_reopening_gives_the_time_that_was_left_and_keeps_first_and_final_resolution_apart(self):
        complaint = self.register()
        self.at('2026-01-12 10:00')
        self.resolve(complaint)
        self.assertEqual((complaint.first_resolution_hours, complaint.sla_state), (2.0, 'breached'))
        self.assertTrue(complaint.first_response_late, 'resolved after the hour for the first answer')
        self.at('2026-01-19 08:00')
        complaint.action_reopen()
        self.assertEqual((complaint.reopen_count, complaint.resolved_at, complaint.state), (1, False, 'in_progress'))
        self.assertEqual(complaint.resolution_due, self.due('2026-01-20 14:00'), '14 of 16 hours were left')
        self.at('2026-01-19 11:00')
        complaint.action_resolve()
        self.assertEqual(complaint.first_resolution_hours, 2.0)
        self.assertEqual(complaint.resolution_hours, 5.0)
        self.assertEqual(complaint.first_resolved_at, self.due('2026-01-12 10:00'))
        self.assertEqual(complaint.resolved_at, self.due('2026-01-19 11:00'))

    def test_reopening_after_a_late_resolution_is_not_late_at_once(self):
        complaint = self.register()
        self.at('2026-01-15 09:00')
        self.resolve(complaint)
        self.assertTrue(complaint.resolution_late)
        complaint.action_reopen()
        self.assertEqual(complaint.resolution_due, self.due('2026-01-15 13:00'), 'the four hours of the policy')
        self.assertEqual(complaint.sla_state, 'ok')
        self.at('2026-01-15 10:00')
        complaint.action_resolve()
        self.assertEqual(complaint.sla_state, 'breached', 'the first round was late and stays so')
