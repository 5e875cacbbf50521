"""Every scheduled action with a record that breaks it: the others go on, and a person sees the error.

Elsewhere: rules of terms (TestTermsRule), care recipients (TestCareProgramme), contracts (TestContract), promises
(TestPromise), handovers (TestHandover), codes (TestCodeAssistant), figures (TestMetrics), customers of a visit plan
(TestVisitPlan).
"""

from contextlib import contextmanager
from datetime import date
from unittest.mock import patch

from freezegun import freeze_time

from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import RelationshipCase


@tagged('post_install', '-at_install')
@freeze_time('2026-11-23 09:00:00')  # a Monday
class TestScheduledWork(RelationshipCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.company.resource_calendar_id.tz = 'UTC'
        (cls.salesperson | cls.sales_manager | cls.other_salesperson).tz = 'UTC'
        cls.good = cls.make_customer('Good Customer', city='Scheduleville')
        cls.bad = cls.make_customer('Bad Customer', city='Scheduleville', user_id=cls.other_salesperson.id)
        cls.make_customer('Of another town', city='Elsewhere')

    def run_action(self, name):
        with (
            self.enter_registry_test_mode(),
            mute_logger(
                'odoo.addons.crm_relationship.models.run_error_mixin',
                'odoo.addons.crm_relationship.models.crm_visit_plan',
                'odoo.addons.crm_relationship.models.crm_card_print_job',
                'odoo.addons.crm_relationship.models.crm_care_programme',
            ),
        ):
            self.env.ref(f'crm_relationship.{name}').method_direct_trigger()
        self.env.invalidate_all()

    @contextmanager
    def failing(self, model, method, concerns):
        """Let a method raise for whom ``concerns(records, *args)`` is true; half of its work is done by then."""
        original = getattr(type(self.env[model]), method)

        def fail(records, *args, **kwargs):
            result = original(records, *args, **kwargs)
            if concerns(records, *args):
                raise ValueError("The record is broken")
            return result

        with patch.object(type(self.env[model]), method, fail):
            yield

    def warnings(self, record):
        return self.env['mail.activity'].search([
            ('res_model', '=', record._name), ('res_id', 'in', record.ids), ('automated', '=', True),
            ('activity_type_id', '=', self.env.ref('mail.mail_activity_data_warning').id),
        ])

    def plan(self, name, **values):
        plan = self.env['crm.visit.plan'].with_user(self.sales_manager).create({
            'name': name, 'audience_domain': "[('city', '=', 'Scheduleville')]", 'date_start': '2026-09-01', **values,
        })
        plan.action_start()
        return plan

    def test_a_visit_plan_that_fails_warns_its_reviewer_once_until_it_works_again(self):
        plan = self.plan("Broken plan")
        with self.failing('crm.visit.plan', '_plan_visits', lambda plans, *_args: plan in plans):
            self.run_action('ir_cron_visit_plans')
            self.run_action('ir_cron_visit_plans')
        warning = self.warnings(plan)
        self.assertEqual((len(warning), warning.user_id), (1, self.sales_manager))
        self.assertIn("The record is broken", warning.note)
        self.run_action('ir_cron_visit_plans')
        self.assertFalse(plan.run_failed or self.warnings(plan))

    def test_a_visit_plan_that_matches_nobody_any_more_warns_its_reviewer(self):
        plan = self.plan("For nobody")
        (self.good | self.bad).city = 'Elsewhere'
        self.run_action('ir_cron_visit_plans')
        self.assertIn("matches no customer", self.warnings(plan).note)

    def test_a_visit_plan_that_cannot_end_or_be_reviewed_stops_no_other(self):
        with freeze_time('2026-11-02 09:00:00'):
            broken, good = (self.plan(name, date_end='2026-11-20', review=False) for name in ("Broken", "Good"))
            unread, read = (self.plan(name, review='month') for name in ("Unread", "Read"))
        (unread | read).sudo().last_review_date = False
        with (
            self.failing('crm.visit.plan', '_end', lambda plans: broken in plans),
            self.failing('crm.visit.plan', '_review_text', lambda plans, *_args: unread in plans),
        ):
            self.run_action('ir_cron_visit_plans')
        self.assertEqual((broken.state, good.state), ('running', 'closed'))
        self.assertTrue(unread.run_failed)
        self.assertEqual((unread.last_review_date, read.last_review_date), (False, date(2026, 10, 31)))
        self.assertTrue(self.warnings(unread))

    def test_a_card_whose_completeness_cannot_be_computed_stops_no_other(self):
        self.env.cr.execute(
            'UPDATE res_partner SET card_completeness = 99 WHERE id = ANY(%s)', [(self.good | self.bad).ids])
        self.env.invalidate_all()
        concerns = lambda partners: self.bad in partners  # noqa: E731
        with self.failing('res.partner', '_recompute_card_completeness', concerns):
            self.run_action('ir_cron_card_completeness')
            self.run_action('ir_cron_card_completeness')
        self.assertEqual((self.good.card_completeness == 99, self.bad.card_completeness), (False, 99))
        self.assertEqual(len(self.warnings(self.bad)), 1)
        self.assertFalse(self.warnings(self.good))
        self.run_action('ir_cron_card_completeness')
        self.assertNotEqual(self.bad.card_completeness, 99)
        self.assertFalse(self.warnings(self.bad))

    def test_a_salesperson_whose_cards_to_read_cannot_be_listed_stops_no_other(self):
        self.env.company.card_reading_days = 3
        for customer in self.good | self.bad:
            customer.activity_schedule(
                'crm_relationship.mail_activity_type_visit', date(2026, 11, 23), user_id=customer.user_id.id)
        with self.failing('crm.card.reading', '_remind', lambda _log, user: user == self.other_salesperson):
            self.run_action('ir_cron_card_reading')
            self.run_action('ir_cron_card_reading')
        self.assertEqual(self.env['crm.card.reading'].search([]).partner_id & (self.good | self.bad), self.good)
        self.assertEqual(len(self.warnings(self.other_salesperson.partner_id)), 1)
        self.run_action('ir_cron_card_reading')
        self.assertIn(self.bad, self.env['crm.card.reading'].search([]).partner_id)
        self.assertFalse(self.warnings(self.other_salesperson.partner_id))

    def test_a_card_review_that_cannot_be_made_stops_no_other_and_is_told_once(self):
        with self.failing('crm.card.review', '_make_review', lambda _m, _c, user, _w: user == self.other_salesperson):
            self.run_action('ir_cron_card_review')
            self.run_action('ir_cron_card_review')
        reviews = self.env['crm.card.review']
        self.assertTrue(reviews.search([('user_id', '=', self.salesperson.id)]))
        self.assertFalse(reviews.search([('user_id', '=', self.other_salesperson.id)]))
        self.assertEqual(len(self.warnings(self.other_salesperson.partner_id)), 1)
        self.run_action('ir_cron_card_review')
        self.assertTrue(reviews.search([('user_id', '=', self.other_salesperson.id)]))
        self.assertFalse(self.warnings(self.other_salesperson.partner_id))

    def test_a_meeting_that_cannot_be_logged_stops_no_other_and_its_organiser_is_told(self):
        broken, good = self.env['calendar.event'].with_user(self.salesperson).create([
            {
                'name': name, 'start': '2026-11-23 07:00:00', 'stop': '2026-11-23 08:00:00',
                'partner_ids': [(6, 0, (customer | self.salesperson.partner_id).ids)],
            }
            for name, customer in (("Broken meeting", self.bad), ("Good meeting", self.good))
        ])
        with self.failing('calendar.event', '_log_meeting', lambda events: broken in events):
            self.run_action('ir_cron_log_meetings')
            self.run_action('ir_cron_log_meetings')
        logged = self.env['crm.touchpoint'].search([('event_id', 'in', (broken | good).ids)])
        self.assertEqual(logged.event_id, good)
        self.assertEqual(broken.contact_log_error, "The record is broken")
        warning = self.warnings(self.bad)
        self.assertEqual((len(warning), warning.user_id), (1, self.salesperson))
        self.assertIn("Broken meeting", warning.summary)
        self.run_action('ir_cron_log_meetings')
        self.assertTrue(broken.contact_logged)
        self.assertFalse(broken.contact_log_error or self.warnings(self.bad))

    def test_a_print_job_that_fails_stops_no_other_and_says_why(self):
        broken, good = self.env['crm.card.print.job'].create([
            {
                'user_id': self.salesperson.id, 'company_id': self.env.company.id, 'layout': 'a4', 'language': 'user',
                'partner_ids': [(6, 0, customer.ids)],
            }
            for customer in (self.bad, self.good)
        ])
        jobs = type(broken)
        with (
            patch.object(jobs, '_render', lambda job, customers: b'%PDF-1.4'),
            self.failing('crm.card.print.job', '_store', lambda job, *_args: job == broken),
        ):
            self.run_action('ir_cron_card_print')
        self.assertEqual((broken.state, good.state), ('failed', 'done'))
        self.assertEqual(broken.error, "The record is broken")

    def test_a_user_with_an_unknown_time_zone_stops_no_ones_board(self):
        self.env.cr.execute(
            "UPDATE res_partner SET tz = 'Mars/Olympus' WHERE id = %s", [self.other_salesperson.partner_id.id])
        self.env.invalidate_all()
        cards = self.env['mail.activity'].concat(*(
            customer.activity_schedule('mail.mail_activity_data_call', date(2026, 11, 24), user_id=customer.user_id.id)
            for customer in self.good | self.bad
        ))
        with freeze_time('2026-11-24 09:00:00'):
            self.run_action('ir_cron_board')
        self.assertEqual(cards.mapped('board_week'), ['today', 'today'])

    def test_a_date_of_care_that_cannot_be_closed_stops_no_other(self):
        def programme(name):
            programme = self.env['crm.care.programme'].with_user(self.sales_manager).create({
                'name': name, 'kind_id': self.env.ref('crm_relationship.care_kind_greeting').id, 'occasion': 'once',
                'occasion_date': '2026-11-25', 'audience_domain': "[('city', '=', 'Scheduleville')]",
                'channel': 'activity',
            })
            programme.action_start()
            return programme.run_ids

        broken, good = programme("Broken"), programme("Good")
        with freeze_time('2027-03-01 09:00:00'), self.failing(
            'crm.care.run', '_miss_when_late', lambda runs: runs == broken,
        ):
            self.run_action('ir_cron_care')
        self.assertEqual((broken.state == 'missed', good.state), (False, 'missed'))
        self.assertEqual(broken.list_error, "The record is broken")

    def test_a_care_programme_that_cannot_be_planned_stops_no_other(self):
        broken, good = self.env['crm.care.programme'].with_user(self.sales_manager).create([
            {
                'name': name, 'kind_id': self.env.ref('crm_relationship.care_kind_greeting').id, 'occasion': 'once',
                'occasion_date': '2026-11-25', 'audience_domain': "[('city', '=', 'Scheduleville')]",
                'channel': 'activity',
            }
            for name in ("Broken", "Good")
        ])
        (broken | good).action_start()
        good.run_ids.sudo().unlink()
        with self.failing('crm.care.programme', '_plan', lambda programmes: broken in programmes):
            self.run_action('ir_cron_care')
        self.assertEqual(broken.plan_error, "The record is broken")
        self.assertTrue(good.run_ids)
        self.assertFalse(good.plan_error)
