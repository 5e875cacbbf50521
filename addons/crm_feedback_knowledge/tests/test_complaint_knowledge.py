from odoo.tests import tagged

from odoo.addons.crm_feedback.tests.common import FeedbackCase


@tagged('post_install', '-at_install')
class TestComplaintKnowledge(FeedbackCase):
    def test_an_agent_finds_the_pages_about_the_product_complained_about(self):
        product = self.env['product.product'].create({'name': 'Desk'})
        page = self.env['document.page'].create({
            'name': 'Desk: known faults', 'product_tmpl_ids': [(6, 0, product.product_tmpl_id.ids)],
            'content': '<p>Legs</p>', 'draft_name': '1', 'draft_summary': 'New',
        })
        complaint = self.register(product_id=product.id)
        self.assertEqual(complaint.knowledge_count, 1)
        self.assertEqual(complaint.action_open_knowledge()['res_id'], page.id)
        self.assertEqual(self.register().knowledge_count, 0)
