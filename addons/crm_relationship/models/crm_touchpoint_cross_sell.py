from odoo import models


class CrmTouchpoint(models.Model):
    _inherit = 'crm.touchpoint'

    def action_propose_products(self):
        """Products to propose to the customer; what is raised stays linked to this contact."""
        self.ensure_one()
        action = self.partner_id.action_propose_products()
        self.env['crm.cross.sell'].browse(action['res_id']).touchpoint_id = self
        return action
