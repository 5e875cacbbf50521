from datetime import date, timedelta

from freezegun import freeze_time

from odoo.exceptions import AccessError, RedirectWarning, UserError, ValidationError
from odoo.tests import Form, new_test_user, tagged

from .common import RelationshipCase

MONDAY = date(2026, 11, 23)


@tagged('post_install', '-at_install')
class TestBoard(RelationshipCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        calendar = cls.env.company.resource_calendar_id
        calendar.tz = 'UTC'
        cls.env['resource.calendar.leaves'].search([('resource_id', '=', False)]).unlink()
        (cls.salesperson | cls.sales_manager | cls.other_salesperson).tz = 'UTC'
        cls.customer = cls.make_customer('Deco Addict GmbH')
        cls.call = cls.env.ref('mail.mail_activity_data_call')
        cls.todo = cls.env.ref('mail.mail_activity_data_todo')

    def plan(self, deadline, user=None, record=None, **values):
        user = user or self.salesperson
        record = record or self.customer
        return self.env['mail.activity'].with_user(user).create({
            'activity_type_id': self.call.id, 'summary': "Call about the autumn range",
            'res_model_id': self.env['ir.model']._get_id(record._name), 'res_id': record.id,
            'date_deadline': deadline, 'user_id': user.id, **values,
        })

    def shown_columns(self, domain, fname):
        board = self.env['mail.activity'].with_user(self.salesperson).with_context(read_group_expand=True)
        return [group[fname] for group in board.web_read_group(domain, [fname], ['__count'])['groups']]

    def columns(self, *activities):
        return [activity.board_week for activity in activities]

    @freeze_time('2026-11-23 09:00:00')
    def test_a_new_activity_stands_in_the_column_of_its_date(self):
        offsets = (-1, 0, 1, 2, 7, 14)
        activities = [self.plan(MONDAY + timedelta(days=offset)) for offset in offsets]
        self.assertEqual(
            self.columns(*activities), ['overdue', 'today', 'tomorrow', 'this_week', 'next_week', 'later'],
        )
        self.assertEqual(activities[0].board_month, 'week_4')
        self.assertEqual(activities[4].board_month, 'week_6')
        self.assertEqual(activities[0].board_partner_id, self.customer)

    @freeze_time('2026-11-27 09:00:00')  # a Friday
    def test_a_card_dragged_gets_the_date_of_the_column_and_its_real_bucket(self):
        activity = self.plan(date(2026, 11, 20))
        activity.write({'board_week': 'tomorrow'})
        self.assertEqual(activity.date_deadline, date(2026, 11, 30), "the next workday after Friday is Monday")
        self.assertEqual(activity.board_week, 'next_week')
        activity.write({'board_week': 'today'})
        self.assertEqual((activity.date_deadline, activity.board_week), (date(2026, 11, 27), 'today'))
        activity.write({'board_week': 'later'})
        self.assertEqual((activity.date_deadline, activity.board_week), (date(2026, 12, 7), 'later'))

    @freeze_time('2026-11-23 09:00:00')
    def test_a_free_day_of_the_company_or_of_the_person_is_skipped(self):
        self.env['resource.calendar.leaves'].create({
            'name': "Bridge day", 'calendar_id': self.env.company.resource_calendar_id.id,
            'date_from': '2026-11-24 00:00:00', 'date_to': '2026-11-24 23:59:59',
        })
        activity = self.plan(MONDAY)
        activity.write({'board_week': 'tomorrow'})
        self.assertEqual(activity.date_deadline, date(2026, 11, 25))

    @freeze_time('2026-11-23 09:00:00')
    def test_dropping_on_overdue_is_refused(self):
        activity = self.plan(MONDAY)
        with self.assertRaisesRegex(UserError, "planned in the past"):
            activity.write({'board_week': 'overdue'})
        with self.assertRaisesRegex(UserError, "planned in the past"):
            activity.write({'board_month': 'week_1'})
        self.assertEqual(activity.date_deadline, MONDAY)

    @freeze_time('2026-11-29 09:00:00')  # a Sunday
    def test_on_a_sunday_this_week_has_no_date_and_next_week_begins_after_tomorrow(self):
        columns = self.env['mail.activity'].with_user(self.salesperson).get_board_columns()['board_week']
        self.assertEqual(
            {bucket: (column['target'], column['over']) for bucket, column in columns.items()},
            {
                'overdue': (False, True), 'today': (date(2026, 11, 29), False), 'tomorrow': (date(2026, 11, 30), False),
                'this_week': (False, False), 'next_week': (date(2026, 12, 1), False),
                'later': (date(2026, 12, 7), False),
            },
        )
        activity = self.plan(date(2026, 11, 20))
        with self.assertRaisesRegex(UserError, "Sally Seller has no workday left in “This week”"):
            activity.write({'board_week': 'this_week'})
        with self.assertRaisesRegex(UserError, "no workday left in “Week 5”"):
            activity.write({'board_month': 'week_5'})
        activity.write({'board_week': 'next_week'})
        self.assertEqual((activity.date_deadline, activity.board_week), (date(2026, 12, 1), 'next_week'))

    @freeze_time('2026-12-21 09:00:00')
    def test_a_week_of_company_holidays_over_the_year_end_takes_no_cards(self):
        self.env['resource.calendar.leaves'].create({
            'name': "Christmas to New Year", 'calendar_id': self.env.company.resource_calendar_id.id,
            'date_from': '2026-12-24 00:00:00', 'date_to': '2027-01-03 23:59:59',
        })
        activity = self.plan(date(2026, 12, 21))
        with self.assertRaisesRegex(UserError, "no workday left in “Next week”"):
            activity.write({'board_week': 'next_week'})
        activity.write({'board_week': 'this_week'})
        self.assertEqual(activity.date_deadline, date(2026, 12, 23))
        activity.write({'board_week': 'later'})
        self.assertEqual((activity.date_deadline, activity.board_week), (date(2027, 1, 4), 'later'))

    @freeze_time('2026-11-27 20:00:00')  # Friday evening in London, Saturday in Shanghai
    def test_the_weekend_begins_with_the_day_of_the_person(self):
        self.salesperson.tz = 'Asia/Shanghai'
        activity = self.plan(date(2026, 11, 27))
        with self.assertRaisesRegex(UserError, "no workday left"):
            activity.write({'board_week': 'this_week'})
        self.salesperson.tz = 'Europe/London'
        activity.write({'board_week': 'this_week'})
        self.assertEqual((activity.date_deadline, activity.board_week), (date(2026, 11, 27), 'today'))

    @freeze_time('2026-11-23 09:00:00')
    def test_the_month_board_shows_the_weeks_of_this_month_and_moves_to_them(self):
        activity = self.plan(MONDAY)
        activity.write({'board_month': 'week_6'})
        self.assertEqual((activity.date_deadline, activity.board_month), (date(2026, 11, 30), 'week_6'))
        activity.write({'board_month': 'after'})
        self.assertEqual((activity.date_deadline, activity.board_month), (date(2026, 12, 1), 'after'))
        self.assertEqual(
            self.shown_columns([('id', '=', activity.id)], 'board_month'),
            ['before', 'week_1', 'week_2', 'week_3', 'week_4', 'week_5', 'week_6', 'after'],
        )

    @freeze_time('2026-11-23 09:00:00')
    def test_all_columns_of_the_week_show_even_when_empty(self):
        self.assertEqual(
            self.shown_columns([('user_id', '=', self.salesperson.id)], 'board_week'),
            ['overdue', 'today', 'tomorrow', 'this_week', 'next_week', 'later'],
        )

    @freeze_time('2026-11-23 09:00:00')
    def test_a_meeting_is_opened_instead_of_moved(self):
        event = self.env['calendar.event'].with_user(self.salesperson).create({
            'name': "Range meeting", 'start': '2026-11-24 10:00:00', 'stop': '2026-11-24 11:00:00',
            'partner_ids': [(6, 0, self.customer.ids)],
        })
        activity = self.plan(date(2026, 11, 24), calendar_event_id=event.id)
        with self.assertRaisesRegex(RedirectWarning, "Range meeting"):
            activity.write({'board_week': 'next_week'})
        self.assertEqual(str(event.start), '2026-11-24 10:00:00')
        self.assertEqual(activity.action_open_board_event()['res_id'], event.id)

    def test_each_time_zone_has_its_own_today(self):
        self.other_salesperson.tz = 'Pacific/Auckland'  # UTC+13 in November
        self.salesperson.tz = 'America/Los_Angeles'  # UTC-8
        with freeze_time('2026-11-23 12:00:00'):
            west = self.plan(date(2026, 11, 24))
            east = self.plan(date(2026, 11, 24), user=self.other_salesperson)
            self.assertEqual(self.columns(west, east), ['tomorrow', 'today'])
        with freeze_time('2026-11-24 11:30:00'):  # 00:30 on the 25th in Auckland, 03:30 on the 24th in Los Angeles
            self.env['mail.activity']._board_refresh()
            self.assertEqual(self.columns(west, east), ['today', 'overdue'])

    def test_the_day_changes_by_one_statement_whatever_the_number_of_cards(self):
        with freeze_time('2026-11-23 09:00:00'):
            activities = [self.plan(MONDAY + timedelta(days=offset % 20)) for offset in range(40)]
            self.env.flush_all()
            self.assertEqual(self.env['mail.activity']._board_refresh(), 0, "nothing has changed yet")
        with freeze_time('2026-11-24 00:01:00'):
            with self.assertQueryCount(2):  # the time zones, the update
                self.env['mail.activity']._board_refresh()
            self.assertEqual(activities[0].board_week, 'overdue')
            self.assertEqual(activities[1].board_week, 'today')
            self.assertEqual(self.env['mail.activity']._board_refresh(), 0, "a second run changes nothing")

    def test_the_year_ends_right(self):
        with freeze_time('2026-12-31 09:00:00'):  # a Thursday
            activities = [self.plan(date(2027, 1, day)) for day in (1, 3, 4, 11)]
            self.assertEqual(self.columns(*activities), ['tomorrow', 'this_week', 'next_week', 'later'])
            self.assertEqual(activities[0].board_month, 'after')
        with freeze_time('2027-01-01 00:30:00'):
            self.env['mail.activity']._board_refresh()
            self.assertEqual(self.columns(*activities), ['today', 'this_week', 'next_week', 'later'])
            months = [activity.board_month for activity in activities]
            self.assertEqual(months, ['week_1', 'week_1', 'week_2', 'week_3'])

    @freeze_time('2026-11-23 09:00:00')
    def test_the_scheduled_action_runs(self):
        activity = self.plan(MONDAY)
        self.env.flush_all()
        self.env.cr.execute("UPDATE mail_activity SET board_week = 'later' WHERE id = %s", [activity.id])
        self.env.invalidate_all()
        with self.enter_registry_test_mode():
            self.env.ref('crm_relationship.ir_cron_board').method_direct_trigger()
        self.assertEqual(activity.board_week, 'today')

    @freeze_time('2026-11-23 09:00:00')
    def test_quick_create_in_a_column_for_a_customer_and_for_oneself(self):
        Activity = self.env['mail.activity'].with_user(self.salesperson).with_context(default_board_week='next_week')
        view = 'crm_relationship.mail_activity_view_form_board_quick'
        with Form(Activity, view) as form:
            self.assertEqual(form.date_deadline, date(2026, 11, 30))
            form.summary = "Send the samples"
            form.board_partner_id = self.customer
        self.assertEqual((form.record.res_model, form.record.res_id), ('res.partner', self.customer.id))
        self.assertEqual((form.record.board_partner_id, form.record.board_week), (self.customer, 'next_week'))
        with Form(Activity, view) as form:
            form.summary = "Read the trade paper"
        self.assertFalse(form.record.res_model)
        self.assertEqual((form.record.user_id, form.record.board_week), (self.salesperson, 'next_week'))

    @freeze_time('2026-11-23 09:00:00')
    def test_the_customer_of_a_card_is_that_of_its_document(self):
        contact = self.env['res.partner'].create({'name': "Ms Lindt", 'parent_id': self.customer.id})
        lead = self.env['crm.lead'].with_user(self.salesperson).create({
            'name': "Spring range", 'partner_id': contact.id, 'user_id': self.salesperson.id,
        })
        activity = self.plan(MONDAY, record=lead)
        self.assertEqual(activity.board_partner_id, self.customer)
        other = self.make_customer('Gemini Furniture')
        lead.partner_id = other
        self.assertEqual(activity.board_partner_id, other)
        self.env.flush_all()
        self.env.cr.execute("UPDATE crm_lead SET partner_id = %s WHERE id = %s", [contact.id, lead.id])
        self.env.invalidate_all()
        self.env['mail.activity']._board_refresh_partners()
        self.assertEqual(activity.board_partner_id, self.customer)
        with self.assertRaisesRegex(UserError, "customer of an activity"):
            activity.board_partner_id = other

    @freeze_time('2026-11-23 09:00:00')
    def test_the_manager_sees_and_moves_everyones_work_but_no_personal_items(self):
        activity = self.plan(MONDAY)
        personal = self.env['mail.activity'].with_user(self.salesperson).create({
            'summary': "Dentist", 'user_id': self.salesperson.id, 'date_deadline': MONDAY,
        })
        board = self.env['mail.activity'].with_user(self.sales_manager)
        self.assertEqual(board.search([('id', 'in', (activity + personal).ids)]), activity)
        activity.with_user(self.sales_manager).write({'board_week': 'tomorrow'})
        self.assertEqual(activity.date_deadline, date(2026, 11, 24))

    @freeze_time('2026-11-23 09:00:00')
    def test_work_on_documents_one_cannot_read_is_not_on_the_board(self):
        lead = self.env['crm.lead'].with_user(self.salesperson).create({
            'name': "Own lead", 'partner_id': self.customer.id, 'user_id': self.salesperson.id,
        })
        activity = self.plan(MONDAY, record=lead)
        for user, seen in ((self.other_salesperson, 0), (self.salesperson, 1), (self.sales_manager, 1)):
            self.assertEqual(self.env['mail.activity'].with_user(user).search_count([('id', '=', activity.id)]), seen)

    @freeze_time('2026-11-23 09:00:00')
    def test_done_with_one_line_of_result(self):
        activity = self.plan(MONDAY)
        action = activity.action_board_done_dialog()
        self.assertEqual((action['res_id'], action['target']), (activity.id, 'new'))
        activity.feedback = "Wants the samples by Friday"
        activity.action_board_done()
        self.assertFalse(activity.active)
        self.assertFalse(activity.board_week)
        self.assertEqual(activity.feedback, "Wants the samples by Friday")

    @freeze_time('2026-11-23 09:00:00')
    def test_the_first_page_costs_few_queries_more_than_the_activities_of_odoo(self):
        user = new_test_user(self.env, login='rel_board', groups='sales_team.group_sale_salesman_all_leads', tz='UTC')
        customers = [self.make_customer(f'Customer {number}') for number in range(30)]
        for number in range(120):
            self.plan(MONDAY + timedelta(days=number % 25 - 3), user=user, record=customers[number % 30])
        core = self.count_first_page(user, 'mail.mail_activity_view_kanban_open_target', 'activity_type_id')
        ours = self.count_first_page(user, 'crm_relationship.mail_activity_view_kanban_week', 'board_week')
        self.assertLessEqual(ours, core + 15)
        for number in range(120, 240):
            self.plan(MONDAY + timedelta(days=number % 25 - 3), user=user, record=customers[number % 30])
        more = self.count_first_page(user, 'crm_relationship.mail_activity_view_kanban_week', 'board_week')
        self.assertLessEqual(more, ours, "the number of queries doesn't grow with the number of cards")

    def count_first_page(self, user, view, groupby):
        """Return the number of queries that the web client's first read of a kanban takes."""
        activities = self.env['mail.activity'].with_user(user)
        fields_in_view = activities.get_views([(self.env.ref(view).id, 'kanban')])['models']['mail.activity']['fields']
        specification = {
            name: {'fields': {'display_name': {}}} if description['type'] in ('many2one', 'many2one_reference') else {}
            for name, description in fields_in_view.items()
            if name in self.env.ref(view).arch_db and name in activities._fields
        }
        activities.web_search_read([('user_id', '=', user.id)], specification, limit=80)  # warm up ormcaches
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        activities.web_read_group(
            [('user_id', '=', user.id)], [groupby], ['__count'], auto_unfold=True,
            unfold_read_specification=specification, unfold_read_default_limit=80,
        )
        return self.env.cr.sql_log_count - before

    @freeze_time('2026-11-11 09:00:00')
    def test_a_task_over_several_weeks_shows_in_each_and_moves_as_a_whole(self):
        task = self.plan(date(2026, 11, 25), board_date_start='2026-11-10')
        self.assertEqual(task.board_month, 'week_5')
        overview = self.env['mail.activity'].with_user(self.salesperson).get_board_overview(
            [('user_id', '=', self.salesperson.id)], 'board_month',
        )
        self.assertEqual(list(overview['spanning']), ['week_3', 'week_4'])
        self.assertEqual(overview['spanning']['week_3'][0]['id'], task.id)
        week = self.env['mail.activity'].with_user(self.salesperson).get_board_overview([], 'board_week')
        self.assertEqual(list(week['spanning']), ['today', 'tomorrow', 'this_week', 'next_week'])
        task.with_user(self.salesperson).write({'board_month': 'week_4'})
        self.assertEqual((task.board_date_start, task.date_deadline), (date(2026, 11, 1), date(2026, 11, 16)))
        with self.assertRaisesRegex(UserError, "would start on"):
            task.date_deadline = date(2026, 10, 20)

    @freeze_time('2026-11-23 09:00:00')
    def test_key_tasks_without_a_customer_are_seen_by_the_manager_and_hang_on_the_month(self):
        Activity = self.env['mail.activity'].with_user(self.salesperson)
        task = Activity.create({'summary': "Prepare the fair", 'user_id': self.salesperson.id, 'key_task': True,
                                'date_deadline': '2026-11-26'})
        self.assertEqual(task.res_model, 'crm.month.arrangement')
        arrangement = self.env['crm.month.arrangement'].browse(task.res_id)
        self.assertEqual((arrangement.user_id, arrangement.month), (self.salesperson, date(2026, 11, 1)))
        self.assertEqual(arrangement.with_user(self.salesperson).key_task_count, 1)
        board = self.env['mail.activity'].with_user(self.sales_manager)
        shown = ['|', ('board_partner_id', '!=', False), ('key_task', '=', True)]
        self.assertIn(task, board.search(shown))
        self.assertNotIn(task, board.with_user(self.other_salesperson).search(shown))
        personal = Activity.create({'summary': "Tidy up", 'user_id': self.salesperson.id})
        self.assertFalse(personal.res_model)
        personal.action_board_key_task()
        self.assertEqual((personal.res_model, personal.res_id), ('crm.month.arrangement', arrangement.id))

    @freeze_time('2026-11-23 09:00:00')
    def test_the_month_board_starts_with_the_arrangement_of_the_month(self):
        Arrangement = self.env['crm.month.arrangement']
        own = Arrangement.with_user(self.salesperson).create({'month': '2026-11-18', 'body': "Win back three"})
        self.assertEqual((own.month, own.display_name), (date(2026, 11, 1), "November 2026 – Sally Seller"))
        company = Arrangement.with_user(self.sales_manager).create({'user_id': False, 'body': "Fair in week 4"})
        Arrangement.with_user(self.sales_manager).create({'body': "Of the manager"})
        overview = self.env['mail.activity'].with_user(self.salesperson).get_board_overview([], 'board_month')
        self.assertEqual([item['id'] for item in overview['arrangements']], (own | company).ids)
        self.assertTrue(overview['own'])
        with self.assertRaises(AccessError):
            company.with_user(self.salesperson).body = "Holidays for all"
        with self.assertRaises(AccessError):
            own.with_user(self.other_salesperson).read(['body'])
        with self.assertRaises(ValidationError):
            own.team_id = self.env['crm.team'].create({'name': "North"})

    @freeze_time('2026-11-23 09:00:00')
    def test_boards_are_grouped_and_searched_by_sales_team(self):
        team = self.env['crm.team'].create({
            'name': "Team of the north", 'member_ids': [(6, 0, self.salesperson.ids)],
        })
        activity = self.plan(MONDAY)
        board = self.env['mail.activity'].with_user(self.sales_manager)
        self.assertIn(activity, board.search([('board_team_id', 'ilike', "of the north")]))
        groups = board.web_read_group([('id', '=', activity.id)], ['board_team_id'], ['__count'])['groups']
        self.assertEqual(groups[0]['board_team_id'], (team.id, "Team of the north"))
