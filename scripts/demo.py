"""`make demo`: the suite on Odoo's demo companies, running in the background."""

import os
import time

from . import databases, odoo, postgres, processes
from .console import Stop, say, stage
from .locking import lock
from .project import CONF, LOGS, ODOO_SERIES, addon_digests, addons

DATABASE = "demo"
SERVER = "demo"
DEFAULT_PORT = 8069


def main(_verb):
    started = time.monotonic()
    port = wanted_port()
    with lock("work"):
        record = processes.find(SERVER)
        current = {"addons": addon_digests(), "series": ODOO_SERIES}
        if record and record["port"] == port and record["made_of"] == current and _answers(port):
            announce(port, "is running already")
            return 0
        if not (record and record["port"] == port):
            check_port(port)
        if record:
            processes.stop(SERVER)
        postgres.ensure()
        prepare(current)
        serve(port, current)
    announce(port, f"is up after {time.monotonic() - started:.0f} s")
    return 0


def wanted_port():
    text = os.environ.get("PORT", "").strip() or str(DEFAULT_PORT)
    if not text.isdigit() or not 1 <= int(text) <= 65535:
        raise Stop(f"PORT={text} is not a port", "make demo PORT=8070")
    return int(text)


def check_port(port):
    if not processes.port_is_free(port):
        raise Stop(f"Port {port} is used by another program", f"make demo PORT={port + 1}")


def prepare(current):
    """Make the database, or bring it up to the state of the addons on disk."""
    if not databases.exists(DATABASE):
        template = databases.suite(demo=True)
        with stage("copying the database demo"):
            databases.copy(template, f"{DATABASE}_new")
            databases.set_note(f"{DATABASE}_new", **current)
            databases.rename(f"{DATABASE}_new", DATABASE)
        return
    databases.check_is_ours(DATABASE)
    if not odoo.filestore(DATABASE).is_dir():
        raise Stop(f"The files of the database {DATABASE} are missing", "make clean, then make demo")
    noted = databases.note(DATABASE).get("addons", {})
    have = databases.installed(DATABASE)
    new = [name for name in addons() if name not in have]
    changed = [name for name, value in current["addons"].items() if name in have and noted.get(name) != value]
    if new or changed:
        with stage(f"updating {', '.join(sorted(new + changed))} in the database demo"):
            odoo.install(DATABASE, init=new, update=changed, log_name="demo-update")
            databases.check_installed(DATABASE, list(addons()))
            databases.set_note(DATABASE, **current)


def serve(port, current):
    check_port(port)  # again: making the database took minutes
    with stage("starting Odoo"):
        arguments = ["-c", str(CONF), "-d", DATABASE, f"--http-port={port}", f"--db-filter=^{DATABASE}$"]
        process = processes.start(SERVER, odoo.command(*arguments), odoo.env(), port=port, made_of=current)
        try:
            # The log-in page, since it loads the registry: what answers now also works.
            processes.wait_until_it_answers(process, f"http://127.0.0.1:{port}/web/login", LOGS / f"{SERVER}.log")
        except BaseException:
            processes.stop(SERVER)
            raise


def _answers(port):
    import urllib.error
    import urllib.request

    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"http://127.0.0.1:{port}/web/login", timeout=20) as answer:
            return answer.status == 200
    except (OSError, urllib.error.URLError):
        return False


def announce(port, state):
    say("")
    say(f"Odoo {state}: http://localhost:{port}")
    say("  log in as admin / admin (everything) or demo / demo (an ordinary user)")
    say(f"  log: .local/log/{SERVER}.log     end: make stop")
