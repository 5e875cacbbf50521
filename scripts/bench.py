"""`make bench`: a database of its own, then benchmarks/run.py on it, which writes benchmarks/results.json."""

import os
import subprocess

from . import databases, odoo, postgres
from .console import Stop, stage
from .locking import lock
from .project import ROOT, python

SCRIPT = ROOT / "benchmarks" / "run.py"
DEFAULT_CUSTOMERS = 2000


def main(_verb):
    customers = os.environ.get("N", "").strip() or str(DEFAULT_CUSTOMERS)
    if not customers.isdigit() or int(customers) < 1:
        raise Stop(f"N={customers} is not a number of customers", "make bench N=20000")
    if not SCRIPT.exists():
        raise Stop("There is no benchmark yet (benchmarks/run.py)")
    with lock("work"), postgres.session():
        database = databases.template_name("bench", False)
        try:
            with stage("copying a database for the benchmark"):
                databases.copy(databases.suite(), database)
            command = [python(), "-m", "benchmarks.run", "--database", database, "--customers", customers]
            return subprocess.run(command, cwd=ROOT, env=odoo.env(), check=False).returncode
        finally:
            databases.drop(database)
