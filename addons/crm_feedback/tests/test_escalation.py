from unittest.mock import patch

from psycopg2.errors import SerializationFailure

from odoo import Command
from odoo.tests import tagged

from .common import FeedbackCase


@tagged('post_install', '-at_install')
class TestEscalation(FeedbackCase):

    def setUp(self):
        super().setUp()
        self.policy.escalation_ids = [Command.clear()] + [Command.create(values) for values in (
            {'level': 1, 'clock': 'first_response', 'trigger': 'percent', 'percent': 50, 'target': 'owner'},
            {'level': 2, 'clock': 'first_response', 'trigger': 'after', 'delay_minutes': 0, 'target': 'leader'},
            {'level': 3, 'clock': 'first_response', 'trigger': 'after', 'delay_minutes': 60, 'target': 'user',
             'user_id': self.manager.id, 'do_assign': True},
            {'level': 1, 'clock': 'resolution', 'trigger': 'percent', 'percent': 75, 'target': 'owner'},
            {'level': 2, 'clock': 'resolution', 'trigger': 'after', 'delay_minutes': 0, 'target': 'leader'})]

    def run_cron(self):
        with patch.object(type(self.env['ir.cron']), '_commit_progress', lambda *args, **kw: 60):
            self.env['crm.complaint']._cron_escalate()

    def notes(self, complaint):
        robot = self.env.ref('base.partner_root')
        return complaint.message_ids.filtered(lambda m: m.author_id == robot and 'Escalation' in (m.body or ''))

    def test_each_level_is_reached_once(self):
        complaint = self.register()
        self.at('2026-01-12 08:29')
        self.run_cron()
        self.assertFalse(self.notes(complaint))
        for moment, level in (('08:30', 1), ('08:30', 1), ('09:00', 2), ('09:30', 2), ('10:00', 3), ('12:00', 3)):
            self.at(f'2026-01-12 {moment}')
            self.run_cron()
            self.assertEqual((complaint.escalation_level, len(self.notes(complaint))), (level, level), moment)
        self.assertEqual(complaint.user_id, self.manager, 'level 3 hands over')

    def test_owner_leader_and_named_person_hear_of_it(self):
        complaint = self.register()
        self.at('2026-01-12 10:00')
        self.run_cron()
        self.assertEqual(complaint.activity_ids.user_id, self.agent + self.manager)
        self.assertEqual(len(self.notes(complaint)), 2, 'who is meant by two levels at once hears of the higher one')
        self.assertEqual(complaint.escalation_level, 3)

    def test_resolving_ends_the_reminders_but_not_what_people_planned(self):
        complaint = self.register(user_id=self.agent.id)
        self.at('2026-01-12 10:00')
        self.run_cron()
        planned = self.env['mail.activity'].with_user(self.agent).create({
            'res_model_id': self.env['ir.model']._get_id('crm.complaint'), 'res_id': complaint.id,
            'activity_type_id': self.env.ref('mail.mail_activity_data_todo').id, 'user_id': self.agent.id})
        self.resolve(complaint)
        self.assertEqual(complaint.activity_ids, planned)

    def test_level_without_activity_notifies_in_a_note_that_no_customer_reads(self):
        self.policy.escalation_ids.do_activity = False
        complaint = self.register()
        self.at('2026-01-12 08:30')
        self.run_cron()
        note = self.notes(complaint)
        self.assertEqual(note.partner_ids, self.agent.partner_id)
        self.assertTrue(note.subtype_id.internal)
        self.assertFalse(complaint.activity_ids)

    def test_nothing_escalates_that_is_already_answered(self):
        complaint = self.register()
        complaint.message_post(body='We are on it', message_type='comment', subtype_xmlid='mail.mt_comment')
        self.at('2026-01-12 12:00')
        self.run_cron()
        self.assertFalse(self.notes(complaint))

    def test_nothing_escalates_while_waiting_for_the_customer_or_after_resolution(self):
        waiting, resolved, cancelled = (self.register() for _n in range(3))
        waiting.action_set_first_response()
        waiting.action_wait()
        self.resolve(resolved)
        cancelled.action_cancel()
        self.at('2026-02-12 12:00')
        self.run_cron()
        self.assertFalse(self.notes(waiting + resolved + cancelled))

    def test_reopening_does_not_escalate_at_once_but_starts_the_levels_anew(self):
        complaint = self.register()
        complaint.action_set_first_response()
        self.at('2026-01-15 09:00')
        self.run_cron()
        self.assertEqual(len(self.notes(complaint)), 2)
        self.resolve(complaint)
        complaint.action_reopen()
        self.run_cron()
        self.assertEqual(len(self.notes(complaint)), 2)
        self.at('2026-01-15 12:00')
        self.run_cron()
        self.assertEqual(len(self.notes(complaint)), 3, 'three of the four hours after reopening are used')

    def test_failure_of_one_record_is_noted_on_it_and_stops_no_other(self):
        bad, good = self.register(), self.register()
        self.at('2026-01-12 08:30')
        original = type(bad)._tell

        def fail(record, level, user):
            if record == bad:
                raise ValueError('mail server on fire')
            return original(record, level, user)

        with patch.object(type(bad), '_tell', fail):
            self.run_cron()
        self.assertEqual(bad.escalation_error, 'mail server on fire')
        self.assertEqual((good.escalation_level, good.escalation_error), (1, False))
        self.at('2026-01-12 08:45')
        self.run_cron()
        self.assertEqual(bad.escalation_level, 0, 'tried again after an hour')
        self.at('2026-01-12 09:31')
        self.run_cron()
        self.assertEqual((bad.escalation_level, bad.escalation_error), (2, False))

    def test_serialisation_errors_are_not_swallowed(self):
        complaint = self.register()
        self.at('2026-01-12 08:30')
        with patch.object(type(complaint), '_tell', side_effect=SerializationFailure), \
                self.assertRaises(SerializationFailure):
            self.run_cron()

    def test_scan_costs_nothing_for_what_is_not_due_and_the_same_for_each_that_is(self):
        def queries():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.run_cron()
            return self.env.cr.sql_log_count - before

        self.env['crm.complaint'].with_user(self.agent).create([
            {'subject': f'{n}', 'partner_id': self.customer.id} for n in range(30)])
        queries()
        self.assertLessEqual(queries(), 12)
        self.at('2026-01-12 08:30')
        thirty = queries()
        self.at('2026-01-12 09:00')
        self.assertLess(thirty / 30, 60)
        self.assertLess(abs(queries() - thirty) / 30, 5)

    def test_new_level_counts_for_open_complaints(self):
        complaint = self.register()
        self.policy.escalation_ids = [Command.clear()]
        self.assertFalse(complaint.next_escalation_at)
        self.policy.escalation_ids = [Command.create({
            'level': 1, 'clock': 'resolution', 'trigger': 'percent', 'percent': 25, 'target': 'leader'})]
        self.assertEqual(complaint.next_escalation_at, self.due('2026-01-12 12:00'))

    def test_missing_leader_falls_to_a_feedback_manager(self):
        self.team.leader_id = False
        complaint = self.register()
        self.at('2026-01-12 09:00')
        self.run_cron()
        managers = self.env.ref('crm_feedback.group_feedback_manager').all_user_ids
        self.assertTrue(complaint.activity_ids.user_id & managers)
