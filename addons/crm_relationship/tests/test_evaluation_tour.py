from odoo.tests import HttpCase, new_test_user, tagged


@tagged('post_install', '-at_install')
class TestEvaluationTour(HttpCase):

    def test_sales_manager_evaluates_and_grades_a_customer(self):
        manager = new_test_user(
            self.env, login='eva_manager', name='Eva Manager', email='eva@example.com',
            groups='base.group_user,base.group_partner_manager,sales_team.group_sale_manager')
        customer = self.env['res.partner'].create(
            {'name': 'Evaluated Zebra Ltd', 'is_company': True, 'customer_rank': 1}
        )
        metrics = self.env['crm.customer.metrics']
        metrics.refresh(customer.ids)
        metrics.search([('partner_id', '=', customer.id), ('company_id', '=', manager.company_id.id)]).write(
            {'rfm_monetary': 5, 'rfm_recency': 5, 'repurchase_rate': 1.0, 'sales_12m': 99000})
        self.start_tour('/odoo/customer-evaluations', 'crm_relationship_evaluation', login='eva_manager')
        evaluation = self.env['crm.evaluation'].search([('partner_id', '=', customer.id)])
        self.assertEqual((evaluation.state, evaluation.closed_by_id), ('closed', manager))
        self.assertEqual(customer.with_company(manager.company_id).customer_grade_id, evaluation.grade_id)
        self.assertEqual(evaluation.replay(), (evaluation.score, evaluation.grade_id.code))
