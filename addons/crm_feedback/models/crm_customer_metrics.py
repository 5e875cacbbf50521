from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.crm_relationship.models.metrics_source import MetricsSource


class CrmCustomerMetrics(models.Model):
    """Complaints of each customer as of the last refresh. Complaints and claims count, cancelled ones don't."""

    _inherit = 'crm.customer.metrics'

    complaint_count_12m = fields.Integer(
        string="Complaints (12 months)", readonly=True,
        help="Complaints and claims received in the last twelve months.")
    justified_complaint_count_12m = fields.Integer(
        string="Justified complaints (12 months)", readonly=True,
        help="Those of them found justified or partly justified.")
    complaint_rate = fields.Float(
        string="Complaints per 100 purchases", readonly=True, digits=(9, 2), aggregator='avg',
        help="Complaints of the last twelve months per 100 purchases of the same time. Empty without a purchase.")

    @api.model
    def _metrics_sources(self):
        return super()._metrics_sources() + [MetricsSource(
            'complaints', ('complaint_count_12m', 'justified_complaint_count_12m'), '_metrics_source_complaints',
            logged=True)]

    @api.model
    def _metrics_population_sources(self):
        return super()._metrics_population_sources() + [MetricsSource(
            'complaint_rate', ('complaint_rate',), '_metrics_source_complaint_rate', nullable=('complaint_rate',),
            logged=True)]

    def _metrics_source_complaints(self, scope):
        return SQL(
            """SELECT c.commercial_partner_id, count(*), count(*) FILTER (WHERE c.verdict IN ('justified', 'partly'))
                 FROM crm_complaint c
                WHERE c.kind IN ('complaint', 'claim') AND c.state != 'cancelled'
                  AND %(day)s > %(year_ago)s AND %(day)s <= %(today)s AND %(companies)s AND %(partners)s
                GROUP BY c.commercial_partner_id""",
            day=scope.day(SQL.identifier('c', 'date_received')),
            year_ago=scope.today - relativedelta(years=1),
            today=scope.today,
            companies=scope.in_companies(SQL.identifier('c', 'company_id')),
            partners=scope.in_scope(SQL.identifier('c', 'commercial_partner_id')),
        )

    def _metrics_source_complaint_rate(self, scope):
        return SQL(
            """SELECT partner_id, round(100.0 * complaint_count_12m / order_count_12m, 2)
                 FROM crm_customer_metrics
                WHERE company_id = %s AND order_count_12m > 0 AND %s""",
            scope.root.id,
            scope.in_scope(SQL.identifier('partner_id')),
        )
