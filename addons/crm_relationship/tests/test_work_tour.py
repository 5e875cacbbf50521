from datetime import date, datetime, time, timedelta

from odoo.tests import HttpCase, new_test_user, tagged


@tagged('post_install', '-at_install')
class TestWorkTour(HttpCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.salesperson = new_test_user(
            cls.env, login='rel_tour_salesperson', name='Sally Seller', tz='UTC',
            groups='base.group_user,sales_team.group_sale_salesman',
        )
        cls.sales_manager = new_test_user(
            cls.env, login='rel_tour_manager', name='Mona Manager', tz='UTC',
            groups='base.group_user,sales_team.group_sale_manager',
        )
        cls.customer = cls.env['res.partner'].create({
            'name': 'Deco Addict GmbH', 'is_company': True, 'customer_rank': 1, 'user_id': cls.salesperson.id,
        })

    def plan(self, deadline, **values):
        return self.env['mail.activity'].with_user(self.salesperson).create({
            'activity_type_id': self.env.ref('mail.mail_activity_data_call').id,
            'summary': "Call about the autumn range", 'date_deadline': deadline, 'user_id': self.salesperson.id,
            'res_model_id': self.env['ir.model']._get_id('res.partner'), 'res_id': self.customer.id, **values,
        })

    def test_a_salesperson_logs_a_visit_and_a_promise_from_the_customer(self):
        self.start_tour(
            f'/odoo/customers/{self.customer.id}', 'crm_relationship_visit_and_promise', login=self.salesperson.login,
        )
        touchpoint = self.env['crm.touchpoint'].search([('partner_id', '=', self.customer.id)])
        self.assertEqual(
            (touchpoint.summary, touchpoint.mode, touchpoint.user_id),
            ("Showed the autumn range", 'visit', self.salesperson),
        )
        promise = self.env['crm.promise'].search([('partner_id', '=', self.customer.id)])
        self.assertEqual((promise.state, promise.date_done, promise.activity_id.active), ('kept', date.today(), False))

    def test_a_salesperson_keeps_a_promise_from_the_week_board(self):
        self.start_tour(
            f'/odoo/action-crm_relationship.res_partner_action_customers/{self.customer.id}',
            'crm_relationship_promise_kept', login=self.salesperson.login,
        )
        promise = self.env['crm.promise'].search([('partner_id', '=', self.customer.id)])
        self.assertEqual(
            (promise.name, promise.user_id, promise.state), ("Bring the new samples", self.salesperson, 'kept'),
        )
        self.assertEqual((promise.date_due, promise.date_done), (date.today(), date.today()))
        self.assertFalse(promise.activity_id.active)

    def test_a_sales_manager_drags_a_card_to_another_day(self):
        today = date.today()
        card = self.plan(today - timedelta(days=3))
        start = datetime.combine(today + timedelta(days=30), time(10))
        event = self.env['calendar.event'].with_user(self.salesperson).create({
            'name': "Range meeting", 'start': start, 'stop': start + timedelta(hours=1),
            'partner_ids': [(4, self.sales_manager.partner_id.id)],
        })
        self.plan(start.date(), summary="Range meeting", calendar_event_id=event.id)
        self.start_tour('/odoo/team-week', 'crm_relationship_team_week', login=self.sales_manager.login)
        monday_after_next = today - timedelta(days=today.weekday()) + timedelta(days=14)
        self.assertGreaterEqual(card.date_deadline, monday_after_next)
        self.assertEqual(card.board_week, 'later')
        self.assertEqual(card.user_id, self.salesperson)
        self.assertEqual(event.start, start)
        activities = self.env['mail.activity'].with_context(active_test=False)
        done = activities.search([('summary', '=', "Prepare the review")])
        self.assertEqual((done.active, done.feedback), (False, "Reviewed with Sally"))
