"""From a verb of the Makefile to the module that carries it out."""

import importlib
import os
import signal
import sys

from .console import Stop, fail
from .project import environment, python

# Verbs that talk to the database need psycopg2 and so run inside the virtual environment.
OUTSIDE = {"setup": "setup", "clean": "cleaning", "stop": "cleaning", "test-unit": "unit_tests", "lint": "lint"}
INSIDE = {
    "demo": "demo",
    "test": "tests",
    "test-integration": "tests",
    "bench": "bench",
    "core-tests": "core_tests",
    "shell": "shell",
    "db": "make_database",
    "i18n": "translations",
}


def run(arguments):
    verb = arguments[0] if arguments else "help"
    signal.signal(signal.SIGTERM, _terminate)
    try:
        if verb in OUTSIDE:
            return _module(OUTSIDE[verb]).main(*arguments[:1] if OUTSIDE[verb] == "cleaning" else ())
        if verb not in INSIDE:
            raise Stop(f"There is no verb {verb!r}", "make help")
        if os.environ.get("CRM_SUITE_INSIDE") != verb:
            return _enter(verb)
        return _module(INSIDE[verb]).main(verb)
    except Stop as problem:
        fail(problem)
        return 1
    except KeyboardInterrupt:
        fail("interrupted; the same command goes on from here")
        return 130
    except OSError as problem:
        if problem.errno == 28:
            fail(Stop("The disk is full", "free some space (3 GB for a complete set-up), then the same command again"))
            return 1
        raise


def _module(name):
    return importlib.import_module(f".{name}", __package__)


def _enter(verb):
    """Set up what is missing, then carry the verb out with the environment's own Python."""
    from . import processes, setup

    setup.ensure(tools=verb in ("test", "i18n"))
    env = {**environment(), "CRM_SUITE_INSIDE": verb}
    return processes.run_to_end([python(), "-m", "scripts", verb], env)


def _terminate(_signal, _frame):
    sys.exit(143)
