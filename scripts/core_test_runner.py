"""``python -m scripts.core_test_runner``: run Odoo's tests by tag, print one line per failure.

At-install tests run as well, in the state that a fully loaded registry allows: with and without our addons alike.
"""

import os
import re
import sys
import threading

from odoo.cli.server import report_configuration  # noqa: F401  (first: Odoo's packages want this import order)
from odoo.http import root
from odoo.modules import module as odoo_module
from odoo.modules.registry import Registry
from odoo.service import server as service
from odoo.tests.loader import make_suite
from odoo.tests.result import OdooTestResult
from odoo.tools import config


class NamingResult(OdooTestResult):
    """Remembers which tests failed, by class and method."""

    failed = {}

    def _note(self, test):
        if self._soft_fail:
            return  # the test is run once more
        name = type(test).__name__
        method = getattr(test, "_testMethodName", None)
        if method is None:  # setUpClass and the like: "setUpClass (odoo.addons.sale.tests.test_x.TestX)"
            match = re.match(r"(\w+) \((.*)\)", str(test))
            method, name = (match[1], match[2].rsplit(".", 1)[-1]) if match else ("setUpClass", str(test))
        self.failed[f"{name}.{method}"] = True

    def addError(self, test, err):
        self._note(test)
        super().addError(test, err)

    def addFailure(self, test, err):
        self._note(test)
        super().addFailure(test, err)

    def addSubTest(self, test, subtest, err):
        if err is not None:
            self._note(test)
        super().addSubTest(test, subtest, err)


def main(arguments):
    config.parse_config(arguments, setup_logging=True)
    tags, config["test_enable"] = config["test_tags"], False
    config["test_tags"] = None
    database = config["db_name"][0]
    threading.current_thread().dbname = database
    threading.current_thread().testing = True
    service.load_server_wide_modules()
    registry = Registry(database)
    service.server = service.ThreadedServer(root)
    config["test_enable"], config["test_tags"] = True, tags
    service.server.start(stop=False)
    modules = sorted(registry._init_modules)
    run = 0
    try:
        for position in ("at_install", "post_install"):
            # What at-install tests expect, as far as a loaded registry can give it.
            registry.loaded = registry.ready = position == "post_install"
            try:
                result = execute(make_suite(modules, position))
            finally:
                registry.loaded = registry.ready = True
            run += result.testsRun
    finally:
        service.server.stop()
    for name in sorted(NamingResult.failed):
        print(f"FAIL {name}")
    print(f"{run} run, {len(NamingResult.failed)} failed", flush=True)
    return 1 if NamingResult.failed or not run else 0


def execute(suite):
    result = NamingResult()
    if suite.countTestCases():
        odoo_module.current_test = True
        suite(result)
        odoo_module.current_test = False
    return result


if __name__ == "__main__":
    code = main(sys.argv[1:])
    sys.stdout.flush()
    os._exit(code)  # threads of the server need not be waited for
