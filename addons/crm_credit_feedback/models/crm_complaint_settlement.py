from odoo import models


class CrmComplaintSettlement(models.Model):
    _inherit = 'crm.complaint.settlement'

    def write(self, vals):
        result = super().write(vals)
        if 'state' in vals:
            self.complaint_id._update_disputes()
        return result
