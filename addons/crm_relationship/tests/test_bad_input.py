from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import RelationshipCase


@tagged('post_install', '-at_install')
class TestBadInput(RelationshipCase):
    """What can't be is refused in words that name record, value and way out, on its line of an import; nothing is left.

    Each as the lowest role that may enter it.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls.make_customer('Deco Addict GmbH')
        cls.dealer = cls.make_customer('Azure Trade', customer_type='intermediary')
        cls.product = cls.env['product.product'].create({'name': 'Chair'})
        cls.startClassPatcher(freeze_time('2026-11-23 09:00:00'))

    def make(self, model, user=None, **values):
        return self.env[model].with_user(user or self.salesperson).create(values)

    def assertRefused(self, *patterns, action, error=ValidationError):
        with self.assertRaises(error) as caught, self.cr.savepoint():
            action()
        for pattern in patterns:
            self.assertIn(pattern, str(caught.exception))

    def imported(self, model, names, rows):
        return self.env[model].with_user(self.salesperson).load(names, rows)

    # ------------------------------------------------------------------ an end before a start

    def test_a_period_that_ends_before_it_starts_names_record_and_both_days(self):
        club = self.make('crm.club', self.sales_manager, name='Users')
        campaign = {'date_start': '2026-11-30', 'date_end': '2026-11-01'}
        self.startPatcher(freeze_time('2026-12-02 09:00:00'))
        cases = [
            ('crm.value.class.override', 'Deco Addict GmbH', {
                'partner_id': self.customer.id, 'value_class': 'vip', 'reason': 'Strategic',
                'date_from': '2026-11-30', 'date_to': '2026-11-01'}),
            ('crm.campaign.plan', 'Autumn', {'name': 'Autumn', **campaign}),
            ('crm.visit.plan', 'Tour', {'name': 'Tour', **campaign}),
            ('crm.club.member', 'Deco Addict GmbH', {
                'club_id': club.id, 'partner_id': self.customer.id, 'date_joined': '2026-11-30',
                'date_left': '2026-11-01'}),
            ('crm.club.benefit', 'Discount', {
                'club_id': club.id, 'name': 'Discount', 'date_from': '2026-11-30', 'date_to': '2026-11-01'}),
            ('crm.club.question', 'Which colour?', {
                'club_id': club.id, 'name': 'Which colour?', 'date_asked': '2026-11-30', 'date_close': '2026-11-01'}),
            ('crm.sell.through', 'Azure Trade: Chair', {
                'intermediary_id': self.dealer.id, 'product_id': self.product.id, 'quantity': 1, **campaign}),
            ('crm.distribution.link', 'Azure Trade', {
                'intermediary_id': self.dealer.id, 'partner_id': self.customer.id, **campaign}),
        ]
        for model, name, values in cases:
            with self.subTest(model):
                before = self.env[model].search_count([])
                self.assertRefused(
                    name, '11/30/2026', '11/01/2026', 'Correct one of the two dates',
                    action=lambda model=model, values=values: self.make(model, self.sales_manager, **values))
                self.assertEqual(self.env[model].search_count([]), before)

    @mute_logger('odoo.sql_db')
    def test_a_day_that_is_needed_cannot_be_cleared(self):
        """Over RPC and by import too: in words of Odoo's, not as an error of the program."""
        promise = self.make(
            'crm.promise', partner_id=self.customer.id, name='Send the offer', date_due='2026-11-25')
        touchpoint = self.make('crm.touchpoint', partner_id=self.customer.id, summary='Asked for a price')
        statistic = self.make('crm.customer.statistic', partner_id=self.customer.id, name='Demand grows')
        contract = self.make(
            'crm.contract', partner_id=self.customer.id, subject='Chairs', date_end='2027-11-25')
        for record, name in (
            (promise, 'date_due'), (touchpoint, 'date'), (statistic, 'date'), (contract, 'date_start'),
        ):
            self.env['ir.model.data'].create({
                'module': '__test__', 'name': record._table, 'model': record._name, 'res_id': record.id})
            result = self.imported(record._name, ['id', name], [[f'__test__.{record._table}', '']])
            self.assertFalse(result['ids'], record._name)
            self.assertIn('Missing required value', result['messages'][0]['message'])
            self.assertIn(name, result['messages'][0]['message'])
            self.assertTrue(record[name])

    # ------------------------------------------------------------------ promises

    def promise(self, **values):
        return self.make(
            'crm.promise', **{'partner_id': self.customer.id, 'name': 'Send the offer', 'date_due': '2026-11-25'}
            | values)

    def test_a_promise_is_due_and_done_after_it_was_given_and_not_done_in_the_future(self):
        self.assertRefused(
            'Send the offer', 'Deco Addict GmbH', '11/20/2026', '11/23/2026', 'Choose a later day',
            action=lambda: self.promise(date_due='2026-11-20'))
        promise = self.promise(date_promised='2026-11-10')
        self.assertRefused(
            'Send the offer', '12/01/2026', 'lies in the future', action=lambda: promise.write(
                {'date_done': '2026-12-01'}))
        self.assertRefused(
            'Send the offer', '11/09/2026', '11/10/2026', 'Correct one',
            action=lambda: promise.write({'date_done': '2026-11-09'}))
        self.assertEqual(promise.state, 'open')

    def test_what_odoo_works_out_is_not_typed(self):
        promise = self.promise()
        touchpoint = self.make('crm.touchpoint', partner_id=self.customer.id, summary='Dinner', cost=5)
        contract = self.make(
            'crm.contract', partner_id=self.customer.id, subject='Chairs',
            line_ids=[Command.create({'product_id': self.product.id, 'quantity': 5})])
        for record, field, value in (
            (promise, 'state', 'kept'), (promise, 'date_due_initial', '2026-12-31'), (touchpoint, 'company_cost', 9),
            (contract, 'fulfilment_rate', 1),
        ):
            before = record[field]
            self.assertRefused(
                record.display_name, "can't be entered by hand", error=AccessError,
                action=lambda record=record, values={field: value}: record.write(values))
            self.assertEqual(record[field], before)
        with self.assertRaises(AccessError):
            self.promise(state='kept')
        self.assertEqual(self.imported(
            'crm.promise', ['.id', 'state'], [[str(promise.id), 'Kept']])['ids'], False)

    def test_an_import_is_refused_on_the_lines_that_are_wrong(self):
        rows = [
            ['Deco Addict GmbH', 'One', '2026-11-25'], ['Deco Addict GmbH', 'Two', '2026-11-20'],
            ['Deco Addict GmbH', 'Three', '2026-11-25'], ['Deco Addict GmbH', 'Four', '2026-11-19'],
        ]
        result = self.imported('crm.promise', ['partner_id', 'name', 'date_due'], rows)
        self.assertFalse(result['ids'])
        self.assertEqual([message['record'] for message in result['messages']], [1, 3])
        self.assertIn('“Two”', result['messages'][0]['message'])
        self.assertIn('“Four”', result['messages'][1]['message'])
        self.assertFalse(self.env['crm.promise'].search([('partner_id', '=', self.customer.id)]))

    # ------------------------------------------------------------------ costs

    def test_a_cost_in_a_currency_without_a_rate_is_refused(self):
        """Odoo would count it one to one."""
        currency = self.env['res.currency'].create({'name': 'XQZ', 'symbol': 'Q'})
        for model, values in (
            ('crm.touchpoint', {'summary': 'Dinner'}), ('crm.customer.investment', {'name': 'Dinner'}),
        ):
            with self.subTest(model):
                self.assertRefused(
                    'Dinner', '50', 'XQZ', 'Enter a rate', action=lambda model=model, values=values: self.make(
                        model, partner_id=self.customer.id, cost=50, currency_id=currency.id, **values))
        self.env['res.currency.rate'].create({'currency_id': currency.id, 'rate': 2, 'name': '2026-01-01'})
        touchpoint = self.make(
            'crm.touchpoint', partner_id=self.customer.id, summary='Dinner', cost=50, currency_id=currency.id)
        self.assertEqual(touchpoint.company_cost, 25)

    # ------------------------------------------------------------------ distribution

    def test_only_intermediaries_serve_customers_and_report_what_was_sold(self):
        maker = self.make_customer('Mill', customer_type='manufacturer')
        period = {'date_start': '2026-10-01', 'date_end': '2026-10-31'}
        for model, values in (
            ('crm.distribution.link', {'partner_id': self.customer.id}),
            ('crm.sell.through', {'product_id': self.product.id, 'quantity': 1}),
        ):
            with self.subTest(model):
                self.assertRefused(
                    'Mill', 'Manufacturer', 'Set its customer type to “Intermediary”',
                    action=lambda model=model, values=values: self.make(
                        model, intermediary_id=maker.id, **period, **values))
        self.assertRefused(
            'Azure Trade: Chair', '12/01/2026', 'in the future', action=lambda: self.make(
                'crm.sell.through', intermediary_id=self.dealer.id, product_id=self.product.id, quantity=1,
                date_start='2026-12-01', date_end='2026-12-31'))

    # ------------------------------------------------------------------ classes and scorecards

    def test_an_override_says_why(self):
        def override(reason):
            return lambda: self.make(
                'crm.value.class.override', self.sales_manager, partner_id=self.customer.id, value_class='vip',
                reason=reason)

        for reason in ('', '   '):
            self.assertRefused('Deco Addict GmbH', 'VIP', '“Reason”', action=override(reason))
        self.assertFalse(self.env['crm.value.class.override'].search([('partner_id', '=', self.customer.id)]))

    def test_an_override_can_be_taken_back(self):
        override = self.make(
            'crm.value.class.override', self.sales_manager, partner_id=self.customer.id, value_class='vip', reason='x')
        self.assertEqual(self.customer.value_class, 'vip')
        override.unlink()
        self.customer.invalidate_recordset(['value_class'])
        self.assertNotEqual(self.customer.value_class, 'vip')

    def test_a_card_without_a_name(self):
        partners = self.env['res.partner'].with_user(self.salesperson)
        for name in ('', '   '):
            self.assertRefused('has no name', 'Enter one', action=lambda name=name: self.make_customer(name))
            self.assertRefused(self.customer.ref, 'Enter one', action=lambda name=name: self.customer.with_user(
                self.salesperson).write({'name': name}))
        self.assertEqual(self.customer.name, 'Deco Addict GmbH')
        with mute_logger('odoo.sql_db'):
            result = partners.with_context(res_partner_search_mode='customer').load(
                ['name', 'is_company'], [['Good', '1'], ['', '1']])
        self.assertFalse(result['ids'])
        self.assertEqual([message['record'] for message in result['messages']], [1])

    def test_limits_of_classes_that_do_not_rise_are_not_saved(self):
        wizard = self.make('crm.class.preview', self.sales_manager, class_vip_share=90)
        before = wizard.company_id.class_vip_share
        self.assertRefused('must rise', action=wizard.action_save)
        self.assertEqual(wizard.company_id.class_vip_share, before)
