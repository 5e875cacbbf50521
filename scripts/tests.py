"""`make test`: lint, then unit, addon and integration tests in one pytest run, whose summary is the last line."""

import os
import subprocess
import time

from . import databases, lint, odoo, postgres, processes, system_tools
from .console import Stop, say
from .locking import HELD, lock
from .project import ADDONS, CONF, ROOT, addons, flag, python

DATABASE = databases.template_name("test", False)
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
        command += [f"--odoo-database={DATABASE}", f"--odoo-config={CONF}", "--odoo-log-level=error"]
        if flag("TOURS", default=True):
            command += ["--odoo-http"]
        command += [UNIT, *folders, INTEGRATION]
    else:
        command += ["-p", "no:odoo", INTEGRATION]
    if os.environ.get("K"):
        command += ["-k", os.environ["K"]]
    env = {**odoo.env(), "CRM_SUITE_DEMO_TEMPLATE": databases.template_name("suite", True), HELD: "work"}
    return subprocess.run(command, cwd=ROOT, env=env, stdin=subprocess.DEVNULL, check=False).returncode
