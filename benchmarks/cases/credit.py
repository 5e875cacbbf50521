"""Live exposure, order confirmation and searches, beside Odoo's own figures and OCA's financial risk.

OCA's modules get what their documentation asks for: open, unpaid and ordered amounts counted, a credit limit on every
customer. Confirmation is that of a salesperson (not a superuser, whose access isn't checked): a quotation with a
service and a storable product, history and stock as Odoo does them. The plain reference is the same quotation in a
database with the same customers and without any addon of ours, so crm_relationship's share counts as ours.
"""

from benchmarks.registry import case
from benchmarks.world import LIMIT, customers, largest, limit, order, policy, salesperson

RISK_INCLUDED = ("risk_invoice_open_include", "risk_invoice_unpaid_include", "risk_sale_order_include")


def _figures(env):
    env.company.account_use_credit_limit = True


def _exposure(bench, count):
    _figures(bench.plain.env)
    partners, plain = customers(bench.suite.env, count).ids, customers(bench.plain.env, count).ids

    def core(env):
        page = env["res.partner"].browse(plain)
        return page.mapped("credit"), page.mapped("credit_to_invoice")

    return (
        bench.suite.timed(lambda env: env["res.partner"].browse(partners)._credit_exposure(env.company)),
        bench.plain.timed(core),
    )


def _exposure_oca(bench, count):
    _risk(bench.oca.env)
    partners, oca = customers(bench.suite.env, count).ids, customers(bench.oca.env, count).ids

    def risk(env):
        page = env["res.partner"].browse(oca)
        return page.mapped("risk_total"), page.mapped("risk_exception")

    return (
        bench.suite.timed(lambda env: env["res.partner"].browse(partners)._credit_exposure(env.company)),
        bench.oca.timed(risk),
    )


def _risk(env):
    """OCA's flags and limits on every seeded customer: about one in ten is over the limit."""
    assignments = ", ".join(f"{name} = TRUE" for name in RISK_INCLUDED)
    env.cr.execute(
        f"UPDATE res_partner SET credit_limit = jsonb_build_object(%s::text, 2000), {assignments}"
        " WHERE ref LIKE 'B%%'",
        [env.company.id],
    )
    env.invalidate_all(flush=False)


CORE = "Odoo's credit and credit_to_invoice"
OCA = "OCA's risk_total and risk_exception"


@case("exposure of 8 customers", target=0.6, against=CORE, needs=("plain",), repeat=25, max_queries=4)
def exposure_8(bench):
    return _exposure(bench, 8)


@case("exposure of 80 customers", target=0.6, against=CORE, needs=("plain",), repeat=25, max_queries=4,
      same_queries_as="exposure of 8 customers")  # fmt: skip
def exposure_80(bench):
    return _exposure(bench, 80)


@case("exposure of 8 customers, against OCA", target=0.5, against=OCA, needs=("oca",), repeat=15, max_queries=4)
def exposure_oca_8(bench):
    return _exposure_oca(bench, 8)


@case("exposure of 80 customers, against OCA", target=0.5, against=OCA, needs=("oca",), repeat=15, max_queries=4,
      same_queries_as="exposure of 8 customers")  # fmt: skip
def exposure_oca_80(bench):
    return _exposure_oca(bench, 80)


@case("exposure of the customer with the most invoices", max_queries=4, repeat=25)
def exposure_largest(bench):
    partner = largest(bench.suite.env).id
    return bench.suite.timed(lambda env: env["res.partner"].browse(partner)._credit_exposure(env.company)), None


@case("credit figures of 80 customers, terms included")
def figures_80(bench):
    policy(bench.suite.env)
    partners = customers(bench.suite.env, 80).ids
    return bench.suite.timed(lambda env: env["res.partner"].browse(partners).mapped("credit_available")), None


# ---------------------------------------------------------------------------------------------------- confirmation


def _confirmation(bench, find, goods=True):
    return _confirming(bench.suite, find, goods), _confirming(bench.plain, find, goods)


def _confirming(database, find, goods):
    env = database.env
    policy(env)
    partner = find(env)
    limit(partner, LIMIT)
    user = salesperson(env)
    quotation = order(env, partner, goods).id
    quotation_user = user.id
    env["sale.order"].browse(quotation).user_id = quotation_user

    def confirm(env):
        # as a user confirms: the change of state is logged
        env["sale.order"].with_context(tracking_disable=False).browse(quotation).action_confirm()
        env.flush_all()
        env.cr.flush()

    return database.timed(confirm, user)


PLAIN = "the same order in plain Odoo"


def _ordinary(env):
    return customers(env, 1)


@case("confirm an order", target=1.3, against=PLAIN, needs=("plain",), repeat=21, max_more=10)
def confirm_ordinary(bench):
    return _confirmation(bench, _ordinary)


@case("confirm an order of the customer with the most invoices", target=1.3, against=PLAIN, needs=("plain",),
      repeat=21, max_more=10, same_queries_as="confirm an order")  # fmt: skip
def confirm_largest(bench):
    return _confirmation(bench, largest)


@case("confirm an order of a service only", against=PLAIN, needs=("plain",), repeat=21, max_more=10)
def confirm_service(bench):
    return _confirmation(bench, _ordinary, goods=False)


# -------------------------------------------------------------------------------------------------------- searches


def _limits(env):
    """Give every seeded customer a limit that about one in ten exceeds."""
    policy(env)
    env.cr.execute(
        """UPDATE res_partner SET credit_control = jsonb_build_object(%(company)s::text, 'limited'),
                  credit_limit = jsonb_build_object(%(company)s::text, 2000) WHERE ref LIKE 'B%%'""",
        {"company": env.company.id},
    )
    env.invalidate_all(flush=False)


def _search(bench, domain):
    _limits(bench.suite.env)
    _risk(bench.oca.env)
    return (
        bench.suite.timed(lambda env: env["res.partner"].search(domain)),
        bench.oca.timed(lambda env: env["res.partner"].search([("risk_exception", "=", True)])),
    )


RISK_SEARCH = "OCA's search risk_exception"


@case("search customers over the limit", target=0.02, against=RISK_SEARCH, needs=("oca",), repeat=15, slow=True)
def search_over_limit(bench):
    return _search(bench, [("credit_over_limit", "=", True)])


@case("search customers more than 30 days overdue", target=0.02, against=RISK_SEARCH, needs=("oca",), repeat=15,
      slow=True)  # fmt: skip
def search_overdue(bench):
    return _search(bench, [("credit_max_days_overdue", ">", 30)])
