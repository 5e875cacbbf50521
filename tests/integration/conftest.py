"""Fixtures for tests that drive a running server as a client would: a copy of the demo data, Odoo on it, sessions.

    def test_something(server):
        maria = server.login("demo", "demo")
        ids = maria.call("sale.order", "search", [("state", "=", "draft")], limit=5)

The databases come from `make test` or `make test-integration`, which names the template in CRM_SUITE_DEMO_TEMPLATE.
"""

import json
import os
import re
import subprocess
import tempfile
from pathlib import Path

import pytest
import requests

from scripts import databases, odoo, processes
from scripts.project import CONF, LOGS, ROOT

TEMPLATE = "CRM_SUITE_DEMO_TEMPLATE"


class RpcError(Exception):
    """What the server answered instead of a result. ``name`` is the exception's class on the server."""

    def __init__(self, error):
        data = error.get("data") or {}
        self.name = data.get("name", "")
        self.debug = data.get("debug", "")
        super().__init__(data.get("message") or error.get("message", ""))


class Client:
    """A session of one user, over the same routes as the browser's."""

    def __init__(self, server, login=None, password=None):
        self.server = server
        self.http = requests.Session()
        self.http.trust_env = False  # no proxy between us and this machine
        self.uid = None
        self.context = {}
        if login is not None:
            info = self.json("/web/session/authenticate", db=server.database, login=login, password=password)
            self.uid = info["uid"]
            self.context = dict(info.get("user_context") or {})

    def json(self, route, **params):
        """Result of a JSON-RPC route."""
        payload = {"jsonrpc": "2.0", "method": "call", "id": 1, "params": params}
        answer = self.http.post(self.server.url + route, json=payload, timeout=120)
        answer.raise_for_status()
        body = answer.json()
        if "error" in body:
            raise RpcError(body["error"])
        return body.get("result")

    def call(self, model, method, *args, **kwargs):
        """Call a model's method. The user's context is sent along; ``context=`` adds to it."""
        kwargs["context"] = {**self.context, **kwargs.get("context", {})}
        return self.json(f"/web/dataset/call_kw/{model}/{method}", model=model, method=method, args=args, kwargs=kwargs)

    def create(self, model, **values):
        """Id of a new record."""
        return self.call(model, "create", [values])[0]

    def read(self, model, ids, *fields):
        """A dict of fields of one record, or a list of dicts for a list of ids."""
        rows = self.call(model, "read", ids if isinstance(ids, list) else [ids], list(fields))
        return rows if isinstance(ids, list) else rows[0]

    def search_read(self, model, domain, *fields, **options):
        return self.call(model, "search_read", domain, list(fields), **options)

    def ref(self, xmlid):
        """Database id behind an external id."""
        module, name = xmlid.split(".", 1)
        return self.call("ir.model.data", "check_object_reference", module, name)[1]

    def get(self, path, **options):
        """A page, as the browser gets it (absolute URLs pass, redirects are followed)."""
        return self.http.get(self.server.url + path, timeout=120, **options)

    def post(self, path, form, **options):
        """Submit a form. The CSRF token is taken from the page at ``path`` unless the form brings one."""
        if "csrf_token" not in form:
            form = {**form, "csrf_token": self.csrf_token(path)}
        return self.http.post(self.server.url + path, data=form, timeout=120, **options)

    def csrf_token(self, path="/web/login"):
        page = self.get(path).text
        match = re.search(r'name="csrf_token" value="([^"]+)"', page) or re.search(r'csrf_token: "([^"]+)"', page)
        return match[1] if match else ""

    def xmlrpc(self, model, method, *args, login, password, **kwargs):
        """The same over XML-RPC, the door of external programs."""
        import xmlrpc.client

        common = xmlrpc.client.ServerProxy(f"{self.server.url}/xmlrpc/2/common", allow_none=True)
        uid = common.authenticate(self.server.database, login, password, {})
        models = xmlrpc.client.ServerProxy(f"{self.server.url}/xmlrpc/2/object", allow_none=True)
        return models.execute_kw(self.server.database, uid, password, model, method, args, kwargs)


class Server:
    """A running Odoo on a database of its own."""

    def __init__(self, name, template, workers=0):
        self.name = f"test-{name}"
        self.database = databases.template_name(f"it_{name}", True)
        self.template = template
        self.workers = workers
        self.port = None
        self._gevent_port = None

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self):
        return LOGS / f"{self.name}.log"

    def start(self):
        databases.copy(self.template, self.database)
        self.port, self._gevent_port = processes.free_port(), processes.free_port()
        arguments = ["-c", str(CONF), "-d", self.database, f"--db-filter=^{self.database}$", f"--http-port={self.port}"]
        # No scheduled action runs by itself: a test triggers the one that it means.
        arguments += ["--max-cron-threads=0", f"--workers={self.workers}", "--log-level=info"]
        if self.workers:
            arguments += [f"--gevent-port={self._gevent_port}"]
        process = processes.start(self.name, odoo.command(*arguments), odoo.env(), port=self.port)
        processes.wait_until_it_answers(process, f"{self.url}/web/login", self.log)
        return self

    def stop(self):
        processes.stop(self.name)
        databases.drop(self.database)

    def login(self, login, password=None):
        """Session of a user; in the demo data the password is the log-in."""
        return Client(self, login, password or login)

    def anonymous(self):
        """Session of a visitor."""
        return Client(self)

    def sql(self, statement, parameters=None):
        """Rows of a query straight from the database, for what no client may see. Commits at once."""
        return databases.query(statement, parameters, self.database)

    def shell(self, code):
        """Run code in Odoo's shell (commit with ``env.cr.commit()``). Returns the last line printed, as JSON."""
        arguments = ["shell", "-c", str(CONF), "-d", self.database, "--no-http", "--log-level=error"]
        result = subprocess.run(
            odoo.command(*arguments), cwd=ROOT, env=odoo.env(), input=code, capture_output=True, text=True, check=False
        )
        assert result.returncode == 0, result.stderr[-3000:]
        lines = result.stdout.strip().splitlines()
        return json.loads(lines[-1]) if lines else None

    def run_cron(self, xmlid):
        """Run a scheduled action now, as its own user."""
        admin = self.login("admin")
        return admin.call("ir.cron", "method_direct_trigger", [admin.ref(xmlid)])

    def errors(self):
        """Errors and warnings that the server logged so far."""
        return odoo.complaints(self.log.read_text(encoding="utf-8", errors="replace"))


@pytest.fixture(scope="session")
def demo_template():
    name = os.environ.get(TEMPLATE)
    if not name:
        pytest.fail("integration tests need databases: run them with make test-integration (K=… selects by name)")
    return name


def _serve(name, template, workers=0):
    server = Server(name, template, workers)
    try:
        yield server.start()
    finally:
        server.stop()


@pytest.fixture(scope="session")
def server(demo_template):
    """One threaded Odoo for all tests that can live with each other's records."""
    yield from _serve("shared", demo_template)


@pytest.fixture
def own_server(demo_template):
    """An Odoo of the test's own, on a fresh copy of the demo data."""
    yield from _serve("own", demo_template)


@pytest.fixture(scope="session")
def workers_server(demo_template):
    """An Odoo with two worker processes: requests really run at the same time, each in its own transaction."""
    yield from _serve("workers", demo_template, workers=2)


@pytest.fixture(scope="session")
def admin(server):
    return server.login("admin")


@pytest.fixture
def short_folder():
    """A temporary folder with a short name, for sockets and clones."""
    with tempfile.TemporaryDirectory(prefix="cs") as folder:
        yield Path(folder)
