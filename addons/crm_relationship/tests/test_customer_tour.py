from odoo.tests import HttpCase, new_test_user, tagged


@tagged('post_install', '-at_install')
class TestCustomerTour(HttpCase):

    def test_a_salesperson_enters_a_customer_and_fills_its_card(self):
        salesperson = new_test_user(
            self.env, login='rel_salesperson', name='Sally Seller', email='sally.seller@example.com',
            groups='base.group_user,sales_team.group_sale_salesman',
        )
        self.start_tour('/odoo/customer-file', 'crm_relationship_customer', login='rel_salesperson')
        customer = self.env['res.partner'].search([('ref', '=', 'QZT')])
        self.assertRecordValues(customer, [{
            'customer_type': 'intermediary', 'relationship_stage': 'potential', 'trading_habits': 'Orders on Mondays',
            'main_business': 'Zebra crossings', 'user_id': salesperson.id,
        }])
        self.assertTrue(customer.card_verified_on)
