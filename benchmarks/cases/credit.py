"""Live exposure and order confirmation: the cost of the credit check beside Odoo's own figures and confirmation."""

from unittest.mock import patch

from benchmarks.registry import case

ADDONS = ("crm_credit",)
LIMIT = 1e9


def _customers(env, count):
    return env["res.partner"].search([("ref", "=like", "B%"), ("name", "=like", "Customer %")], limit=count, offset=1)


def _largest(env):
    return env["res.partner"].search([("ref", "=", "B1")], limit=1)


def _exposure(env, count):
    partners = _customers(env, count)
    env.company.account_use_credit_limit = True

    def core():
        return partners.mapped("credit"), partners.mapped("credit_to_invoice")

    return lambda: partners._credit_exposure(env.company), core


@case("exposure of 8 customers", target=0.6, addons=ADDONS)
def exposure_8(env):
    return _exposure(env, 8)


@case("exposure of 80 customers", target=0.6, addons=ADDONS)
def exposure_80(env):
    return _exposure(env, 80)


@case("credit figures of 80 customers, terms included", addons=ADDONS)
def figures_80(env):
    partners = _customers(env, 80)
    return lambda: partners.mapped("credit_available"), None


@case("exposure of the customer with the most invoices", addons=ADDONS)
def exposure_largest(env):
    partner = _largest(env)
    return lambda: partner._credit_exposure(env.company), None


def _policy(env):
    """A policy in force whose rules look at everything and let the order pass."""
    for policy in env["credit.policy"]._get_active(env.company):
        policy.action_archive_policy()
    env["credit.policy"].create(
        {
            "name": "Benchmark",
            "company_id": env.company.id,
            "date_from": "2020-01-01",
            "grade_ids": [(0, 0, {"code": "B", "name": "B", "min_score": 0, "on_breach": "hold"})],
            "authority_ids": [(0, 0, {"group_id": env.ref("crm_credit.group_credit_manager").id, "max_amount": 1000})],
            "rule_ids": [
                (0, 0, {"name": "Over the limit", "kind": "over_limit", "action": "hold"}),
                (0, 0, {"name": "Overdue", "kind": "overdue_days", "action": "hold", "threshold": 9999}),
                (0, 0, {"name": "Too much overdue", "kind": "overdue_amount", "action": "hold", "threshold": LIMIT}),
            ],
        }
    ).action_activate()


def _confirmation(env, partner):
    """Confirm the same order with the credit check and without any of it."""
    _policy(env)
    partner._set_credit_terms(env.company, {"credit_control": "limited", "credit_limit": LIMIT})
    product = env["product.product"].search([("name", "=", "Benchmark product")], limit=1)
    order = env["sale.order"].create(
        {"partner_id": partner.id, "order_line": [(0, 0, {"product_id": product.id, "price_unit": 1})]}
    )
    order = order.with_context(tracking_disable=False)  # as a user confirms: the change of state is logged
    model = type(order)

    def without():
        with (
            patch.object(model, "action_confirm", model.action_confirm.__wrapped__),
            patch.object(model, "_credit_decide", lambda *args, **kwargs: {}),
        ):
            order.action_confirm()
            env.cr.flush()

    def confirm():
        order.action_confirm()
        env.cr.flush()

    return confirm, without


@case("confirm an order", target=1.3, addons=ADDONS, repeat=15)
def confirm_ordinary(env):
    return _confirmation(env, _customers(env, 1))


@case("confirm an order of the customer with the most invoices", target=1.3, addons=ADDONS, repeat=15)
def confirm_largest(env):
    return _confirmation(env, _largest(env))


def _limits(env):
    """Give every seeded customer a limit that about one in ten exceeds."""
    _policy(env)
    env.cr.execute(
        """UPDATE res_partner SET credit_control = jsonb_build_object(%(company)s::text, 'limited'),
                  credit_limit = jsonb_build_object(%(company)s::text, 2000) WHERE ref LIKE 'B%%'""",
        {"company": env.company.id},
    )
    env.invalidate_all(flush=False)


@case("search customers over the limit", addons=ADDONS)
def search_over_limit(env):
    _limits(env)
    return lambda: env["res.partner"].search([("credit_over_limit", "=", True)]), lambda: env["res.partner"].search(
        [("credit", ">", 2000)]
    )


@case("search customers more than 30 days overdue", addons=ADDONS)
def search_overdue(env):
    return lambda: env["res.partner"].search([("credit_max_days_overdue", ">", 30)]), lambda: env["res.partner"].search(
        [("credit", ">", 2000)]
    )
