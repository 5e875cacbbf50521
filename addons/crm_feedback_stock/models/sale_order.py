from odoo import models


class SaleOrder(models.Model):
    _inherit = 'sale.order'

    def _complaint_values(self):
        values = super()._complaint_values()
        deliveries = self.sudo().picking_ids.filtered(
            lambda picking: picking.state == 'done' and picking.picking_type_code == 'outgoing')
        values['picking_id'] = deliveries.id if len(deliveries) == 1 else False
        return values
