"""Servers that go on after `make` has ended: started detached, recorded in `.local/run`, ended by `make stop`."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request

from .console import Stop, tail
from .postgres import command_line
from .project import LOGS, ROOT, RUN


def start(name, command, env, **facts):
    """Start a detached process; its output goes to ``.local/log/<name>.log``. Returns the Popen object."""
    RUN.mkdir(parents=True, exist_ok=True)
    LOGS.mkdir(parents=True, exist_ok=True)
    with (LOGS / f"{name}.log").open("wb") as log:
        process = subprocess.Popen(
            command, cwd=ROOT, env=env, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
        )
    record = {"pid": process.pid, "mark": " ".join(command), **facts}
    (RUN / f"{name}.json").write_text(json.dumps(record), encoding="utf-8")
    return process


def find(name):
    """What was recorded for a process that still runs, else None."""
    path = RUN / f"{name}.json"
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        os.kill(record["pid"], 0)
    except (OSError, ValueError, KeyError):
        return None
    line = command_line(record["pid"])
    if line is not None and record["mark"].strip() not in line:
        return None  # the number belongs to another process by now
    return record


def stop(name, seconds=15):
    """End a recorded process and its children. Returns whether there was one."""
    record = find(name)
    (RUN / f"{name}.json").unlink(missing_ok=True)
    if record is None:
        return False
    pid = record["pid"]
    for sign in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, sign)
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)
            if not _group_alive(pid):
                return True
            time.sleep(0.1)
    return True


def _group_alive(pid):
    try:
        os.killpg(pid, 0)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def names():
    """Names of all processes on record."""
    return sorted(path.stem for path in RUN.glob("*.json")) if RUN.is_dir() else []


def run_to_end(command, env, **options):
    """Run a program in the foreground and return its exit code, giving it time to clean up when we are interrupted."""
    child = subprocess.Popen(command, cwd=ROOT, env=env, **options)
    patience = None
    while True:
        try:
            return child.wait(patience)
        except KeyboardInterrupt:
            patience = 60  # Ctrl-C has reached the child as well
        except SystemExit:
            child.terminate()
            patience = 60
        except subprocess.TimeoutExpired:
            child.kill()


def port_is_free(port, host="127.0.0.1"):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until_it_answers(process, url, log, seconds=180):
    """Poll ``url`` until it answers; stop with the end of the log if the process dies or time is up."""
    # A proxy of the environment must not see requests to this machine.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise Stop(f"The server ended at once; the end of {log.relative_to(ROOT)}:\n{tail(log)}")
        with contextlib.suppress(OSError, urllib.error.URLError), opener.open(url, timeout=30) as answer:
            answered = answer.status == 200
            time.sleep(0.3)
            # Another program may answer on a port that it took from under our server, which then ends.
            if answered and process.poll() is None:
                return
        time.sleep(0.2)
    raise Stop(f"The server did not answer within {seconds} s; the end of {log.relative_to(ROOT)}:\n{tail(log)}")


def stop_matching(prefix):
    """End every recorded process whose name starts with ``prefix``, such as servers of a test run that was cut off."""
    for name in names():
        if name.startswith(prefix):
            stop(name)
