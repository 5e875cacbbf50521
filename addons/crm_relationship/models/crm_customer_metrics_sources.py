from dateutil.relativedelta import relativedelta

from odoo import api, models
from odoo.tools import SQL

from .metrics_source import MetricsSource


class CrmCustomerMetrics(models.Model):
    """Sources of the sales, purchase, rank and RFM figures."""

    _inherit = 'crm.customer.metrics'

    @api.model
    def _metrics_sources(self):
        return super()._metrics_sources() + [
            MetricsSource('sales', ('sales_12m', 'sales_total'), '_metrics_source_sales', logged=True),
            MetricsSource(
                'purchases',
                ('order_count', 'order_count_12m', 'first_order_date', 'last_order_date', 'repurchase_rate'),
                '_metrics_source_purchases',
                nullable=('repurchase_rate',), logged=True,
            ),
        ]

    @api.model
    def _metrics_population_sources(self):
        return super()._metrics_population_sources() + [
            MetricsSource(
                'rank', ('sales_rank', 'sales_share', 'sales_cumulative_share'), '_metrics_source_rank',
                nullable=('sales_rank',), figures_only=True,
            ),
            MetricsSource(
                'rfm', ('rfm_recency', 'rfm_frequency', 'rfm_monetary'), '_metrics_source_rfm',
                nullable=('rfm_recency', 'rfm_frequency', 'rfm_monetary'), figures_only=True,
            ),
        ]

    def _metrics_source_sales(self, scope):
        """Untaxed posted customer invoices less credit notes, in company currency (credit notes are signed)."""
        return SQL(
            """SELECT am.commercial_partner_id,
                      sum(am.amount_untaxed_signed) FILTER (WHERE am.invoice_date > %(year_ago)s AND am.invoice_date
                      <= %(today)s),
                      sum(am.amount_untaxed_signed)
                 FROM account_move am
                WHERE am.state = 'posted' AND am.move_type IN ('out_invoice', 'out_refund')
                  AND %(companies)s AND %(partners)s
                GROUP BY am.commercial_partner_id""",
            year_ago=scope.today - relativedelta(years=1),
            today=scope.today,
            companies=scope.in_companies(SQL.identifier('am', 'company_id')),
            partners=scope.in_scope(SQL.identifier('am', 'commercial_partner_id')),
        )

    def _metrics_source_purchases(self, scope):
        """Purchase days and the share of twelve-month periods since the first one that hold a second one.

        Ages are taken of plain time stamps: of dates they would be computed in the session's time zone, which is slow.
        """
        return SQL(
            """WITH %(purchase_days)s,
                    dated AS (SELECT partner_id, day, min(day) OVER (PARTITION BY partner_id) AS first_day FROM days),
                    periods AS (
                        SELECT partner_id, first_day, max(day) AS last_day, count(*) AS purchases,
                               count(*) FILTER (WHERE day > %(year_ago)s) AS recent
                          FROM dated
                         GROUP BY partner_id, first_day, date_part('year', age(day::timestamp, first_day::timestamp)))
               SELECT partner_id, sum(purchases), sum(recent), min(first_day), max(last_day),
                      count(*) FILTER (WHERE purchases >= 2)::float8
                          / (date_part('year', age(%(today)s::timestamp, min(first_day)::timestamp))::int + 1)
                 FROM periods
                GROUP BY partner_id""",
            purchase_days=self._purchase_days_ctes(scope),
            year_ago=scope.today - relativedelta(years=1),
            today=scope.today,
        )

    def _purchase_days_ctes(self, scope):
        """Common table expressions that end in ``days (partner_id, day)``, one row per customer and day with a
        purchase.

        A purchase is a confirmed order, or a posted invoice that no order of the same debtor led to. Linked invoices
        are found from the orders in scope: all lines of all invoices would have to be looked at the other way round.
        """
        return SQL(
            """orders AS (
                   SELECT so.id, debtor.commercial_partner_id AS partner_id, %(order_day)s AS day
                     FROM sale_order so
                     JOIN res_partner debtor ON debtor.id = so.partner_invoice_id
                    WHERE so.state = 'sale' AND %(order_companies)s AND %(debtors)s
               ), invoiced AS (
                   SELECT DISTINCT aml.move_id, orders.partner_id
                     FROM orders
                     JOIN sale_order_line sol ON sol.order_id = orders.id
                     JOIN sale_order_line_invoice_rel rel ON rel.order_line_id = sol.id
                     JOIN account_move_line aml ON aml.id = rel.invoice_line_id
               ), days AS (
                   SELECT partner_id, day FROM orders WHERE day <= %(today)s
                    UNION
                   SELECT am.commercial_partner_id, am.invoice_date
                     FROM account_move am
                    WHERE am.state = 'posted' AND am.move_type IN ('out_invoice', 'out_refund') AND am.move_type =
                    'out_invoice'
                      AND am.invoice_date <= %(today)s AND %(invoice_companies)s AND %(invoice_partners)s
                      AND NOT EXISTS (SELECT FROM invoiced
                                       WHERE invoiced.move_id = am.id AND invoiced.partner_id =
                                       am.commercial_partner_id)
               )""",
            order_day=scope.day(SQL.identifier('so', 'date_order')),
            order_companies=scope.in_companies(SQL.identifier('so', 'company_id')),
            debtors=scope.in_scope(SQL.identifier('debtor', 'commercial_partner_id')),
            today=scope.today,
            invoice_companies=scope.in_companies(SQL.identifier('am', 'company_id')),
            invoice_partners=scope.in_scope(SQL.identifier('am', 'commercial_partner_id')),
        )

    def _metrics_source_rank(self, scope):
        """Rank and shares by sales of twelve months; as ``tools.rfm.sales_shares`` has it.

        Shares are rounded to a millionth, cumulative ones to a ten-thousandth: a small change of the total doesn't
        rewrite every row.
        """
        return SQL(
            """SELECT partner_id,
                      rank() OVER (ORDER BY sales_12m DESC),
                      round(sales_12m / total, 6),
                      round(running / total, 4)
                 FROM (SELECT partner_id, sales_12m, sum(sales_12m) OVER () AS total,
                              sum(sales_12m) OVER (ORDER BY sales_12m DESC, partner_id ROWS UNBOUNDED PRECEDING) AS
                              running
                         FROM crm_customer_metrics
                        WHERE company_id = %s AND sales_12m > 0) ranked""",
            scope.root.id,
        )

    def _metrics_source_rfm(self, scope):
        """Fifths of the customers that ever bought; as ``tools.rfm.quintiles`` has it (ties share the middle of
        their places).
        """

        def fifth(column):
            return SQL(
                "least(5, 1 + 5 * (2 * (rank() OVER (ORDER BY %(column)s) - 1) + count(*) OVER (PARTITION BY "
                "%(column)s))"
                " / (2 * count(*) OVER ()))",
                column=SQL.identifier(column),
            )
        return SQL(
            "SELECT partner_id, %s, %s, %s FROM crm_customer_metrics WHERE company_id = %s AND last_order_date "
            "IS NOT NULL",
            fifth('last_order_date'),
            fifth('order_count_12m'),
            fifth('sales_12m'),
            scope.root.id,
        )
