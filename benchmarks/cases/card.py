"""Data of relationship cards: the same number of queries for 8 and for 80 customers."""

from benchmarks.registry import case

ADDONS = ("crm_relationship",)
REPORT = "report.crm_relationship.report_relationship_card"


def _customers(env, count):
    return env["res.partner"].search([("ref", "=like", "B%"), ("name", "=like", "Customer %")], limit=count, offset=1)


def _cards(bench, count):
    ids = _customers(bench.suite.env, count).ids
    bench.suite.env.company.card_print_limit = max(count, 40)
    return bench.suite.timed(lambda env: env[REPORT]._get_report_values(ids)), None


@case("data of 8 cards", addons=ADDONS)
def cards_8(bench):
    return _cards(bench, 8)


@case("data of 80 cards", addons=ADDONS, same_queries_as="data of 8 cards")
def cards_80(bench):
    return _cards(bench, 80)


@case("what is to be checked on 80 cards", addons=ADDONS)
def flags_80(bench):
    ids = _customers(bench.suite.env, 80).ids
    return bench.suite.timed(lambda env: env["res.partner"].browse(ids)._get_card_flags()), None


@case("search for stale cards", addons=ADDONS)
def search_stale(bench):
    return bench.suite.timed(lambda env: env["res.partner"].search([("is_card_stale", "=", True)], limit=80)), None
