"""`make db`: a database of one's own, copied from a template."""

import os
import re

from . import databases, odoo, postgres
from .console import Stop, say, stage
from .locking import lock
from .project import addons, flag


def main(_verb):
    name = os.environ.get("NAME", "").strip()
    if not name:
        raise Stop("Which database?", "make db NAME=x [DEMO=1] [ADDONS=crm_credit,…]")
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,50}", name) or name == "demo" or name.startswith("suite_"):
        raise Stop(f"{name!r} is not a name for a database of yours", "letters, digits, _ and -; not demo or suite_…")
    chosen = [part.strip() for part in os.environ.get("ADDONS", "").split(",") if part.strip()]
    unknown = sorted(set(chosen) - set(addons()))
    if unknown:
        raise Stop(f"There is no addon {', '.join(unknown)}", f"ADDONS is a list of: {', '.join(addons())}")
    demo = flag("DEMO")
    with lock("work"):
        postgres.ensure()
        if databases.exists(name):
            raise Stop(f"The database {name} exists already", "choose another name")
        template = databases.base(demo) if chosen else databases.suite(demo)
        with stage(f"copying the database {name}"):
            databases.copy(template, name)
        if chosen:
            with stage(f"installing {', '.join(chosen)}"):
                odoo.install(name, init=chosen, demo=demo)
                databases.check_installed(name, chosen)
    say(f"Database {name} is there: make shell NAME={name}")
    return 0
