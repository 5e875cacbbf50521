from datetime import date

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .common import RelationshipCase


@tagged('post_install', '-at_install')
@freeze_time('2026-03-02 09:00:00')
class TestPromiseAnywhere(RelationshipCase):
    def plan(self, record, **values):
        return record.with_user(self.salesperson).activity_schedule(
            'crm_relationship.mail_activity_type_customer_promise', date(2026, 3, 6), summary='Send samples',
            user_id=self.salesperson.id, **values,
        )

    def promise_of(self, activity):
        return self.env['crm.promise'].search([('activity_id', '=', activity.id)])

    def test_an_activity_in_any_chatter_becomes_a_promise(self):
        customer = self.make_customer()
        order = self.env['sale.order'].with_user(self.salesperson).create({'partner_id': customer.id})
        activity = self.plan(order)
        self.assertRecordValues(self.promise_of(activity), [{
            'partner_id': customer.id, 'name': 'Send samples', 'date_due': date(2026, 3, 6), 'res_model': 'sale.order',
            'res_id': order.id, 'user_id': self.salesperson.id, 'state': 'open',
        }])
        self.assertEqual(len(order.activity_ids), 1)
        self.assertFalse(self.promise_of(activity).activity_ids)

    def test_doing_the_activity_keeps_the_promise_and_moving_it_moves_the_promise(self):
        activity = self.plan(self.make_customer())
        promise = self.promise_of(activity)
        activity.date_deadline = date(2026, 3, 10)
        self.assertEqual(promise.date_due, date(2026, 3, 10))
        activity.action_feedback()
        self.assertEqual(promise.state, 'kept')

    def test_keeping_the_promise_does_the_activity(self):
        activity = self.plan(self.make_customer())
        self.promise_of(activity).action_keep()
        self.assertFalse(activity.active)

    def test_without_a_customer_nothing_can_be_promised(self):
        lead = self.env['crm.lead'].create({'name': 'Nobody yet', 'user_id': self.salesperson.id})
        with self.assertRaisesRegex(UserError, 'Nobody yet.*no customer'):
            self.plan(lead)


@tagged('post_install', '-at_install')
@freeze_time('2026-03-02 09:00:00')
class TestStandingPromise(RelationshipCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.category = cls.env['product.category'].create({'name': 'Furniture'})
        cls.desk, cls.lamp = cls.env['product.template'].create([
            {'name': 'Desk', 'categ_id': cls.env['product.category'].create(
                {'name': 'Desks', 'parent_id': cls.category.id}).id},
            {'name': 'Lamp'},
        ])
        cls.promises = cls.env['crm.standing.promise'].with_user(cls.sales_manager)

    def test_a_promise_holds_for_its_products_categories_below_and_dates(self):
        exchange = self.promises.create({'name': 'Exchange', 'categ_ids': [(4, self.category.id)]})
        light = self.promises.create({'name': 'Ten years of light', 'product_tmpl_ids': [(4, self.lamp.id)]})
        everybody = self.promises.create({'name': 'Answer within a day', 'date_end': '2026-03-31'})
        self.assertEqual(self.desk.standing_promise_ids, exchange | everybody)
        self.assertEqual(self.lamp.standing_promise_ids, light | everybody)
        with freeze_time('2026-04-01'):
            self.env.invalidate_all()
            self.assertEqual(self.desk.standing_promise_ids, exchange)

    def test_an_end_before_the_start_is_refused(self):
        with self.assertRaisesRegex(ValidationError, 'Exchange.*2026-02-01'):
            self.promises.create({'name': 'Exchange', 'date_end': '2026-02-01'})

    def test_salespeople_read_and_do_not_write(self):
        promise = self.promises.create({'name': 'Exchange'})
        self.assertEqual(promise.with_user(self.salesperson).name, 'Exchange')
        with self.assertRaises(AccessError):
            promise.with_user(self.salesperson).name = 'x'
