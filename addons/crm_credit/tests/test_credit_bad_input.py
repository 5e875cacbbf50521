from psycopg2.errors import NotNullViolation

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .test_hold import HoldCase


@tagged('post_install', '-at_install')
class TestCreditBadInput(HoldCase):
    """What can't be is refused in words that name record, value and way out; nothing is half-written.

    Each as the lowest role that may enter it.
    """

    def assertRefused(self, *patterns, action, error=ValidationError):
        """``action`` raises ``error`` with a message that has all ``patterns`` in it, and leaves nothing behind."""
        with self.assertRaises(error) as caught, self.cr.savepoint():
            action()
        for pattern in patterns:
            self.assertIn(pattern, str(caught.exception))

    def statement(self, **values):
        return lambda: self.env['credit.statement'].with_user(self.analyst).create({
            'partner_id': self.customer.id, 'date_end': '2025-12-31', 'current_assets': 600, 'total_assets': 1000,
            'current_liabilities': 300, 'total_liabilities': 600, 'equity': 400, **values})

    # ------------------------------------------------------------------ limits

    def test_negative_limit(self):
        customer = self.customer.with_user(self.analyst)
        customer.write({'credit_control': 'limited', 'credit_limit': 500})
        self.assertRefused(
            'Steady Stores GmbH', '-5', 'Zero means no credit', action=lambda: customer.write({'credit_limit': -5}))
        self.assertEqual(customer.credit_limit, 500)

    def test_absurd_limit(self):
        customer = self.customer.with_user(self.analyst)
        for limit in (1e13, float('inf'), float('nan')):
            self.assertRefused(
                'Steady Stores GmbH', str(limit), 'Unlimited',
                action=lambda limit=limit: customer.write({'credit_control': 'limited', 'credit_limit': limit}))
        self.assertEqual(customer.credit_limit, 1000)
        assessment = self.env['credit.assessment'].with_user(self.analyst).create(
            {'partner_id': self.customer.id, 'policy_id': self.policy.id})
        assessment.action_fill()
        for limit, words in ((-1, 'Zero means no credit'), (1e13, 'must be a mistake')):
            self.assertRefused(
                'Steady Stores GmbH', words, action=lambda limit=limit: assessment.write({'approved_limit': limit}))

    def test_absurd_limits_of_a_policy(self):
        draft = self._make_policy(name='Draft').with_user(self.credit_manager)
        self.assertRefused('Draft, version 1', '-1.0', action=lambda: draft.write({'default_limit': -1}))
        self.assertRefused('Draft, version 1', 'Unlimited', action=lambda: draft.write({'default_limit': 1e13}))
        grade = draft._get_grade('A')
        self.assertRefused('Grade A', 'Ceiling', '-1.0', action=lambda: grade.write({'max_limit': -1}))
        self.assertRefused('Grade A', 'must be a mistake', action=lambda: grade.write({'max_limit': 1e13}))
        self.assertEqual((draft.default_limit, grade.max_limit), (0, 100000))

    # ------------------------------------------------------------------ policies

    def test_overlapping_policies(self):
        draft = self._make_policy(name='Second', date_from='2021-01-01').with_user(self.credit_manager)
        self.assertRefused(
            'Second, version 1 overlaps Test policy, version 1', '2020-01-01', 'End that one earlier',
            action=draft.action_activate)
        self.assertEqual(draft.state, 'draft')

    def test_policy_without_a_grade_for_a_score(self):
        draft = self._make_policy(name='Gap').with_user(self.credit_manager)
        draft._get_grade('D').unlink()
        self.assertRefused(
            'Gap, version 1', 'score below 40', 'minimum score 0', action=draft.action_activate)
        self.assertEqual(draft.state, 'draft')

    def test_a_term_without_days(self):
        draft = self._make_policy(name='No days').with_user(self.credit_manager)
        draft._get_grade('B').payment_term_id = self.term_immediate
        self.assertRefused(
            'No days, version 1', 'grade B', self.term_immediate.display_name, 'Choose a term with days',
            action=draft.action_activate)
        self.assertEqual(draft.state, 'draft')
        draft._get_grade('B').payment_term_id = self.env['account.payment.term'].create({
            'name': 'End of month', 'line_ids': [Command.create({
                'value': 'percent', 'value_amount': 100, 'delay_type': 'days_after_end_of_month', 'nb_days': 0})]})
        self.assertTrue(draft._get_grade('B').payment_term_id._credit_gives_days())

    # ------------------------------------------------------------------ statements and guarantees

    def test_statement_that_does_not_balance(self):
        self.assertRefused(
            'Steady Stores GmbH 12/31/2025', "doesn't balance", '1000', '900', action=self.statement(equity=300))
        self.assertFalse(self.env['credit.statement'].search([('partner_id', '=', self.customer.id)]))

    def test_statement_without_assets(self):
        self.assertRefused(
            'Steady Stores GmbH 12/31/2025', 'total assets must be above zero',
            action=self.statement(total_assets=0, current_assets=0))
        self.assertRefused(
            'Steady Stores GmbH 12/31/2025', 'Current Assets of 1200', action=self.statement(current_assets=1200))
        self.assertFalse(self.env['credit.statement'].search([('partner_id', '=', self.customer.id)]))

    def test_statement_with_negative_totals_or_of_a_year_to_come(self):
        name = 'Steady Stores GmbH 12/31/2025'
        for values, field in (
            ({'current_assets': -5}, 'Current Assets'), ({'current_liabilities': -5}, 'Current Liabilities'),
            ({'total_liabilities': -5, 'current_liabilities': -10, 'equity': 1005}, 'Current Liabilities'),
        ):
            self.assertRefused(name, field, "can't be negative", action=self.statement(**values))
        self.assertRefused(
            'Steady Stores GmbH', 'lies in the future', 'last day of the year',
            action=self.statement(date_end='2099-12-31'))
        self.assertFalse(self.env['credit.statement'].search([('partner_id', '=', self.customer.id)]))

    def test_an_import_of_statements_is_refused_on_the_line_that_is_wrong(self):
        names = ['partner_id', 'date_end', 'current_assets', 'total_assets', 'current_liabilities',
                 'total_liabilities', 'equity']
        good = ['Steady Stores GmbH', '2024-12-31', '600', '1000', '300', '600', '400']
        rows = [good, ['Steady Stores GmbH', '2025-12-31', '600', '1000', '300', '600', '900']]
        Statement = self.env['credit.statement'].with_user(self.analyst)
        result = Statement.load(names, rows)
        self.assertFalse(result['ids'])
        self.assertEqual([message['record'] for message in result['messages']], [1])
        self.assertIn("12/31/2025 doesn't balance", result['messages'][0]['message'])
        self.assertFalse(Statement.search([('partner_id', '=', self.customer.id)]))
        self.assertEqual(len(Statement.load(names, [good])['ids']), 1)

    @mute_logger('odoo.sql_db')
    def test_a_date_or_name_that_is_needed_cannot_be_cleared(self):
        """Also where clearing it would look at waiting orders again: the message is about the field."""
        values = {'partner_id': self.customer.id, 'amount': 100, 'date_from': '2026-02-01', 'date_to': '2030-01-01'}
        self.held(5000)
        guarantee = self.env['credit.guarantee'].with_user(self.credit_manager).create({'name': 'BG 1', **values})
        guarantee.action_accept()
        extension = self.env['credit.extension'].with_user(self.analyst).create(values)
        exception = self.exception()()
        for record, field in (
            (guarantee, 'name'), (guarantee, 'date_from'), (extension, 'date_from'), (extension, 'date_to'),
            (exception, 'date_to'),
        ):
            with self.assertRaises(NotNullViolation) as caught, self.cr.savepoint():
                record.write({field: False})
                record.flush_recordset()
            self.assertIn(f'"{field}"', str(caught.exception))
            record.invalidate_recordset()
            self.assertTrue(record[field])

    def test_guarantee_that_ends_before_it_starts(self):
        self.assertRefused(
            'BG 1', 'Steady Stores GmbH', '2026-01-01', '2026-02-01', 'Correct one of the dates',
            action=lambda: self.env['credit.guarantee'].with_user(self.analyst).create({
                'name': 'BG 1', 'partner_id': self.customer.id, 'amount': 100, 'date_from': '2026-02-01',
                'date_to': '2026-01-01'}))
        self.assertFalse(self.env['credit.guarantee'].search([('partner_id', '=', self.customer.id)]))

    # ------------------------------------------------------------------ decisions

    def held(self, amount):
        self.set_terms(self.customer, 100)
        order = self.make_order(amount=amount, user=self.salesperson)
        order.action_confirm()
        return order.sudo().credit_hold_ids.with_user(self.credit_manager)

    def test_a_reason_left_empty(self):
        hold = self.held(500)
        for action in (hold.action_release, hold.action_reject):
            for reason in ('', '  ', None):
                self.assertRefused(
                    hold.name, 'Steady Stores GmbH', 'say why in “Reason”',
                    action=lambda act=action, why=reason: act(why), error=UserError)
        self.assertEqual((hold.state, hold.sale_order_id.sudo().state), ('open', 'draft'))
        extension = self.env['credit.extension'].with_user(self.analyst).create({
            'partner_id': self.customer.id, 'amount': 300, 'date_from': '2026-01-01', 'date_to': '2030-01-01'})
        self.assertRefused(
            'Steady Stores GmbH', 'Say why', action=extension.with_user(self.credit_manager).action_approve)
        self.assertEqual(extension.state, 'draft')
        assessment = self.env['credit.assessment'].with_user(self.analyst).create(
            {'partner_id': self.customer.id, 'policy_id': self.policy.id})
        assessment.action_fill()
        assessment.line_ids.basis = 'Visit'
        assessment.action_submit()
        self.assertRefused(
            'Steady Stores GmbH', 'Say why', action=assessment.with_user(self.credit_manager).action_reject,
            error=UserError)
        self.assertEqual(assessment.state, 'submitted')

    def test_a_release_beyond_authority(self):
        hold = self.held(60000)
        self.assertRefused(
            hold.name, self.company.currency_id.format(60000), self.company.currency_id.format(50000),
            'beyond your authority', 'Who may', action=lambda: hold.action_release('Known for years'),
            error=AccessError)
        self.assertEqual((hold.state, hold.sale_order_id.sudo().state), ('open', 'draft'))
        self.assertFalse(hold.decision_reason)

    # ------------------------------------------------------------------ exceptions, extensions, requests, groups

    def exception(self, **values):
        return lambda: self.env['credit.rule.exception'].with_user(self.credit_manager).create({
            'kind': 'overdue_days', 'partner_id': self.customer.id, 'reason': 'Bank strike', 'date_from': '2026-02-01',
            'date_to': '2026-03-01', **values})

    def test_exceptions_to_rules(self):
        self.assertRefused(
            'Steady Stores GmbH: Overdue for too long', '2026-01-01', '2026-02-01', 'Correct one of the dates',
            action=self.exception(date_to='2026-01-01'))
        self.assertRefused(
            'Overdue for too long', 'Steady Stores GmbH', 'grade A', 'either', action=self.exception(grade_code='A'))
        self.assertRefused('Overdue for too long', 'no customer', 'either', action=self.exception(partner_id=False))
        self.assertRefused('Steady Stores GmbH', 'Reason', action=self.exception(reason='  '))
        self.assertFalse(self.env['credit.rule.exception'].search([]))

    def test_extensions(self):
        def extension(**values):
            return lambda: self.env['credit.extension'].with_user(self.analyst).create({
                'partner_id': self.customer.id, 'amount': 300, 'date_from': '2026-02-01', 'date_to': '2026-03-01',
                **values})

        self.assertRefused('Steady Stores GmbH', 'above zero', '-1.0', action=extension(amount=-1))
        self.assertRefused(
            'Steady Stores GmbH', '2026-01-01', '2026-02-01', 'Correct one of the dates',
            action=extension(date_to='2026-01-01'))
        self.assertRefused('Steady Stores GmbH', 'must be a mistake', action=extension(amount=1e13))
        self.assertFalse(self.env['credit.extension'].search([('partner_id', '=', self.customer.id)]))

    def test_guarantees(self):
        def guarantee(**values):
            return lambda: self.env['credit.guarantee'].with_user(self.analyst).create({
                'name': 'BG 1', 'partner_id': self.customer.id, 'amount': 100, 'date_from': '2026-02-01', **values})

        self.assertRefused('BG 1', 'Steady Stores GmbH', 'above zero', '0.0', action=guarantee(amount=0))
        self.assertRefused('BG 1', 'Steady Stores GmbH', 'at most 100%', '150', action=guarantee(coverage=1.5))
        self.assertRefused('Steady Stores GmbH', 'must be a mistake', action=guarantee(amount=1e13))
        nowhere = self.env['res.currency'].create({'name': 'XQZ', 'symbol': 'Q'})
        self.assertRefused(
            'Steady Stores GmbH', 'XQZ', 'Enter a rate', action=guarantee(currency_id=nowhere.id))
        made = guarantee()()
        self.assertRefused('BG 1', 'Manager: approve', action=made.action_accept, error=UserError)

    def test_what_counts_and_who_answers_for_it_is_not_typed(self):
        values = {'partner_id': self.customer.id, 'amount': 100, 'date_from': '2026-02-01', 'date_to': '2099-01-01'}
        guarantee = self.env['credit.guarantee'].with_user(self.analyst).create({'name': 'BG 1', **values})
        extension = self.env['credit.extension'].with_user(self.analyst).create({'reason': 'Season', **values})
        guarantee.with_user(self.credit_manager).write({'state': 'accepted'})
        extension.with_user(self.credit_manager).write({'state': 'approved'})
        for cover in guarantee, extension:
            self.assertEqual(cover.approver_id, self.credit_manager)
            for user in (self.analyst, self.credit_manager):
                for change in ({'amount_company': 9e6}, {'approver_id': self.analyst.id}):
                    self.assertRefused(
                        cover.display_name, "can't be entered by hand", error=AccessError,
                        action=lambda cover=cover, user=user, change=change: cover.with_user(user).write(change))
        self.assertRefused(
            'Steady Stores GmbH', 'Reason', 'request another', error=UserError,
            action=lambda: extension.write({'reason': 'Another'}))
        statement = self.statement()()
        self.assertRefused(
            'Altman', "can't be entered by hand", action=lambda: statement.write({'z_score': 9}), error=AccessError)

    def test_requests_for_more_credit(self):
        order = self.make_order(amount=150, user=self.salesperson, confirm=True)

        def request(**values):
            return lambda: self.env['credit.hold.request'].with_user(self.salesperson).create({
                'sale_order_id': order.id, 'amount': 300, 'note': 'A second one', **values})

        self.assertRefused(order.name, '0.00', 'above zero', action=request(amount=0), error=UserError)
        self.assertRefused(order.name, 'Why', action=request(note=' '), error=UserError)
        quotation = self.make_order(amount=10, user=self.salesperson)
        self.assertRefused(
            quotation.name, 'confirm it', action=request(sale_order_id=quotation.id)().action_request, error=UserError)
        self.assertFalse(order.sudo().credit_hold_ids)

    def test_groups(self):
        def group(**values):
            return lambda: self.env['credit.group'].with_user(self.credit_manager).create({
                'name': 'Alliance', 'credit_limit': 100, 'member_ids': [Command.set(self.customer.ids)], **values})

        contact = self.env['res.partner'].create({'name': 'Buyer', 'parent_id': self.customer.id})
        self.assertRefused('Alliance', '-1', 'Zero means no credit', action=group(credit_limit=-1))
        self.assertRefused('Alliance', 'must be a mistake', action=group(credit_limit=1e13))
        self.assertRefused(
            'Alliance', 'Buyer', 'Make Steady Stores GmbH a member',
            action=group(member_ids=[Command.set(contact.ids)]))
        group(name='First')()
        self.assertRefused('First', 'Steady Stores GmbH', 'take them out', action=group())
        self.env.registry.clear_cache()

    def test_rules_and_grades(self):
        draft = self._make_policy(name='Draft').with_user(self.credit_manager)
        rule = draft.rule_ids[:1]
        self.assertRefused('Over the limit', 'Tolerance', '-0.1', action=lambda: rule.write({'tolerance': -0.1}))
        self.assertRefused(
            'Grade A', 'between 0 and 100', '120', action=lambda: draft._get_grade('A').write({'min_score': 120}))
        active = self.policy.rule_ids[:1].with_user(self.credit_manager)
        self.assertRefused(
            'Test policy, version 1', 'New version', action=lambda: active.write({'tolerance': 0.5}), error=UserError)
