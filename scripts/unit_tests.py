"""`make test-unit`: the formulas in the addons' `tools/`, without Odoo and without a database."""

import subprocess

from . import venv
from .console import Stop
from .locking import lock
from .project import LOCAL, ROOT, environment, python

FOLDER = "tests/unit"
# Without Odoo's pytest plugin, which would want a database.
COMMAND = ("-m", "pytest", "-p", "no:odoo", "-q", FOLDER)


def main():
    LOCAL.mkdir(exist_ok=True)
    with lock("setup"):
        venv.ensure()
    result = subprocess.run([python(), *COMMAND], cwd=ROOT, env=environment(), check=False)
    if result.returncode == 5:
        raise Stop(f"There are no tests in {FOLDER}")
    return result.returncode
