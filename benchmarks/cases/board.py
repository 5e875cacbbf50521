"""The week board's first page against Odoo's own kanban of activities, and the change of the day on the boards."""

from benchmarks.registry import case
from benchmarks.seed import _clone


def _activities(env, count=5000):
    """Open activities of one person on many customers, 50 days around today: one made by Odoo, and its clones."""
    user = env["res.users"].with_context(no_reset_password=True).create({
        "name": "Bench board", "login": "bench_board",
        "group_ids": [(4, env.ref("sales_team.group_sale_salesman_all_leads").id)],
    })
    customers = env["res.partner"].search([("is_customer", "=", True)], limit=1000)
    template = env["mail.activity"].with_context(mail_activity_quick_update=True).create({
        "activity_type_id": env.ref("mail.mail_activity_data_call").id, "summary": "Bench", "user_id": user.id,
        "res_model_id": env["ir.model"]._get_id("res.partner"), "res_id": customers[0].id,
    })
    env.flush_all()
    partner = f"(ARRAY{customers.ids})[s.number % {len(customers)} + 1]"
    _clone(
        env.cr, "mail_activity", template.id, f"(SELECT number FROM generate_series(1, {int(count) - 1}) number)",
        id="nextval('mail_activity_id_seq')", res_id=partner, board_partner_id=partner, summary="'Bench ' || s.number",
        date_deadline="now()::date + s.number % 50 - 5",
    )
    env.cr.execute("ANALYZE mail_activity")
    env.invalidate_all()
    env["mail.activity"]._board_refresh()
    return env["mail.activity"].with_user(user)


def _first_page(bench, activities, view, groupby):
    record = bench.suite.env.ref(view)
    described = activities.get_views([(record.id, "kanban")])["models"]["mail.activity"]["fields"]
    specification = {
        name: {"fields": {"display_name": {}}} if field["type"] in ("many2one", "many2one_reference") else {}
        for name, field in described.items() if name in record.arch_db and name in activities._fields
    }
    return bench.suite.timed(lambda env: env["mail.activity"].web_read_group(
        [("user_id", "=", env.uid)], [groupby], ["__count"], auto_unfold=True,
        unfold_read_specification=specification, unfold_read_default_limit=80,
    ), user=activities.env.user)


# Time isn't compared with a target: five open columns hold five times the cards of core's one.
@case("week board, first page of 5,000 activities", against="Odoo's own kanban of activities", max_more=15,
      addons=("crm_relationship",), repeat=5)  # fmt: skip
def week(bench):
    activities = _activities(bench.suite.env)
    return (
        _first_page(bench, activities, "crm_relationship.mail_activity_view_kanban_week", "board_week"),
        _first_page(bench, activities, "mail.mail_activity_view_kanban_open_target", "activity_type_id"),
    )


def _day_change(bench, count):
    """All cards change their column, with one statement; another one asks for the time zones."""
    _activities(bench.suite.env, count)
    bench.suite.env.cr.execute("UPDATE mail_activity SET board_week = 'later', board_month = 'after'")
    return bench.suite.timed(lambda env: env["mail.activity"]._board_refresh()), None


@case("boards, day change of 5,000 activities", addons=("crm_relationship",), repeat=3, max_queries=2)
def day_change(bench):
    return _day_change(bench, 5000)


@case("boards, day change of 50,000 activities", addons=("crm_relationship",), repeat=3, max_queries=2)
def day_change_many(bench):
    return _day_change(bench, 50_000)
