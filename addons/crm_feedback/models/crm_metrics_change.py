from odoo import api, models

from odoo.addons.crm_relationship.models.metrics_source import MetricsTrigger

TRIGGERS = [
    MetricsTrigger(
        'crm_complaint',
        ('commercial_partner_id', 'company_id', 'kind', 'state', 'verdict', 'date_received'),
        'SELECT row.commercial_partner_id, row.company_id',
        condition="row.kind IN ('complaint', 'claim')",
    ),
]


class CrmMetricsChange(models.Model):
    """Changes of complaints that figures count."""

    _inherit = 'crm.metrics.change'

    @api.model
    def _metrics_triggers(self):
        return super()._metrics_triggers() + TRIGGERS
