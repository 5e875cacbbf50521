"""Opening the customer's and the order's form, beside plain Odoo.

Timed is what the server does when the record is opened: ``web_read`` of the fields that the user's own form view names,
nested lists included, with an empty cache (the view itself is cached by the web client, in both). The specification is
derived from the view by Odoo's own test helper, in each database from its own view. The plain database has the same
customers and Odoo's apps, and no addon of ours: no field of ours is read there.

What our forms mark ``loading="deferred"`` the web client reads later: a page when it is opened, what needs attention
right after the form is shown. That is timed by cases of its own.
"""

import re

from lxml import etree

from odoo.tests.form import Form

from benchmarks.registry import case
from benchmarks.world import LIMIT, accountant, customers, limit, order, policy, salesperson

AGAINST = "the same form in plain Odoo"
TARGETS = {"target": 1.2, "against": AGAINST, "needs": ("plain",), "repeat": 61, "max_more": 8}


PAGE, FIELD = "page[@loading='deferred']", "field[@loading='deferred']"
EXPRESSIONS = ("column_invisible", "context", "domain", "invisible", "options", "readonly", "required")


def _parts(record):
    """What the form reads when: ``{"": first, "late": right after it, name of a page: when that is opened}``.

    By the same rules as the web client's ``static/src/deferred``.
    """
    specification = Form(record)._view["fields_spec"]
    arch = etree.fromstring(record.get_view(view_type="form")["arch"])
    parts, kept, words = {"late": set()}, set(), {}
    for node in arch.xpath("//*[not(ancestor::field)]"):
        page = node.xpath(f"ancestor::{PAGE}")
        name = node.get("name") if node.tag == "field" else None
        named = {word for attribute in EXPRESSIONS for word in re.findall(r"\w+", node.get(attribute) or "")}
        if page:
            parts.setdefault(page[-1].get("name"), set()).add(name)
            words.setdefault(name, set()).update(named)
            continue
        (parts["late"] if node.get("loading") == "deferred" and name else kept).add(name)
        kept |= named
    words.pop(None, None)
    while more := set().union(*(words.get(name, ()) for name in kept | parts["late"])) - kept:
        kept |= more
    late = parts["late"]
    parts = {part: names if part == "late" else names - kept - late for part, names in parts.items()}
    later = set().union(*parts.values())
    return {"": {name: asked for name, asked in specification.items() if name not in later}} | {
        part: {name: asked for name, asked in specification.items() if name in names} for part, names in parts.items()
    }


def _opening(database, record, user, part=""):
    """Open the form of a record, or what of it is read later."""
    specification = _parts(record.with_env(database.env(user=user.id)))[part]
    model, record_id = record._name, record.id
    return database.timed(lambda env: env[model].browse(record_id).web_read(specification), user)


def _partner_opening(database, make_user, part=""):
    env = database.env
    policy(env)
    partner = customers(env, 1)
    limit(partner, 1e6)
    return _opening(database, partner, make_user(env), part)


def _partner_form(bench, make_user):
    return _partner_opening(bench.suite, make_user), _partner_opening(bench.plain, make_user)


@case("customer form, salesperson", **TARGETS)
def partner_salesperson(bench):
    return _partner_form(bench, salesperson)


@case("customer form, accountant", **TARGETS)
def partner_accountant(bench):
    return _partner_form(bench, accountant)


@case("customer form, salesperson: what needs attention, read after it is shown", repeat=15)
def partner_attention(bench):
    return _partner_opening(bench.suite, salesperson, "late"), None


@case("customer form, salesperson: page Relationship Card, when it is opened", repeat=15)
def partner_card(bench):
    return _partner_opening(bench.suite, salesperson, "relationship_card"), None


@case("customer form, accountant: page Credit, when it is opened", repeat=15)
def partner_credit(bench):
    return _partner_opening(bench.suite, accountant, "credit"), None


def _order_form(bench, bring, amount=LIMIT, part=""):
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
        return _opening(database, record, user, part)

    return opening(bench.suite), None if part else opening(bench.plain)


def _stay(record):
    pass


@case("order form, quotation that is clear", **TARGETS)
def order_clear(bench):
    return _order_form(bench, _stay)


@case("order form, quotation that would be held", **TARGETS)
def order_would_hold(bench):
    return _order_form(bench, _stay, amount=0.5)


@case("order form, quotation that would be held: its credit, read after it is shown", repeat=15)
def order_credit(bench):
    return _order_form(bench, _stay, amount=0.5, part="late")


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
