"""Loads the addons' pure tools by path: no Odoo, no database, no addon package is imported.

    scorecard = load("crm_relationship", "scorecard")
"""

import importlib.util
import sys
from pathlib import Path

ADDONS = Path(__file__).resolve().parents[2] / "addons"


def load(addon, name):
    """Module ``addons/<addon>/tools/<name>.py``, the same object each time."""
    key = f"{addon}_tools_{name}"
    if key not in sys.modules:
        path = ADDONS / addon / "tools" / f"{name}.py"
        spec = importlib.util.spec_from_file_location(key, path)
        module = importlib.util.module_from_spec(spec)
        sys.modules[key] = module  # dataclasses look their module up while it is being executed
        try:
            spec.loader.exec_module(module)
        except BaseException:
            del sys.modules[key]
            raise
    return sys.modules[key]
