"""`make bench`: databases of its own, then benchmarks/run.py on them, which writes benchmarks/results.json.

Three databases with the same seeded customers: one with our addons, one with Odoo's apps only, and a copy of that one
with OCA's modules for financial risk, which are fetched for the benchmark and used nowhere else.
"""

import os
import shutil
import subprocess

from . import databases, odoo, postgres
from .console import Stop, say, stage, warn
from .locking import lock
from .project import LOCAL, LOGS, ROOT, environment, python

SCRIPT = ROOT / "benchmarks" / "run.py"
DEFAULT_CUSTOMERS = 2000
PEERS = LOCAL / "bench-oca"
PEER_MODULES = ("account_financial_risk", "sale_financial_risk")
# Names on the Python package index, pinned: a benchmark compares with something known.
PEER_WHEELS = ("odoo-addon-account-financial-risk==19.0.1.0.0.6", "odoo-addon-sale-financial-risk==19.0.1.0.1")


def main(_verb):
    customers = os.environ.get("N", "").strip() or str(DEFAULT_CUSTOMERS)
    if not customers.isdigit() or int(customers) < 1:
        raise Stop(f"N={customers} is not a number of customers", "make bench N=20000")
    if not SCRIPT.exists():
        raise Stop("There is no benchmark yet (benchmarks/run.py)")
    with lock("work"), postgres.session():
        suite, plain, oca = (databases.template_name(f"bench_{name}", False) for name in ("suite", "plain", "oca"))
        try:
            with stage("copying databases for the benchmark"):
                databases.copy(databases.suite(), suite)
                databases.copy(databases.base(), plain)
            for database in (suite, plain):
                if code := _run("--database", database, "--customers", customers, "--only-seed"):
                    return code
            problem = _peers(plain, oca)
            peers = ["--without-oca", problem] if problem else ["--oca", oca]
            if problem:
                warn(f"cases measured against OCA's modules are skipped: {problem}")
            options = ["--case", os.environ["CASE"]] if os.environ.get("CASE") else []
            return _run("--database", suite, "--plain", plain, "--customers", customers, *peers, *options)
        finally:
            for database in (suite, plain, oca):
                databases.drop(database)


def _addons_path():
    folder = PEERS / "odoo" / "addons"
    return ",".join(str(path) for path in (ROOT / "addons", folder) if path.is_dir())


def _run(*arguments):
    command = [python(), "-m", "benchmarks.run", "--addons-path", _addons_path(), *arguments]
    return subprocess.run(command, cwd=ROOT, env=odoo.env(), check=False).returncode


def _peers(plain, oca):
    """Make the database with OCA's modules. Returns why there is none, or nothing."""
    if not _fetched() and not _fetch():
        return f"{' and '.join(PEER_MODULES)} can't be fetched from the Python package index now"
    with stage("installing OCA's modules for the comparison"):
        databases.copy(plain, oca)
        try:
            odoo.install(oca, init=PEER_MODULES, log_name="bench-oca", addons_path=_addons_path())
            databases.check_installed(oca, PEER_MODULES)
        except Stop as problem:
            return f"they can't be installed: {problem}"
    return None


def _fetched():
    return all((PEERS / "odoo" / "addons" / name / "__manifest__.py").is_file() for name in PEER_MODULES)


def _fetch():
    """Unpack OCA's wheels into a folder of their own, without what they depend on: Odoo is there already."""
    say("- fetching OCA's modules for financial risk")
    LOGS.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(PEERS, ignore_errors=True)
    command = [python(), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input", "--no-deps"]
    command += ["--only-binary", ":all:", "--target", str(PEERS), *PEER_WHEELS]
    with (LOGS / "bench-oca-pip.log").open("wb") as log:
        subprocess.run(command, stdout=log, stderr=log, env=environment(), cwd=ROOT, check=False)
    return _fetched()
