"""`make shell`: Odoo's shell on a database. What is piped in is executed, and an exception ends with exit code 1."""

import os

from . import databases, odoo, postgres
from .console import Stop
from .project import CONF


def main(_verb):
    name = os.environ.get("NAME", "").strip() or "demo"
    with postgres.session():
        if not databases.exists(name):
            raise Stop(f"There is no database {name}", "make demo" if name == "demo" else f"make db NAME={name}")
        databases.check_is_ours(name)
        return odoo.run(["shell", "-c", str(CONF), "-d", name, "--no-http", "--log-level=warn"])
