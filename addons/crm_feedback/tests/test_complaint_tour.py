from odoo import Command
from odoo.tests import HttpCase, new_test_user, tagged


@tagged('post_install', '-at_install')
class TestComplaintTour(HttpCase):

    def test_agent_registers_a_complaint_from_an_order_resolves_and_closes_it(self):
        agent = new_test_user(
            self.env, login='tour_agent', name='Tour Agent',
            groups='base.group_user,crm_feedback.group_feedback_agent')
        team = self.env['crm.complaint.team'].create({
            'name': 'Tour team', 'sequence': -1, 'member_ids': [Command.set(agent.ids)]})
        product = self.env['product.product'].create({'name': 'Tour Desk', 'list_price': 100})
        customer = self.env['res.partner'].create({'name': 'Tour Customer', 'is_company': True})
        order = self.env['sale.order'].create({
            'partner_id': customer.id, 'order_line': [Command.create({'product_id': product.id})]})
        order.action_confirm()

        self.start_tour(
            '/odoo/action-crm_feedback.sale_order_action_feedback', 'crm_feedback_complaint_tour', login='tour_agent')

        complaint = order.complaint_ids
        self.assertEqual(
            (complaint.state, complaint.closed_how, complaint.verdict), ('closed', 'confirmed', 'justified'))
        self.assertEqual((complaint.team_id, complaint.user_id, complaint.partner_id), (team, agent, customer))
        self.assertTrue(complaint.first_response_due and complaint.resolution_due and complaint.first_resolved_at)
