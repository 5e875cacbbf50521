from odoo import models


class SaleOrder(models.Model):
    _inherit = 'sale.order'

    def action_log_call(self):
        self.ensure_one()
        return self.env['crm.touchpoint']._action_log(self, 'phone')
