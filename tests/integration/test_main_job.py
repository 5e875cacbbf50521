"""The main job, role by role, on Odoo's own demo companies, over the routes that a browser uses."""

from datetime import date, timedelta

import pytest
from conftest import RpcError

ACME, AZURE, GEMINI = "base.res_partner_2", "base.res_partner_12", "base.res_partner_3"
DESK = "product.product_product_8"


@pytest.fixture(scope="module")
def lin(server):
    return server.login("lin")


@pytest.fixture(scope="module")
def helen(server):
    return server.login("helen")


def order(client, partner, product, quantity, price, **values):
    """Id of a quotation with one line."""
    line = {"product_id": product, "product_uom_qty": quantity, "price_unit": price, "tax_ids": [(5, 0, 0)]}
    return client.create("sale.order", partner_id=partner, order_line=[(0, 0, line)], **values)


def test_salesperson_enters_a_customer_visits_promises_and_prints_the_card(lin):
    customer = lin.call(
        "res.partner",
        "create",
        [{"name": "Northern Light Furniture Ltd", "is_company": True, "user_id": lin.uid}],
        context={"res_partner_search_mode": "customer"},
    )[0]
    card = lin.read("res.partner", customer, "ref", "customer_type", "relationship_stage", "card_completeness")
    assert card["ref"].startswith("NLF")
    assert card["customer_type"] in ("intermediary", "manufacturer")  # a company; the salesperson says which
    assert card["relationship_stage"] in (False, "potential")
    before = card["card_completeness"]
    lin.call("res.partner", "write", [customer], {"main_business": "Nordic lamps", "phone": "+47 555 01 99"})
    assert lin.read("res.partner", customer, "card_completeness")["card_completeness"] > before

    visit = lin.create("crm.touchpoint", partner_id=customer, mode="visit", summary="First visit at the works")
    promise = lin.create(
        "crm.promise", partner_id=customer, name="Send the catalogue", date_due=str(date.today() + timedelta(days=3))
    )
    assert lin.read("crm.touchpoint", visit, "user_id")["user_id"][0] == lin.uid
    lin.call("crm.promise", "action_keep", [promise])
    assert lin.read("crm.promise", promise, "state")["state"] == "kept"

    pdf = lin.get(f"/report/pdf/crm_relationship.report_relationship_card/{customer}")
    assert pdf.status_code == 200
    assert pdf.content.startswith(b"%PDF")
    found = lin.call("res.partner", "name_search", card["ref"])
    assert found[0][0] == customer


def test_controller_assesses_and_manager_approves(server, helen):
    jonas = server.login("jonas")
    customer = server.login("admin").ref("base.res_partner_18")
    assessment = jonas.create("credit.assessment", partner_id=customer)
    jonas.call("credit.assessment", "action_fill", [assessment])
    lines = jonas.search_read(
        "credit.assessment.line", [("assessment_id", "=", assessment)], "name", "source", "basis", "evidence"
    )
    filled = [line for line in lines if line["source"] == "metric"]
    assert filled
    assert all(line["evidence"] for line in filled)
    by_hand = [line["id"] for line in lines if line["source"] == "manual" and not line["basis"]]
    with pytest.raises(RpcError):  # nobody submits scores without their basis
        jonas.call("credit.assessment", "action_submit", [assessment])
    jonas.call("credit.assessment.line", "write", by_hand, {"score": 60, "basis": "Visit of the saw mill"})
    jonas.call("credit.assessment", "action_submit", [assessment])
    with pytest.raises(RpcError):  # four eyes
        jonas.call("credit.assessment", "action_approve", [assessment])
    helen.call("credit.assessment", "action_approve", [assessment])

    done = helen.read(
        "credit.assessment", assessment, "state", "score", "grade_id", "approved_limit", "payment_term_id"
    )
    terms = helen.read(
        "res.partner", customer, "credit_grade_id", "credit_limit", "credit_control", "property_payment_term_id"
    )
    assert done["state"] == "approved"
    assert terms["credit_grade_id"][0] == done["grade_id"][0]
    assert terms["credit_limit"] == done["approved_limit"]
    assert terms["credit_control"] == "limited"
    assert terms["property_payment_term_id"][0] == done["payment_term_id"][0]
    score, code = helen.call("credit.assessment", "replay", [assessment])
    assert score == pytest.approx(done["score"])
    assert done["grade_id"][1].startswith(code)


def test_order_over_the_limit_is_held_released_with_a_reason_and_confirmed(server, lin, helen):
    admin = server.login("admin")
    held = order(lin, admin.ref(ACME), admin.ref(DESK), 2, 1799)
    answer = lin.call("sale.order", "action_confirm", [held])
    assert answer["params"]["type"] == "warning"
    seen = lin.read("sale.order", held, "state", "credit_state", "credit_hold_ids", "picking_ids")
    assert (seen["state"], seen["credit_state"]) == ("draft", "held")
    assert not seen["picking_ids"]
    hold = helen.read("credit.hold", seen["credit_hold_ids"][0], "state", "reasons", "remedies", "amount")
    assert hold["amount"] == pytest.approx(3598)
    assert "limit" in hold["reasons"]
    assert hold["remedies"]
    with pytest.raises(RpcError):  # not the salesperson's to decide
        lin.call("credit.hold", "action_release", [hold["id"]], "please")
    with pytest.raises(RpcError):  # not without a reason
        helen.call("credit.hold", "action_release", [hold["id"]], " ")
    helen.call("credit.hold", "action_release", [hold["id"]], "Payment plan agreed on the phone")
    seen = lin.read("sale.order", held, "state", "credit_state", "picking_ids")
    assert (seen["state"], seen["credit_state"]) == ("sale", "released")
    assert seen["picking_ids"]


def test_order_held_for_an_overdue_invoice_goes_on_when_it_is_paid(server, lin):
    admin = server.login("admin")
    held = order(lin, admin.ref(GEMINI), admin.ref("product.product_product_12"), 1, 120.5)
    lin.call("sale.order", "action_confirm", [held])
    assert lin.read("sale.order", held, "credit_state")["credit_state"] == "held"
    priya = server.login("priya")
    invoice = admin.ref("crm_credit.invoice_gemini_3_demo")
    context = {"active_model": "account.move", "active_ids": [invoice]}
    wizard = priya.call("account.payment.register", "create", [{}], context=context)[0]
    priya.call("account.payment.register", "action_create_payments", [wizard], context=context)
    server.run_cron("crm_credit.credit_hold_cron_release")
    seen = lin.read("sale.order", held, "state", "credit_state")
    assert (seen["state"], seen["credit_state"]) == ("sale", "released")


def test_accountant_sees_who_is_overdue_against_which_limit(server):
    priya = server.login("priya")
    priya.call("crm.customer.metrics", "refresh")
    rows = priya.call(
        "crm.customer.metrics",
        "search_read",
        [("overdue", ">", 0)],
        ["partner_id", "receivable", "overdue", "overdue_over_120", "max_days_overdue"],
        order="overdue desc",
    )
    assert len(rows) >= 3
    assert [row["overdue"] for row in rows] == sorted((row["overdue"] for row in rows), reverse=True)
    jackson = next(row for row in rows if row["partner_id"][1].endswith("The Jackson Group"))
    assert jackson["max_days_overdue"] >= 190
    assert jackson["overdue_over_120"] == pytest.approx(2640)
    live = priya.read("res.partner", jackson["partner_id"][0], "credit_receivable", "credit_overdue")
    assert (live["credit_receivable"], live["credit_overdue"]) == (jackson["receivable"], jackson["overdue"])


def test_agent_takes_a_complaint_from_an_order_to_its_end(server):
    tom, admin = server.login("tom"), server.login("admin")
    sale = admin.ref("sale.sale_order_7")
    complaint = tom.create(
        "crm.complaint",
        subject="Two chairs are missing",
        partner_id=admin.ref(GEMINI),
        sale_order_id=sale,
        category_id=admin.ref("crm_feedback.crm_complaint_category_delivery"),
        date_received=f"{date.today() - timedelta(days=12)} 09:00:00",
    )
    seen = tom.read(
        "crm.complaint",
        complaint,
        "name",
        "team_id",
        "user_id",
        "first_response_due",
        "resolution_due",
        "dispatch_note",
    )
    assert all(seen.values())
    server.run_cron("crm_feedback.ir_cron_escalate")
    escalated = tom.read("crm.complaint", complaint, "sla_state", "escalation_level", "escalated_at", "message_ids")
    assert escalated["sla_state"] == "breached"
    assert escalated["escalation_level"] >= 1
    server.run_cron("crm_feedback.ir_cron_escalate")  # once is enough
    assert tom.read("crm.complaint", complaint, *(set(escalated) - {"id"})) == escalated
    with pytest.raises(RpcError):  # a complaint isn't resolved without verdict, cause and words
        tom.call("crm.complaint", "action_resolve", [complaint])
    tom.call(
        "crm.complaint",
        "write",
        [complaint],
        {
            "verdict": "justified",
            "cause_id": admin.ref("crm_feedback.crm_complaint_cause_delivery_wrong"),
            "resolution": "The chairs were sent with today's van.",
        },
    )
    tom.call("crm.complaint", "action_resolve", [complaint])
    tom.call("crm.complaint", "action_close", [complaint])
    seen = tom.read("crm.complaint", complaint, "state", "resolved_at", "closed_at")
    assert seen["state"] == "closed"
    assert seen["resolved_at"]
    assert seen["closed_at"]


def test_sales_manager_moves_a_card_of_the_team(server):
    maria, admin = server.login("maria"), server.login("admin")
    card = admin.ref("crm_relationship.activity_jackson_demo")
    maria.call("mail.activity", "write", [card], {"board_week": "tomorrow"})
    seen = maria.read("mail.activity", card, "board_week", "date_deadline")
    assert date.fromisoformat(seen["date_deadline"]) > date.today() - timedelta(days=1)
    with pytest.raises(RpcError):  # nothing becomes overdue on purpose
        maria.call("mail.activity", "write", [card], {"board_week": "overdue"})
    others = maria.search_read("mail.activity", [("user_id", "!=", maria.uid)], "user_id")
    assert any(row["user_id"][1] == "Lin Wei" for row in others)


def test_sales_manager_evaluates_the_relationship(server, lin):
    maria, admin = server.login("maria"), server.login("admin")
    evaluation = admin.ref("crm_relationship.evaluation_azure_demo")
    maria.call("crm.evaluation", "action_fill", [evaluation])
    lines = maria.search_read(
        "crm.evaluation.line", [("evaluation_id", "=", evaluation)], "code", "source", "basis", "evidence"
    )
    figures = {line["code"] for line in lines if line["source"] == "metric"}
    assert len(figures) >= 3  # sales, payment and complaints come from the data
    for line in lines:
        if line["source"] == "manual" and not line["basis"]:
            maria.call("crm.evaluation.line", "write", [line["id"]], {"score": 70, "basis": "Trade association"})
    maria.call("crm.evaluation", "action_submit", [evaluation])
    with pytest.raises(RpcError):  # a salesperson doesn't close it
        lin.call("crm.evaluation", "action_close", [evaluation])
    maria.call("crm.evaluation", "action_close", [evaluation])
    seen = maria.read("crm.evaluation", evaluation, "state", "score", "grade_id", "decision")
    assert seen["state"] == "closed"
    assert 0 < seen["score"] <= 100
    assert seen["decision"] in ("improve", "maintain", "terminate")
    assert maria.read("res.partner", admin.ref(AZURE), "customer_grade_id")["customer_grade_id"] == seen["grade_id"]
    with pytest.raises(RpcError):  # closed is closed
        admin.call("crm.evaluation", "write", [evaluation], {"conclusion": "otherwise"})


def test_two_simultaneous_confirmations_cannot_both_pass_one_limit(workers_server):
    """Two worker processes, two salespeople's sessions, one limit that has room for one of the two orders."""
    from concurrent.futures import ThreadPoolExecutor

    admin = workers_server.login("admin")
    customer = admin.call(
        "res.partner",
        "create",
        [{"name": "Twin Orders Ltd", "is_company": True}],
        context={"res_partner_search_mode": "customer"},
    )[0]
    admin.call("res.partner", "write", [customer], {"credit_control": "limited", "credit_limit": 1000})
    product = admin.ref(DESK)
    for _round in range(5):
        pair = [order(admin, customer, product, 1, 600) for _order in range(2)]
        clients = [workers_server.login("admin") for _order in pair]
        with ThreadPoolExecutor(2) as pool:
            jobs = [
                pool.submit(client.call, "sale.order", "action_confirm", [one])
                for client, one in zip(clients, pair, strict=True)
            ]
            for job in jobs:
                job.result()
        states = sorted(row["credit_state"] for row in admin.read("sale.order", pair, "credit_state"))
        assert states.count("held") == 1, states
        admin.call("sale.order", "action_cancel", pair)


def test_server_logged_no_error_of_its_own(server):
    """Refusals are answers, not errors; anything else in the log is a fault. Runs last in this file."""
    assert [text for text in server.errors() if "odoo.http" not in text and "rpc" not in text.lower()] == []
