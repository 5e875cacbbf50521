"""Generation of visits for all customers: set-wise, in batches of a thousand."""

from benchmarks.registry import case


def _plan(env, **values):
    """A running plan for every seeded customer; its visits are shared out among ten people."""
    users = env["res.users"].search([("share", "=", False)], limit=10)
    while len(users) < 10:
        users |= env["res.users"].with_context(no_reset_password=True).create({
            "name": f"Bench seller {len(users)}", "login": f"bench_seller_{len(users)}",
        })
    env.cr.execute(
        "UPDATE res_partner SET user_id = (%s::int[])[id %% 10 + 1], zip = lpad((id %% 9000 + 1000)::text, 5, '0'),"
        " city = 'Town ' || id %% 90 WHERE customer_rank > 0", [users.ids],
    )
    env.invalidate_all()
    return env["crm.visit.plan"].create({
        "name": "Bench", "audience_domain": "[]", "confirm_everybody": True, "state": "running", "daily_limit": 0,
        **values,
    })


def _core(env, customers):
    """What Odoo itself would do: schedule one activity on each customer."""
    visit = env.ref("crm_relationship.mail_activity_type_visit")

    def schedule():
        for partner in customers:
            partner.activity_schedule(activity_type_id=visit.id, summary="Bench", user_id=partner.user_id.id)
        env.flush_all()
    return schedule


@case("visits, first planning of all customers", addons=("crm_relationship",), repeat=1)
def first(env):
    plan = _plan(env)
    return plan._generate, None


@case("visits, planning in rounds, 8 a day", addons=("crm_relationship",), repeat=1)
def rounds(env):
    plan = _plan(env, kind="round", daily_limit=8)
    return plan._generate, None


@case("visits, planned again, nothing due", addons=("crm_relationship",), repeat=3)
def again(env):
    plan = _plan(env)
    plan._generate()
    return plan._generate, None


@case("visits, 200 of them against activities scheduled one by one", target=0.5, addons=("crm_relationship",), repeat=3)
def one_by_one(env):
    customers = env["res.partner"].search([("is_customer", "=", True)], limit=200, order="id desc")
    plan = _plan(env, audience_domain=f"[('id', 'in', {customers.ids})]")
    return plan._generate, _core(env, customers.with_context(mail_activity_quick_update=True))
