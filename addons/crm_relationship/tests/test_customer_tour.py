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

    def test_pages_read_when_they_are_opened_lose_nothing(self):
        salesperson = new_test_user(
            self.env, login='rel_pages', name='Pia Pages', email='pia.pages@example.com',
            groups='base.group_user,sales_team.group_sale_salesman',
        )
        first, second = self.env['res.partner'].create([
            {
                'name': name, 'is_company': True, 'customer_rank': 1, 'user_id': salesperson.id,
                'main_business': business,
            }
            for name, business in (('Deferred One', 'Pumps'), ('Deferred Two', 'Bearings'))
        ])
        self.env['crm.promise'].create({
            'partner_id': first.id, 'name': "Send the samples", 'user_id': salesperson.id,
            'date_promised': '2020-01-01', 'date_due': '2020-01-31',
        })
        action = self.env['ir.actions.act_window'].create({
            'name': "Two customers", 'res_model': 'res.partner', 'view_mode': 'list,form', 'path': 'two-customers',
            'domain': [('id', 'in', (first + second).ids)],
        })
        self.start_tour(f'/odoo/{action.path}', 'crm_relationship_deferred_page', login='rel_pages')
        self.assertRecordValues(first + second, [
            {'website': 'http://one.example.com', 'main_business': 'Pumps and valves'},
            {'website': False, 'main_business': 'Bearings'},
        ])
