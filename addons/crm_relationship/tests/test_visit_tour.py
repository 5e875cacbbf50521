from datetime import date, timedelta

from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger


@tagged('post_install', '-at_install')
class TestVisitTour(HttpCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.salesperson = new_test_user(
            cls.env, login='rel_visit_salesperson', name='Sally Seller', tz='UTC',
            groups='base.group_user,sales_team.group_sale_salesman',
        )
        cls.customers = cls.env['res.partner'].create([
            {
                'name': f'Customer {number}', 'is_company': True, 'customer_rank': 1, 'city': 'Visitville',
                'zip': f'1000{number}', 'user_id': cls.salesperson.id,
            }
            for number in (1, 2, 3)
        ])

    def plan(self, deadline, **values):
        return self.env['mail.activity'].with_user(self.salesperson).create({
            'activity_type_id': self.env.ref('mail.mail_activity_data_call').id, 'user_id': self.salesperson.id,
            'date_deadline': deadline, **values,
        })

    def test_a_salesperson_plans_a_round(self):
        plan = self.env['crm.visit.plan'].create({
            'name': "Monthly visit", 'audience_domain': "[('city', '=', 'Visitville')]", 'date_start': date.today(),
            'state': 'running',
        })
        plan._generate()
        self.start_tour(
            '/odoo/action-crm_relationship.crm_visit_round_action', 'crm_relationship_visit_round',
            login=self.salesperson.login,
        )
        visits = self.env['mail.activity'].search([('visit_plan_id', '=', plan.id)])
        self.assertEqual(len(visits), 3, "the plan's own visits were moved, none was doubled")
        first, second, third = (
            visits.filtered(lambda visit, customer=customer: visit.board_partner_id == customer)
            for customer in self.customers
        )
        self.assertEqual(first.date_deadline, third.date_deadline)
        self.assertEqual((first.visit_sequence, third.visit_sequence), (1, 2))
        self.assertTrue(second, "what was left out of the round stays planned")

    def test_a_salesperson_drags_cards_of_the_week(self):
        today = date.today()
        card = self.plan(
            today - timedelta(days=3), summary="Call about the spring range", res_id=self.customers[0].id,
            res_model_id=self.env['ir.model']._get_id('res.partner'),
        )
        self.plan(
            today + timedelta(days=30), summary="Prepare the fair", key_task=True,
            board_date_start=today - timedelta(days=2),
        )
        with mute_logger('odoo.http'):  # the refusal of a drop on the past
            self.start_tour('/odoo/my-week', 'crm_relationship_week_board_drag', login=self.salesperson.login)
        self.assertEqual((card.active, card.date_deadline), (False, today))
        self.assertEqual(
            self.env['crm.touchpoint'].search([('activity_id', '=', card.id)]).partner_id, self.customers[0],
        )

    def test_a_salesperson_arranges_the_month(self):
        self.start_tour('/odoo/month-board', 'crm_relationship_month_board', login=self.salesperson.login)
        arrangement = self.env['crm.month.arrangement'].search([('user_id', '=', self.salesperson.id)])
        self.assertEqual(arrangement.month, date.today().replace(day=1))
