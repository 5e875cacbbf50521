from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.tools import SQL

from .metrics_source import MetricsSource


class CrmCustomerMetrics(models.Model):
    """Figures of the contact log and of promises."""

    _inherit = 'crm.customer.metrics'

    contact_count_12m = fields.Integer(
        string="Contacts, 12 months", readonly=True, help="Entries of the contact log in the last twelve months.")
    last_contact_date = fields.Date(string="Last Contact", readonly=True)
    contact_cost_12m = fields.Monetary(
        string="Contact Cost, 12 months", readonly=True,
        help="Cost noted in the contact log in the last twelve months, in company currency.")
    promise_count_12m = fields.Integer(
        string="Promises, 12 months", readonly=True,
        help="Promises due in the last twelve months that are no longer open.")
    promise_kept_rate = fields.Float(
        string="Promises Kept", readonly=True, aggregator='avg',
        help="Share of the promises due in the last twelve months and no longer open that were kept in time. "
             "Empty when there are none.")

    @api.model
    def _metrics_sources(self):
        return super()._metrics_sources() + [
            MetricsSource(
                'contacts', ('contact_count_12m', 'last_contact_date', 'contact_cost_12m'), '_metrics_source_contacts',
                logged=True,
            ),
            MetricsSource(
                'promises', ('promise_count_12m', 'promise_kept_rate'), '_metrics_source_promises',
                nullable=('promise_kept_rate',), logged=True,
            ),
        ]

    def _metrics_source_contacts(self, scope):
        """Entries of the contact log, by the commercial partner that the customer has today."""
        return SQL(
            """SELECT customer.commercial_partner_id,
                      count(*) FILTER (WHERE %(day)s > %(year_ago)s),
                      max(%(day)s),
                      sum(touchpoint.company_cost) FILTER (WHERE %(day)s > %(year_ago)s)
                 FROM crm_touchpoint touchpoint
                 JOIN res_partner customer ON customer.id = touchpoint.partner_id
                WHERE %(companies)s AND %(partners)s
                GROUP BY customer.commercial_partner_id""",
            day=scope.day(SQL.identifier('touchpoint', 'date')),
            year_ago=scope.today - relativedelta(years=1),
            companies=scope.in_companies(SQL.identifier('touchpoint', 'company_id')),
            partners=scope.in_scope(SQL.identifier('customer', 'commercial_partner_id')),
        )

    def _metrics_source_promises(self, scope):
        """Kept in time ÷ all that were due and are no longer open."""
        return SQL(
            """SELECT customer.commercial_partner_id,
                      count(*),
                      count(*) FILTER (WHERE promise.state = 'kept')::float8 / count(*)
                 FROM crm_promise promise
                 JOIN res_partner customer ON customer.id = promise.partner_id
                WHERE promise.state != 'open' AND promise.date_due > %(year_ago)s
                  AND %(companies)s AND %(partners)s
                GROUP BY customer.commercial_partner_id""",
            year_ago=scope.today - relativedelta(years=1),
            companies=scope.in_companies(SQL.identifier('promise', 'company_id')),
            partners=scope.in_scope(SQL.identifier('customer', 'commercial_partner_id')),
        )
