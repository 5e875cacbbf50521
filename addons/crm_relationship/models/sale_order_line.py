from odoo import models


class SaleOrderLine(models.Model):
    _inherit = 'sale.order.line'

    def _get_partner_display(self):
        """Core shows the reference of the few who have one; now that all customers do, the name says more."""
        self.ensure_one()
        return f'({self.sudo().order_partner_id.commercial_partner_id.name})'
