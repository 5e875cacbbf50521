"""`make stop` and `make clean`."""

import shutil

from . import postgres, processes
from .console import say
from .project import LOCAL


def main(verb):
    stopped = stop_everything()
    if verb == "clean":
        postgres.remove()
        if LOCAL.exists():
            shutil.rmtree(LOCAL)
        say("Removed .local (databases, downloads, virtual environment).")
    else:
        say(f"Stopped: {', '.join(stopped)}." if stopped else "Nothing was running.")
    return 0


def stop_everything():
    """End every server that this project started. Returns their names."""
    stopped = [name for name in processes.names() if processes.stop(name)]
    if postgres.stop():
        stopped.append("PostgreSQL")
    return stopped
