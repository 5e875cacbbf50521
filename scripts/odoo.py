"""Running Odoo's command line, and reading its log: a warning at install is a failure."""

import re
import subprocess

from . import postgres, processes
from .console import Stop, say
from .project import CONF, LOCAL, LOGS, ROOT, environment, python

# What Odoo and its libraries say about themselves on a healthy installation.
NOISE = (
    r"Running as user 'root' is a security risk",
    r"odoo\.tools\.config: missing --http-interface",
    r"docutils",
    r"unaccent",
    r"The `?wkhtmltopdf",
    r"odoo\.addons\.base\.models\.ir_actions_report: ",
    r"py\.warnings: .*site-packages",
    r"Two fields \(.*\) of (?!(crm|credit)\.).* have the same label",
)
_NOISE = re.compile("|".join(NOISE))
_BAD = re.compile(r"^\d{4}-\d\d-\d\d \S+ \d+ (WARNING|ERROR|CRITICAL) ")


def command(*arguments):
    return [python(), "-m", "odoo", *arguments]


def env():
    """Environment of an Odoo process: the database server's address, and nothing that redirects it."""
    result = {**environment(), **postgres.variables()}
    result.setdefault("PYTHONWARNINGS", "ignore::DeprecationWarning")
    # Reports print Chinese and the browser runs headless: both want UTF-8.
    if "UTF-8" not in result.get("LC_ALL", result.get("LANG", "")).upper():
        result["LANG"] = result["LC_ALL"] = "C.UTF-8"
    return result


def complaints(text):
    """Logged warnings and errors, with the lines that belong to each, less Odoo's own noise."""
    found, current = [], None
    for line in text.splitlines():
        if re.match(r"^\d{4}-\d\d-\d\d ", line):
            current = None
            if _BAD.match(line) and not _NOISE.search(line):
                current = [line]
                found.append(current)
        elif current is not None and len(current) < 40:
            current.append(line)
        elif line.startswith(("Traceback", "odoo: error", "Usage:")):
            current = [line]
            found.append(current)
    return ["\n".join(lines) for lines in found]


def install(database, *, init=(), update=(), demo=False, language=None, log_name=None, addons_path=None):
    """Install or update modules and stop. Returns the warnings and errors that were logged on the way."""
    LOGS.mkdir(parents=True, exist_ok=True)
    log = LOGS / f"{log_name or 'install-' + database}.log"
    arguments = ["-c", str(CONF), "-d", database, "--stop-after-init", "--no-http", "--log-level=warn"]
    arguments += ["--max-cron-threads=0"]
    if addons_path:
        arguments += [f"--addons-path={addons_path}"]
    if init:
        arguments += ["-i", ",".join(init)]
    if update:
        arguments += ["-u", ",".join(update)]
    if demo:
        arguments += ["--with-demo"]
    if language:
        arguments += [f"--load-language={language}"]
    with log.open("wb") as output:
        result = subprocess.run(
            command(*arguments),
            cwd=ROOT,
            env=env(),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            check=False,
        )
    text = log.read_text(encoding="utf-8", errors="replace")
    problems = complaints(text)
    if result.returncode:
        for problem in problems[:10] or [text[-2000:]]:
            say("    " + problem.replace("\n", "\n    "))
        if "No space left on device" in text:
            raise Stop("The disk is full", "free some space, then the same command again")
        modules = ", ".join([*init, *update])
        raise Stop(f"Odoo could not install {modules} (all it said: {log.relative_to(ROOT)})")
    return problems


def run(arguments):
    """Run Odoo in the foreground and return its exit code."""
    return processes.run_to_end(command(*arguments), env())


def filestore(database):
    return LOCAL / "data" / "filestore" / database
