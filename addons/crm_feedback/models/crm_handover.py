from odoo import api, models

from odoo.addons.crm_relationship.models.handover_source import HandoverSource


class CrmHandover(models.Model):
    _inherit = 'crm.handover'

    @api.model
    def _handover_sources(self):
        """Open complaints and actions pass over before the activities."""
        own = [
            HandoverSource(
                'crm.complaint', self.env._("Open complaints"),
                domain=(('is_open', '=', True),),
            ),
            HandoverSource(
                'crm.complaint.action', self.env._("Open corrective and preventive actions"),
                domain=(('state', '=', 'open'),), partner_field='complaint_id.partner_id',
            ),
        ]
        sources = super()._handover_sources()
        return [*sources[:-1], *own, *sources[-1:]]
