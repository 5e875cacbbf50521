from datetime import date, timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import CreditCase


@tagged('post_install', '-at_install')
class TestGuaranteesAndExtensions(CreditCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.activate_policy()
        cls.set_terms(cls.customer, limit=1000)
        cls.today = fields.Date.context_today(cls.env.user)

    def day(self, days):
        return self.today + timedelta(days=days)

    def terms(self):
        return self.customer._credit_terms(self.company)[self.customer.id]

    def guarantee(self, **values):
        return (
            self.env['credit.guarantee']
            .with_user(self.analyst)
            .create(
                {
                    'name': 'G 1',
                    'partner_id': self.customer.id,
                    'amount': 500,
                    'date_from': self.day(-40),
                    'date_to': self.day(40),
                    **values,
                }
            )
        )

    def extension(self, **values):
        return (
            self.env['credit.extension']
            .with_user(self.analyst)
            .create(
                {
                    'partner_id': self.customer.id,
                    'amount': 300,
                    'date_from': self.day(-5),
                    'date_to': self.day(5),
                    'reason': 'Season',
                    **values,
                }
            )
        )

    def run_cron(self, xmlid):
        self.env.flush_all()
        with self.enter_registry_test_mode():
            self.env.ref(f'crm_credit.{xmlid}').method_direct_trigger()
        self.env.invalidate_all()

    # ------------------------------------------------------------------ what counts

    def test_accepted_guarantees_raise_what_may_be_owed(self):
        guarantee = self.guarantee(coverage=0.9)
        self.assertEqual(self.terms().ceiling, 1000)
        with self.assertRaisesRegex(UserError, 'Manager'):
            guarantee.action_accept()
        guarantee.with_user(self.credit_manager).action_accept()
        self.guarantee(name='G 2', amount=100).with_user(self.credit_manager).action_accept()
        self.assertEqual(self.terms().ceiling, 1000 + 450 + 100)
        guarantee.with_user(self.credit_manager).action_close()
        self.assertEqual(self.terms().ceiling, 1100)

    def test_foreign_guarantee_counts_in_company_currency(self):
        currency = self.setup_other_currency('CHF', rates=[('2016-01-01', 4.0)])
        guarantee = self.guarantee(currency_id=currency.id, amount=400)
        guarantee.with_user(self.credit_manager).action_accept()
        self.assertEqual(self.terms().guarantee, 100)

    def test_a_guarantee_past_its_end_counts_no_more_even_before_the_scheduled_action(self):
        guarantee = self.guarantee(date_to=self.day(-1))
        guarantee.with_user(self.credit_manager).action_accept()
        terms = self.terms()
        self.assertEqual((terms.guarantee, terms.guarantee_expired), (0, True))

    def test_extension_counts_between_its_dates_and_needs_authority_and_reason(self):
        extension = self.extension()
        self.assertEqual(self.terms().extension, 0)
        with self.assertRaises(AccessError):
            extension.action_approve()
        extension.with_user(self.credit_manager).action_approve()
        self.assertEqual((self.terms().extension, extension.approver_id), (300, self.credit_manager))
        with self.assertRaisesRegex(AccessError, 'authority'):
            self.extension(amount=50001).with_user(self.credit_manager).action_approve()
        with self.assertRaisesRegex(ValidationError, 'Say why'), self.cr.savepoint():
            self.extension(reason=' ').with_user(self.credit_manager).action_approve()
        with self.assertRaises(AccessError):
            self.extension().write({'state': 'approved'})
        with self.assertRaisesRegex(UserError, 'decided'):
            extension.with_user(self.credit_manager).amount = 900
        extension.with_user(self.credit_manager).action_end()
        self.assertEqual(self.terms().extension, 0)

    def test_impossible_entries_are_refused(self):
        for values, message in (
            ({'date_to': self.day(-50)}, 'before it starts'),
            ({'amount': -1}, 'above zero'),
            ({'coverage': 1.2}, '100'),
        ):
            with self.assertRaisesRegex(ValidationError, message), self.cr.savepoint():
                self.guarantee(**values)
        for values, message in (({'date_to': self.day(-50)}, 'before it starts'), ({'amount': 0}, 'above zero')):
            with self.assertRaisesRegex(ValidationError, message), self.cr.savepoint():
                self.extension(**values)

    def test_what_counted_stays_on_file(self):
        guarantee, extension = self.guarantee(), self.extension()
        (
            guarantee.with_user(self.credit_manager).action_accept(),
            extension.with_user(self.credit_manager).action_approve(),
        )
        for record in (guarantee, extension):
            with self.assertRaisesRegex(UserError, 'stays on file'):
                record.sudo().unlink()

    # ------------------------------------------------------------------ scheduled actions

    def test_extensions_end_by_themselves_once(self):
        extension = self.extension(date_to=self.day(-1))
        running = self.extension()
        (extension + running).with_user(self.credit_manager).action_approve()
        for _time in range(2):
            self.run_cron('ir_cron_credit_extension')
        self.assertEqual((extension.state, running.state), ('ended', 'approved'))
        self.assertEqual(len(extension.sudo().activity_ids), 1)
        self.assertEqual(extension.sudo().activity_ids.user_id, self.analyst)

    def test_guarantees_are_announced_and_then_expire(self):
        guarantee = self.guarantee(date_to=self.day(10))
        guarantee.with_user(self.credit_manager).action_accept()
        for _time in range(2):
            self.run_cron('ir_cron_credit_guarantee')
        self.assertEqual((guarantee.state, len(guarantee.sudo().activity_ids)), ('accepted', 1))
        guarantee.with_user(self.credit_manager).write({'date_to': self.day(-1)})
        for _time in range(2):
            self.run_cron('ir_cron_credit_guarantee')
        self.assertEqual((guarantee.state, len(guarantee.sudo().activity_ids)), ('expired', 1))

    @mute_logger('odoo.addons.crm_credit.models.credit_schedule_mixin')
    def test_one_bad_record_does_not_stop_the_others(self):
        bad, good = self.extension(date_to=self.day(-1)), self.extension(date_to=self.day(-1))
        (bad + good).with_user(self.credit_manager).action_approve()
        end = type(bad)._end_by_itself

        def fail_for_bad(model, extension):
            if extension.id == bad.id:
                raise ValueError('Broken record')
            return end(model, extension)

        with patch.object(type(bad), '_end_by_itself', fail_for_bad):
            self.run_cron('ir_cron_credit_extension')
        self.assertEqual((bad.state, bad.expiry_error, good.state), ('approved', 'Broken record', 'ended'))
        self.run_cron('ir_cron_credit_extension')
        self.assertEqual((bad.state, bad.expiry_error), ('ended', False))

    def test_what_is_approved_is_what_stands_there(self):
        extension = self.extension()
        with self.assertRaisesRegex(AccessError, 'authority'), self.cr.savepoint():
            extension.with_user(self.credit_manager).write({'state': 'approved', 'amount': 60000})
        self.assertEqual((extension.state, extension.amount), ('draft', 300))
        extension.with_user(self.credit_manager).write({'state': 'approved', 'amount': 400})
        self.assertEqual((extension.state, extension.amount_company), ('approved', 400))

    def test_guarantees_count_within_the_authority_of_who_accepts(self):
        guarantee = self.guarantee(amount=100000, coverage=0.6)
        with self.assertRaisesRegex(AccessError, 'Guarantee G 1 of Steady Stores GmbH.*authority'), self.cr.savepoint():
            guarantee.with_user(self.credit_manager).action_accept()
        guarantee.coverage = 0.5
        guarantee.with_user(self.credit_manager).action_accept()
        self.assertEqual(self.terms().guarantee, 50000)
        with self.assertRaisesRegex(AccessError, 'authority'), self.cr.savepoint():
            guarantee.with_user(self.credit_manager).amount = 200000

    def test_accepted_guarantees_stay_on_file_and_expired_ones_are_renewed(self):
        guarantee = self.guarantee().with_user(self.credit_manager)
        guarantee.action_accept()
        with self.assertRaisesRegex(UserError, 'can.t become “Draft”'):
            guarantee.state = 'draft'
        guarantee.date_to = self.day(-1)
        self.run_cron('ir_cron_credit_guarantee')
        self.assertEqual((guarantee.state, self.terms().guarantee), ('expired', 0))
        guarantee.date_to = self.day(30)
        guarantee.action_accept()
        self.assertEqual((guarantee.state, self.terms().guarantee), ('accepted', 500))
        guarantee.action_close()
        with self.assertRaisesRegex(UserError, 'Enter a new guarantee'):
            guarantee.state = 'accepted'
        bought = (
            self.env['credit.guarantee']
            .with_user(self.credit_manager)
            .create({'name': 'G 2', 'partner_id': self.customer.id, 'amount': 10, 'state': 'accepted'})
        )
        self.assertEqual(bought.approver_id, self.credit_manager)

    def test_cover_begins_and_ends_at_the_midnight_of_the_company_wherever_the_user_is(self):
        self.company.partner_id.tz = 'America/Los_Angeles'
        day = date(2026, 3, 10)
        extension = self.extension(date_from=day, date_to=day).with_user(self.credit_manager)
        guarantee = self.guarantee(date_from=day, date_to=day).with_user(self.credit_manager)
        extension.action_approve()
        guarantee.action_accept()
        for now, counts in (
            ('2026-03-10 06:59:59', 0),
            ('2026-03-10 07:00:00', 1),  # midnight in Los Angeles
            ('2026-03-11 06:59:59', 1),
            ('2026-03-11 07:00:00', 0),
        ):
            for tz in ('Asia/Shanghai', 'America/Los_Angeles', 'UTC'):
                with freeze_time(now):
                    terms = self.customer.with_context(tz=tz)._credit_terms(self.company)[self.customer.id]
                self.assertEqual((terms.extension, terms.guarantee), (300 * counts, 500 * counts), (now, tz))
        with freeze_time('2026-03-11 06:59:59'):
            self.run_cron('ir_cron_credit_extension')
        self.assertEqual(extension.state, 'approved')
        with freeze_time('2026-03-11 07:00:00'):
            self.run_cron('ir_cron_credit_extension')
            self.run_cron('ir_cron_credit_guarantee')
        self.assertEqual((extension.state, guarantee.state), ('ended', 'expired'))

    def test_requests_reach_a_manager_and_decisions_who_asked(self):
        for request, decide in ((self.extension(), 'action_approve'), (self.guarantee(), 'action_accept')):
            asked = request.sudo().activity_ids
            self.assertEqual(asked.mapped('summary'), [f'Decide on $\xa0{request.amount:.2f} for Steady Stores GmbH'])
            self.assertTrue(asked.user_id.has_group('crm_credit.group_credit_manager'))
            getattr(request.with_user(self.credit_manager), decide)()
            self.assertFalse(request.sudo().activity_ids)
            self.assertIn(self.analyst.partner_id, request.sudo().message_ids.partner_ids)

    def test_reviews_are_asked_for_once(self):
        self.customer._set_credit_terms(self.company, {'credit_review_date': self.day(-2)})
        for _time in range(2):
            self.run_cron('ir_cron_credit_review')
        review = self.env.ref('crm_credit.mail_activity_type_credit_review')
        self.assertEqual(len(self.customer.activity_ids.filtered(lambda a: a.activity_type_id == review)), 1)

    def test_policy_versions_change_by_date(self):
        draft = self.env['credit.policy'].browse(self.policy.action_new_version()['res_id'])
        draft.write({'date_from': self.day(1)})
        draft.action_activate()
        self.assertEqual(self.env['credit.policy']._get_active(self.company), self.policy)
        self.assertEqual(self.env['credit.policy']._get_active(self.company, self.day(1)), draft)
        with patch.object(fields.Date, 'context_today', lambda record, timestamp=None: self.day(1)):
            self.run_cron('ir_cron_credit_policy')
        self.assertEqual(self.policy.state, 'archived')
