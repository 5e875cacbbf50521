from odoo import api, models


class SaleOrder(models.Model):
    _inherit = 'sale.order'

    @api.model_create_multi
    def create(self, vals_list):
        orders = super().create(vals_list)
        orders.partner_id._make_customer()
        return orders

    def write(self, vals):
        result = super().write(vals)
        if vals.get('partner_id'):
            self.partner_id._make_customer()
        return result
