from odoo.tests import HttpCase, new_test_user, tagged


@tagged('post_install', '-at_install')
class TestContractTour(HttpCase):

    def test_a_salesperson_calls_off_from_a_contract(self):
        salesperson = new_test_user(
            self.env, login='rel_contract_salesperson', name='Sally Seller', tz='UTC',
            groups='base.group_user,sales_team.group_sale_salesman',
        )
        customer = self.env['res.partner'].create({
            'name': 'Deco Addict GmbH', 'is_company': True, 'customer_rank': 1, 'user_id': salesperson.id,
        })
        chair = self.env['product.product'].create({'name': 'Tour Chair', 'type': 'service', 'list_price': 100})
        contract = self.env['crm.contract'].with_user(salesperson).create({
            'partner_id': customer.id, 'subject': "Chairs for a year",
            'line_ids': [(0, 0, {'product_id': chair.id, 'quantity': 100, 'price_unit': 80})],
        })
        self.start_tour(
            f'/odoo/customer-contracts/{contract.id}', 'crm_relationship_contract_call_off', login=salesperson.login,
        )
        self.assertEqual(contract.order_ids.order_line.mapped('product_uom_qty'), [30])
        self.assertEqual(contract.line_ids.quantity_quoted, 30)
