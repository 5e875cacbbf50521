from odoo import Command
from odoo.tests import tagged

from .test_hold import HoldCase


@tagged('post_install', '-at_install')
class TestHoldOverrides(HoldCase):
    """Other addons do their part around ``super()`` of the confirmation: none of it may happen to a held order.

    Each test needs its addon and is skipped without it.
    """

    def needs(self, model):
        if model not in self.env:
            self.skipTest(f'{model} is not installed')

    def release(self, order):
        order.credit_hold_ids.with_user(self.credit_manager).action_release('Fine')
        self.assertEqual(order.state, 'sale')

    def test_a_held_order_registers_nobody_for_an_event(self):
        self.needs('event.event.ticket')
        ticket_product = self.env['product.product'].create(
            {'name': 'Ticket', 'type': 'service', 'service_tracking': 'event', 'taxes_id': False}
        )
        event = (
            self.env['event.event']
            .sudo()
            .create(
                {
                    'name': 'Fair',
                    'date_begin': self.day(10),
                    'date_end': self.day(11),
                    'company_id': self.company.id,
                    'event_ticket_ids': [
                        Command.create({'name': 'Standard', 'product_id': ticket_product.id, 'price': 500})
                    ],
                }
            )
        )
        order = self.make_order(amount=500, user=self.salesperson)
        order.sudo().order_line.write(
            {
                'product_id': ticket_product.id,
                'event_id': event.id,
                'event_ticket_id': event.event_ticket_ids.id,
                'price_unit': 500,
                'tax_ids': False,
            }
        )
        order.action_confirm()
        self.assertEqual(order.credit_state, 'held')
        self.assertFalse(event.registration_ids)
        self.release(order)
        self.assertEqual(len(event.registration_ids), 1)

    def test_a_held_order_earns_no_points(self):
        self.needs('loyalty.program')
        program = (
            self.env['loyalty.program']
            .sudo()
            .create(
                {
                    'name': 'Points',
                    'program_type': 'loyalty',
                    'trigger': 'auto',
                    'applies_on': 'both',
                    'company_id': self.company.id,
                    'rule_ids': [
                        Command.create({'reward_point_mode': 'money', 'reward_point_amount': 1, 'minimum_amount': 0})
                    ],
                }
            )
        )
        order = self.make_order(amount=500, user=self.salesperson)
        order.sudo()._update_programs_and_rewards()
        order.action_confirm()
        self.assertEqual(order.credit_state, 'held')
        self.assertEqual(sum(program.coupon_ids.mapped('points')), 0)
        self.release(order)
        self.assertEqual(sum(program.coupon_ids.mapped('points')), 500)

    def test_an_expired_reward_is_gone_before_the_decision(self):
        self.needs('loyalty.program')
        program = self.env['loyalty.program'].sudo().create(
            {
                'name': 'Nine tenths off',
                'program_type': 'promotion',
                'trigger': 'auto',
                'applies_on': 'current',
                'company_id': self.company.id,
                'rule_ids': [Command.create({'minimum_amount': 0})],
                'reward_ids': [Command.create({'reward_type': 'discount', 'discount': 90, 'discount_mode': 'percent'})],
            }
        )
        order = self.make_order(amount=500, user=self.salesperson)
        order.sudo()._update_programs_and_rewards()
        order.sudo()._apply_program_reward(program.reward_ids, program.coupon_ids[:1])
        self.assertEqual(order.amount_total, 50)
        program.date_to = self.day(-1)
        order.action_confirm()
        self.assertEqual((order.state, order.credit_state, order.amount_total), ('draft', 'held', 500))

    def test_a_held_website_order_is_no_abandoned_cart(self):
        self.needs('website')
        if 'website_id' not in self.env['sale.order']:
            self.skipTest('website_sale is not installed')
        website = self.env['website'].sudo().search([], limit=1)
        website.company_id = self.company
        order = self.make_order(amount=500, website_id=website.id)
        order.action_confirm()
        self.assertEqual((order.state, order.credit_state), ('sent', 'held'))

    def test_an_order_made_from_a_task_waits_as_well(self):
        self.needs('project.task')
        if 'sale_line_id' not in self.env['project.task']:
            self.skipTest('sale_project is not installed')
        project = (
            self.env['project.project']
            .sudo()
            .create({'name': 'Job', 'allow_billable': True, 'partner_id': self.customer.id})
        )
        order = self.make_order(amount=500, user=self.salesperson)
        project.sale_line_id = order.order_line
        project._ensure_sale_order_linked(order.order_line.ids)
        self.assertEqual((order.state, order.credit_state), ('draft', 'held'))
