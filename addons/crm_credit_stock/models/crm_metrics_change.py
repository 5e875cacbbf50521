from odoo import api, models

from odoo.addons.crm_relationship.models.crm_metrics_change import DEBTOR
from odoo.addons.crm_relationship.models.metrics_source import MetricsTrigger

TRIGGERS = [
    MetricsTrigger(
        'stock_move',
        ('sale_line_id', 'state'),
        f'{DEBTOR} = (SELECT order_id FROM sale_order_line WHERE id = row.sale_line_id)',
        condition='row.sale_line_id IS NOT NULL',
    ),
]


class CrmMetricsChange(models.Model):
    """Deliveries tell what will still be invoiced of an order."""

    _inherit = 'crm.metrics.change'

    @api.model
    def _metrics_triggers(self):
        return super()._metrics_triggers() + TRIGGERS
