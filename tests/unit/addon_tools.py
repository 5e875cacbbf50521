"""Loads the addons' pure tools by path: no Odoo, no database, no addon package is imported.

    scorecard = load("crm_relationship", "scorecard")
"""

import importlib
import sys
import types
from pathlib import Path

ADDONS = Path(__file__).resolve().parents[2] / "addons"


def load(addon, name):
    """Module ``addons/<addon>/tools/<name>.py``, the same object each time. Tools may import their siblings."""
    package = f"{addon}_tools"
    if package not in sys.modules:
        sys.modules[package] = types.ModuleType(package)
        sys.modules[package].__path__ = [str(ADDONS / addon / "tools")]
    return importlib.import_module(f"{package}.{name}")
