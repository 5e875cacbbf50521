"""Fills a database with N customers the size of a real trade, in seconds.

A few records are made by Odoo itself and cloned by SQL: per customer about 15 invoices over three years (median 11, one
customer with 2,000), 80 % paid and reconciled, some past due, and one confirmed order, 70 % of them invoiced.
Everything belongs to the main company. Only for databases that are thrown away.
"""

import time

MARK = "benchmark.customers"
INVOICES_MEDIAN, INVOICES_LARGEST = 11, 2000


def seed(env, n, log=print):
    """Bring the database to ``n`` seeded customers. Returns the seconds it took; 0 when they were there already."""
    parameter = env["ir.config_parameter"].sudo()
    have = int(parameter.get_param(MARK, 0))
    if have == n:
        return 0.0
    if have:
        raise SystemExit(f"this database holds {have} seeded customers, not {n}: take a fresh one")
    started = time.perf_counter()
    templates = _templates(env)
    env.flush_all()
    cr = env.cr
    _skip_foreign_keys(cr)
    cr.execute("SELECT setseed(0.19)")
    _partners(cr, templates, n)
    _invoices(cr, templates)
    _payments(cr, templates)
    _orders(cr, templates)
    for table in ("res_partner", "account_move", "account_move_line", "account_partial_reconcile",
                  "account_full_reconcile", "sale_order", "sale_order_line"):
        cr.execute(f"SELECT setval('{table}_id_seq', (SELECT max(id) FROM {table}))")
    parameter.set_param(MARK, n)
    env.invalidate_all()
    cr.commit()
    # As autovacuum leaves a database: without a visibility map PostgreSQL avoids index-only scans.
    cr._cnx.autocommit = True
    for table in ("res_partner", "account_move", "account_move_line", "account_partial_reconcile", "sale_order",
                  "sale_order_line", "sale_order_line_invoice_rel"):
        cr.execute(f"VACUUM (ANALYZE) {table}")
    cr._cnx.autocommit = False
    seconds = time.perf_counter() - started
    log(f"seeded {n} customers in {seconds:.0f} s")
    return seconds


def _skip_foreign_keys(cr):
    """The clones refer to rows that exist by construction; checking each costs most of the time. Needs a superuser."""
    cr.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
    if cr.fetchone()[0]:
        cr.execute("SET LOCAL session_replication_role = replica")
    cr.execute("SET LOCAL work_mem = '128MB'")


def _templates(env):
    """One customer with a paid invoice, its payment entry, and an invoiced order, made by Odoo."""
    company = env.company
    if not company.chart_template:
        env["account.chart.template"].try_loading("generic_coa", company, install_demo=False)
    partner = env["res.partner"].with_context(res_partner_search_mode="customer").create(
        {"name": "Benchmark customer", "is_company": True, "email": "bench@example.com"})
    product = env["product.product"].create(
        {
            "name": "Benchmark product",
            "type": "service",
            "invoice_policy": "order",
            "list_price": 100,
            "taxes_id": [(5,)],
        }
    )
    order = env["sale.order"].create(
        {
            "partner_id": partner.id,
            "order_line": [(0, 0, {"product_id": product.id, "price_unit": 100, "tax_ids": [(5,)]})],
        }
    )
    order.action_confirm()
    invoice = order._create_invoices()
    invoice.invoice_date = "2026-01-01"
    invoice.action_post()
    bank = env["account.journal"].search([("type", "=", "bank"), ("company_id", "=", company.id)], limit=1)
    receivable = invoice.line_ids.filtered(lambda line: line.account_id.account_type == "asset_receivable")
    payment = env["account.move"].create({
        "journal_id": bank.id, "date": "2026-01-02", "line_ids": [
            (0, 0, {"account_id": bank.default_account_id.id, "debit": 100, "partner_id": partner.id}),
            (0, 0, {"account_id": receivable.account_id.id, "credit": 100, "partner_id": partner.id}),
        ]})
    payment.action_post()
    (receivable | payment.line_ids.filtered("credit")).reconcile()
    env.flush_all()
    partial = receivable.matched_credit_ids
    return {
        "partner": partner.id, "order": order.id, "order_line": order.order_line.id, "invoice": invoice.id,
        "invoice_lines": {"receivable": receivable.id, "product": (invoice.line_ids - receivable).id},
        "payment": payment.id, "payment_lines": {"bank": payment.line_ids.filtered("debit").id,
                                                 "receivable": payment.line_ids.filtered("credit").id},
        "partial": partial.id, "full": partial.full_reconcile_id.id,
    }


def _clone(cr, table, template, source, **values):
    """INSERT a copy of row ``template`` of ``table`` per row of ``source``; ``values`` are SQL for the columns that
    differ.
    """
    cr.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_schema = 'public' AND table_name = %s"
        " AND is_generated = 'NEVER'", [table])
    columns = [row[0] for row in cr.fetchall()]
    unknown = {name for name in values if name not in columns} - OPTIONAL
    if unknown:
        raise SystemExit(f"{table} has no column {', '.join(sorted(unknown))}")
    listed = ", ".join(f'"{column}"' for column in columns)
    selected = ", ".join(
        f'{values[column]} AS "{column}"' if column in values else f't."{column}"' for column in columns
    )
    cr.execute(
        f'INSERT INTO {table} ({listed}) SELECT {selected} FROM {table} t, {source} s WHERE t.id = {int(template)}'
    )


# Columns that some versions or addons have and others don't.
OPTIONAL = {
    "access_token",
    "matching_number",
    "inalterable_hash",
    "complete_name",
    "made_sequence_gap",
    "relationship_stage",
    "value_class",
}


def _next_id(cr, table):
    cr.execute(f"SELECT COALESCE(max(id), 0) FROM {table}")
    return cr.fetchone()[0]


def _partners(cr, templates, n):
    first = _next_id(cr, "res_partner")
    cr.execute(
        f"CREATE TEMP TABLE bench_partner AS SELECT {first} + i AS partner_id, i FROM generate_series(1, %s) i", [n])
    _clone(
        cr,
        "res_partner",
        templates["partner"],
        "bench_partner",
        id="s.partner_id",
        commercial_partner_id="s.partner_id",
        name="'Customer ' || s.i",
        complete_name="'Customer ' || s.i",
        ref="'B' || s.i",
        email="'c' || s.i || '@example.com'",
        email_normalized="'c' || s.i || '@example.com'",
        customer_rank="1",
        relationship_stage="NULL::jsonb",
        value_class="NULL::jsonb",
    )


def _invoices(cr, templates):
    """About 15 invoices a customer: skewed counts and amounts, dates over three years, 80 % paid."""
    first = _next_id(cr, "account_move")
    cr.execute(f"""
        CREATE TEMP TABLE bench_invoice AS
        SELECT {first} + row_number() OVER () AS move_id, row_number() OVER () AS k, partner_id,
               (now()::date - (random() * 1095)::int) AS day,
               round((20 + 480 * random() * (1 + 9 * random() ^ 4))::numeric, 2) AS amount,
               (random() < 0.8) AS paid, (random() * 40 - 5)::int AS late
          FROM (SELECT partner_id, CASE WHEN i = 1 THEN {INVOICES_LARGEST} ELSE greatest(1, round({INVOICES_MEDIAN} *
                       exp(0.8 * sqrt(-2 * ln(greatest(random(), 1e-9))) * cos(2 * pi() * random()))))::int END AS
                       invoices
                  FROM bench_partner) p, LATERAL generate_series(1, p.invoices) g""")
    cr.execute("CREATE INDEX ON bench_invoice (partner_id); ANALYZE bench_invoice")
    residual = "CASE WHEN s.paid THEN 0 ELSE s.amount END"
    amounts = dict.fromkeys(
        (
            "amount_untaxed",
            "amount_total",
            "amount_untaxed_signed",
            "amount_untaxed_in_currency_signed",
            "amount_total_signed",
            "amount_total_in_currency_signed",
        ),
        "s.amount",
    )
    _clone(
        cr,
        "account_move",
        templates["invoice"],
        "bench_invoice",
        id="s.move_id",
        name="'BENCH/' || s.k",
        sequence_prefix="'BENCH/'",
        sequence_number="s.k",
        partner_id="s.partner_id",
        commercial_partner_id="s.partner_id",
        partner_shipping_id="s.partner_id",
        date="s.day",
        invoice_date="s.day",
        invoice_date_due="s.day + 30",
        invoice_origin="NULL",
        payment_reference="NULL",
        access_token="NULL",
        inalterable_hash="NULL",
        amount_residual=residual,
        amount_residual_signed=residual,
        payment_state="CASE WHEN s.paid THEN 'paid' ELSE 'not_paid' END",
        **amounts,
    )
    line = _next_id(cr, "account_move_line")
    common = {
        "move_id": "s.move_id",
        "move_name": "'BENCH/' || s.k",
        "date": "s.day",
        "invoice_date": "s.day",
        "partner_id": "s.partner_id",
    }
    # Receivable lines get odd, product lines even ids: payments and orders find them by arithmetic.
    cr.execute(f"ALTER TABLE bench_invoice ADD receivable_id int, ADD product_line_id int;"
               f"UPDATE bench_invoice SET receivable_id = {line} + 2 * k - 1, product_line_id = {line} + 2 * k")
    _clone(
        cr, "account_move_line", templates["invoice_lines"]["receivable"], "bench_invoice", id="s.receivable_id",
        debit="s.amount", balance="s.amount", amount_currency="s.amount", amount_residual=residual,
        amount_residual_currency=residual, reconciled="s.paid", full_reconcile_id="NULL::int", matching_number="NULL",
        date_maturity="s.day + 30", **common)
    _clone(
        cr,
        "account_move_line",
        templates["invoice_lines"]["product"],
        "bench_invoice",
        id="s.product_line_id",
        credit="s.amount",
        balance="-s.amount",
        amount_currency="-s.amount",
        price_unit="s.amount",
        price_subtotal="s.amount",
        price_total="s.amount",
        **common,
    )


def _payments(cr, templates):
    """A payment entry per paid invoice, reconciled with it, from five days early to five weeks late."""
    move, line = _next_id(cr, "account_move"), _next_id(cr, "account_move_line")
    partial, full = _next_id(cr, "account_partial_reconcile"), _next_id(cr, "account_full_reconcile")
    cr.execute(f"""
        CREATE TEMP TABLE bench_payment AS
        SELECT k, partner_id, amount, receivable_id, least(day + 30 + late, now()::date) AS day, {move} + p AS move_id,
               {line} + 2 * p - 1 AS bank_id, {line} + 2 * p AS credit_id, {partial} + p AS partial_id, {full} + p AS
               full_id
          FROM (SELECT *, row_number() OVER (ORDER BY k) AS p FROM bench_invoice WHERE paid) paid""")
    common = {"move_id": "s.move_id", "move_name": "'BENCHPAY/' || s.k", "date": "s.day", "partner_id": "s.partner_id"}
    _clone(
        cr,
        "account_move",
        templates["payment"],
        "bench_payment",
        id="s.move_id",
        name="'BENCHPAY/' || s.k",
        sequence_prefix="'BENCHPAY/'",
        sequence_number="s.k",
        partner_id="NULL::int",
        commercial_partner_id="NULL::int",
        date="s.day",
        amount_total="s.amount",
        amount_total_signed="s.amount",
        amount_total_in_currency_signed="s.amount",
        access_token="NULL",
        inalterable_hash="NULL",
    )
    _clone(cr, "account_full_reconcile", templates["full"], "bench_payment", id="s.full_id")
    _clone(
        cr, "account_move_line", templates["payment_lines"]["bank"], "bench_payment", id="s.bank_id", debit="s.amount",
        balance="s.amount", amount_currency="s.amount", **common)
    _clone(
        cr, "account_move_line", templates["payment_lines"]["receivable"], "bench_payment", id="s.credit_id",
        credit="s.amount", balance="-s.amount", amount_currency="-s.amount", amount_residual="0",
        amount_residual_currency="0", reconciled="TRUE", full_reconcile_id="s.full_id", date_maturity="s.day", **common)
    _clone(
        cr, "account_partial_reconcile", templates["partial"], "bench_payment", id="s.partial_id", amount="s.amount",
        debit_amount_currency="s.amount", credit_amount_currency="s.amount", debit_move_id="s.receivable_id",
        credit_move_id="s.credit_id", full_reconcile_id="s.full_id", max_date="s.day")
    cr.execute(
        "UPDATE account_move_line l SET full_reconcile_id = p.full_id FROM bench_payment p WHERE l.id = p.receivable_id"
    )


def _orders(cr, templates):
    """One confirmed order a customer; 70 % are linked to one of its invoices, the others are still to be invoiced."""
    order, line = _next_id(cr, "sale_order"), _next_id(cr, "sale_order_line")
    cr.execute(f"""
        CREATE TEMP TABLE bench_order AS
        SELECT {order} + i AS order_id, {line} + i AS line_id, i, partner_id, invoice.day, invoice.amount,
               invoice.product_line_id, random() < 0.7 AS invoiced
          FROM bench_partner JOIN LATERAL (
               SELECT day, amount, product_line_id FROM bench_invoice b
                WHERE b.partner_id = bench_partner.partner_id ORDER BY day DESC, k LIMIT 1) invoice ON TRUE""")
    status = "CASE WHEN s.invoiced THEN 'invoiced' ELSE 'to invoice' END"
    _clone(
        cr,
        "sale_order",
        templates["order"],
        "bench_order",
        id="s.order_id",
        name="'BENCH' || s.i",
        partner_id="s.partner_id",
        partner_invoice_id="s.partner_id",
        partner_shipping_id="s.partner_id",
        date_order="s.day + time '12:00'",
        amount_untaxed="s.amount",
        amount_total="s.amount",
        invoice_status=status,
        access_token="NULL",
    )
    amounts = dict.fromkeys(
        ("price_unit", "price_subtotal", "price_total", "price_reduce_taxexcl", "price_reduce_taxinc"), "s.amount"
    )
    to_invoice = "CASE WHEN s.invoiced THEN 0 ELSE s.amount END"
    invoiced = "CASE WHEN s.invoiced THEN s.amount ELSE 0 END"
    _clone(
        cr, "sale_order_line", templates["order_line"], "bench_order", id="s.line_id", order_id="s.order_id",
        order_partner_id="s.partner_id", invoice_status=status, qty_invoiced="CASE WHEN s.invoiced THEN 1 ELSE 0 END",
        qty_to_invoice="CASE WHEN s.invoiced THEN 0 ELSE 1 END", untaxed_amount_to_invoice=to_invoice,
        untaxed_amount_invoiced=invoiced, **amounts)
    cr.execute("INSERT INTO sale_order_line_invoice_rel (order_line_id, invoice_line_id)"
               " SELECT line_id, product_line_id FROM bench_order WHERE invoiced")
