from contextlib import contextmanager
from datetime import timedelta
from unittest.mock import patch

from odoo import Command, fields, models
from odoo.tests import tagged
from odoo.tools import mute_logger

from .test_hold import HoldCase

SCHEDULE_LOG = 'odoo.addons.crm_credit.models.credit_schedule_mixin'


@tagged('post_install', '-at_install')
class TestCreditSchedule(HoldCase):
    """Every scheduled action: one failing record doesn't stop the rest, a run that was cut off is resumed, a second run
    changes nothing, and queries grow with the records by a bounded number each."""

    # -- running

    def run_cron(self, xmlid):
        self.env.flush_all()
        with self.enter_registry_test_mode():
            self.env.ref(f'crm_credit.{xmlid}').method_direct_trigger()
        self.env.invalidate_all()

    def cut_off(self, step):
        """Run ``step`` with so little time that it ends after the first record."""

        def time_left(cron, processed=0, **kwargs):
            return 0 if processed else 1

        with (
            patch.object(type(self.env['ir.cron']), '_commit_progress', time_left),
            patch.object(type(self.env['credit.extension']), '_schedule_batch', 1),
            patch.object(type(self.env['credit.guarantee']), '_schedule_batch', 1),
            patch.object(type(self.env['credit.hold']), '_schedule_batch', 1),
            patch.object(type(self.env['res.partner']), '_schedule_batch', 1),
        ):
            step()
        self.env.flush_all()
        self.env.invalidate_all()

    @contextmanager
    def failing(self, model, method, bad):
        """``method`` raises for one record, given as argument or as self."""
        cls = type(self.env[model])
        real = getattr(cls, method)

        def fail(records, *args, **kwargs):
            if any(isinstance(item, models.BaseModel) and item == bad for item in (records, *args)):
                raise ValueError('Broken record')
            return real(records, *args, **kwargs)

        with patch.object(cls, method, fail), mute_logger(SCHEDULE_LOG, 'odoo.addons.crm_credit.models.credit_hold'):
            yield

    def snapshot(self, *names):
        """What is in the tables now, without what a run may always touch."""
        self.env.flush_all()
        found = {}
        for model in names:
            self.env.cr.execute(f'SELECT to_jsonb(t) - \'checked_at\' FROM {self.env[model]._table} t ORDER BY id')
            found[model] = self.env.cr.fetchall()
        return found

    def queries(self, run, make, few=2, many=6):
        """Return the queries of one more record."""
        counts = []
        for number in (few, few, many):  # the first time fills what is cached between requests
            make(number)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            run()
            self.env.flush_all()
            counts.append(self.cr.sql_log_count - before)
        return (counts[2] - counts[1]) / (many - few)

    # -- errors

    def assert_told(self, record, name):
        """The error is on the record, found by its filter, and on a credit manager's list once."""
        self.assertEqual(record[name], 'Broken record')
        self.assertIn(record, self.env[record._name].with_user(self.analyst).search([(name, '!=', False)]))
        activity = record.activity_ids.filtered(
            lambda activity: activity.activity_type_id == self.env.ref('crm_credit.mail_activity_type_credit_error'))
        self.assertEqual(len(activity), 1)
        self.assertTrue(activity.user_id.has_group('crm_credit.group_credit_manager'))
        self.assertIn('Broken record', activity.note)

    def assert_mended(self, record, name):
        self.assertFalse(record[name])
        self.assertNotIn(
            self.env.ref('crm_credit.mail_activity_type_credit_error'), record.activity_ids.activity_type_id)

    # -- records

    def customers(self, number):
        return self.env['res.partner'].create(
            [{'name': f'Customer {index}', 'is_company': True, 'customer_rank': 1} for index in range(number)])

    def extensions(self, number=3):
        extensions = self.env['credit.extension'].with_user(self.analyst).create([
            {'partner_id': partner.id, 'amount': 300, 'reason': 'Season', 'date_from': self.day(-30),
             'date_to': self.day(-1)} for partner in self.customers(number)])
        extensions.with_user(self.credit_manager).action_approve()
        return extensions.sudo()

    def guarantees(self, number=3, days=-1):
        guarantees = self.env['credit.guarantee'].with_user(self.analyst).create([
            {'name': f'G {partner.id}', 'partner_id': partner.id, 'amount': 300, 'date_from': self.day(-30),
             'date_to': self.day(days)} for partner in self.customers(number)])
        guarantees.with_user(self.credit_manager).action_accept()
        return guarantees.sudo()

    def reviews(self, number=3):
        partners = self.customers(number)
        partners._set_credit_terms(self.company, {'credit_review_date': self.day(-2)})
        return partners

    def held(self, number=3):
        """Orders of as many customers, each held for want of credit."""
        partners = self.customers(number)
        for partner in partners:
            self.set_terms(partner, 100)
        orders = self.env['sale.order'].concat(
            *(self.make_order(partner, 500, user=self.salesperson) for partner in partners))
        orders.action_confirm()
        self.assertEqual(set(orders.mapped('credit_state')), {'held'})
        return orders

    def give_credit_unnoticed(self, orders):
        """The cause goes away where no event tells: only the scheduled action can find out."""
        self.env.flush_all()
        self.env.cr.execute(
            'UPDATE res_partner SET credit_limit = jsonb_build_object(%s::text, 5000) WHERE id = ANY(%s)',
            [str(self.company.id), orders.partner_id.ids])
        self.env.invalidate_all()

    # -- extensions

    def test_extensions_one_failing_does_not_stop_the_rest(self):
        first, bad, last = self.extensions()
        with self.failing('credit.extension', '_end_by_itself', bad):
            self.run_cron('ir_cron_credit_extension')
        self.assertEqual([item.state for item in (first, bad, last)], ['ended', 'approved', 'ended'])
        self.assert_told(bad, 'expiry_error')
        self.run_cron('ir_cron_credit_extension')
        self.assertEqual((bad.state, bad.expiry_error), ('ended', False))

    def test_extensions_are_resumed_and_done_once(self):
        extensions = self.extensions()
        self.cut_off(self.env['credit.extension']._cron_end)
        self.assertEqual(extensions.mapped('state'), ['ended', 'approved', 'approved'])
        self.run_cron('ir_cron_credit_extension')
        self.assertEqual(set(extensions.mapped('state')), {'ended'})
        before = self.snapshot('credit.extension', 'mail.activity')
        self.run_cron('ir_cron_credit_extension')
        self.assertEqual(self.snapshot('credit.extension', 'mail.activity'), before)

    def test_extensions_take_a_bounded_number_of_queries_each(self):
        step = self.env['credit.extension']._cron_end
        with self.without_commits():
            self.assertLessEqual(self.queries(step, self.extensions), 40)

    # -- guarantees

    def test_guarantees_one_failing_does_not_stop_the_rest(self):
        first, bad, last = self.guarantees()
        with self.failing('credit.guarantee', '_expire', bad):
            self.run_cron('ir_cron_credit_guarantee')
        self.assertEqual([item.state for item in (first, bad, last)], ['expired', 'accepted', 'expired'])
        self.assert_told(bad, 'expiry_error')

    def test_guarantees_are_resumed_and_done_once(self):
        ended, soon = self.guarantees(), self.guarantees(days=10)
        self.cut_off(self.env['credit.guarantee']._cron_expire)
        self.assertEqual(ended.mapped('state').count('expired'), 1)
        self.run_cron('ir_cron_credit_guarantee')
        self.assertEqual((set(ended.mapped('state')), set(soon.mapped('state'))), ({'expired'}, {'accepted'}))
        self.assertTrue(all(soon.mapped('date_reminded')))
        before = self.snapshot('credit.guarantee', 'mail.activity')
        self.run_cron('ir_cron_credit_guarantee')
        self.assertEqual(self.snapshot('credit.guarantee', 'mail.activity'), before)

    def test_guarantees_take_a_bounded_number_of_queries_each(self):
        with self.without_commits():
            self.assertLessEqual(self.queries(self.env['credit.guarantee']._cron_expire, self.guarantees), 40)

    # -- exceptions

    def test_exceptions_end_by_their_date_without_any_action(self):
        self.due_invoice(self.customer, 10, 60)
        exception = self.env['credit.rule.exception'].with_user(self.credit_manager).create({
            'kind': 'overdue_days', 'partner_id': self.customer.id, 'reason': 'Bank strike',
            'date_from': self.day(-5), 'date_to': self.today})
        order = self.make_order(amount=20, user=self.salesperson, confirm=True)
        self.assertEqual(order.state, 'sale')
        exception.date_to = self.day(-1)
        order = self.make_order(amount=20, user=self.salesperson)
        order.action_confirm()
        self.assertEqual(order.credit_state, 'held')

    # -- reviews

    def reviewed(self, partners):
        review = self.env.ref('crm_credit.mail_activity_type_credit_review')
        return partners.filtered(lambda partner: review in partner.activity_ids.activity_type_id)

    def test_reviews_one_failing_does_not_stop_the_rest(self):
        first, bad, last = self.reviews()
        with self.failing('res.partner', '_credit_ask_for_review', bad):
            self.run_cron('ir_cron_credit_review')
        self.assertEqual(self.reviewed(first | bad | last), first | last)
        self.assert_told(bad, 'credit_review_error')

    def test_reviews_are_resumed_and_done_once(self):
        partners = self.reviews()
        self.cut_off(self.env['res.partner']._cron_credit_reviews)
        self.assertEqual(len(self.reviewed(partners)), 1)
        self.run_cron('ir_cron_credit_review')
        self.assertEqual(self.reviewed(partners), partners)
        before = self.snapshot('mail.activity')
        self.run_cron('ir_cron_credit_review')
        self.assertEqual(self.snapshot('mail.activity'), before)

    def test_reviews_take_a_bounded_number_of_queries_each(self):
        with self.without_commits():
            self.assertLessEqual(self.queries(self.env['res.partner']._cron_credit_reviews, self.reviews), 30)

    # -- held orders

    def test_releases_one_failing_customer_does_not_stop_the_rest(self):
        orders = self.held()
        self.give_credit_unnoticed(orders)
        bad = orders[1]
        with self.failing('sale.order', '_action_confirm', bad):
            self.run_cron('credit_hold_cron_release')
        self.assertEqual(orders.mapped('state'), ['sale', 'draft', 'sale'])
        self.assertEqual(bad.sudo().credit_hold_ids.release_error, 'Broken record')
        self.run_cron('credit_hold_cron_release')
        self.assertEqual((bad.state, bad.sudo().credit_hold_ids.release_error), ('sale', False))

    def test_releases_go_on_where_they_were_cut_off(self):
        orders = self.held()
        self.cut_off(self.env['credit.hold']._cron_release)  # looks at the first customer: still nothing to release
        self.assertEqual(len(orders.credit_hold_ids.filtered('checked_at')), 1)
        self.give_credit_unnoticed(orders)
        for done in (1, 2):
            self.cut_off(self.env['credit.hold']._cron_release)
            self.assertEqual(orders.mapped('state').count('sale'), done, 'those not looked at come first')
        self.run_cron('credit_hold_cron_release')
        self.assertEqual(set(orders.mapped('state')), {'sale'})

    def test_releases_change_nothing_the_second_time(self):
        orders = self.held()
        self.give_credit_unnoticed(orders[:1])
        self.run_cron('credit_hold_cron_release')
        tables = ('credit.hold', 'sale.order', 'mail.activity', 'mail.message')
        before = self.snapshot(*tables)
        self.run_cron('credit_hold_cron_release')
        self.assertEqual(self.snapshot(*tables), before)
        self.assertEqual(orders.mapped('state'), ['sale', 'draft', 'draft'])

    def test_looking_at_waiting_orders_takes_the_same_queries_for_any_number(self):
        with self.without_commits():
            self.assertLessEqual(self.queries(self.env['credit.hold']._cron_release, self.held), 0.5)

    def test_only_debtors_of_whom_an_order_could_pass_are_decided_about(self):
        orders = self.held(4)
        self.give_credit_unnoticed(orders[1])
        fellows = orders[2:].partner_id
        self.env['credit.group'].create(
            {'name': 'Two', 'credit_limit': 10000, 'member_ids': [Command.set(fellows.ids)]})
        with patch.object(type(self.env['credit.hold']), '_cron_release_debtor', return_value=None) as decided:
            self.run_cron('credit_hold_cron_release')
        self.assertEqual([call.args[0] for call in decided.call_args_list], [orders[1].partner_id])
        self.give_credit_unnoticed(orders[3])
        self.run_cron('credit_hold_cron_release')
        self.assertEqual(orders.mapped('state'), ['draft', 'sale', 'draft', 'sale'])
        waiting = orders.sudo().credit_hold_ids.filtered(lambda hold: hold.state == 'open')
        self.assertTrue(all(waiting.mapped('checked_at')))

    def expired(self, number=3):
        orders = self.held(number)
        orders.sudo().credit_hold_ids.write({'date_expiry': self.day(-1)})
        return orders

    def test_expiry_one_failing_hold_does_not_stop_the_rest(self):
        orders = self.expired()
        holds = orders.sudo().credit_hold_ids.sorted('id')
        with self.failing('credit.hold', '_expire', holds[1]):
            self.run_cron('credit_hold_cron_release')
        self.assertEqual(holds.mapped('state'), ['expired', 'open', 'expired'])
        self.assertEqual(holds[1].release_error, 'Broken record')
        self.run_cron('credit_hold_cron_release')
        self.assertEqual(set(orders.mapped('credit_state')), {'none'})

    def test_expiry_is_resumed_and_done_once(self):
        orders = self.expired()
        self.cut_off(self.env['credit.hold']._cron_release)
        self.assertEqual(orders.mapped('credit_state').count('none'), 1)
        self.run_cron('credit_hold_cron_release')
        self.assertEqual(set(orders.mapped('credit_state')), {'none'})
        before = self.snapshot('credit.hold', 'sale.order')
        self.run_cron('credit_hold_cron_release')
        self.assertEqual(self.snapshot('credit.hold', 'sale.order'), before)

    def test_unused_releases_are_void_after_their_last_day_and_looked_at_once(self):
        self.company.credit_price_days = 5
        order = self.held(1)
        hold = order.sudo().credit_hold_ids
        self.env.cr.execute(
            "UPDATE credit_hold SET create_date = create_date - interval '9 days' WHERE id = %s", [hold.id])
        hold.invalidate_recordset(['create_date'])
        hold.with_user(self.credit_manager).action_release('Fine')
        self.assertEqual(order.credit_state, 'released')
        self.env.flush_all()
        self.env.cr.execute('UPDATE credit_hold SET date_expiry = %s WHERE id = %s', [self.day(-1), hold.id])
        hold.invalidate_recordset()
        self.run_cron('credit_hold_cron_release')
        self.assertEqual((order.credit_state, hold.state), ('none', 'released'))
        with patch.object(type(hold), '_back_to_quotation', lambda holds: self.fail('again')):
            self.run_cron('credit_hold_cron_release')

    # -- policies

    def test_policies_one_failing_does_not_stop_the_rest(self):
        other = self.env['res.company'].create({'name': 'Other'})
        policy = self._make_policy(company_id=other.id)
        policy.action_activate()
        policies = policy | self.policy
        self.env.cr.execute('UPDATE credit_policy SET date_to = %s WHERE id = ANY(%s)', [self.day(-1), policies.ids])
        self.env.invalidate_all()
        with self.failing('credit.policy', '_archive_by_itself', self.policy):
            self.run_cron('ir_cron_credit_policy')
        bad = self.policy
        self.assertEqual((bad.state, policy.state), ('active', 'archived'))
        self.assert_told(bad, 'version_error')
        with self.failing('credit.policy', '_archive_by_itself', self.policy):
            self.run_cron('ir_cron_credit_policy')
        self.assert_told(bad, 'version_error')
        self.run_cron('ir_cron_credit_policy')
        self.assertEqual(set(policies.mapped('state')), {'archived'})
        self.assert_mended(bad, 'version_error')
        before = self.snapshot('credit.policy')
        self.run_cron('ir_cron_credit_policy')
        self.assertEqual(self.snapshot('credit.policy'), before)

    def test_a_policy_that_cannot_be_applied_is_told_and_other_companies_go_on(self):
        self.set_terms(self.customer, 1000, grade='A')
        self.env['crm.customer.metrics'].refresh(self.customer.ids)

        def fail(records, *args, **kwargs):
            raise ValueError('Broken record')

        with (
            patch.object(type(self.env['credit.assessment']), '_find_lower_grades', fail),
            mute_logger(SCHEDULE_LOG),
        ):
            self.run_cron('ir_cron_credit_downgrade')
            self.run_cron('ir_cron_credit_downgrade')
        self.assert_told(self.policy, 'comparison_error')
        self.run_cron('ir_cron_credit_downgrade')
        self.assert_mended(self.policy, 'comparison_error')

    def test_what_a_person_settled_is_no_error_any_more(self):
        guarantee, extension, partner = self.guarantees(1), self.extensions(1), self.reviews(1)
        with (
            self.failing('credit.guarantee', '_expire', guarantee),
            self.failing('credit.extension', '_end_by_itself', extension),
            self.failing('res.partner', '_credit_ask_for_review', partner),
        ):
            for name in ('guarantee', 'extension', 'review'):
                self.run_cron(f'ir_cron_credit_{name}')
        self.assert_told(guarantee, 'expiry_error')
        self.assert_told(extension, 'expiry_error')
        self.assert_told(partner, 'credit_review_error')
        guarantee.with_user(self.credit_manager).action_close()
        extension.with_user(self.credit_manager).action_end()
        partner._set_credit_terms(self.company, {'credit_review_date': self.day(90)})
        for name in ('guarantee', 'extension', 'review'):
            self.run_cron(f'ir_cron_credit_{name}')
        self.assert_mended(guarantee, 'expiry_error')
        self.assert_mended(extension, 'expiry_error')
        self.assert_mended(partner, 'credit_review_error')

    def test_a_check_that_fails_shows_on_the_waiting_orders(self):
        orders = self.held(1)
        hold = orders.sudo().credit_hold_ids

        def fail(records, *args, **kwargs):
            raise ValueError('Broken rule')

        with (
            patch.object(type(self.env['sale.order']), '_credit_decide', fail),
            mute_logger('odoo.addons.crm_credit.models.credit_hold'),
        ):
            self.run_cron('credit_hold_cron_release')
        self.assertIn('Broken rule', hold.release_error)
        self.assertIn(hold, self.env['credit.hold'].with_user(self.analyst).search([('release_error', '!=', False)]))
        self.run_cron('credit_hold_cron_release')
        self.assertEqual((hold.state, hold.release_error), ('open', False))

    # -- what releases cost

    def released(self, number=3):
        orders = self.held(number)
        for hold in orders.sudo().credit_hold_ids:
            hold.with_user(self.credit_manager).action_release('Known')
        for order in orders:
            order._create_invoices().action_post()
        return orders

    def test_the_cost_of_releases_is_one_statement_that_writes_what_has_changed(self):
        orders = self.released()
        self.run_cron('ir_cron_credit_hold_follow_up')
        holds = orders.sudo().credit_hold_ids
        self.assertEqual(set(holds.mapped('later_invoiced')), {500})
        before = self.snapshot('credit.hold')
        self.run_cron('ir_cron_credit_hold_follow_up')
        self.assertEqual(self.snapshot('credit.hold'), before)
        self.assertEqual(self.queries(self.env['credit.hold']._cron_follow_up, self.released), 0)

    # -- helpers

    @contextmanager
    def without_commits(self):
        """Let the step be counted inside the test's own transaction."""
        with patch.object(type(self.env['ir.cron']), '_commit_progress', lambda *args, **kwargs: 1):
            yield


@tagged('post_install', '-at_install')
class TestCreditScheduleDates(HoldCase):
    def test_everything_that_runs_by_itself_is_known(self):
        """A scheduled action that is added has to be tested above."""
        actions = self.env['ir.model.data'].search([('module', '=', 'crm_credit'), ('model', '=', 'ir.cron')])
        self.assertEqual(
            set(actions.mapped('name')),
            {
                'credit_hold_cron_release',
                'ir_cron_credit_extension',
                'ir_cron_credit_guarantee',
                'ir_cron_credit_review',
                'ir_cron_credit_policy',
                'ir_cron_credit_hold_follow_up',
                'ir_cron_credit_downgrade',  # test_credit_downgrade
            },
        )
        self.assertTrue(all(self.env['ir.cron'].browse(actions.mapped('res_id')).mapped('active')))

    def test_the_last_day_still_counts(self):
        extension = self.env['credit.extension'].with_user(self.analyst).create({
            'partner_id': self.customer.id, 'amount': 300, 'reason': 'Season', 'date_from': self.day(-3),
            'date_to': self.today})
        extension.with_user(self.credit_manager).action_approve()
        self.assertEqual(self.customer.credit_available, 500)
        with patch.object(fields.Date, 'context_today', lambda record, timestamp=None: self.today + timedelta(days=1)):
            self.env.invalidate_all()
            self.assertEqual(self.customer.credit_available, 200)
