from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, TransactionCase, new_test_user, tagged


@tagged('post_install', '-at_install')
class TestReturn(TransactionCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.agent = new_test_user(
            cls.env, login='return_agent', groups='base.group_user,crm_feedback.group_feedback_agent')
        cls.storekeeper = new_test_user(
            cls.env, login='return_store',
            groups='base.group_user,crm_feedback.group_feedback_agent,stock.group_stock_user')
        product = cls.env['product.product'].create({'name': 'Desk', 'is_storable': True})
        customer = cls.env['res.partner'].create({'name': 'Deco Addict', 'is_company': True})
        cls.order = cls.env['sale.order'].create({
            'partner_id': customer.id,
            'order_line': [Command.create({'product_id': product.id, 'product_uom_qty': 2})]})
        cls.order.action_confirm()
        cls.delivery = cls.order.picking_ids
        cls.delivery.move_ids.quantity = 2
        cls.delivery.move_ids.picked = True
        cls.delivery.button_validate()

    def register(self):
        context = self.order.with_user(self.agent).action_register_complaint()['context']
        return self.env['crm.complaint'].with_user(self.agent).with_context(**context).create({'subject': 'Scratched'})

    def test_complaint_on_an_order_knows_its_delivery(self):
        complaint = self.register()
        self.assertEqual(complaint.picking_id, self.delivery)
        self.assertTrue(complaint.picking_done)
        self.assertEqual(complaint.picking_id.read(['name'])[0]['name'], self.delivery.name)
        with self.assertRaises(AccessError):
            complaint.picking_id.write({'note': 'x'})

    def test_return_from_the_complaint_is_odoos_own_and_noted_on_both(self):
        complaint = self.register().with_user(self.storekeeper)
        action = complaint.action_create_return()
        model = self.env[action['res_model']].with_user(self.storekeeper)
        wizard = Form(model.with_context(**action['context'])).save()
        wizard.product_return_moves.quantity = 1
        wizard.action_create_returns()
        complaint.invalidate_recordset()
        self.assertEqual(complaint.return_count, 1)
        self.assertIn(self.delivery.return_ids.name, ''.join(complaint.message_ids.mapped('body')))
        self.assertIn(complaint.name, ''.join(self.delivery.return_ids.message_ids.mapped('body')))

    def test_what_is_not_delivered_cannot_be_returned(self):
        complaint = self.register()
        complaint.picking_id = False
        with self.assertRaisesRegex(UserError, 'delivery that is done'):
            complaint.action_create_return()
