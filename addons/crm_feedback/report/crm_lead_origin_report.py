from odoo import api, models
from odoo.tools import SQL


class CrmLeadOriginReport(models.Model):
    _inherit = 'crm.lead.origin.report'

    @api.model
    def _selection_origin(self):
        return [*super()._selection_origin(), ('complaint', self.env._("Complaint or request"))]

    @api.model
    def _origin_cases(self):
        return [(SQL("lead.complaint_id IS NOT NULL"), 'complaint'), *super()._origin_cases()]
