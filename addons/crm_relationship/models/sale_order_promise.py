from odoo import models


class SaleOrder(models.Model):
    _inherit = 'sale.order'

    def action_new_promise(self):
        self.ensure_one()
        return self.env['crm.promise']._action_new(self)
