"""pytest plugin of `make test`: a tour that can't run fails instead of being skipped; TOURS=0 leaves out tours only.

Odoo skips a browser test when the browser is missing or does not start in time, which would turn a broken set-up green.
"""

import unittest

import pytest

from .project import flag

NO_BROWSER = ("chrome", "chromium", "websocket-client")


def pytest_collection_finish(session):
    if flag("TOURS", default=True) or session.config.pluginmanager.get_plugin("odoo") is None:
        return
    from odoo.tests import HttpCase

    def left_out(*_arguments, **_options):
        raise unittest.SkipTest("left out by TOURS=0")

    HttpCase.browser_js = left_out  # start_tour calls it too


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    report = outcome.get_result()
    if not report.skipped or call.excinfo is None:
        return
    reason = str(call.excinfo.value)
    if any(word in reason.lower() for word in NO_BROWSER):
        report.outcome = "failed"
        report.longrepr = f"the browser could not be used, so this test proves nothing: {reason}"
