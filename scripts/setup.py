"""`make setup`: everything that the other verbs need, each part only if it is not there yet."""

from . import odoo_source, system_tools, venv
from .console import say
from .locking import lock
from .project import LOCAL


def ensure(tools=False):
    """Virtual environment, packages, Odoo. Returns the Odoo source."""
    LOCAL.mkdir(exist_ok=True)
    with lock("setup"):
        venv.ensure(tools=tools)
        source = odoo_source.ensure()
        system_tools.ensure_for_printing()
    return source


def main():
    source = ensure(tools=True)
    say(f"Odoo {source.version}: {source.root}")
    say("Ready. Next: make demo, or make test")
    return 0
