from odoo.tests import HttpCase, tagged

from .test_hold import HoldCase


@tagged('post_install', '-at_install')
class TestHoldTour(HoldCase, HttpCase):
    """Hold and release in the browser, by the people who do it."""

    def test_the_salesperson_sees_the_hold_and_the_manager_releases_it(self):
        order = self.make_order(amount=500, user=self.salesperson)
        self.start_tour(f'/odoo/orders/{order.id}', 'crm_credit_hold_salesperson', login=self.salesperson.login)
        self.assertEqual((order.state, order.credit_state), ('draft', 'held'))
        self.start_tour('/odoo', 'crm_credit_hold_manager', login=self.credit_manager.login)
        order.invalidate_recordset()
        self.assertEqual((order.state, order.credit_state), ('sale', 'released'))

    def test_the_page_of_a_confirmed_order_fetches_its_figures(self):
        order = self.make_order(amount=50, confirm=True)
        self.credit_manager.group_ids |= self.env.ref('sales_team.group_sale_salesman_all_leads')
        self.start_tour(f'/odoo/orders/{order.id}', 'crm_credit_order_panel', login=self.credit_manager.login)

    def test_the_salespersons_page_of_a_held_order_fetches_the_light(self):
        order = self.held_order(500)
        self.start_tour(f'/odoo/orders/{order.id}', 'crm_credit_order_summary', login=self.salesperson.login)
