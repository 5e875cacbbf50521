from datetime import timedelta

from odoo import Command
from odoo.tests import tagged

from .common import FeedbackCase


@tagged('post_install', '-at_install')
class TestCustomer(FeedbackCase):

    def test_open_complaints_need_attention(self):
        self.register()
        late = self.register()
        self.env['crm.complaint'].flush_model()
        self.at('2026-01-13 09:00')
        late.action_set_first_response()
        self.env['crm.complaint']._refresh_sla_state()
        items = self.customer.with_user(self.salesperson)._get_attention_items()[self.customer.id]
        self.assertEqual(
            [item[1:] for item in items if 'complaint' in item[2]], [('danger', 'open complaints: 2, late: 1')])
        self.assertIn('open complaints', self.customer.with_user(self.salesperson).attention_message)

    def test_attention_costs_the_same_for_one_customer_and_many(self):
        customers = self.env['res.partner'].create([{'name': f'C{n}'} for n in range(20)])
        self.env['crm.complaint'].create([{'subject': 'x', 'partner_id': partner.id} for partner in customers])
        self.env.flush_all()
        self.customer._get_attention_items()
        counts = []
        for group in (customers[:1], customers):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.env['res.partner'].browse(group.ids)._get_attention_items()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(*counts)

    def test_figures_count_complaints_and_claims_of_twelve_months(self):
        product = self.env['product.product'].create({'name': 'Desk', 'type': 'service', 'list_price': 10})
        for days in (1, 30):
            order = self.env['sale.order'].create({
                'partner_id': self.customer.id, 'order_line': [Command.create({'product_id': product.id})]})
            order.action_confirm()
            order.date_order = self.env.cr.now() - timedelta(days=days)
        self.now = self.env.cr.now()
        self.resolve(self.register(kind='claim'))
        self.resolve(self.register(), verdict='unjustified')
        self.register(kind='praise')
        self.register(date_received=self.now - timedelta(days=800))
        self.register().action_cancel()
        self.env['crm.customer.metrics'].refresh(self.customer.ids)
        row = self.env['crm.customer.metrics'].search(
            [('partner_id', '=', self.customer.id), ('company_id', '=', self.company.root_id.id)])
        self.assertEqual((row.complaint_count_12m, row.justified_complaint_count_12m), (2, 1))
        self.env['crm.customer.metrics'].refresh()
        self.assertEqual(row.complaint_rate, 100.0)

    def test_complaints_are_an_evaluation_indicator(self):
        indicator = self.env.ref('crm_feedback.evaluation_indicator_complaints')
        self.assertEqual(indicator.metric_field_id.name, 'complaint_count_12m')
