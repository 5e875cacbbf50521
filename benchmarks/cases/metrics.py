"""Refresh of the customer figures against hand-written statements for the same figures, which write nothing.

The reference computes sales, purchases, repurchase rate, ranks, quintiles, stage and class; contacts, promises,
investments and complaints; and, where crm_credit is installed, open items by age, disputes, what isn't invoiced yet,
how the customer pays, terms, exposure, utilisation and light. It is written independently of the refresh: for all
customers of one company, without its branches, exceptions and shared limits. The rows aren't fetched. The refresh
compares the figures with the rows that are there, writes what differs, and mirrors stage, class and light to partners.

"All anew" is a refresh on a new day, when nothing changed. On the same day, figures of customers without a change are
those of the refresh before: the log of changes tells.
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
), courted AS (
    SELECT p.commercial_partner_id AS partner_id FROM crm_lead l JOIN res_partner p ON p.id = l.partner_id
     WHERE l.active AND l.type = 'opportunity' AND l.won_status = 'pending'
     UNION
    SELECT p.commercial_partner_id FROM sale_order so JOIN res_partner p ON p.id = so.partner_id
     WHERE so.state IN ('draft', 'sent') AND so.company_id = %(company)s
), ranked AS (
    SELECT p.id, s.sales_12m, s.sales_total, o.*, rank() OVER (ORDER BY sales_12m DESC),
           sales_12m / sum(sales_12m) OVER (), ntile(5) OVER (ORDER BY last_day) AS recency,
           sum(sales_12m) OVER (ORDER BY sales_12m DESC, p.id) / sum(sales_12m) OVER () AS cumulative,
           ntile(5) OVER (ORDER BY recent) AS frequency, ntile(5) OVER (ORDER BY sales_12m) AS monetary
      FROM res_partner p LEFT JOIN sales s ON s.partner_id = p.id LEFT JOIN purchases o ON o.partner_id = p.id
     WHERE p.customer_rank > 0 AND (p.is_company OR p.parent_id IS NULL)
)
SELECT ranked.*,
       CASE WHEN last_day IS NULL AND courted.partner_id IS NOT NULL THEN 'target'
            WHEN last_day IS NULL THEN 'potential'
            WHEN now()::date - last_day > %(lost)s THEN 'lost' WHEN now()::date - last_day > %(dormant)s THEN 'dormant'
            WHEN order_count >= %(loyal)s THEN 'loyal' WHEN order_count > 1 THEN 'repeat' ELSE 'first' END,
       COALESCE(forced.value_class, CASE WHEN cumulative <= %(vip)s THEN 'vip' WHEN cumulative <= %(major)s THEN 'major'
                                         WHEN cumulative <= %(regular)s THEN 'regular' ELSE 'minor' END)
  FROM ranked LEFT JOIN courted ON courted.partner_id = ranked.id
  LEFT JOIN crm_value_class_override forced ON forced.partner_id = ranked.id AND forced.company_id = %(company)s
            AND forced.date_from <= now()::date AND (forced.date_to IS NULL OR forced.date_to >= now()::date)
"""

WORK = """
SELECT p.id, t.*, q.*, i.*
  FROM res_partner p
  LEFT JOIN (SELECT c.commercial_partner_id, max(t.date), count(*) FILTER (WHERE t.date > now() - interval '1 year'),
                    sum(t.company_cost) FILTER (WHERE t.date > now() - interval '1 year')
               FROM crm_touchpoint t JOIN res_partner c ON c.id = t.partner_id WHERE t.company_id = %(company)s
              GROUP BY c.commercial_partner_id) t ON t.commercial_partner_id = p.id
  LEFT JOIN (SELECT c.commercial_partner_id, count(*), avg((q.state = 'kept')::int)
               FROM crm_promise q JOIN res_partner c ON c.id = q.partner_id
              WHERE q.state <> 'open' AND q.date_due > now()::date - interval '1 year' AND q.company_id = %(company)s
              GROUP BY c.commercial_partner_id) q ON q.commercial_partner_id = p.id
  LEFT JOIN (SELECT c.commercial_partner_id, sum(i.company_cost)
               FROM crm_customer_investment i JOIN res_partner c ON c.id = i.partner_id
              WHERE i.date > now()::date - interval '1 year' AND i.company_id = %(company)s
              GROUP BY c.commercial_partner_id) i ON i.commercial_partner_id = p.id
 WHERE p.customer_rank > 0 AND (p.is_company OR p.parent_id IS NULL)
"""

COMPLAINTS = """
SELECT commercial_partner_id, count(*), count(*) FILTER (WHERE verdict IN ('justified', 'partly'))
  FROM crm_complaint
 WHERE kind IN ('complaint', 'claim') AND state <> 'cancelled' AND date_received > now() - interval '1 year'
   AND company_id = %(company)s
 GROUP BY commercial_partner_id
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
           sum(amount_residual) FILTER (WHERE amount_residual > 0 AND disputed),
           sum(amount_residual) FILTER (WHERE amount_residual > 0 AND NOT disputed AND date_maturity < now()::date),
           max(now()::date - date_maturity) FILTER (WHERE amount_residual > 0 AND NOT disputed) AS max_days_overdue
      FROM (SELECT *, move_id IN (SELECT id FROM account_move WHERE credit_disputed) AS disputed
              FROM account_move_line) l JOIN res_partner p ON p.id = l.partner_id
     WHERE l.account_id IN %(accounts)s AND l.reconciled IS NOT TRUE AND l.parent_state = 'posted'
       AND l.company_id = %(company)s
     GROUP BY p.commercial_partner_id
), uninvoiced AS (
    SELECT p.commercial_partner_id AS partner_id,
           sum((l.product_uom_qty - coalesce(posted.quantity, 0)) * l.price_total / nullif(l.product_uom_qty, 0))
               AS amount
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
               AND l.account_id IN %(accounts)s AND r.max_date > now()::date - interval '24 months'
               AND NOT COALESCE(m.credit_disputed, FALSE)
               AND r.credit_move_id NOT IN (SELECT c.id FROM account_move_line c JOIN account_move refund
                                                ON refund.id = c.move_id WHERE refund.move_type = 'out_refund')) part
     GROUP BY partner_id
), prepaid AS (
    SELECT p.commercial_partner_id AS partner_id, sum(tx.amount) AS amount
      FROM payment_transaction tx JOIN res_partner p ON p.id = tx.partner_id
     WHERE tx.state IN ('authorized', 'done') AND tx.payment_id IS NULL AND tx.company_id = %(company)s
     GROUP BY p.commercial_partner_id
), secured AS (
    SELECT partner_id, sum(amount_company) AS amount
      FROM (SELECT partner_id, amount_company FROM credit_extension
             WHERE company_id = %(company)s AND state = 'approved' AND now()::date BETWEEN date_from AND date_to
             UNION ALL
            SELECT partner_id, amount_company FROM credit_guarantee
             WHERE company_id = %(company)s AND state = 'accepted' AND date_from <= now()::date
               AND (date_to IS NULL OR date_to >= now()::date)) cover
     GROUP BY partner_id
), owed AS (
    SELECT p.id, open.*, u.amount AS uninvoiced, prepaid.amount AS prepaid, paid.*, secured.amount AS secured,
           p.credit_control->>%(key)s AS control, (p.credit_limit->>%(key)s)::numeric AS credit_limit,
           p.credit_grade_id->>%(key)s AS grade,
           COALESCE(open.receivable, 0) + COALESCE(u.amount, 0) - COALESCE(prepaid.amount, 0) AS exposure
      FROM res_partner p LEFT JOIN open ON open.partner_id = p.id LEFT JOIN uninvoiced u ON u.partner_id = p.id
      LEFT JOIN prepaid ON prepaid.partner_id = p.id LEFT JOIN paid ON paid.partner_id = p.id
      LEFT JOIN secured ON secured.partner_id = p.id
     WHERE p.customer_rank > 0 AND (p.is_company OR p.parent_id IS NULL)
)
SELECT owed.*, exposure / nullif(credit_limit + COALESCE(secured, 0), 0),
       CASE WHEN control = 'limited' THEN CASE WHEN exposure > credit_limit + COALESCE(secured, 0) THEN 'red'
            WHEN exposure > 0.8 * (credit_limit + COALESCE(secured, 0)) THEN 'amber' ELSE 'green' END END
  FROM owed
"""


def _reference(bench):
    """The statements themselves, their rows not fetched: what counts is computing the figures."""
    env, company = bench.suite.env, bench.suite.env.company
    wanted = [SALES, WORK]
    wanted += [CREDIT] if "credit.policy" in env else []
    wanted += [COMPLAINTS] if "crm.complaint" in env else []
    parameters = {
        "company": company.id,
        "key": str(company.id),
        "accounts": tuple(env["account.account"].search([("account_type", "=", "asset_receivable")]).ids),
        "dormant": company.stage_dormant_days,
        "lost": company.stage_lost_days,
        "loyal": company.stage_loyal_purchases,
        **dict(zip(("vip", "major", "regular"), company._class_cutoffs(), strict=True)),
    }

    def aggregate(env):
        for statement in wanted:
            env.cr.execute("EXPLAIN (ANALYZE, TIMING OFF) " + statement, parameters)

    return bench.suite.timed(aggregate)


def _refresh(bench):
    return bench.suite.timed(lambda env: env["crm.customer.metrics"].refresh())


def _refreshed(bench):
    """As it is after a refresh: rows with statistics. The second one is after the monthly cut of classes."""
    for _time in range(2):
        bench.suite.env["crm.customer.metrics"].refresh()
    bench.suite.env.cr.execute("ANALYZE crm_customer_metrics")


TARGETS = {"against": "a hand-written statement for the same figures, which writes nothing", "repeat": 5}


@case("metrics refresh, first", target=2.0, max_memory=150, **TARGETS)
def first(bench):
    bench.suite.env.cr.execute("DELETE FROM crm_customer_metrics; DELETE FROM crm_metrics_run")
    return _refresh(bench), _reference(bench)


@case("metrics refresh, all anew", target=1.3, **TARGETS)
def all_anew(bench):
    _refreshed(bench)
    bench.suite.env["crm.metrics.run"].search([]).basis = False
    return _refresh(bench), _reference(bench)


@case("metrics refresh, all anew, 1 % changed", target=1.3, **TARGETS)
def all_anew_some_changed(bench):
    _refreshed(bench)
    bench.suite.env["crm.metrics.run"].search([]).basis = False
    _change_some(bench)
    return _refresh(bench), _reference(bench)


@case("metrics refresh, nothing changed", target=0.2, **TARGETS)
def again(bench):
    _refreshed(bench)
    return _refresh(bench), _reference(bench)


@case("metrics refresh, 1 % changed", target=0.2, **TARGETS)
def some_changed(bench):
    _refreshed(bench)
    _change_some(bench)
    return _refresh(bench), _reference(bench)


def _change_some(bench):
    bench.suite.env.cr.execute(
        "UPDATE account_move SET amount_untaxed_signed = amount_untaxed_signed + 1"
        " WHERE id IN (SELECT max(id) FROM account_move WHERE name LIKE 'BENCH/%'"
        "               GROUP BY commercial_partner_id HAVING commercial_partner_id % 100 = 7)"
    )
