"""`make test`: lint, then unit, addon and integration tests in one pytest run, whose summary is the last line."""

import os
import subprocess
import time

from . import databases, lint, odoo, postgres, processes, system_tools
from .console import Stop, say
from .locking import HELD, lock
from .project import ADDONS, CONF, addons, python

DATABASE = databases.template_name("test", False)
MEMORY = 6 * 1024**3  # one process runs all tests, registry and formulas together
UNIT, INTEGRATION = "tests/unit", "tests/integration"


def main(verb):
    everything = verb == "test"
    system_tools.ensure_for_tests()
    if everything and lint.main():
        return 1
    with lock("work"), postgres.session():
        started = time.monotonic()
        templates = [databases.suite(demo=True)]
        if everything:
            templates.append(databases.suite())
            databases.copy(templates[-1], DATABASE)
        for template in templates:
            databases.check_quiet(template)
        say(f"- databases are ready ({time.monotonic() - started:.0f} s)")
        try:
            code = run_pytest(everything)
        finally:
            processes.stop_matching("test")
            databases.drop(DATABASE)
    if code == 5:
        raise Stop("No test ran", "look for tests in addons/*/tests, tests/unit and tests/integration")
    return code


def run_pytest(everything):
    """One process for all three layers, so that one summary counts them all."""
    command = [python(), "-m", "pytest", "-q", "--tb=short", "-rfE", "--color=auto"]
    if everything:
        folders = [f"addons/{name}/tests" for name in addons() if (ADDONS / name / "tests").is_dir()]
        command += ["-p", "scripts.pytest_tours", f"--odoo-database={DATABASE}", f"--odoo-config={CONF}"]
        command += ["--odoo-http", "--odoo-log-level=error", f"--odoo-extra=limit-memory-hard={MEMORY}"]
        command += [UNIT, *folders, INTEGRATION]
    else:
        command += ["-p", "no:odoo", INTEGRATION]
    if os.environ.get("K"):
        command += ["-k", os.environ["K"]]
    env = {**odoo.env(), "CRM_SUITE_DEMO_TEMPLATE": databases.template_name("suite", True), HELD: "work"}
    return processes.run_to_end(command, env, stdin=subprocess.DEVNULL)
