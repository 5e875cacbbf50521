"""`make core-tests`: Odoo's own tests by tag, with all our addons installed, or with BASELINE=1 without.

Some of Odoo's tests fail on any filled database. What counts is that none fails only with ours: compare the
lists.
"""

import os
import re
import subprocess

from . import databases, odoo, postgres, processes, system_tools
from .console import Stop, fail, say
from .locking import lock
from .project import CONF, LOGS, flag, python

# [-][tag][/module][:class][.method], as Odoo's --test-tags takes them.
TAG = re.compile(r"[+-]?\w*(/[\w/.]+)?(:\w*)?(\.\w*)?")


def main(_verb):
    tags = "".join(os.environ.get("TAGS", "").split())
    if not tags or not all(TAG.fullmatch(tag) and tag.strip("+-") for tag in tags.split(",")):
        raise Stop(
            f"TAGS={tags!r} names no tests" if tags else "Which tests?",
            "make core-tests TAGS=/sale:TestSaleOrder,/crm:TestCRMLead   (BASELINE=1: without our addons)",
        )
    if not system_tools.browser():
        fail("there is no browser: core's tours among these tests are skipped")
    baseline = flag("BASELINE")
    with lock("work"), postgres.session():
        template = databases.base() if baseline else databases.suite()
        database = databases.template_name("core_baseline" if baseline else "core", False)
        try:
            databases.copy(template, database)
            # Nothing is printed after the runner's own last line.
            say(f"- core tests {'without' if baseline else 'with'} our addons ...")
            return run(database, tags)
        finally:
            databases.drop(database)


def run(database, tags):
    """Run the tests in a process of their own; its log goes to a file, its result lines to the terminal."""
    log = LOGS / f"{database}.log"
    LOGS.mkdir(parents=True, exist_ok=True)
    log.unlink(missing_ok=True)
    arguments = [
        "-m",
        "scripts.core_test_runner",
        "-c",
        str(CONF),
        "-d",
        database,
        f"--test-tags={tags}",
        "--workers=0",
    ]
    arguments += ["--max-cron-threads=0", f"--http-port={processes.free_port()}", "--log-level=warn"]
    arguments += [f"--logfile={log}"]
    return processes.run_to_end([python(), *arguments], odoo.env(), stdin=subprocess.DEVNULL)
