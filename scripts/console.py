"""Short messages for people, and the one exception that ends a verb with a remedy."""

import os
import sys
import time
from contextlib import contextmanager


class Stop(Exception):
    """Ends the running verb. ``what`` says what is missing, ``fix`` what to type."""

    def __init__(self, what, fix=None):
        super().__init__(what)
        self.what = what
        self.fix = fix

    def __str__(self):
        return f"{self.what}\n  -> {self.fix}" if self.fix else self.what


def say(text):
    print(text, flush=True)


def warn(text):
    print(f"warning: {text}", file=sys.stderr, flush=True)


def fail(error):
    mark = "\033[31merror:\033[0m" if sys.stderr.isatty() and "NO_COLOR" not in os.environ else "error:"
    print(f"{mark} {error}", file=sys.stderr, flush=True)


@contextmanager
def stage(text):
    """Announce a step, and say how long it took if it took long enough to matter."""
    started = time.monotonic()
    say(f"- {text} ...")
    yield
    seconds = time.monotonic() - started
    if seconds >= 2:
        say(f"  {seconds:.0f} s")


def tail(path, lines=20):
    """The last lines of a text file, for an error message."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    return "\n".join(f"    {line}" for line in text.splitlines()[-lines:])
