"""Refresh of the customer figures against hand-written statements for the same figures, which write nothing.

The reference computes sales, purchases, ranks and quintiles and, where crm_credit is installed, open items by age, what
isn't invoiced yet and how the customer pays; its rows aren't fetched. The refresh computes these and the smaller ones
(contacts, promises, terms, stage, class), compares them with the rows that are there, and writes what differs.
"""

from benchmarks.registry import case

SALES = """
WITH sales AS (
    SELECT commercial_partner_id AS partner_id,
           sum(amount_untaxed_signed) FILTER (WHERE invoice_date > now()::date - interval '1 year') AS sales_12m,
           sum(amount_untaxed_signed) AS sales_total
      FROM account_move
     WHERE state = 'posted' AND move_type IN ('out_invoice', 'out_refund') AND company_id = %(company)s
     GROUP BY commercial_partner_id
), orders AS (
    SELECT so.id, p.commercial_partner_id AS partner_id, so.date_order::date AS day
      FROM sale_order so JOIN res_partner p ON p.id = so.partner_invoice_id
     WHERE so.state = 'sale' AND so.company_id = %(company)s
), days AS (
    SELECT partner_id, day FROM orders
     UNION
    SELECT commercial_partner_id, invoice_date FROM account_move am
     WHERE state = 'posted' AND move_type = 'out_invoice' AND company_id = %(company)s
       AND NOT EXISTS (SELECT FROM orders JOIN sale_order_line l ON l.order_id = orders.id
                         JOIN sale_order_line_invoice_rel r ON r.order_line_id = l.id
                         JOIN account_move_line aml ON aml.id = r.invoice_line_id WHERE aml.move_id = am.id)
), firsts AS (
    SELECT partner_id, min(day) AS first_day FROM days GROUP BY partner_id
), periods AS (
    SELECT partner_id, first_day, max(day) AS last_day, count(*) AS purchases,
           count(*) FILTER (WHERE day > now()::date - interval '1 year') AS recent
      FROM days JOIN firsts USING (partner_id) GROUP BY partner_id, first_day, extract(YEAR FROM age(day, first_day))
), purchases AS (
    SELECT partner_id, sum(purchases) AS order_count, sum(recent) AS recent, min(first_day), max(last_day) AS last_day,
           count(*) FILTER (WHERE purchases > 1)::float / (extract(YEAR FROM age(min(first_day))) + 1) AS rate
      FROM periods GROUP BY partner_id
)
SELECT p.id, s.*, o.*, rank() OVER (ORDER BY sales_12m DESC), sales_12m / sum(sales_12m) OVER (),
       sum(sales_12m) OVER (ORDER BY sales_12m DESC, p.id), ntile(5) OVER (ORDER BY last_day),
       ntile(5) OVER (ORDER BY recent), ntile(5) OVER (ORDER BY sales_12m)
  FROM res_partner p LEFT JOIN sales s ON s.partner_id = p.id LEFT JOIN purchases o ON o.partner_id = p.id
 WHERE p.customer_rank > 0 AND (p.is_company OR p.parent_id IS NULL)
"""

CREDIT = """
WITH open AS (
    SELECT p.commercial_partner_id AS partner_id, sum(amount_residual) AS receivable,
           sum(amount_residual) FILTER (WHERE amount_residual > 0 AND date_maturity >= now()::date) AS not_due,
           sum(amount_residual) FILTER (WHERE amount_residual > 0 AND now()::date - date_maturity BETWEEN 1 AND 30),
           sum(amount_residual) FILTER (WHERE amount_residual > 0 AND now()::date - date_maturity BETWEEN 31 AND 60),
           sum(amount_residual) FILTER (WHERE amount_residual > 0 AND now()::date - date_maturity BETWEEN 61 AND 90),
           sum(amount_residual) FILTER (WHERE amount_residual > 0 AND now()::date - date_maturity BETWEEN 91 AND 120),
           sum(amount_residual) FILTER (WHERE amount_residual > 0 AND now()::date - date_maturity > 120),
           sum(amount_residual) FILTER (WHERE amount_residual < 0) AS unapplied,
           max(now()::date - date_maturity) FILTER (WHERE amount_residual > 0) AS max_days_overdue
      FROM account_move_line l JOIN res_partner p ON p.id = l.partner_id
     WHERE l.account_id IN %(accounts)s AND l.reconciled IS NOT TRUE AND l.parent_state = 'posted'
       AND l.company_id = %(company)s
     GROUP BY p.commercial_partner_id
), uninvoiced AS (
    SELECT p.commercial_partner_id AS partner_id,
           sum((l.product_uom_qty - coalesce(posted.quantity, 0)) * l.price_total / nullif(l.product_uom_qty, 0))
      FROM sale_order o JOIN res_partner p ON p.id = o.partner_invoice_id JOIN sale_order_line l ON l.order_id = o.id
           LEFT JOIN LATERAL (SELECT sum(aml.quantity) AS quantity FROM sale_order_line_invoice_rel r
                                JOIN account_move_line aml ON aml.id = r.invoice_line_id
                               WHERE r.order_line_id = l.id AND aml.parent_state = 'posted') posted ON TRUE
     WHERE o.state = 'sale' AND o.company_id = %(company)s AND l.qty_invoiced <> l.product_uom_qty
     GROUP BY p.commercial_partner_id
), paid AS (
    SELECT partner_id, sum(amount * days) / sum(amount), count(DISTINCT move_id),
           sum(amount * CASE WHEN days <= -30 THEN 100 WHEN days <= -20 THEN 90 - (days + 20) WHEN days <= 0
                             THEN 80 - days * 0.5 WHEN days <= 15 THEN 80 - days * 10 / 15.0 WHEN days <= 22
                             THEN 70 - (days - 15) * 10 / 7.0 WHEN days <= 30 THEN 60 - (days - 22) * 10 / 8.0
                             WHEN days <= 60 THEN 50 - (days - 30) / 3.0 WHEN days <= 120 THEN 40 - (days - 60) / 3.0
                             ELSE 20 END) / sum(amount)
      FROM (SELECT m.commercial_partner_id AS partner_id, m.id AS move_id, r.amount,
                   r.max_date - l.date_maturity AS days
              FROM account_partial_reconcile r JOIN account_move_line l ON l.id = r.debit_move_id
              JOIN account_move m ON m.id = l.move_id
             WHERE m.move_type = 'out_invoice' AND m.state = 'posted' AND m.company_id = %(company)s
               AND l.account_id IN %(accounts)s AND r.max_date > now()::date - interval '24 months') part
     GROUP BY partner_id
)
SELECT * FROM res_partner p LEFT JOIN open ON open.partner_id = p.id LEFT JOIN uninvoiced u ON u.partner_id = p.id
  LEFT JOIN paid ON paid.partner_id = p.id
 WHERE p.customer_rank > 0 AND (p.is_company OR p.parent_id IS NULL)
"""


def _reference(bench):
    """The statements themselves, their rows not fetched: what counts is computing the figures."""
    env = bench.suite.env
    accounts = tuple(env["account.account"].search([("account_type", "=", "asset_receivable")]).ids)
    wanted = [SALES, CREDIT] if "credit.policy" in env else [SALES]
    parameters = {"company": env.company.id, "accounts": accounts}

    def aggregate(env):
        for statement in wanted:
            env.cr.execute("EXPLAIN (ANALYZE, TIMING OFF) " + statement, parameters)

    return bench.suite.timed(aggregate)


def _refresh(bench):
    return bench.suite.timed(lambda env: env["crm.customer.metrics"].refresh())


def _refreshed(bench):
    """As it is the day after a refresh: rows with statistics."""
    bench.suite.env["crm.customer.metrics"].refresh()
    bench.suite.env.cr.execute("ANALYZE crm_customer_metrics")


TARGETS = {"against": "a hand-written statement for the same figures, which writes nothing", "repeat": 5}


@case("metrics refresh, first", target=2.0, max_memory=150, **TARGETS)
def first(bench):
    bench.suite.env.cr.execute("DELETE FROM crm_customer_metrics")
    return _refresh(bench), _reference(bench)


@case("metrics refresh, nothing changed", target=1.3, **TARGETS)
def again(bench):
    _refreshed(bench)
    return _refresh(bench), _reference(bench)


@case("metrics refresh, 1 % changed", target=1.3, **TARGETS)
def some_changed(bench):
    _refreshed(bench)
    bench.suite.env.cr.execute(
        "UPDATE account_move SET amount_untaxed_signed = amount_untaxed_signed + 1"
        " WHERE id IN (SELECT max(id) FROM account_move WHERE name LIKE 'BENCH/%'"
        "               GROUP BY commercial_partner_id HAVING commercial_partner_id % 100 = 7)"
    )
    return _refresh(bench), _reference(bench)
