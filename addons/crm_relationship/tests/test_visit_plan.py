from datetime import date, timedelta
from unittest.mock import patch

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import RelationshipCase

MONDAY = date(2026, 11, 23)


class VisitCase(RelationshipCase):
    """Four customers of two salespeople in the town of Visitville, and a plan of the manager."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.company.resource_calendar_id.tz = 'UTC'
        cls.env['resource.calendar.leaves'].search([('resource_id', '=', False)]).unlink()
        (cls.salesperson | cls.sales_manager | cls.other_salesperson).tz = 'UTC'
        cls.first, cls.second, cls.third = (
            cls.make_customer(f'Customer {number}', city='Visitville', zip=f'1000{number}') for number in (1, 2, 3)
        )
        cls.other = cls.make_customer(
            'Customer 4', city='Visitville', zip='10004', user_id=cls.other_salesperson.id,
        )
        cls.elsewhere = cls.make_customer('Customer of another town', city='Elsewhere')
        cls.customers = cls.first | cls.second | cls.third | cls.other

    @classmethod
    def make_plan(cls, **values):
        return cls.env['crm.visit.plan'].with_user(cls.sales_manager).create({
            'name': "Monthly visit", 'audience_domain': "[('city', '=', 'Visitville')]", 'date_start': MONDAY, **values,
        })

    def visits(self, plan):
        return self.env['mail.activity'].search([('visit_plan_id', '=', plan.id)], order='date_deadline, id')

    def line(self, plan, customer):
        return plan.sudo().line_ids.filtered(lambda line: line.partner_id == customer)

    def log(self, customer, day, mode='visit', user=None):
        return self.env['crm.touchpoint'].with_user(user or self.salesperson).create({
            'partner_id': customer.id, 'summary': "Was there", 'mode': mode, 'date': f'{day} 10:00:00',
        })

    def run_cron(self):
        with self.enter_registry_test_mode():
            self.env.ref('crm_relationship.ir_cron_visit_plans').method_direct_trigger()
        self.env.invalidate_all()


@tagged('post_install', '-at_install')
@freeze_time('2026-11-23 09:00:00')
class TestVisitPlan(VisitCase):

    def test_a_started_plan_puts_a_visit_of_each_customer_on_the_board_of_its_salesperson(self):
        plan = self.make_plan()
        plan.action_start()
        visits = self.visits(plan)
        self.assertEqual(visits.board_partner_id, self.customers)
        self.assertEqual(visits.user_id, self.salesperson | self.other_salesperson)
        self.assertEqual(set(visits.mapped('date_deadline')), {MONDAY})
        self.assertEqual(visits.activity_type_id, self.env.ref('crm_relationship.mail_activity_type_visit'))
        self.assertEqual(visits.mapped('board_week'), ['today'] * 4)
        self.assertIn("4 customers, 4 visits planned", plan.run_message)

    def test_run_twice_the_result_is_the_same(self):
        plan = self.make_plan()
        plan.action_start()
        before = self.visits(plan)
        self.run_cron()
        self.assertEqual(self.visits(plan), before)
        self.assertEqual(len(plan.line_ids), 4)
        self.assertFalse(plan.run_failed)

    def test_a_done_visit_moves_the_next_one_to_its_date_plus_the_interval(self):
        plan = self.make_plan()
        plan.action_start()
        visit = self.visits(plan).filtered(lambda item: item.board_partner_id == self.first)
        visit.with_user(self.salesperson).action_feedback(feedback="Wants samples")
        touchpoint = self.env['crm.touchpoint'].search([('partner_id', '=', self.first.id)])
        self.assertEqual((touchpoint.mode, touchpoint.body), ('visit', "Wants samples"))
        line = self.line(plan, self.first)
        self.assertEqual((line.last_contact_date, line.due_date), (MONDAY, date(2026, 12, 23)))
        self.assertEqual((line.covered, line.overdue_days, line.activity_id.active), (1, 0, False))
        self.run_cron()
        self.assertEqual(len(self.visits(plan)), 3, "nothing new before the next date comes near")
        with freeze_time('2026-12-10 09:00:00'):
            self.run_cron()
            visit = self.visits(plan).filtered(lambda item: item.board_partner_id == self.first)
            self.assertEqual(visit.date_deadline, date(2026, 12, 23))

    def test_customers_visited_by_themselves_are_skipped(self):
        self.log(self.first, '2026-11-20')
        self.log(self.second, '2026-11-20', mode='email')
        plan = self.make_plan()
        plan.action_start()
        self.assertEqual(self.visits(plan).board_partner_id, self.customers - self.first, "an e-mail is no visit")
        self.assertEqual(self.line(plan, self.first).due_date, date(2026, 12, 20))

    def test_a_visit_that_a_contact_made_superfluous_leaves_the_board(self):
        plan = self.make_plan()
        plan.action_start()
        with freeze_time('2026-11-24 15:00:00'):
            self.log(self.second, '2026-11-24', mode='meeting')
            self.run_cron()
            self.assertNotIn(self.second, self.visits(plan).board_partner_id)
            self.assertEqual(len(self.visits(plan)), 3)

    def test_a_visit_logged_days_later_counts_from_its_own_day(self):
        plan = self.make_plan()
        plan.action_start()
        with freeze_time('2026-11-25 09:00:00'):
            self.log(self.second, '2026-11-19')
            self.run_cron()
            self.assertNotIn(self.second, self.visits(plan).board_partner_id)
            self.assertEqual(self.line(plan, self.second).due_date, date(2026, 12, 19))

    def test_a_deleted_contact_makes_the_visit_due_again(self):
        plan = self.make_plan()
        touchpoint = self.log(self.first, '2026-11-20')
        plan.action_start()
        touchpoint.unlink()
        self.assertEqual(self.line(plan, self.first).due_date, MONDAY)

    def test_a_call_plan_counts_calls_and_puts_calls_on_the_board(self):
        plan = self.make_plan(mode='call')
        self.assertEqual(plan.counts, 'personal')
        self.log(self.first, '2026-11-20', mode='phone')
        plan.action_start()
        visits = self.visits(plan)
        self.assertEqual(visits.activity_type_id, self.env.ref('mail.mail_activity_data_call'))
        self.assertNotIn(self.first, visits.board_partner_id)

    def test_a_mail_plan_logs_the_mail_when_it_is_done(self):
        plan = self.make_plan(mode='mail')
        plan.action_start()
        self.visits(plan).filtered(lambda item: item.board_partner_id == self.first).action_feedback()
        self.assertEqual(self.env['crm.touchpoint'].search([('partner_id', '=', self.first.id)]).mode, 'email')

    def test_the_daily_limit_spreads_visits_over_workdays_and_skips_free_days(self):
        self.env['resource.calendar.leaves'].create({
            'name': "Bridge day", 'calendar_id': self.env.company.resource_calendar_id.id,
            'date_from': '2026-11-24 00:00:00', 'date_to': '2026-11-24 23:59:59',
        })
        plan = self.make_plan(kind='round', daily_limit=1, assign_to='fixed', user_id=self.salesperson.id)
        plan.action_start()
        days = [str(visit.date_deadline) for visit in self.visits(plan)]
        self.assertEqual(days, ['2026-11-23', '2026-11-25', '2026-11-26', '2026-11-27'])
        self.assertEqual(self.visits(plan).user_id, self.salesperson)

    def test_the_limit_counts_over_all_plans_of_a_person(self):
        self.make_plan(daily_limit=2, assign_to='fixed', user_id=self.salesperson.id).action_start()
        second = self.make_plan(daily_limit=2, assign_to='fixed', user_id=self.salesperson.id, name="Another")
        second.action_start()
        self.assertEqual(min(self.visits(second).mapped('date_deadline')), MONDAY + timedelta(days=2))

    def test_a_round_goes_by_place_and_who_has_no_address_comes_last_with_a_message(self):
        nowhere = self.make_customer('Aaa Nowhere', comment='Visitville')
        self.first.zip = '99999'
        plan = self.make_plan(
            kind='round', audience_domain=f"[('id', 'in', {(self.first | self.second | self.third | nowhere).ids})]",
        )
        plan.action_start()
        visits = self.visits(plan).sorted('visit_sequence')
        self.assertEqual(list(visits.board_partner_id), [self.second, self.third, self.first, nowhere])
        self.assertEqual(self.line(plan, nowhere).problem, 'no_address')
        self.assertEqual(plan.problem_count, 1)
        self.assertIn("1 × No address", plan.run_message)

    def test_geolocated_customers_are_visited_nearest_first(self):
        for customer, longitude in ((self.first, 9.0), (self.second, 7.0), (self.third, 8.0)):
            customer.write({'partner_latitude': 50.0, 'partner_longitude': longitude})
        start = self.env['res.partner'].create({'name': "Depot", 'partner_latitude': 50, 'partner_longitude': 9.5})
        plan = self.make_plan(kind='round', start_partner_id=start.id)
        plan.action_start()
        visits = self.visits(plan).filtered(lambda visit: visit.user_id == self.salesperson).sorted('visit_sequence')
        self.assertEqual(list(visits.board_partner_id), [self.first, self.third, self.second])

    def test_a_plan_for_nobody_is_refused_and_says_so(self):
        plan = self.make_plan(audience_domain="[('city', '=', 'Nowhere at all')]")
        with self.assertRaisesRegex(UserError, "Monthly visit.*matches no customer"):
            plan.action_start()
        plan.sudo().state = 'running'
        self.run_cron()
        self.assertTrue(plan.run_failed)
        self.assertIn("matches no customer", plan.run_message)

    def test_a_plan_for_everybody_must_say_so(self):
        plan = self.make_plan(audience_domain='[]')
        with self.assertRaisesRegex(UserError, "matches all .* customers.*All Customers Are Meant"):
            plan.action_start()
        plan.confirm_everybody = True
        plan.action_start()
        self.assertLessEqual(self.customers, plan.line_ids.partner_id)

    def test_a_filter_that_happens_to_leave_nobody_out_must_say_so_too(self):
        plan = self.make_plan(name="All of them", audience_domain="[('name', 'ilike', '')]")
        with self.assertRaisesRegex(UserError, "All of them.*matches all .* customers.*Narrow its filter"):
            plan.action_start()
        self.assertEqual((plan.state, len(self.visits(plan))), ('draft', 0))

    def test_a_round_without_any_address_is_planned_and_says_so(self):
        self.customers.write({'zip': False, 'city': False, 'comment': 'nowhere'})
        plan = self.make_plan(kind='round', audience_domain="[('comment', 'ilike', 'nowhere')]")
        plan.action_start()
        self.assertEqual(len(self.visits(plan)), 4)
        self.assertIn("4 × No address", plan.run_message)
        self.assertEqual(plan.problem_count, 4)

    def test_a_plan_cannot_end_before_it_starts(self):
        with self.assertRaisesRegex(ValidationError, "Correct one of the two dates"):
            self.make_plan(date_end='2026-11-22')

    def test_impossible_intervals_gaps_and_persons_are_refused(self):
        with self.assertRaisesRegex(ValidationError, "shorter than its interval"):
            self.make_plan(max_gap_days=20)
        with self.assertRaisesRegex(ValidationError, "Choose the person"):
            self.make_plan(assign_to='fixed')
        with self.assertRaises(IntegrityError), mute_logger('odoo.sql_db'):
            self.make_plan(interval_number=0)

    def test_a_plan_that_is_over_closes_itself(self):
        plan = self.make_plan(date_end='2026-11-30')
        plan.action_start()
        with freeze_time('2026-12-01 09:00:00'):
            self.run_cron()
            self.assertEqual(plan.state, 'closed')
            with self.assertRaisesRegex(UserError, "ended on"):
                plan.action_start()

    def test_closing_takes_coming_visits_off_the_boards_and_keeps_what_is_due(self):
        self.log(self.first, '2026-10-28')  # next on November 28, a Saturday: planned for the Monday after
        plan = self.make_plan()
        plan.action_start()
        self.assertEqual(max(self.visits(plan).mapped('date_deadline')), date(2026, 11, 30))
        plan.action_close()
        self.assertEqual(self.visits(plan).board_partner_id, self.customers - self.first)

    def test_a_customer_without_salesperson_is_listed_or_goes_to_the_stand_in(self):
        self.first.sudo().user_id = False
        plan = self.make_plan()
        plan.action_start()
        self.assertEqual(self.line(plan, self.first).problem, 'no_person')
        self.assertNotIn(self.first, self.visits(plan).board_partner_id)
        plan.user_id = self.other_salesperson
        self.run_cron()
        self.assertFalse(self.line(plan, self.first).problem)
        self.assertEqual(self.line(plan, self.first).activity_id.user_id, self.other_salesperson)

    def test_one_bad_customer_does_not_stop_the_rest_and_shows_why(self):
        plan = self.make_plan()
        create = type(self.env['mail.activity']).create

        def fail_for_second(activities, vals_list):
            if any(vals['res_id'] == self.second.id for vals in (
                [vals_list] if isinstance(vals_list, dict) else vals_list
            )):
                raise ValueError("The address book is broken")
            return create(activities, vals_list)

        with (
            patch.object(type(self.env['mail.activity']), 'create', fail_for_second),
            mute_logger('odoo.addons.crm_relationship.models.crm_visit_plan'),
        ):
            plan.action_start()
        self.assertEqual(self.visits(plan).board_partner_id, self.customers - self.second)
        line = self.line(plan, self.second)
        self.assertEqual((line.problem, line.problem_note), ('error', "The address book is broken"))
        self.run_cron()
        self.assertIn(self.second, self.visits(plan).board_partner_id)
        self.assertFalse(self.line(plan, self.second).problem)

    def test_a_broken_plan_does_not_stop_the_others(self):
        broken, good = self.make_plan(name="Broken"), self.make_plan(name="Good")
        (broken | good).sudo().state = 'running'
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE crm_visit_plan SET audience_domain = '[(''gone'', ''='', 1)]' WHERE id = %s", [broken.id],
        )
        self.env.invalidate_all()
        with mute_logger('odoo.addons.crm_relationship.models.crm_visit_plan'):
            self.run_cron()
        self.assertEqual(len(self.visits(good)), 4)
        self.assertTrue(broken.run_failed)
        self.assertIn("Broken", broken.run_message)

    def test_a_batch_costs_the_same_for_few_and_many_customers(self):
        def queries(number, **values):
            for index in range(number):
                self.make_customer(f'Town {number} {index}', city=f'Town{number}', zip=str(index))
            plan = self.make_plan(
                audience_domain=f"[('city', '=', 'Town{number}')]", daily_limit=0, **values,
            )
            plan.sudo().state = 'running'
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            plan.sudo()._generate()
            self.assertEqual(len(self.visits(plan)), number)
            return self.env.cr.sql_log_count - before

        queries(1)  # warm up
        few, many = queries(3), queries(60)
        self.assertLessEqual(many, few + 1)
        self.assertLessEqual(few, 70)

    def test_customers_overdue_beyond_the_longest_gap_need_attention(self):
        self.log(self.first, '2026-09-01')
        plan = self.make_plan(max_gap_days=60)
        plan.action_start()
        line = self.line(plan, self.first)
        self.assertEqual((line.latest_date, line.overdue_days, line.covered), (date(2026, 10, 31), 23, 0))
        self.assertEqual(plan.overdue_count, 1)
        message = self.first.with_user(self.salesperson).attention_message
        self.assertIn("visit overdue by 23 days, last on 09/01/2026", message)
        self.log(self.first, '2026-11-23')
        self.first.invalidate_recordset()
        self.assertNotIn("visit overdue", self.first.with_user(self.salesperson).attention_message or '')
        self.assertEqual(self.first.with_user(self.salesperson).next_visit_date, MONDAY)

    def test_coverage_is_the_share_contacted_within_the_interval(self):
        self.log(self.first, '2026-11-20')
        plan = self.make_plan()
        plan.action_start()
        self.assertEqual(plan.coverage, 0.25)
        figures = self.env['crm.visit.plan.line'].with_user(self.sales_manager)._read_group(
            [('plan_id', '=', plan.id)], ['user_id'], ['covered:avg'],
        )
        self.assertAlmostEqual(dict(figures)[self.salesperson], 1 / 3)

    def test_who_leaves_the_audience_leaves_the_plan(self):
        plan = self.make_plan()
        plan.action_start()
        self.third.sudo().city = 'Elsewhere'
        self.run_cron()
        self.assertEqual(plan.line_ids.partner_id, self.customers - self.third)

    def test_salespeople_see_their_customers_of_the_plan_and_change_nothing(self):
        plan = self.make_plan()
        plan.action_start()
        mine = plan.with_user(self.salesperson)
        self.assertEqual(mine.line_ids.partner_id, self.first | self.second | self.third)
        for attempt in (mine.action_generate, mine.action_pause, lambda: mine.write({'name': "Mine"})):
            with self.assertRaises(AccessError):
                attempt()
        with self.assertRaises(AccessError):
            mine.line_ids[:1].write({'due_date': '2030-01-01'})

    def test_merging_customers_keeps_their_visits(self):
        plan = self.make_plan()
        plan.action_start()
        self.env.flush_all()
        wizard = self.env['base.partner.merge.automatic.wizard'].create({})
        wizard._merge([self.first.id, self.second.id], self.first)
        self.run_cron()
        self.assertEqual(plan.line_ids.partner_id, self.customers - self.second)
        self.assertEqual(len(self.visits(plan)), 4, "both visits that were planned are still there")

    def test_archiving_a_salesperson_hands_the_customers_to_the_stand_in(self):
        plan = self.make_plan(user_id=self.other_salesperson.id)
        plan.action_start()
        self.salesperson.active = False  # the button asks for a handover first
        self.run_cron()
        self.assertEqual(plan.line_ids.user_id, self.other_salesperson)
        self.assertEqual(len(self.visits(plan)), 4, "no open visit is lost")


@tagged('post_install', '-at_install')
class TestVisitReview(VisitCase):

    @freeze_time('2026-11-23 09:00:00')
    def test_visits_and_cost_stand_beside_sales(self):
        plan = self.make_plan(date_start='2026-09-01')
        plan.action_start()
        self.log(self.first, '2026-11-20').cost = 80
        self.log(self.first, '2026-11-21', mode='phone').cost = 5
        self.make_invoice(self.second, 400, '2026-11-10')
        self.env.flush_all()
        review = self.env['crm.visit.review'].with_user(self.sales_manager)
        rows = {
            customer: (visits, cost, sales) for customer, visits, cost, sales in review._read_group(
                [('plan_id', '=', plan.id)], ['partner_id'], ['visits:sum', 'cost:sum', 'sales:sum'],
            )
        }
        self.assertEqual(rows, {self.first: (1, 85, 0), self.second: (0, 0, 400)})
        self.assertFalse(review.with_user(self.other_salesperson).search([('partner_id', '=', self.first.id)]))

    @freeze_time('2026-12-02 09:00:00')
    def test_credit_notes_of_earlier_invoices_explain_sales_below_zero(self):
        plan = self.make_plan(date_start='2026-09-01')
        plan.action_start()
        self.log(self.first, '2026-11-20')
        self.log(self.second, '2026-11-20')
        self.make_invoice(self.first, 300, '2026-10-10')
        self.make_invoice(self.first, 100, '2026-11-10')
        self.make_invoice(self.first, 300, '2026-11-12', move_type='out_refund')
        self.env.flush_all()
        row = self.env['crm.visit.review'].with_user(self.sales_manager).search([
            ('partner_id', '=', self.first.id), ('month', '=', '2026-11-01'),
        ])
        self.assertEqual((row.invoiced, row.credited, row.sales), (100, 300, -200))
        text = plan._review_text(date(2026, 11, 1), date(2026, 11, 30))
        self.assertIn("bought for $\N{NO-BREAK SPACE}100.00", text)
        self.assertIn("come to $\N{NO-BREAK SPACE}300.00", text)
        self.assertIn("1 were visited and bought nothing", text)  # the second one; the first did buy

    @freeze_time('2026-12-02 09:00:00')
    def test_a_review_without_credit_notes_does_not_speak_of_them(self):
        plan = self.make_plan(date_start='2026-09-01')
        plan.action_start()
        self.make_invoice(self.first, 100, '2026-11-10')
        self.env.flush_all()
        self.assertNotIn("Credit notes", plan._review_text(date(2026, 11, 1), date(2026, 11, 30)))

    def make_invoice(self, partner, amount, day, move_type='out_invoice'):
        self.env['account.move'].create({
            'move_type': move_type, 'partner_id': partner.id, 'invoice_date': day, 'date': day,
            'invoice_line_ids': [(0, 0, {'name': "Goods", 'quantity': 1, 'price_unit': amount, 'tax_ids': False})],
        }).action_post()

    def test_the_reviewer_is_asked_once_at_the_end_of_each_period(self):
        with freeze_time('2026-11-23 09:00:00'):
            plan = self.make_plan(review='month', name="Reviewed")
            quarterly = self.make_plan(review='quarter', name="Quarterly")
            (plan | quarterly).action_start()
            self.log(self.first, '2026-11-20').cost = 80
            self.assertFalse(self.asked(plan))
        with freeze_time('2026-12-01 09:00:00'):
            self.run_cron()
            self.run_cron()
            request = self.asked(plan)
            self.assertEqual(len(request), 1)
            self.assertEqual(request.user_id, self.sales_manager)
            self.assertIn("1 visits to 1 of 4 customers", request.note)
            self.assertIn("1 were visited and bought nothing", request.note)
            self.assertFalse(self.asked(quarterly))
        with freeze_time('2027-01-04 09:00:00'):
            self.run_cron()
            self.assertEqual((len(self.asked(plan)), len(self.asked(quarterly))), (2, 1))
            self.assertEqual(quarterly.last_review_date, date(2026, 12, 31))

    def asked(self, plan):
        return self.env['mail.activity'].search([
            ('res_model', '=', 'crm.visit.plan'), ('res_id', '=', plan.id), ('summary', 'like', 'Review the routes'),
        ])


@tagged('post_install', '-at_install')
@freeze_time('2026-11-23 09:00:00')
class TestVisitRound(VisitCase):

    def make_round(self, user=None, **values):
        return self.env['crm.visit.round'].with_user(user or self.salesperson).create(values)

    def test_the_next_workday_is_proposed_with_the_customers_that_are_due(self):
        self.make_plan().sudo().state = 'running'
        self.run_cron()
        assistant = self.make_round()
        self.assertEqual(assistant.day, date(2026, 11, 24))
        assistant.action_propose()
        self.assertEqual(list(assistant.line_ids.partner_id), [self.first, self.second, self.third])

    def test_planning_the_round_moves_visits_that_the_plan_has_on_the_board(self):
        plan = self.make_plan()
        plan.action_start()
        assistant = self.make_round(limit=2)
        assistant.action_propose()
        assistant.action_plan()
        self.assertEqual(len(self.visits(plan)), 4, "no visit twice")
        moved = self.visits(plan).filtered(lambda visit: visit.date_deadline == date(2026, 11, 24))
        self.assertEqual(moved.board_partner_id, self.first | self.second)
        self.assertEqual(moved.mapped('visit_sequence'), [1, 2])

    def test_customers_without_a_plan_are_found_by_area(self):
        assistant = self.make_round(only_due=False, area='1000', purpose="Autumn range")
        assistant.action_propose()
        self.assertEqual(assistant.line_ids.partner_id, self.first | self.second | self.third)
        assistant.action_plan()
        visits = self.env['mail.activity'].search([('summary', '=', "Autumn range")])
        self.assertEqual(visits.board_partner_id, self.first | self.second | self.third)
        self.assertEqual(visits.user_id, self.salesperson)

    def test_the_list_is_put_in_order_of_place(self):
        assistant = self.make_round(line_ids=[
            (0, 0, {'partner_id': customer.id}) for customer in (self.third, self.first, self.second)
        ])
        assistant.action_order()
        self.assertEqual(
            list(assistant.line_ids.sorted('sequence').partner_id), [self.first, self.second, self.third],
        )

    def test_past_days_empty_lists_and_nobody_due_are_refused_with_a_way_out(self):
        with self.assertRaisesRegex(UserError, "is over"):
            self.make_round(day='2026-11-20').action_plan()
        with self.assertRaisesRegex(UserError, "Propose customers"):
            self.make_round().action_plan()
        with self.assertRaisesRegex(UserError, "Untick"):
            self.make_round().action_propose()

    def test_a_round_of_fewer_than_no_visits_or_with_a_customer_twice_is_refused(self):
        with self.assertRaisesRegex(ValidationError, "At most -1 visits.*or 0 for all"):
            self.make_round(limit=-1)
        twice = self.make_round(line_ids=[(0, 0, {'partner_id': self.first.id})] * 2)
        with self.assertRaisesRegex(UserError, "Customer 1 is in the round of .* 2 times"):
            twice.action_plan()
        self.assertFalse(self.first.activity_ids)

    def test_a_customer_without_an_address_comes_last_and_says_so(self):
        self.first.write({'zip': False, 'city': False})
        assistant = self.make_round(line_ids=[(0, 0, {'partner_id': item.id}) for item in self.first | self.second])
        assistant.action_order()
        self.assertEqual(
            [(line.partner_id, line.problem) for line in assistant.line_ids.sorted('sequence')],
            [(self.second, False), (self.first, "No address: at the end")],
        )

    def test_a_free_day_is_pointed_out(self):
        self.assertIn("doesn't work on", self.make_round(day='2026-11-28').day_note)
        self.assertFalse(self.make_round(day='2026-11-25').day_note)

    def test_the_day_sheet_has_the_visits_in_order_and_the_cards(self):
        assistant = self.make_round(
            only_due=False, line_ids=[(0, 0, {'partner_id': self.second.id}), (0, 0, {'partner_id': self.first.id})],
        )
        action = assistant.action_plan_and_print()
        visits = self.env['mail.activity'].browse(action['context']['active_ids'])
        self.assertEqual(list(visits.board_partner_id), [self.second, self.first])
        html = self.env['ir.actions.report'].with_user(self.salesperson)._render_qweb_html(
            'crm_relationship.report_day_sheet', visits.ids,
        )[0].decode()
        self.assertLess(html.index('Customer 2'), html.index('Customer 1'))
        self.assertEqual(html.count('class="article'), 1, "one document: several can't be joined")
        self.assertEqual(html.count('o_card_next"'), 2, "a card a page")

    def test_a_day_without_visits_prints_nothing(self):
        sheet = self.env['crm.day.sheet'].with_user(self.salesperson).create({'day': '2026-12-24'})
        self.assertEqual(sheet.visit_count, 0)
        with self.assertRaisesRegex(UserError, "Sally Seller has no visit planned for 12/24/2026"):
            sheet.action_print()

    def test_the_day_sheet_takes_the_same_queries_for_few_and_many_customers(self):
        def count(number):
            customers = [self.make_customer(f'Sheet {number} {index}', zip=str(index)) for index in range(number)]
            self.make_round(
                day=MONDAY + timedelta(days=number), line_ids=[(0, 0, {'partner_id': item.id}) for item in customers],
            ).action_plan()
            visits = self.env['mail.activity'].with_user(self.salesperson)._visits_of_day(
                self.salesperson, MONDAY + timedelta(days=number),
            )
            self.assertEqual(len(visits), number)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.env['ir.actions.report'].with_user(self.salesperson)._render_qweb_html(
                'crm_relationship.report_day_sheet', visits.ids,
            )
            return self.env.cr.sql_log_count - before

        count(1)
        self.assertLessEqual(count(12), count(2) + 3)
