from contextlib import contextmanager
from datetime import timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from ..exceptions import CreditRefused
from .test_exposure import ExposureCase


class HoldCase(ExposureCase):
    """A customer with a limit of 1,000 who owes 800, and a salesperson who doesn't know better."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.activate_policy()
        cls.set_terms(cls.customer, 1000)
        cls.customer.email = 'orders@steady.example.com'
        cls.invoice = cls.make_invoice(cls.customer, 800, date=cls.today, due=cls.today + timedelta(days=20))
        cls.billing = cls.accountant

    def held_order(self, amount=500, **values):
        order = self.make_order(amount=amount, user=self.salesperson, **values)
        order.action_confirm()
        self.assertEqual(order.credit_state, 'held')
        return order

    @contextmanager
    def refused(self, exception, text):
        with self.assertRaises(exception) as raised:
            yield
        self.assertIn(text, str(raised.exception))

    def hold_of(self, order):
        return order.sudo().credit_hold_ids[:1].with_env(self.env)


@tagged('post_install', '-at_install')
class TestHold(HoldCase):
    def test_an_order_over_the_limit_is_held_with_figures_and_ways_out(self):
        order = self.make_order(amount=500, user=self.salesperson)
        action = order.action_confirm()
        self.assertEqual((order.state, order.credit_state), ('draft', 'held'))
        hold = order.credit_hold_ids
        self.assertEqual((hold.state, hold.partner_id, hold.requester_id), ('open', self.customer, self.salesperson))
        self.assertEqual((hold.amount, hold.exposure, hold.available), (500, 800, 200))
        self.assertIn('300.00', hold.reasons)
        self.assertIn(self.invoice.name, hold.remedies)
        self.assertIn('60 %', hold.remedies)
        self.assertEqual(action['tag'], 'display_notification')
        self.assertIn(order.name, action['params']['message'])

    def test_nothing_of_a_held_order_happens(self):
        seen = []

        def write(records, *args, **kwargs):
            seen.append(records)

        order = self.make_order(amount=500, user=self.salesperson)
        with (
            patch.object(type(order), '_action_confirm', write),
            patch.object(type(self.env['mail.template']), 'send_mail', write),
        ):
            order.with_context(send_email=True).action_confirm()
        self.assertFalse(seen)
        self.assertEqual(order.state, 'draft')
        self.assertFalse(
            order.message_ids.filtered(lambda message: message.message_type == 'comment' and not message.is_internal)
        )

    def test_an_order_within_the_limit_is_confirmed_and_clear(self):
        order = self.make_order(amount=200, user=self.salesperson)
        self.assertTrue(order.action_confirm())
        self.assertEqual((order.state, order.credit_state), ('sale', 'clear'))
        self.assertFalse(order.credit_hold_ids)

    def test_without_a_policy_nobody_is_held(self):
        self.set_terms(self.customer, 0, control='unlimited')
        self.policy.action_archive_policy()
        order = self.make_order(amount=1e6, user=self.salesperson)
        order.action_confirm()
        self.assertEqual((order.state, order.credit_state), ('sale', 'none'))

    def test_a_batch_goes_on_without_the_held_ones_and_each_sees_the_ones_before(self):
        orders = self.env['sale.order'].concat(
            *(self.make_order(amount=amount, user=self.salesperson) for amount in (150, 100, 50))
        )
        other = self.make_order(
            self.env['res.partner'].create({'name': 'Free', 'is_company': True}), 999, user=self.salesperson
        )
        (orders | other).action_confirm()
        self.assertEqual(orders.mapped('state'), ['sale', 'draft', 'sale'])
        self.assertEqual(orders.mapped('credit_state'), ['clear', 'held', 'clear'])
        self.assertEqual(other.state, 'sale')

    def test_confirming_again_keeps_one_hold_and_shows_new_figures(self):
        order = self.held_order(500)
        order.order_line.price_unit = 600
        order.action_confirm()
        self.assertEqual(len(order.credit_hold_ids), 1)
        self.assertEqual(order.credit_hold_ids.amount, 600)

    def test_confirming_again_when_the_cause_is_gone_confirms(self):
        order = self.held_order(500)
        order.order_line.price_unit = 100
        order.action_confirm()
        self.assertEqual((order.state, order.credit_hold_ids.state), ('sale', 'released'))

    def test_the_approver_gets_an_activity_and_the_order_a_note(self):
        self.company.credit_approver_id = self.credit_manager
        order = self.held_order()
        self.assertEqual(order.credit_hold_ids.activity_ids.user_id, self.credit_manager)
        self.assertTrue(order.message_ids.filtered(lambda message: 'On credit hold' in (message.body or '')))

    def test_the_approver_reads_the_request_in_the_own_language(self):
        self.env['res.lang']._activate_lang('zh_CN')
        self.credit_manager.lang = 'zh_CN'
        self.company.credit_approver_id = self.credit_manager
        order = self.held_order()
        asked = order.credit_hold_ids.activity_ids
        self.assertIn('审批', asked.summary)
        self.assertIn('超出信用额度', asked.note)

    def test_several_invoices_to_pay_are_parted_as_chinese_does(self):
        self.env['res.lang']._activate_lang('zh_CN')
        self.salesperson.lang = 'zh_CN'
        self.pay(self.invoice, self.today)
        small = [self.make_invoice(self.customer, 400, date=self.today, due=self.today) for _number in range(2)]
        order = self.held_order(900).with_context(lang='zh_CN')
        first, second = (invoice.name for invoice in small)
        self.assertRegex(order.credit_hold_ids.remedies_text, f'客户支付({first}、{second}|{second}、{first})')

    def test_the_salesperson_sees_holds_of_own_orders_only(self):
        order = self.held_order()
        other = new_test_user(
            self.env,
            'other_seller',
            'sales_team.group_sale_salesman',
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        Hold = self.env['credit.hold']
        self.assertEqual(Hold.with_user(self.salesperson).search([]), order.credit_hold_ids)
        self.assertFalse(Hold.with_user(other).search([]))
        with self.assertRaises(AccessError):
            order.credit_hold_ids.with_user(self.salesperson).write({'amount': 1})

    # -- decision

    def test_a_manager_releases_with_a_reason_and_the_order_confirms_as_asked(self):
        order = self.make_order(amount=500, user=self.salesperson)
        order.with_context(send_email=True).action_confirm()
        with patch.object(type(order), '_send_order_confirmation_mail') as mail:
            self.hold_of(order).with_user(self.credit_manager).action_release('Paid by bank, slip seen')
        self.assertEqual(mail.call_count, 1)
        self.assertEqual((order.state, order.credit_state), ('sale', 'released'))
        hold = order.credit_hold_ids
        self.assertEqual((hold.state, hold.decided_by_id, hold.automatic), ('released', self.credit_manager, False))
        self.assertEqual(hold.decision_reason, 'Paid by bank, slip seen')
        self.assertTrue(hold.used_at and hold.sudo().figures_at_decision)

    def test_a_release_needs_a_reason_and_the_right(self):
        hold = self.hold_of(self.held_order())
        for reason in ('', '  ', False):
            with self.assertRaises(UserError):
                hold.with_user(self.credit_manager).action_release(reason)
        for user in (self.salesperson, self.analyst, self.accountant):
            with self.assertRaises(AccessError):
                hold.with_user(user).action_release('I want it')
        self.assertEqual(hold.state, 'open')

    def test_a_release_beyond_authority_names_who_may(self):
        hold = self.hold_of(self.held_order(60000))
        with self.refused(AccessError, '50,000'):
            hold.with_user(self.credit_manager).action_release('Big')

    def test_rejecting_makes_it_a_quotation_again(self):
        order = self.held_order()
        self.hold_of(order).with_user(self.credit_manager).action_reject('Pay first')
        self.assertEqual(
            (order.state, order.credit_state, order.credit_hold_ids.state), ('draft', 'rejected', 'rejected')
        )
        order.with_user(self.salesperson).order_line.price_unit = 100
        order.with_user(self.salesperson).action_confirm()
        self.assertEqual(order.state, 'sale')

    def test_nobody_releases_more_than_was_looked_at(self):
        order = self.held_order(500)
        order.with_user(self.salesperson).order_line.price_unit = 5000
        with self.refused(UserError, 'grown'):
            self.hold_of(order).with_user(self.credit_manager).action_release('ok')

    def test_a_decided_hold_can_not_be_changed_or_deleted_by_anyone(self):
        order = self.held_order()
        hold = self.hold_of(order)
        hold.with_user(self.credit_manager).action_reject('No')
        for vals in ({'decision_reason': 'Yes'}, {'amount': 1}, {'state': 'open'}):
            with self.assertRaises(UserError):
                hold.sudo().write(vals)
        with self.assertRaises(UserError):
            hold.sudo().unlink()
        with self.assertRaises(UserError):
            order.sudo().unlink()
        with self.assertRaises(UserError):
            hold.with_user(self.credit_manager).action_release('Second thoughts')

    def test_a_late_release_asks_the_salesperson_who_may_then_confirm_once(self):
        self.company.credit_price_days = 5
        order = self.held_order()
        hold = self.hold_of(order)
        self.env.cr.execute(
            "UPDATE credit_hold SET create_date = create_date - interval '6 days' WHERE id = %s", [hold.id]
        )
        hold.invalidate_recordset(['create_date'])
        hold.with_user(self.credit_manager).action_release('Fine')
        self.assertEqual((order.state, order.credit_state), ('draft', 'released'))
        self.assertEqual(order.activity_ids.user_id, self.salesperson)
        order.with_user(self.salesperson).action_confirm()
        self.assertEqual((order.state, order.credit_state), ('sale', 'released'))
        self.assertTrue(hold.used_at)

    def test_the_manager_says_until_when_a_release_holds(self):
        order = self.make_order(amount=150, user=self.salesperson, confirm=True)
        self.env['credit.hold.request'].with_user(self.salesperson).create(
            {'sale_order_id': order.id, 'amount': 300, 'note': 'A second one'}).action_request()
        hold = self.hold_of(order).with_user(self.credit_manager)
        Wizard = self.env['credit.hold.decide'].with_user(self.credit_manager)
        wizard = Wizard.create({'hold_ids': hold.ids, 'decision': 'release', 'reason': 'Season'})
        self.assertEqual(wizard.date_expiry, self.day(self.company.credit_hold_days))
        wizard.date_expiry = self.day(-1)
        with self.refused(UserError, order.name):
            wizard.action_apply()
        self.assertEqual(hold.state, 'open')
        wizard.date_expiry = self.day(3)
        wizard.action_apply()
        self.assertEqual((hold.state, hold.date_expiry), ('released', self.day(3)))
        with freeze_time(self.day(4)), self.assertRaises(CreditRefused), self.cr.savepoint():
            order.order_line.product_uom_qty = 3
        order.order_line.product_uom_qty = 3
        self.assertTrue(hold.used_at)

    def test_a_release_ends_at_the_midnight_of_the_company_wherever_the_user_is(self):
        self.company.partner_id.tz = 'America/Los_Angeles'
        hold = self.hold_of(self.held_order()).with_user(self.credit_manager)
        hold.action_release('Fine', date_expiry='2026-12-10')
        for now, valid in (('2026-12-11 07:59:59', True), ('2026-12-11 08:00:00', False)):
            for tz in ('Asia/Shanghai', 'America/Los_Angeles', 'UTC'):
                with freeze_time(now):
                    self.assertEqual(hold.sudo().with_context(tz=tz)._is_valid(), valid, (now, tz))

    def test_a_release_is_used_once(self):
        order = self.held_order()
        self.hold_of(order).with_user(self.credit_manager).action_release('Fine')
        order.action_cancel()
        order.action_draft()
        order.with_user(self.salesperson).action_confirm()
        self.assertEqual((order.state, order.credit_state), ('draft', 'held'))

    # -- released by itself

    def test_paying_releases_at_once(self):
        order = self.held_order(500)
        self.pay(self.invoice, self.today)
        self.assertEqual((order.state, order.credit_state), ('sale', 'released'))
        self.assertTrue(order.credit_hold_ids.automatic)

    def test_an_unapplied_payment_is_applied_before_anybody_pays_again(self):
        customer = self.env['res.partner'].create({'name': 'Late Ltd', 'is_company': True})
        self.set_terms(customer, 1000)
        late = self.due_invoice(customer, 400, 60)
        payment = self.env['account.payment'].create(
            {
                'partner_id': customer.id,
                'amount': 450,
                'payment_type': 'inbound',
                'partner_type': 'customer',
                'journal_id': self.company_data['default_journal_bank'].id,
            }
        )
        payment.action_post()
        order = self.make_order(partner=customer, amount=100, user=self.salesperson)
        order.action_confirm()
        hold = self.hold_of(order)
        self.assertEqual(order.credit_state, 'held')
        ways = hold.remedies.split('\n')
        self.assertEqual(
            ways[0].replace('\xa0', ' '), f'Accounting applies $ 400.00 of unapplied payments to {late.name}'
        )
        self.assertNotIn('Customer pays', hold.remedies)
        lines = (payment.move_id | late).line_ids.filtered(lambda line: line.account_type == 'asset_receivable')
        lines.with_user(self.accountant).reconcile()
        self.assertEqual((order.state, order.credit_state), ('sale', 'released'))
        self.assertTrue(hold.automatic)

    def test_a_refund_releases_at_once(self):
        order = self.held_order(500)
        self.make_invoice(self.customer, 400, date=self.today, move_type='out_refund')
        self.assertEqual(order.state, 'sale')

    def test_the_scheduled_action_releases_first_come_first_served(self):
        first, second, third = self.held_order(500), self.held_order(400), self.held_order(300)
        with patch.object(type(self.env['credit.hold']), '_try_release', lambda *args: None):
            self.pay(self.invoice, self.today)
        self.assertEqual(first.state, 'draft')
        self.env['credit.hold'].with_user(self.env.ref('base.user_root'))._try_release(self.customer)
        self.assertEqual((first | second | third).mapped('state'), ['sale', 'sale', 'draft'])
        self.assertEqual(third.credit_state, 'held')

    def test_a_later_smaller_order_does_not_take_what_an_earlier_one_waits_for(self):
        first, second = self.held_order(900), self.held_order(300)
        self.pay(self.invoice, self.today, 150)
        self.assertEqual((first | second).mapped('credit_state'), ['held', 'held'])
        self.pay(self.invoice, self.today)
        self.assertEqual((first | second).mapped('credit_state'), ['released', 'held'])

    def test_the_scheduled_action_expires_releases_and_goes_on_after_a_bad_order(self):
        bad, good, old = self.held_order(500), self.held_order(300), self.held_order(400)
        self.hold_of(old).sudo().date_expiry = self.day(-1)
        with patch.object(type(self.env['credit.hold']), '_try_release', lambda *args: None):
            self.pay(self.invoice, self.today)
        confirm = type(bad)._action_confirm

        def fail(orders):
            if bad in orders:
                raise ValueError('Broken line')
            return confirm(orders)

        with patch.object(type(bad), '_action_confirm', fail), self.enter_registry_test_mode():
            self.env.ref('crm_credit.credit_hold_cron_release').method_direct_trigger()
        self.assertEqual((bad.state, bad.credit_hold_ids.release_error), ('draft', 'Broken line'))
        self.assertEqual(good.state, 'sale')
        self.assertEqual((old.credit_state, old.credit_hold_ids.state), ('none', 'expired'))

    def test_the_salesperson_reads_on_the_order_why_it_could_not_be_confirmed(self):
        order = self.held_order()
        self.hold_of(order).sudo().write({'release_error': 'The pump has no price.'})
        order.invalidate_recordset()
        self.assertIn('The pump has no price.', order.credit_message)

    def test_a_payment_goes_through_even_if_releasing_fails(self):
        order = self.held_order(500)

        def fail(orders):
            return 1 / 0 if orders else None

        with (
            patch.object(type(order), '_action_confirm', fail),
            mute_logger('odoo.addons.crm_credit.models.credit_hold'),
        ):
            self.pay(self.invoice, self.today)
        self.assertEqual(self.invoice.amount_residual, 0)
        self.assertEqual(order.credit_state, 'held')

    def test_a_dispute_takes_an_invoice_out_of_the_overdue_rule(self):
        self.set_terms(self.customer, 100000)
        late = self.due_invoice(self.customer, 50, 60)
        order = self.held_order(10)
        self.assertIn('60', order.credit_hold_ids.reasons)
        late.credit_disputed = True
        self.assertEqual(order.state, 'sale')

    def test_a_higher_limit_releases(self):
        order = self.held_order(500)
        self.customer.with_user(self.analyst).credit_limit = 5000
        self.assertEqual(order.state, 'sale')

    # -- side doors

    def test_state_can_not_be_written_or_created_past_the_check(self):
        for user in (self.salesperson, self.billing):
            order = self.make_order(amount=500)
            with self.assertRaises(UserError):
                order.sudo().with_user(user).sudo().write({'state': 'sale'})
            with self.assertRaises(UserError):
                self.make_order(amount=500, state='sale').with_user(user)
            order.user_id = user
            with self.assertRaises(UserError):
                order.with_user(user).write({'state': 'sale'})
            self.assertEqual(order.state, 'draft')
        with self.assertRaises(UserError):
            self.env['sale.order'].with_user(self.salesperson).create(
                {
                    'partner_id': self.customer.id,
                    'state': 'sale',
                    'order_line': [
                        Command.create({'product_id': self.product.id, 'product_uom_qty': 1, 'price_unit': 500})
                    ],
                }
            )

    def test_the_context_can_not_talk_the_check_away(self):
        order = self.make_order(amount=500, user=self.salesperson)
        order.with_context(credit_passing=True, crm_credit_passing=[order.id], passing=True).action_confirm()
        self.assertEqual(order.credit_state, 'held')

    def test_the_engine_fields_can_not_be_written_by_users(self):
        order = self.held_order()
        for vals in ({'credit_state': 'released'}, {'credit_approved': 1e9}, {'credit_hold_ids': [Command.clear()]}):
            with self.assertRaises(AccessError):
                order.with_user(self.salesperson).write(vals)
        with self.assertRaises(AccessError):
            self.make_order(user=self.salesperson, credit_state='released')

    def test_a_copy_is_decided_for_itself(self):
        order = self.held_order()
        self.hold_of(order).with_user(self.credit_manager).action_release('Once')
        copy = order.with_user(self.salesperson).copy()
        self.assertEqual((copy.credit_state, copy.sudo().credit_approved), ('none', 0))
        copy.action_confirm()
        self.assertEqual(copy.credit_state, 'held')

    def test_cancelling_closes_the_hold(self):
        order = self.held_order()
        order.with_user(self.salesperson).action_cancel()
        self.assertEqual((order.state, order.credit_state, order.credit_hold_ids.state), ('cancel', 'none', 'expired'))

    def test_a_confirmed_order_can_not_grow_over_the_limit(self):
        order = self.make_order(amount=150, user=self.salesperson)
        order.action_confirm()
        line = order.order_line
        for vals in ({'product_uom_qty': 3}, {'price_unit': 500}):
            with self.refused(UserError, 'grow'):
                line.with_user(self.salesperson).write(vals)
        with self.refused(UserError, 'grow'):
            order.write(
                {'order_line': [Command.create({'product_id': self.product.id, 'price_unit': 300, 'tax_ids': False})]}
            )
        with self.refused(UserError, 'grow'):
            self.env['sale.order.line'].with_user(self.salesperson).create(
                {'order_id': order.id, 'product_id': self.product.id, 'price_unit': 300, 'tax_ids': False}
            )
        line.price_unit = 200
        self.assertEqual(order.amount_total, 200)
        line.price_unit = 50
        line.price_unit = 200
        with self.refused(UserError, 'grow'):
            line.price_unit = 201

    def test_lines_edited_together_are_judged_by_their_sum(self):
        order = self.make_order(amount=100, user=self.salesperson)
        order.write(
            {'order_line': [Command.create({'product_id': self.product.id, 'price_unit': 100, 'tax_ids': False})]}
        )
        order.action_confirm()
        first, second = order.order_line
        order.write(
            {
                'order_line': [
                    Command.update(first.id, {'price_unit': 180}),
                    Command.update(second.id, {'price_unit': 20}),
                ]
            }
        )
        self.assertEqual(order.amount_total, 200)
        with self.refused(UserError, 'grow'):
            order.write(
                {
                    'order_line': [
                        Command.update(first.id, {'price_unit': 190}),
                        Command.update(second.id, {'price_unit': 20}),
                    ]
                }
            )

    def test_growth_is_requested_released_and_then_passes_once(self):
        order = self.make_order(amount=150, user=self.salesperson)
        order.action_confirm()
        request = (
            self.env['credit.hold.request']
            .with_user(self.salesperson)
            .create({'sale_order_id': order.id, 'amount': 300, 'note': 'They need a second one'})
        )
        request.action_request()
        hold = order.credit_hold_ids
        self.assertEqual((hold.kind, hold.amount, order.credit_state), ('edit', 300, 'clear'))
        hold.with_user(self.credit_manager).action_release('Good customer')
        order.with_user(self.salesperson).order_line.price_unit = 450
        with self.refused(UserError, 'grow'):
            order.with_user(self.salesperson).order_line.price_unit = 460

    def test_a_confirmed_order_can_not_be_moved_to_a_debtor_without_credit(self):
        free = self.env['res.partner'].create({'name': 'Free', 'is_company': True})
        order = self.make_order(free, 5000, user=self.salesperson, confirm=True)
        self.assertEqual(order.state, 'sale')
        with self.assertRaises(UserError):
            order.with_user(self.salesperson).partner_invoice_id = self.customer

    def test_cash_terms_need_no_credit_but_only_if_they_are_the_customers_own(self):
        self.term_immediate.credit_cash = True
        self.customer.property_payment_term_id = self.term_30
        order = self.make_order(amount=500, user=self.salesperson, payment_term_id=self.term_immediate.id)
        order.action_confirm()
        self.assertEqual(order.credit_state, 'held')
        self.customer.property_payment_term_id = self.term_immediate
        cash = self.make_order(amount=500, user=self.salesperson)
        cash.action_confirm()
        self.assertEqual(cash.state, 'sale')
        with self.assertRaises(UserError):
            cash.with_user(self.salesperson).payment_term_id = self.term_30

    def test_orders_without_credit_check_before_keep_their_worth(self):
        self.set_terms(self.customer, 0, control='unlimited')
        order = self.make_order(amount=5000, user=self.salesperson)
        order.action_confirm()
        self.set_terms(self.customer, 1000)
        order.order_line.price_unit = 4000
        with self.assertRaises(UserError):
            order.order_line.price_unit = 6000

    # -- warnings and the banner

    def test_the_quotation_warns_early(self):
        order = self.make_order(amount=500, user=self.salesperson)
        self.assertEqual(order.credit_message_level, 'hold')
        self.assertIn('300.00', order.credit_message)
        order.order_line.price_unit = 100
        self.assertFalse(order.credit_message_level)

    def test_a_warning_is_noted_and_the_order_confirmed(self):
        self.set_terms(self.customer, grade='A')
        order = self.make_order(amount=500, user=self.salesperson)
        self.assertEqual(order.credit_message_level, 'warning')
        order.action_confirm()
        self.assertEqual((order.state, order.credit_state), ('sale', 'warning'))
        self.assertTrue(order.message_ids.filtered(lambda message: 'credit warning' in (message.body or '')))

    def test_a_hold_tells_what_holds_from_what_warns(self):
        policy = self.policy.sudo()
        self.env.cr.execute("UPDATE credit_rule SET action = 'warn' WHERE kind = 'overdue_days'")
        policy.rule_ids.invalidate_recordset()
        self.env.registry.clear_cache()
        self.due_invoice(self.customer, 10, 60)
        lines = self.hold_of(self.held_order()).reasons.split('\n')
        self.assertEqual(len(lines), 2)
        self.assertFalse(lines[0].endswith('This is a warning only.'))
        self.assertTrue(lines[1].startswith('Overdue for 60 days') and lines[1].endswith('This is a warning only.'))

    def test_a_held_offer_does_not_expire(self):
        order = self.held_order(validity_date=self.day(1))
        order.sudo().validity_date = self.day(-1)
        self.assertFalse(order.is_expired)

    def test_no_more_queries_for_confirming_than_allowed(self):
        def count(partner):
            order = self.make_order(partner, 10, user=self.salesperson)
            self.env.flush_all()
            self.env.invalidate_all()
            order = order.with_user(self.salesperson)
            before = self.env.cr.sql_log_count
            order.action_confirm()
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        plain = self.env['res.partner'].create({'name': 'Plain', 'is_company': True})
        plain.property_payment_term_id = self.term_30
        self.set_terms(plain, 1000)
        confirm = type(self.env['sale.order']).action_confirm
        origin = confirm.__wrapped__
        count(plain)
        with_check = count(plain)
        with (
            patch.object(type(self.env['sale.order']), 'action_confirm', origin),
            patch.object(type(self.env['sale.order']), '_credit_decide', lambda *args, **kwargs: {}),
        ):
            without = count(plain)
        self.assertLessEqual(with_check - without, 10, f'{with_check} queries with the credit check, {without} without')

    def test_the_order_form_costs_no_more_queries_than_allowed(self):
        # part of what Odoo's own order form reads
        names = [
            'partner_id',
            'partner_invoice_id',
            'currency_id',
            'order_line',
            'has_authorized_transaction_ids',
            'tax_totals',
        ]
        ours = ['credit_state', 'credit_message', 'credit_message_level', 'credit_open_hold_id']

        def count(order, fields):
            specification = dict.fromkeys(fields, {}) | {
                name: {'fields': {'display_name': {}}}
                for name in ('partner_invoice_id', 'payment_term_id', 'company_id')
            }
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            # language and time zone come with every request of the web client
            order.with_user(self.salesperson).with_context(lang='en_US', tz='UTC').web_read(specification)
            return self.env.cr.sql_log_count - before

        held = self.held_order()
        quotation = self.make_order(amount=500, user=self.salesperson)
        for order in (held, quotation):
            count(order, names + ours)
            plain = count(order, names)
            self.assertLessEqual(count(order, names + ours) - plain, 8)
