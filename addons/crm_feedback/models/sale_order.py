from odoo import api, fields, models


class SaleOrder(models.Model):
    _inherit = 'sale.order'

    complaint_ids = fields.One2many('crm.complaint', 'sale_order_id', string="Complaints", groups='base.group_user')
    complaint_count = fields.Integer(string="Complaint count", compute='_compute_complaint_count')

    @api.depends('complaint_ids')
    def _compute_complaint_count(self):
        counts = {}
        if self.env['crm.complaint'].has_access('read'):
            counts = dict(self.env['crm.complaint']._read_group(
                [('sale_order_id', 'in', self.ids)], ['sale_order_id'], ['__count']))
        for order in self:
            order.complaint_count = counts.get(order, 0)

    def _complaint_values(self):
        """Values of a complaint about this order; the product only where there is just one."""
        self.ensure_one()
        customer = self.partner_id.commercial_partner_id
        products = self.order_line.product_id
        invoices = self.sudo().invoice_ids.filtered(lambda m: m.state == 'posted' and m.move_type == 'out_invoice')
        return {
            'partner_id': customer.id,
            'contact_id': self.partner_id.id if self.partner_id != customer else False,
            'sale_order_id': self.id,
            'product_id': products.id if len(products) == 1 else False,
            'invoice_ids': [fields.Command.set(invoices.ids)],
            'company_id': self.company_id.id,
        }

    def action_register_complaint(self):
        """Open a new complaint with customer, product and invoices of this order filled in."""
        values = self._complaint_values()
        return {
            'type': 'ir.actions.act_window', 'name': self.env._("New complaint"), 'res_model': 'crm.complaint',
            'view_mode': 'form', 'views': [(False, 'form')],
            'context': {f'default_{name}': value for name, value in values.items()},
        }

    def action_view_complaints(self):
        """Open the complaints about this order."""
        self.ensure_one()
        action = self.env['ir.actions.act_window']._for_xml_id('crm_feedback.crm_complaint_action')
        values = self._complaint_values()
        return {
            **action, 'domain': [('sale_order_id', '=', self.id)], 'views': [(False, 'list'), (False, 'form')],
            'context': {f'default_{name}': value for name, value in values.items()},
        }
