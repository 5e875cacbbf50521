from odoo.tests import HttpCase, new_test_user, tagged


@tagged('post_install', '-at_install')
class TestHandoverTour(HttpCase):
    def test_a_manager_hands_over_and_the_successor_acknowledges(self):
        leaving = new_test_user(self.env, 'ho_sally', name='Sally Seller', groups='sales_team.group_sale_salesman')
        successor = new_test_user(self.env, 'ho_oscar', name='Oscar Other', groups='sales_team.group_sale_salesman')
        manager = new_test_user(self.env, 'ho_mona', name='Mona Manager', groups='sales_team.group_sale_manager')
        customer = self.env['res.partner'].create({
            'name': 'Deco Addict', 'is_company': True, 'customer_rank': 1, 'user_id': leaving.id,
        })
        url = '/odoo/action-crm_relationship.crm_handover_action'
        self.start_tour(url, 'crm_relationship_handover', login=manager.login)
        self.assertEqual(customer.user_id, successor)
        self.start_tour(url, 'crm_relationship_handover_acknowledge', login=successor.login)
        self.assertEqual(self.env['crm.handover'].search([('from_user_id', '=', leaving.id)]).state, 'acknowledged')

    def test_long_work_shows_a_bar_that_goes_when_it_is_done_or_given_up(self):
        new_test_user(self.env, 'ho_mona', name='Mona Manager', groups='sales_team.group_sale_manager')
        self.start_tour('/odoo', 'crm_relationship_job_progress', login='ho_mona')
