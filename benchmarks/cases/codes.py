"""Codes for all customers of a database that has none: the check with its proposals, and the assignment.

The reference is Odoo's own way to number records: the next number of a sequence for each customer, written one by one.
The target is a time: 20,000 customers in less than a minute, without the process growing with their number.
"""

from benchmarks.registry import case


def _without_codes(env):
    env.cr.execute("TRUNCATE crm_code_assistant CASCADE")
    env.cr.execute("DELETE FROM crm_customer_code")
    env.cr.execute("UPDATE res_partner SET ref = NULL WHERE customer_rank > 0")
    env.invalidate_all()


@case("codes, check all customers", addons=("crm_relationship",), repeat=3)
def check(bench):
    _without_codes(bench.suite.env)
    return bench.suite.timed(lambda env: env["crm.code.assistant"].action_check()), None


@case("codes, assign to all customers", target=0.5, against="Odoo's sequence, one by one", addons=("crm_relationship",),
      repeat=2, max_memory=150, max_seconds=60)  # fmt: skip
def assign(bench):
    env = bench.suite.env
    _without_codes(env)
    run = env["crm.code.assistant"].browse(env["crm.code.assistant"].action_check()["res_id"])
    sequence = env["ir.sequence"].create({"name": "Codes", "code": "benchmark.code", "prefix": "C", "padding": 6})
    domain = [("is_customer", "=", True)]

    def assign_all(env):
        while run._work_off_batch():
            env.flush_all()
            env.invalidate_all()

    def number_all(env):
        for partner in env["res.partner"].with_context(active_test=False, customer_codes_reserved=True).search(domain):
            partner.ref = sequence.next_by_id()
        env.flush_all()

    return bench.suite.timed(assign_all), bench.suite.timed(number_all)


@case("codes, import of 10,000 lines", against="the same import without customer rank", addons=("crm_relationship",),
      repeat=1)  # fmt: skip
def load(bench):
    def timed(names, width):
        rows = [[f"Imported Customer {number % 500}", "1", "1"][:width] for number in range(10_000)]
        return bench.suite.timed(
            lambda env: env["res.partner"].with_context(tracking_disable=True, mail_create_nolog=True).load(names, rows)
        )

    return timed(["name", "is_company", "customer_rank"], 3), timed(["name", "is_company"], 2)
