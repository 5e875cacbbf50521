"""One `make` at a time does the work; another one waits and then finds it done."""

import contextlib
import fcntl
import os

from .console import Stop, say
from .project import LOCAL

# Names the lock that a process holds for the processes that it starts.
HELD = "CRM_SUITE_HOLDS_LOCK"


@contextlib.contextmanager
def lock(name, wait=True):
    """Hold ``.local/<name>.lock``. The system releases it when the process ends, however it ends."""
    if os.environ.get(HELD) == name:
        yield  # by the `make` that started this process
        return
    LOCAL.mkdir(exist_ok=True)
    path = LOCAL / f"{name}.lock"
    with open(path, "a+", encoding="utf-8") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            handle.seek(0)
            owner = handle.read().strip() or "unknown"
            if not wait:
                raise Stop(f"another make (process {owner}) is at work here", "wait until it has finished") from None
            say(f"- waiting for another make (process {owner}) ...")
            fcntl.flock(handle, fcntl.LOCK_EX)
        handle.seek(0)
        handle.truncate()
        handle.write(str(os.getpid()))
        handle.flush()
        yield
