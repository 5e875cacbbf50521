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


def _generate(bench, plan):
    return bench.suite.timed(lambda env: env["crm.visit.plan"].browse(plan.id)._generate())


def _one_by_one(bench, customers):
    """What a loop over Odoo's own method would do."""
    visit = bench.suite.env.ref("crm_relationship.mail_activity_type_visit")

    def schedule(env):
        for partner in env["res.partner"].with_context(mail_activity_quick_update=True).browse(customers.ids):
            partner.activity_schedule(activity_type_id=visit.id, summary="Bench", user_id=partner.user_id.id)
    return bench.suite.timed(schedule)


@case("visits, first planning of all customers", addons=("crm_relationship",), repeat=1)
def first(bench):
    return _generate(bench, _plan(bench.suite.env)), None


@case("visits, planning in rounds, 8 a day", addons=("crm_relationship",), repeat=1)
def rounds(bench):
    return _generate(bench, _plan(bench.suite.env, kind="round", daily_limit=8)), None


@case("visits, planned again, nothing due", addons=("crm_relationship",), repeat=3)
def again(bench):
    plan = _plan(bench.suite.env)
    plan._generate()
    return _generate(bench, plan), None


@case("visits, 200 of them against scheduling one by one", target=0.5, against="activity_schedule on each customer",
      addons=("crm_relationship",), repeat=3)  # fmt: skip
def against_core(bench):
    env = bench.suite.env
    customers = env["res.partner"].search([("is_customer", "=", True)], limit=200, order="id desc")
    plan = _plan(env, audience_domain=f"[('id', 'in', {customers.ids})]")
    return _generate(bench, plan), _one_by_one(bench, customers)
