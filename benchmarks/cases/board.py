"""First page of the week board with 5,000 open activities against Odoo's own kanban of activities."""

from benchmarks.registry import case

ACTIVITIES = 5000


def _activities(env):
    """Open activities of one person on many customers, 50 days around today."""
    user = env["res.users"].with_context(no_reset_password=True).create({
        "name": "Bench board", "login": "bench_board",
        "group_ids": [(4, env.ref("sales_team.group_sale_salesman_all_leads").id)],
    })
    model_id = env["ir.model"]._get_id("res.partner")
    customers = env["res.partner"].search([("is_customer", "=", True)], limit=1000)
    call = env.ref("mail.mail_activity_data_call")
    env["mail.activity"].with_context(mail_activity_quick_update=True).create([
        {
            "activity_type_id": call.id, "summary": f"Bench {number}", "user_id": user.id, "res_model_id": model_id,
            "res_id": customers[number % len(customers)].id,
        }
        for number in range(ACTIVITIES)
    ])
    env.flush_all()
    env.cr.execute(
        "UPDATE mail_activity SET date_deadline = now()::date + id %% 50 - 5 WHERE user_id = %s", [user.id],
    )
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


@case("boards, day change of 5,000 activities", addons=("crm_relationship",), repeat=3)
def day_change(bench):
    _activities(bench.suite.env)

    def change(env):
        env.cr.execute("UPDATE mail_activity SET board_week = 'later'")
        env["mail.activity"]._board_refresh()
    return bench.suite.timed(change), None
