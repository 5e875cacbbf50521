"""The virtual environment in ``.local/venv``, filled from the pinned requirement files. Wheels only."""

import hashlib
import shutil
import subprocess
import sys

from .console import Stop, say, stage, tail
from .debian import apt_install
from .project import LOGS, ROOT, VENV, environment, python

RUNTIME = ROOT / "requirements.txt"
OCA = ROOT / "requirements-oca.txt"
TOOLS = ROOT / "requirements-dev.txt"


def ensure(tools=False):
    """Create the environment and install what is pinned, unless that was done already."""
    if not _usable():
        _create()
    _install(RUNTIME)
    # They ask for a package "odoo", which isn't where our Odoo comes from.
    _install(OCA, "--no-deps")
    if tools:
        _install(TOOLS)


def site_packages():
    """Folder that the environment imports from."""
    found = sorted(VENV.glob("lib/python3.*/site-packages"))
    if not found:
        raise Stop("The virtual environment is incomplete", "make clean, then the same command again")
    return found[-1]


def _usable():
    if not (VENV / "complete").exists():
        return False
    probe = subprocess.run([python(), "-c", "import pip"], capture_output=True, check=False)
    return probe.returncode == 0


def _create():
    with stage(f"creating the virtual environment (Python {sys.version_info[0]}.{sys.version_info[1]})"):
        shutil.rmtree(VENV, ignore_errors=True)
        command = [_base_python(), "-m", "venv", str(VENV)]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        if result.returncode and "ensurepip" in result.stdout + result.stderr:
            package = f"python3.{sys.version_info[1]}-venv"
            apt_install([package], "Python cannot make virtual environments")
            shutil.rmtree(VENV, ignore_errors=True)
            result = subprocess.run(command, capture_output=True, text=True, check=False)
        if result.returncode:
            raise Stop(f"The virtual environment could not be made:\n{result.stdout}{result.stderr}".rstrip())
        (VENV / "complete").touch()


def _base_python():
    """The interpreter outside any virtual environment, so that ours doesn't hang on another one."""
    return getattr(sys, "_base_executable", None) or sys.executable


def _install(requirements, *options):
    wanted = hashlib.sha256(requirements.read_bytes()).hexdigest()
    stamp = VENV / f"{requirements.stem}.stamp"
    if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        return
    LOGS.mkdir(parents=True, exist_ok=True)
    log = LOGS / "pip.log"
    with stage(f"installing Python packages ({requirements.name})"), log.open("wb") as output:
        command = [python(), "-m", "pip", "install", "--disable-pip-version-check", "--no-input"]
        command += ["--only-binary", ":all:", "--retries", "5", *options, "-r", str(requirements)]
        result = subprocess.run(command, stdout=output, stderr=output, env=environment(), cwd=ROOT, check=False)
        if result.returncode:
            _explain(log)
        # psycopg2 and friends are replaced in place: stale bytecode is pip's business, the stamp ours.
        stamp.write_text(wanted, encoding="utf-8")


def _explain(log):
    text = log.read_text(encoding="utf-8", errors="replace")
    say(tail(log, 12))
    if "No space left" in text:
        raise Stop("The disk is full", "free about 3 GB, then the same command again")
    if "No matching distribution" in text and "from versions: none" not in text:
        raise Stop(
            f"A pinned package has no wheel for this machine (Python {sys.version.split()[0]})",
            "try another Python: make clean && make setup PYTHON=python3.12",
        )
    raise Stop(
        "Python packages could not be installed (see the lines above)",
        "check the network or the proxy settings of pip, then the same command again",
    )
