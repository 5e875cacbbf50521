"""Opening the customer's and the order's form, beside plain Odoo.

Timed is what the server does when the record is opened: ``web_read`` of the fields that the user's own form view names,
nested lists included, with an empty cache (the view itself is cached by the web client, in both). The specification is
derived from the view by Odoo's own test helper, in each database from its own view. The plain database has the same
customers and Odoo's apps, and no addon of ours: no field of ours is read there.
"""

from odoo.tests.form import Form

from benchmarks.registry import case
from benchmarks.world import LIMIT, accountant, customers, limit, order, policy, salesperson

AGAINST = "the same form in plain Odoo"
TARGETS = {"target": 1.2, "against": AGAINST, "needs": ("plain",), "repeat": 15, "max_more": 8}


def _opening(database, record, user):
    """Open the form of a record."""
    env = database.env(user=user.id)
    specification = Form(record.with_env(env))._view["fields_spec"]
    model, record_id = record._name, record.id
    return database.timed(lambda env: env[model].browse(record_id).web_read(specification), user)


def _partner_form(bench, make_user):
    def opening(database):
        env = database.env
        policy(env)
        partner = customers(env, 1)
        limit(partner, 1e6)
        return _opening(database, partner, make_user(env))

    return opening(bench.suite), opening(bench.plain)


@case("customer form, salesperson", **TARGETS)
def partner_salesperson(bench):
    return _partner_form(bench, salesperson)


@case("customer form, accountant", **TARGETS)
def partner_accountant(bench):
    return _partner_form(bench, accountant)


def _order_form(bench, bring, amount=LIMIT):
    def opening(database):
        env = database.env
        policy(env)
        partner = customers(env, 1)
        limit(partner, amount)
        user = salesperson(env)
        record = order(env, partner)
        record.user_id = user
        bring(record)
        env.flush_all()
        return _opening(database, record, user)

    return opening(bench.suite), opening(bench.plain)


def _stay(record):
    pass


@case("order form, quotation that is clear", **TARGETS)
def order_clear(bench):
    return _order_form(bench, _stay)


@case("order form, quotation that would be held", **TARGETS)
def order_would_hold(bench):
    return _order_form(bench, _stay, amount=0.5)


def _hold(record):
    """Only a database with credit holds it; in the plain one it stays a quotation."""
    if "credit_state" in record._fields:
        record.action_confirm()
        if record.credit_state != "held":
            raise RuntimeError("the order isn't held")


@case("order form, held order", **TARGETS)
def order_held(bench):
    return _order_form(bench, _hold, amount=0.5)


@case("order form, confirmed order", **TARGETS)
def order_confirmed(bench):
    return _order_form(bench, lambda record: record.action_confirm())
