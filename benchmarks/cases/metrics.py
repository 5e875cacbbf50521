"""Refresh of the customer figures against the hand-written aggregate of the same figures, which writes nothing."""

from benchmarks.registry import case

AGGREGATE = """
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


def _reference(bench):
    """The statement itself, its rows not fetched: what counts is computing the figures."""
    env = bench.suite.env
    accounts = env["account.account"].search([("account_type", "=", "asset_receivable")]).ids
    statement = env.cr.mogrify(AGGREGATE, {"company": env.company.id, "accounts": tuple(accounts)}).decode()

    def aggregate(env):
        env.cr.execute("EXPLAIN (ANALYZE, TIMING OFF) " + statement.replace("%", "%%"))

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
