from datetime import date, datetime

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .common import RelationshipCase


@tagged('post_install', '-at_install')
class TestClub(RelationshipCase):
    """A salesperson keeps the club that a manager has set up."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(freeze_time('2026-11-23 09:00:00'))
        cls.azure = cls.make_customer('Azure Interior', email='azure@example.com')
        cls.acme = cls.make_customer('Acme', email='acme@example.com')
        club = cls.env['crm.club'].with_user(cls.sales_manager).create({
            'name': "Friends of good wood", 'user_id': cls.salesperson.id,
            'level_ids': [(0, 0, {'name': "Silver"}), (0, 0, {'name': "Gold", 'sequence': 20})],
        })
        cls.club = club.with_user(cls.salesperson)
        cls.silver, cls.gold = cls.club.level_ids

    def member(self, partner=None, **values):
        return self.env['crm.club.member'].with_user(self.salesperson).create({
            'club_id': self.club.id, 'partner_id': (partner or self.azure).id, 'date_joined': '2026-01-15', **values})

    def meeting(self, **values):
        return self.env['crm.club.meeting'].with_user(self.salesperson).create({
            'club_id': self.club.id, 'name': "Spring meeting", 'date_start': '2026-11-20 14:00:00', 'duration': 3,
            **values})

    def question(self, **values):
        return self.env['crm.club.question'].with_user(self.salesperson).create({
            'club_id': self.club.id, 'name': "How do you like the new range?", **values})

    def test_the_responsible_person_adds_members_and_ends_their_membership(self):
        with Form(self.club) as form, form.member_ids.new() as line:
            line.partner_id = self.azure
            line.role = 'chair'
            line.level_id = self.gold
        member = self.club.member_ids
        self.assertEqual((self.club.member_count, member.is_current), (1, True))
        self.assertEqual(self.azure.with_user(self.salesperson).club_ids, self.club)
        member.action_leave()
        self.assertEqual((member.date_left, self.club.member_count), (date(2026, 11, 23), 0))
        self.azure.invalidate_recordset(['club_ids'])
        self.assertFalse(self.azure.with_user(self.salesperson).club_ids)

    def test_members_are_an_audience(self):
        contact = self.env['res.partner'].create({'name': 'Nora', 'parent_id': self.azure.id})
        self.member(contact)
        self.member(self.acme, date_left='2026-03-01')
        action = self.club.with_user(self.sales_manager).action_new_care()
        programmes = self.env['crm.care.programme'].with_user(self.sales_manager)
        programme = programmes.with_context(**action['context']).create({
            'kind_id': self.env.ref('crm_relationship.care_kind_news').id, 'occasion': 'free'})
        self.assertEqual(programme._audience_partners(), self.azure)
        partners = self.env['res.partner']
        self.assertIn(self.acme, partners.search([('club_ids', '=', False)]))
        self.assertNotIn(self.azure, partners.search([('club_ids', '=', False)]))
        self.assertIn(self.azure, partners.search([('club_ids', '!=', False)]))

    def test_a_meeting_invites_by_calendar_and_collects_the_replies(self):
        self.member()
        self.member(self.acme)
        meeting = self.meeting(date_start='2026-12-04 14:00:00', place="Our house")
        meeting.action_invite()
        event = meeting.event_id
        self.assertEqual(event.start, datetime(2026, 12, 4, 14))
        self.assertLessEqual(self.azure | self.acme, event.partner_ids)
        event.attendee_ids.filtered(lambda item: item.partner_id == self.azure).do_accept()
        self.assertEqual(
            {line.member_id.partner_id: line.reply for line in meeting.attendance_ids},
            {self.azure: 'accepted', self.acme: 'needsAction'})
        event.write({'start': '2026-12-05 14:00:00', 'stop': '2026-12-05 16:00:00'})
        self.assertEqual((meeting.date_start, meeting.duration), (datetime(2026, 12, 5, 14), 2))
        meeting.place = "Town hall"
        self.assertEqual(event.location, "Town hall")

    def test_who_came_is_in_the_contact_log_with_a_share_of_the_cost(self):
        self.member()
        self.member(self.acme)
        meeting = self.meeting(cost=90)
        meeting.action_list_members()
        meeting.attendance_ids.filtered(lambda line: line.member_id.partner_id == self.azure).presence = 'present'
        meeting.action_hold()
        touchpoint = self.env['crm.touchpoint'].search([('res_model', '=', 'crm.club.meeting')])
        self.assertEqual((touchpoint.partner_id, touchpoint.cost, touchpoint.mode), (self.azure, 90, 'meeting'))
        self.assertEqual((meeting.present_count, self.club.attendance_rate), (1, 0.5))

    def test_a_held_meeting_is_not_logged_a_second_time_by_the_calendar(self):
        self.member()
        meeting = self.meeting()
        meeting.action_invite()
        meeting.attendance_ids.presence = 'present'
        meeting.action_hold()
        with self.enter_registry_test_mode():
            self.env.ref('crm_relationship.ir_cron_log_meetings').method_direct_trigger()
        self.assertEqual(self.env['crm.touchpoint'].search_count([('partner_id', '=', self.azure.id)]), 1)

    def test_a_meeting_is_closed_only_when_it_is_over_and_somebody_came(self):
        self.member()
        with self.assertRaisesRegex(UserError, "hasn't begun"):
            self.meeting(date_start='2026-12-24 10:00:00').action_hold()
        with self.assertRaisesRegex(UserError, "who came"):
            self.meeting().action_hold()
        meeting = self.meeting()
        meeting.action_cancel()
        with self.assertRaisesRegex(UserError, "over or cancelled"):
            meeting.action_invite()

    def test_nobody_is_invited_to_an_empty_club(self):
        with self.assertRaisesRegex(UserError, "Add members first"):
            self.meeting().action_invite()

    def test_the_panel_answers_a_question(self):
        self.member()
        self.member(self.acme)
        question = self.question(kind='score')
        question.action_ask()
        first, second = question.answer_ids
        first.score = '5'
        second.write({'score': '2', 'text': "Too expensive"})
        self.assertEqual((question.answer_count, question.average_score, question.result), (2, 3.5, '⌀ 3.5'))
        with self.assertRaisesRegex(UserError, "what you learnt"):
            question.action_close()
        question.conclusion = "Offer a smaller range."
        question.action_close()
        with self.assertRaisesRegex(UserError, "Reopen it"):
            question.action_ask()

    def test_choices_are_counted(self):
        self.member()
        question = self.question(kind='choice')
        with self.assertRaisesRegex(UserError, "at least two choices"):
            question.action_ask()
        question.option_ids = [(0, 0, {'name': "Oak"}), (0, 0, {'name': "Beech"})]
        question.action_ask()
        question.answer_ids.option_id = question.option_ids[0]
        self.assertEqual(question.result, "Oak: 1")

    def test_a_member_asks_and_gets_an_answer(self):
        member = self.member()
        question = self.question(asked_by_id=member.id)
        with self.assertRaisesRegex(UserError, "Write the answer to Azure Interior"):
            question.action_close()
        question.reply = "In spring."
        question.action_close()
        self.assertEqual(question.state, 'closed')

    def test_a_colleague_reads_but_keeps_only_answers_of_own_customers(self):
        self.member()
        self.member(self.acme)
        question = self.question()
        question.action_ask()
        self.acme.user_id = self.other_salesperson
        theirs = question.answer_ids.with_user(self.other_salesperson)
        self.assertEqual(len(theirs), 2)
        theirs.filtered(lambda item: item.customer_id == self.acme).text = "Fine"
        with self.assertRaises(AccessError):
            theirs.filtered(lambda item: item.customer_id == self.azure).text = "Mine"
        with self.assertRaises(AccessError):
            self.club.with_user(self.other_salesperson).name = "Mine"
        with self.assertRaises(AccessError):
            self.env['crm.club.member'].with_user(self.other_salesperson).create({
                'club_id': self.club.id, 'partner_id': self.make_customer('Newcomer').id})
        with self.assertRaises(AccessError):
            self.env['crm.club'].with_user(self.salesperson).create({'name': "Mine"})

    def test_bad_input_is_refused_with_the_reason(self):
        self.member()
        with self.assertRaisesRegex(ValidationError, "Azure Interior has been in .* since 2026-01-15"):
            self.member(date_joined='2026-05-01')
        other = self.env['crm.club'].create({'name': "Other", 'level_ids': [(0, 0, {'name': "Bronze"})]})
        with self.assertRaisesRegex(ValidationError, "no level of"):
            self.member(self.acme, level_id=other.level_ids.id)
        stranger = self.env['crm.club.member'].create({'club_id': other.id, 'partner_id': self.acme.id})
        with self.assertRaisesRegex(ValidationError, "no member of"):
            self.meeting(attendance_ids=[(0, 0, {'member_id': stranger.id})])
        company = self.env['res.company'].create({'name': 'Elsewhere'})
        theirs = self.env['res.partner'].create({'name': 'Theirs', 'company_id': company.id})
        with self.assertRaisesRegex(ValidationError, "belongs to Elsewhere"):
            self.member(theirs)

    @mute_logger('odoo.sql_db')
    def test_absurd_dates_and_amounts_are_refused(self):
        with self.assertRaisesRegex(ValidationError, "Correct one"), self.env.cr.savepoint():
            self.member(date_left='2026-01-01')
        with self.assertRaises(IntegrityError), self.env.cr.savepoint():
            self.meeting(cost=-1)
        with self.assertRaises(IntegrityError), self.env.cr.savepoint():
            self.meeting(duration=-1)
        with self.assertRaisesRegex(ValidationError, "Correct one"), self.env.cr.savepoint():
            self.question(date_asked='2026-11-01', date_close='2026-10-01')
        with self.assertRaisesRegex(ValidationError, "Correct one"), self.env.cr.savepoint():
            self.club.benefit_ids = [(0, 0, {'name': "Discount", 'date_from': '2026-02-01', 'date_to': '2026-01-01'})]

    def test_a_merge_joins_memberships_and_loses_no_meeting_and_no_answer(self):
        first = self.member(level_id=self.silver.id)
        second = self.member(self.acme, date_joined='2026-06-01', role='board')
        meeting = self.meeting()
        meeting.action_list_members()
        meeting.attendance_ids.filtered(lambda line: line.member_id == second).presence = 'present'
        question = self.question()
        question.action_ask()
        question.answer_ids.filtered(lambda item: item.member_id == first).text = "Yes"
        question.answer_ids.filtered(lambda item: item.member_id == second).text = "Perhaps"
        self.env['base.partner.merge.automatic.wizard'].create({})._merge(
            (self.azure | self.acme).ids, self.azure, extra_checks=False)
        self.env.invalidate_all()
        member = self.club.member_ids
        self.assertEqual((member.partner_id, member.date_joined), (self.azure, date(2026, 1, 15)))
        self.assertEqual((member.role, member.level_id), ('board', self.silver))
        self.assertEqual(meeting.attendance_ids.mapped('presence'), ['present'])
        self.assertEqual(question.answer_ids.text, "Yes\nPerhaps")

    def test_lists_cost_the_same_for_few_and_many_clubs(self):
        clubs = self.env['crm.club'].with_user(self.sales_manager).create([{'name': f'Club {n}'} for n in range(20)])
        self.env.flush_all()
        counts = []
        for number in (1, 2, 20):  # the first one warms caches
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            clubs[:number].read([
                'member_count', 'meeting_count', 'next_meeting', 'attendance_rate', 'open_question_count'])
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[1], counts[2])
