"""Databases by template: base (Odoo's modules), then suite (our addons on it), then copies for every purpose.

What a database was made from is noted in its comment, so a stale template is made again and a fresh one is only copied.
Nobody can connect to a template; a template that is being made has another name until it is complete.
"""

import contextlib
import hashlib
import json
import os
import shutil

from . import odoo, postgres
from .console import Stop, stage
from .project import CLONE, LANGUAGES, ODOO_SERIES, RUNTIME_FILES, addon_digests, addons, base_modules, digest


def _cursor(database="postgres"):
    return contextlib.closing(postgres.connect(database))


def query(statement, parameters=None, database="postgres"):
    """Run one statement and commit it. Returns the rows, if it has any."""
    with _cursor(database) as connection, connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall() if cursor.description else None


def _quote(name):
    return '"' + name.replace('"', '""') + '"'


def exists(name):
    return bool(query("SELECT 1 FROM pg_database WHERE datname = %s", [name]))


def note(name):
    """What was noted on a database when it was made: a dict, empty if nothing."""
    rows = query("SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s", [name])
    with contextlib.suppress(TypeError, ValueError, IndexError):
        value = json.loads(rows[0][0])
        return value if isinstance(value, dict) else {}
    return {}


def set_note(name, **facts):
    query(f"COMMENT ON DATABASE {_quote(name)} IS %s", [json.dumps(facts)])


def drop(name):
    """Remove a database with its files, cutting off whoever is connected."""
    if exists(name):
        query(f"ALTER DATABASE {_quote(name)} WITH ALLOW_CONNECTIONS false")
        query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
        query(f"DROP DATABASE {_quote(name)} WITH (FORCE)")
    shutil.rmtree(odoo.filestore(name), ignore_errors=True)


def copy(source, name):
    """A database like ``source``, with its files (as links: Odoo never writes into a stored file)."""
    drop(name)
    query(f"CREATE DATABASE {_quote(name)} TEMPLATE {_quote(source)}")
    if odoo.filestore(source).is_dir():
        shutil.copytree(odoo.filestore(source), odoo.filestore(name), copy_function=_link_file)


def _link_file(source, target):
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def rename(old, new):
    drop(new)
    query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [old])
    query(f"ALTER DATABASE {_quote(old)} RENAME TO {_quote(new)}")
    if odoo.filestore(old).is_dir():
        odoo.filestore(old).rename(odoo.filestore(new))


# -- templates ---------------------------------------------------------------------------------------------------------


def template_name(kind, demo):
    """Names carry the clone's hash, since a server of yours may serve several clones."""
    return f"suite_{CLONE}_{kind}{'_demo' if demo else ''}"


def _fresh(name, key):
    return note(name).get("key") == key and odoo.filestore(name).is_dir()


def _make(name, key, build):
    """Build a template under another name, then note what it is and give it its name."""
    building = f"{name}_new"
    drop(building)
    complaints = build(building)
    drop(name)
    query(f"ALTER DATABASE {_quote(building)} WITH ALLOW_CONNECTIONS false")
    rename(building, name)
    set_note(name, key=key, complaints=[text[:1000] for text in complaints[:10]])


def base_key(demo):
    parts = [ODOO_SERIES, str(demo), LANGUAGES, *base_modules(), digest(RUNTIME_FILES)]
    return hashlib.sha256("|".join(parts).encode()).hexdigest()[:16]


def base(demo=False):
    """Template with Odoo's modules and none of ours."""
    name, key = template_name("base", demo), base_key(demo)
    if not _fresh(name, key):
        title = "with Odoo's demo data" if demo else "without demo data"
        with stage(f"base template {title} (about 2 minutes, once)"):
            _make(
                name,
                key,
                lambda building: odoo.install(
                    building,
                    init=base_modules(),
                    demo=demo,
                    language=LANGUAGES if demo else None,
                    log_name="base-demo" if demo else "base",
                ),
            )
    return name


def suite(demo=False):
    """Template with all addons of this repository. What was logged against them is noted: see :func:`check_quiet`."""
    below = base(demo)
    name = template_name("suite", demo)
    key = hashlib.sha256(json.dumps([base_key(demo), addon_digests()]).encode()).hexdigest()[:16]
    if not _fresh(name, key):
        own = list(addons())
        if not own:
            raise Stop("There are no addons in addons/")

        def build(building):
            copy(below, building)
            complaints = odoo.install(building, init=own, demo=demo, log_name="suite-demo" if demo else "suite")
            check_installed(building, own)
            return complaints

        with stage(f"template with our addons{' and their demo data' if demo else ''}"):
            _make(name, key, build)
    return name


def check_quiet(name):
    """Stop if a warning or an error was logged while a template was made."""
    complaints = note(name).get("complaints")
    if complaints:
        lines = "\n".join(f"    {line}" for text in complaints for line in text.splitlines())
        raise Stop(f"Installing our addons logged warnings, which count as failures:\n{lines}")


def check_installed(database, modules):
    """Odoo skips what it can't install: ask the database."""
    rows = query("SELECT name, state FROM ir_module_module WHERE name = ANY(%s)", [list(modules)], database)
    states = dict(rows)
    missing = [name for name in modules if states.get(name) != "installed"]
    if missing:
        listing = ", ".join(f"{name} ({states.get(name, 'unknown to Odoo')})" for name in missing)
        raise Stop(f"Not installed: {listing}", "look at their dependencies and at .local/log")


def odoo_version(database):
    """Version of the module `base` in a database, None if it is not an Odoo database."""
    if not query("SELECT 1 FROM information_schema.tables WHERE table_name = 'ir_module_module'", None, database):
        return None
    rows = query("SELECT latest_version FROM ir_module_module WHERE name = 'base'", None, database)
    return rows[0][0] if rows else None


def check_is_ours(database):
    """Stop if a database can't be used by Odoo 19."""
    version = odoo_version(database)
    if version is None:
        raise Stop(f"The database {database} exists and is not Odoo's", "rename or drop it, or make clean")
    if not version.startswith(f"{ODOO_SERIES}."):
        raise Stop(
            f"The database {database} belongs to Odoo {version}, this is {ODOO_SERIES}",
            "rename or drop it, then the same command again",
        )


def installed(database):
    rows = query("SELECT name FROM ir_module_module WHERE state = 'installed'", None, database)
    return {row[0] for row in rows}
