from datetime import date
from unittest.mock import patch

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged

from .common import RelationshipCase


@tagged('post_install', '-at_install')
class TestPromise(RelationshipCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls.make_customer('Deco Addict GmbH')
        cls.startClassPatcher(freeze_time('2026-11-23 09:00:00'))

    def promise(self, due='2026-11-25', user=None, **values):
        user = user or self.salesperson
        return self.env['crm.promise'].with_user(user).create({
            'partner_id': self.customer.id, 'name': "Send the price list", 'date_due': due,
            'date_promised': '2026-11-02', **values,
        })

    def follow_up(self):
        with self.enter_registry_test_mode():
            self.env.ref('crm_relationship.ir_cron_promises').method_direct_trigger()

    def test_a_promise_from_the_customer_is_one_line_and_a_date(self):
        action = self.customer.with_user(self.salesperson).action_new_promise()
        Promise = self.env['crm.promise'].with_user(self.salesperson).with_context(**action['context'])
        with Form(Promise, 'crm_relationship.crm_promise_view_form_quick') as form:
            form.name = "Send the price list"
            form.date_due = date(2026, 11, 24)
        promise = form.record
        self.assertEqual((promise.partner_id, promise.user_id), (self.customer, self.salesperson))
        self.assertEqual(promise.state, 'open')
        reminder = promise.activity_id
        self.assertEqual(
            (reminder.activity_type_id, reminder.date_deadline, reminder.user_id, reminder.board_partner_id),
            (self.env.ref('crm_relationship.mail_activity_type_promise'), date(2026, 11, 24), self.salesperson,
             self.customer),
        )
        self.assertEqual(self.customer.with_user(self.salesperson).open_promise_count, 1)

    def test_a_promise_from_an_opportunity_and_an_order_names_them(self):
        lead = self.env['crm.lead'].with_user(self.salesperson).create({
            'name': "Spring range", 'partner_id': self.customer.id, 'user_id': self.salesperson.id,
        })
        order = self.env['sale.order'].with_user(self.salesperson).create({'partner_id': self.customer.id})
        for document in (lead, order):
            context = document.action_new_promise()['context']
            promise = self.env['crm.promise'].with_user(self.salesperson).with_context(**context).create({
                'name': "Send the price list", 'date_due': '2026-11-25',
            })
            self.assertEqual((promise.res_model, promise.res_id), (document._name, document.id))
            self.assertEqual(promise.document_name, document.display_name)
            self.assertEqual(promise.partner_id, self.customer)

    def test_kept_late_or_broken(self):
        in_time, late, broken = self.promise(), self.promise(due='2026-11-20'), self.promise()
        in_time.action_keep()
        late.action_keep()
        broken.action_break()
        self.assertEqual((in_time | late | broken).mapped('state'), ['kept', 'late', 'broken'])
        self.assertEqual(in_time.date_done, date(2026, 11, 23))
        self.assertFalse(any((in_time | late | broken).activity_id.mapped('active')), "the reminders close with them")
        broken.action_keep()
        self.assertEqual(broken.state, 'kept', "what was given up too early can still be kept in time")

    def test_a_closed_promise_cannot_be_moved_until_it_is_reopened(self):
        promise = self.promise(due='2026-11-20')
        promise.action_keep()
        with self.assertRaisesRegex(UserError, "Reopen"):
            promise.date_due = date(2026, 11, 30)
        promise.action_reopen()
        self.assertTrue(promise.activity_id.active)
        promise.date_due = date(2026, 11, 30)
        self.assertEqual(promise.state, 'open')

    def test_a_done_reminder_keeps_the_promise(self):
        promise = self.promise()
        promise.activity_id.with_user(self.salesperson).action_feedback(feedback="Sent by mail")
        self.assertEqual((promise.state, promise.date_done), ('kept', date(2026, 11, 23)))

    def test_promise_and_reminder_move_together_and_the_first_date_stays(self):
        promise = self.promise().with_context(tracking_disable=False)
        promise.date_due = date(2026, 11, 30)
        self.assertEqual(promise.activity_id.date_deadline, date(2026, 11, 30))
        promise.activity_id.with_user(self.salesperson).write({'board_week': 'today'})
        self.assertEqual((promise.date_due, promise.date_due_initial), (date(2026, 11, 23), date(2026, 11, 25)))

    def test_a_new_due_date_is_in_the_history(self):
        promise = self.promise().with_context(tracking_disable=False)
        self.flush_tracking()
        promise.date_due = date(2026, 11, 30)
        self.flush_tracking()
        values = promise.message_ids.sudo().tracking_value_ids.filtered(lambda value: value.field_id.name == 'date_due')
        self.assertEqual(values.new_value_datetime.date(), date(2026, 11, 30))

    def flush_tracking(self):
        self.env.flush_all()
        self.cr.precommit.run()

    def test_the_daily_follow_up_breaks_after_the_grace_and_is_idempotent(self):
        self.env.company.promise_grace_days = 14
        old, recent = self.promise(due='2026-11-08'), self.promise(due='2026-11-09')
        self.follow_up()
        self.assertEqual((old.state, recent.state), ('broken', 'open'))
        self.assertEqual(old.date_broken, date(2026, 11, 23))
        self.assertFalse(old.activity_id.active)
        messages = len(old.message_ids)
        self.follow_up()
        self.assertEqual(len(old.message_ids), messages)
        old.action_keep()
        self.assertEqual(old.state, 'late')

    def test_one_bad_promise_does_not_stop_the_others(self):
        bad, good = self.promise(due='2026-11-03'), self.promise(due='2026-11-04')
        message_post = type(bad).message_post

        def fail(record, **kwargs):
            if record.id == bad.id:
                raise ValueError("The mail server has gone fishing")
            return message_post(record, **kwargs)

        with patch.object(type(bad), 'message_post', fail), self.assertLogs('odoo.addons.crm_relationship', 'WARNING'):
            self.follow_up()
        self.assertEqual((bad.state, good.state), ('open', 'broken'))
        self.assertIn("gone fishing", bad.follow_up_error)
        self.follow_up()
        self.assertEqual((bad.state, bad.follow_up_error), ('broken', False))

    def test_a_promise_of_somebody_gone_is_not_lost_and_somebody_is_reminded(self):
        self.customer.user_id = self.other_salesperson
        promise = self.promise()
        # What Odoo does when somebody is archived without a handover, as a user who administers by script may.
        promise.activity_id.unlink()
        self.salesperson.active = False
        self.assertEqual((promise.state, promise.user_id), ('open', self.salesperson))
        self.assertFalse(promise.activity_id.exists())
        self.follow_up()
        self.assertEqual(promise.activity_id.user_id, self.other_salesperson)
        self.assertFalse(promise.user_active)

    def test_only_the_own_promises_those_of_the_own_team_or_all_as_a_manager(self):
        promise = self.promise()
        other = promise.with_user(self.other_salesperson)
        self.assertEqual(other.name, "Send the price list")
        with self.assertRaises(AccessError):
            other.action_keep()
        team = self.env['crm.team'].create({'name': "North", 'user_id': self.other_salesperson.id})
        self.env['crm.team.member'].create({'crm_team_id': team.id, 'user_id': self.salesperson.id})
        other.date_due = date(2026, 11, 26)
        promise.with_user(self.sales_manager).action_keep()
        self.assertEqual(promise.state, 'kept')
        with self.assertRaises(AccessError):
            promise.with_user(self.salesperson).unlink()
        self.promise().with_user(self.salesperson).unlink()

    def test_attention_names_what_is_due(self):
        customers = self.customer | self.make_customer('Gemini Furniture') | self.make_customer('Ready Mat')
        self.promise(due='2026-11-20')
        self.promise(due='2026-11-10')
        self.promise(due='2026-11-23')
        self.promise(due='2026-11-24', partner_id=customers[1].id)
        self.promise(due='2026-12-24', partner_id=customers[2].id)
        items = customers.with_user(self.salesperson)._get_attention_items()
        texts = [
            [text for sequence, _level, text in items.get(customer.id, []) if sequence in (30, 31)]
            for customer in customers
        ]
        self.assertEqual(texts, [
            ["2 promises overdue, the first since 11/10/2026", "promise due today"], ["promise due tomorrow"], [],
        ])

    def test_the_kept_rate_is_known_by_employee_and_customer(self):
        theirs = self.make_customer('Azure')
        for due, done in (('2026-11-10', '2026-11-09'), ('2026-11-10', '2026-11-20'), ('2026-11-12', '2026-11-12')):
            self.promise(due=due, date_done=done)
        self.promise(due='2026-11-10', user=self.other_salesperson, partner_id=theirs.id).action_break()
        self.promise(due='2026-12-10')  # open: says nothing yet
        self.env.flush_all()
        for user in (self.salesperson, self.sales_manager):
            Report = self.env['crm.promise.report'].with_user(user)
            mine = [('partner_id', 'in', (self.customer | theirs).ids)]
            rates = {
                person: (count, round(rate, 2), late)
                for person, count, rate, late in Report._read_group(
                    [*mine, ('state', '!=', 'open')], ['user_id'], ['__count', 'kept_rate:avg', 'days_late:avg'])
            }
            self.assertEqual(rates, {
                self.salesperson: (3, 0.67, 10), self.other_salesperson: (1, 0, False)})
            by_customer = Report._read_group(mine, ['partner_id'], ['kept_rate:avg'])
            self.assertEqual(
                {partner: round(rate, 2) for partner, rate in by_customer}, {self.customer: 0.67, theirs: 0})
        self.assertEqual(
            Report.search([('state', '=', 'broken'), *mine]).action_open_promise()['res_model'], 'crm.promise')

    def test_a_promise_cannot_be_due_before_it_was_given(self):
        with self.assertRaisesRegex(ValidationError, "before it was given"):
            self.promise(due='2026-11-01')
