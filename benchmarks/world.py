"""What several cases prepare alike: customers by rank, users, a policy in force, orders."""

LIMIT = 1e9


def customers(env, count):
    """The first ordinary seeded customers."""
    return env["res.partner"].search(
        [("ref", "=like", "B%"), ("name", "=like", "Customer %")], limit=count, offset=1, order="id"
    )


def largest(env):
    """The customer with 2,000 invoices."""
    return env["res.partner"].search([("ref", "=", "B1")], limit=1)


def user(env, login, *groups):
    """An internal user with these groups; those that an addon brings are left out where it isn't installed."""
    found = [group for name in groups if (group := env.ref(name, raise_if_not_found=False))]
    return env["res.users"].create(
        {
            "name": f"Benchmark {login}",
            "login": f"benchmark_{login}",
            "group_ids": [(6, 0, [env.ref("base.group_user").id, *(group.id for group in found)])],
        }
    )


def salesperson(env):
    return user(env, "salesperson", "sales_team.group_sale_salesman_all_leads", "base.group_partner_manager")


def accountant(env):
    return user(env, "accountant", "account.group_account_user", "base.group_partner_manager")


def policy(env, **values):
    """A policy in force whose rules look at everything; ordinary orders pass. Nothing where credit isn't installed."""
    if "credit.policy" not in env:
        return
    for active in env["credit.policy"]._get_active(env.company):
        active.action_archive_policy()
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
            **values,
        }
    ).action_activate()


def limit(partners, amount):
    """Give customers a limit that is checked; Odoo's own field where credit isn't installed."""
    company = partners.env.company
    if "credit_control" in partners._fields:
        partners._set_credit_terms(company, {"credit_control": "limited", "credit_limit": amount})
    else:
        partners.write({"credit_limit": amount})


def order(env, partner, goods=True):
    """A quotation of a service and, with stock, a storable product; as a user writes it."""
    products = env["product.product"].search([("name", "=", "Benchmark product")], limit=1)
    if goods:
        products |= env["product.product"].create(
            {"name": "Benchmark goods", "type": "consu", "is_storable": True, "list_price": 10, "taxes_id": [(5,)]}
        )
    return env["sale.order"].create(
        {
            "partner_id": partner.id,
            "user_id": env.uid,
            "order_line": [(0, 0, {"product_id": product.id, "price_unit": 1}) for product in products],
        }
    )
