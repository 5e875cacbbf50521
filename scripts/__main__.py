"""Entry point of the Makefile: ``python -m scripts VERB``. Keep this file readable by any Python 3."""

# ruff: noqa: UP031

import os
import subprocess
import sys

OLDEST, NEWEST = (3, 10), (3, 13)
PROBE = "import sys; sys.exit(not (%r <= sys.version_info[:2] <= %r))" % (OLDEST, NEWEST)


def suitable_python():
    """A Python that Odoo 19 runs on, when the one that was called is not."""
    for minor in range(NEWEST[1], OLDEST[1] - 1, -1):
        name = "python3.%d" % minor
        try:
            if subprocess.call([name, "-c", PROBE], stderr=subprocess.DEVNULL) == 0:
                return name
        except OSError:
            continue
    return None


def main():
    os.chdir(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    if not OLDEST <= sys.version_info[:2] <= NEWEST:
        python = suitable_python()
        if python is None:
            sys.stderr.write(
                "error: Odoo 19 needs Python 3.10 to 3.13, this is %s\n"
                "  -> install one of them, then: make %s PYTHON=/path/to/python3.12\n"
                % (sys.version.split()[0], " ".join(sys.argv[1:2]) or "setup")
            )
            return 1
        os.execvp(python, [python, "-m", "scripts"] + sys.argv[1:])
    from .verbs import run

    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
