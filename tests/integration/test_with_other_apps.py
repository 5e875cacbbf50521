"""Held orders stay held with shop, events, loyalty points, projects and delivery costs installed beside the suite."""

import re
import subprocess

from scripts import databases, odoo, processes
from scripts.project import CONF, ROOT, python

APPS = ["website_sale", "event_sale", "sale_loyalty", "sale_project", "stock_delivery"]
TESTS = "/crm_credit:TestHoldOverrides,/crm_credit_stock:TestDeliveryCosts,/crm_credit_stock:TestEdit"


def test_nothing_of_a_held_order_happens_in_other_apps():
    database = databases.template_name("it_apps", False)
    databases.copy(databases.suite(), database)
    try:
        odoo.install(database, init=APPS)
        arguments = ["-m", "scripts.core_test_runner", "-c", str(CONF), "-d", database, "--workers=0"]
        arguments += [f"--test-tags={TESTS}", "--max-cron-threads=0", "--log-level=warn"]
        arguments += [f"--http-port={processes.free_port()}"]
        result = subprocess.run(
            [python(), *arguments], cwd=ROOT, env=odoo.env(), capture_output=True, text=True, check=False
        )
        done = re.search(r"(\d+) run, (\d+) failed", result.stdout)
        assert done, result.stdout + result.stderr[-3000:]
        assert int(done[2]) == 0, result.stdout
        assert int(done[1]) >= 25, result.stdout
        assert "is not installed" not in result.stdout + result.stderr
    finally:
        databases.drop(database)
