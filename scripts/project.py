"""Where things are, what the suite is called, and what its addons are."""

import ast
import hashlib
import os
from pathlib import Path

from .console import Stop

ROOT = Path(__file__).resolve().parent.parent
LOCAL = ROOT / ".local"
ADDONS = ROOT / "addons"
VENV = LOCAL / "venv"
LOGS = LOCAL / "log"
RUN = LOCAL / "run"
DATA = LOCAL / "data"
CONF = ROOT / "odoo.conf"
# A base template is made again when these change.
RUNTIME_FILES = (ROOT / "requirements.txt", ROOT / "requirements-oca.txt")

SUITE = "crm-suite"
# Two clones on one machine must not share sockets, system folders or, on a common server, databases.
CLONE = hashlib.sha256(str(ROOT).encode()).hexdigest()[:8]

ODOO_SERIES = "19.0"
PYTHONS = ((3, 10), (3, 13))

# Installed into the cached base templates, below the addons of this repository.
BASE_MODULES = (
    "account",
    "calendar",
    "contacts",
    "crm",
    "mass_mailing",
    "sale_crm",
    "sale_management",
    "sale_stock",
    "survey",
)
# The first one is what users get; the other one waits in their preferences.
LANGUAGES = "en_US,zh_CN"


def python():
    """Interpreter of the virtual environment."""
    return str(VENV / "bin" / "python")


def environment():
    """The caller's environment without what would redirect Odoo to another configuration or database."""
    redirecting = {"PGDATABASE", "OPENERP_SERVER", "PYTHONPATH", "PYTHONHOME", "MAKEFLAGS", "MFLAGS", "MAKELEVEL"}

    def harmless(name):
        return name not in redirecting and (name == "ODOO_PATH" or not name.startswith("ODOO_"))

    return {name: value for name, value in os.environ.items() if harmless(name)}


def flag(name, default=False):
    """Value of a switch given as ``make verb NAME=1``."""
    value = os.environ.get(name, "").strip().lower()
    if not value:
        return default
    return value not in ("0", "no", "false", "off")


def manifest(folder):
    path = folder / "__manifest__.py"
    try:
        return ast.literal_eval(path.read_text(encoding="utf-8"))
    except OSError:
        raise Stop(f"addons/{folder.name} has no __manifest__.py", "add the manifest or remove the folder") from None
    except (SyntaxError, ValueError) as error:
        raise Stop(f"addons/{folder.name}/__manifest__.py can't be read: {error}") from None


def addons():
    """``{name: manifest}`` of the installable addons of this repository, by name."""
    if not ADDONS.is_dir():
        return {}
    found = {}
    for folder in sorted(ADDONS.iterdir()):
        if folder.name.startswith((".", "_")) or not folder.is_dir():
            continue
        if not any(path.is_file() and path.suffix != ".pyc" for path in folder.rglob("*")):
            continue  # what git leaves behind of a folder of another branch: __pycache__ only
        data = manifest(folder)
        if data.get("installable", True):
            found[folder.name] = data
    return found


def base_modules():
    """What the cached base templates hold: the fixed list and whatever else the addons depend on."""
    own = addons()
    needed = {dep for data in own.values() for dep in data.get("depends", ())}
    return sorted(set(BASE_MODULES) | (needed - set(own)))


def digest(paths):
    """Hash of names and contents of files, or of all files below folders."""
    total = hashlib.sha256()
    for top in paths:
        files = sorted(p for p in top.rglob("*") if p.is_file()) if top.is_dir() else [top]
        for path in files:
            if "__pycache__" in path.parts or path.suffix == ".pyc":
                continue
            total.update(str(path.relative_to(ROOT)).encode() + b"\0")
            total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()[:16]


def addon_digests():
    """``{name: hash}``: tells which addons changed since a database was made. Tests don't count."""
    result = {}
    for name in addons():
        folder = ADDONS / name
        parts = sorted(p for p in folder.iterdir() if p.name not in ("tests", "__pycache__", "README.md"))
        result[name] = digest(parts)
    return result
