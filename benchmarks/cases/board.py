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


def _first_page(activities, view, groupby):
    env = activities.env
    record = env.ref(view)
    described = activities.get_views([(record.id, "kanban")])["models"]["mail.activity"]["fields"]
    specification = {
        name: {"fields": {"display_name": {}}} if field["type"] in ("many2one", "many2one_reference") else {}
        for name, field in described.items() if name in record.arch_db and name in activities._fields
    }
    return lambda: activities.web_read_group(
        [("user_id", "=", env.uid)], [groupby], ["__count"], auto_unfold=True,
        unfold_read_specification=specification, unfold_read_default_limit=80,
    )


@case("week board, first page of 5,000 activities", target=2.0, addons=("crm_relationship",))
def week(env):
    activities = _activities(env)
    ours = _first_page(activities, "crm_relationship.mail_activity_view_kanban_week", "board_week")
    core = _first_page(activities, "mail.mail_activity_view_kanban_open_target", "activity_type_id")
    queries = []
    for read in (ours, core):
        read()
        env.invalidate_all()
        before = env.cr.sql_log_count
        read()
        queries.append(env.cr.sql_log_count - before)
        env.invalidate_all()
    print(f"    queries: week board {queries[0]}, Odoo's kanban of activities {queries[1]}")
    return ours, core


@case("boards, day change of 5,000 activities", addons=("crm_relationship",))
def day_change(env):
    activities = _activities(env).sudo()

    def change():
        env.cr.execute("UPDATE mail_activity SET board_week = 'later'")
        activities._board_refresh()
    return change, None
