from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.tools import SQL

from .metrics_source import MetricsSource


class CrmCustomerMetrics(models.Model):
    """What was invested in a customer beside its contacts, and what came back."""

    _inherit = 'crm.customer.metrics'

    investment_12m = fields.Monetary(
        string="Invested, 12 months", readonly=True,
        help="Gifts, vouchers, services, support and joint actions of the last twelve months, in company currency.")
    investment_return = fields.Float(
        string="Return on Cost", readonly=True, aggregator=False, digits=(16, 1),
        help="Sales of twelve months ÷ cost of the contacts and investments of the same time. Empty without cost.")

    @api.model
    def _metrics_sources(self):
        return super()._metrics_sources() + [
            MetricsSource('investments', ('investment_12m',), '_metrics_source_investments', logged=True),
        ]

    @api.model
    def _metrics_population_sources(self):
        return super()._metrics_population_sources() + [
            MetricsSource(
                'investment_return', ('investment_return',), '_metrics_source_investment_return',
                nullable=('investment_return',), logged=True,
            ),
        ]

    def _metrics_source_investments(self, scope):
        """Investments by the commercial partner that the customer has today."""
        return SQL(
            """SELECT customer.commercial_partner_id, sum(investment.company_cost)
                 FROM crm_customer_investment investment
                 JOIN res_partner customer ON customer.id = investment.partner_id
                WHERE investment.date > %(year_ago)s AND investment.date <= %(today)s
                  AND %(companies)s AND %(partners)s
                GROUP BY customer.commercial_partner_id""",
            year_ago=scope.today - relativedelta(years=1),
            today=scope.today,
            companies=scope.in_companies(SQL.identifier('investment', 'company_id')),
            partners=scope.in_scope(SQL.identifier('customer', 'commercial_partner_id')),
        )

    def _metrics_source_investment_return(self, scope):
        return SQL(
            """SELECT partner_id, round((sales_12m / (contact_cost_12m + investment_12m))::numeric, 4)
                 FROM crm_customer_metrics
                WHERE company_id = %s AND contact_cost_12m + investment_12m > 0 AND %s""",
            scope.root.id,
            scope.in_scope(SQL.identifier('partner_id')),
        )
