"""Generation of visits for all customers: set-wise, in batches of a thousand."""

from datetime import timedelta

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


# The same whatever was planned before; on top of that each of the ten people costs a look at the calendar.
BATCH_QUERIES = 45


@case("visits, first planning of all customers", addons=("crm_relationship",), repeat=1, max_queries=110,
      queries_per_1000=BATCH_QUERIES)  # fmt: skip
def first(bench):
    return _generate(bench, _plan(bench.suite.env)), None


@case("visits, planning in rounds, 8 a day", addons=("crm_relationship",), repeat=1, max_queries=160,
      queries_per_1000=10)  # fmt: skip
def rounds(bench):
    return _generate(bench, _plan(bench.suite.env, kind="round", daily_limit=8)), None


@case("visits, planned again, nothing due", addons=("crm_relationship",), repeat=3, max_queries=40,
      queries_per_1000=10)  # fmt: skip
def again(bench):
    plan = _plan(bench.suite.env)
    _plan_by_batches(plan, plan._audience_partners())
    return _generate(bench, plan), None


@case("visits, a batch of 1,000 into an empty plan", addons=("crm_relationship",), repeat=3,
      max_queries=BATCH_QUERIES)  # fmt: skip
def batch_first(bench):
    return _batch(bench, planned_before=False)


@case("visits, a batch of 1,000 with all others planned", addons=("crm_relationship",), repeat=3,
      same_queries_as="visits, a batch of 1,000 into an empty plan")  # fmt: skip
def batch_last(bench):
    return _batch(bench, planned_before=True)


def _batch(bench, planned_before):
    """A batch of one person's customers as ``_generate`` treats it, alone or after all others."""
    plan = _plan(bench.suite.env)
    customers = plan._audience_partners()
    customers[-1000:].user_id = bench.suite.env.user
    if planned_before:
        _plan_by_batches(plan, customers[:-1000])

    def one(env):
        _plan_batch(env["crm.visit.plan"].browse(plan.id), env["res.partner"].browse(customers[-1000:].ids))
    return bench.suite.timed(one), None


def _plan_by_batches(plan, customers):
    for start in range(0, len(customers), 1000):
        _plan_batch(plan, customers[start:start + 1000])
    # As on the day after: PostgreSQL has looked at the new rows.
    plan.env.flush_all()
    plan.env.cr.execute("ANALYZE crm_visit_plan_line; ANALYZE mail_activity")


def _plan_batch(plan, customers):
    from odoo.addons.crm_relationship.tools.route import Visit

    plan = plan.with_context(mail_activity_quick_update=True)
    lines = plan.env["crm.visit.plan.line"]
    lines._add_missing(plan, customers.ids)
    lines._refresh(plan, customers.ids)
    day = plan._today() + timedelta(days=1)
    plan._create_visits([
        (Visit(customer.id, day, number), customer.user_id.id or plan.env.uid)
        for number, customer in enumerate(customers, 1)
    ])


@case("visits, 200 of them against scheduling one by one", target=0.5, against="activity_schedule on each customer",
      addons=("crm_relationship",), repeat=3)  # fmt: skip
def against_core(bench):
    env = bench.suite.env
    customers = env["res.partner"].search([("is_customer", "=", True)], limit=200, order="id desc")
    plan = _plan(env, audience_domain=f"[('id', 'in', {customers.ids})]")
    return _generate(bench, plan), _one_by_one(bench, customers)
