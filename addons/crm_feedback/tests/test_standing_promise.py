from odoo.tests import tagged

from .common import FeedbackCase


@tagged('post_install', '-at_install')
class TestStandingPromiseFulfilment(FeedbackCase):
    def test_fulfilment_is_the_share_of_orders_without_a_reasoned_complaint(self):
        product = self.env['product.product'].create({'name': 'Promised desk', 'type': 'service'})
        promise = self.env['crm.standing.promise'].create({
            'name': 'Exchange', 'product_tmpl_ids': [(4, product.product_tmpl_id.id)],
        })
        self.assertEqual((promise.order_count, promise.fulfilment), (0, 0))
        for _number in range(4):
            order = self.env['sale.order'].create({
                'partner_id': self.customer.id, 'order_line': [(0, 0, {'product_id': product.id, 'price_unit': 1})],
            })
            order.action_confirm()
        self.register(standing_promise_id=promise.id)
        self.register(standing_promise_id=promise.id).verdict = 'unjustified'
        self.env.invalidate_all()
        self.assertEqual((promise.order_count, promise.complaint_count, promise.fulfilment), (4, 1, 75))
        self.assertEqual(
            len(self.env['crm.complaint'].search(promise.with_user(self.manager).action_view_complaints()['domain'])), 2
        )
