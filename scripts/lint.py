"""`make lint`: ruff, pylint-odoo, OCA's checks, and checks of our own. All run, then all findings are shown."""

import os
import re
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from xml.etree import ElementTree

from . import venv
from .console import say
from .locking import lock
from .project import ADDONS, LOCAL, ROOT, addons, environment, python

LANGUAGE = 'zh_CN'
# What must never be in the repository: paths of one machine, neighbours of the clone, hosts of package registries.
# Written so that this file doesn't match itself.
FORBIDDEN = (
    (re.compile(r"(?:^|[ \"'=:(])/(?:work|farm|root|opt)/[a-z.]"), 'path of one machine'),
    (re.compile(r'\.\./' + 'shared'), 'folder beside the clone'),
    (re.compile(r'https?://[A-Za-z0-9.-]*(?:debian|pypi|npmjs)'), 'host of a package registry'),
    (re.compile(r'-----BEGIN [A-Z ]*PRIVATE ' + 'KEY-----'), 'private key'),
)
BINARY = {'.png', '.jpg', '.ico', '.gif', '.pdf', '.woff', '.woff2', '.ttf', '.xlsx'}


def main():
    started = time.monotonic()
    LOCAL.mkdir(exist_ok=True)
    with lock('setup'):
        venv.ensure(tools=True)
    say('- lint ...')
    checks = (ruff, pylint, oca_modules, oca_translations, forbidden_strings, well_formed, translations, wording)
    with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
        results = list(pool.map(lambda check: (check.__name__, check()), checks))
    failed = [name for name, findings in results if findings]
    for name, findings in results:
        for line in findings:
            say(f'    {name}: {line}')
    seconds = time.monotonic() - started
    say(f'  lint: {"clean" if not failed else "findings by " + ", ".join(failed)} ({seconds:.0f} s)')
    return 1 if failed else 0


def tracked(*suffixes):
    """Files that git tracks or would add, or all of them where there is no git."""
    listing = subprocess.run(
        ['git', 'ls-files', '-z', '--cached', '--others', '--exclude-standard'],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if listing.returncode == 0:
        names = listing.stdout.decode('utf-8', 'surrogateescape').split('\0')
        paths = [ROOT / name for name in names if name]
    else:
        paths = [path for path in ROOT.rglob('*') if not {'.local', '.git', '__pycache__'} & set(path.parts)]
    return [path for path in paths if path.is_file() and (not suffixes or path.suffix in suffixes)]


def _tool(*arguments, shown=40):
    """Run a linter of the environment; its output as findings if it complains."""
    result = subprocess.run(
        [python(), '-m', *arguments], cwd=ROOT, env=environment(), capture_output=True, text=True, check=False
    )
    if result.returncode == 0:
        return []
    lines = [line for line in (result.stdout + result.stderr).splitlines() if line.strip()]
    return lines[:shown] + ([f'… and {len(lines) - shown} lines more'] if len(lines) > shown else []) or ['failed']


def ruff():
    return _tool('ruff', 'check', '--quiet', '--output-format=concise', '.')


def pylint():
    """The slowest check: in as many parts of about the same size as there are processors."""
    parts = [[] for _processor in range(os.cpu_count() or 1)]
    sizes = {name: sum(path.stat().st_size for path in (ADDONS / name).rglob('*.py')) for name in addons()}
    for name in sorted(sizes, key=sizes.get, reverse=True):
        min(parts, key=lambda part: sum(sizes[name] for name in part)).append(name)
    commands = [['pylint', '--rcfile=.pylintrc', *(f'addons/{name}' for name in part)] for part in parts if part]
    with ThreadPoolExecutor(max_workers=len(parts)) as pool:
        return [line for lines in pool.map(lambda command: _tool(*command), commands) for line in lines]


def oca_modules():
    folders = [f'addons/{name}' for name in addons()]
    return _tool('oca_pre_commit_hooks.cli', '--config=.oca_hooks.cfg', *folders) if folders else []


def oca_translations():
    files = [str(path.relative_to(ROOT)) for path in ADDONS.glob('*/i18n/*.po*')]
    return _tool('oca_pre_commit_hooks.cli_po', '--config=.oca_hooks.cfg', *files) if files else []


def forbidden_strings():
    findings = []
    for path in tracked():
        if path.suffix in BINARY:
            continue
        text = path.read_text(encoding='utf-8', errors='replace')
        for number, line in enumerate(text.splitlines(), 1):
            for pattern, meaning in FORBIDDEN:
                if pattern.search(line):
                    findings.append(f'{path.relative_to(ROOT)}:{number}: {meaning}: {line.strip()[:100]}')
    return findings


def well_formed():
    findings = []
    for path in tracked('.xml', '.svg'):
        try:
            ElementTree.parse(path)
        except ElementTree.ParseError as error:
            findings.append(f'{path.relative_to(ROOT)}: {error}')
    return findings


def translations():
    """Every addon has a complete translation for the language that the suite promises."""
    probe = (
        'import polib, sys\n'
        'for name in sys.argv[1:]:\n'
        '    po = polib.pofile(name)\n'
        "    for kind, entries in (('untranslated', po.untranslated_entries()), ('fuzzy', po.fuzzy_entries())):\n"
        '        for entry in entries[:5]:\n'
        "            print(f'{name}:{entry.linenum}: {kind}: {entry.msgid[:70]!r}')\n"
        '        if len(entries) > 5:\n'
        "            print(f'{name}: {len(entries)} {kind} entries in all')\n"
    )
    files = [str(path.relative_to(ROOT)) for path in sorted(ADDONS.glob(f'*/i18n/{LANGUAGE}.po'))]
    findings = [
        f'addons/{name}/i18n/{LANGUAGE}.po is missing'
        for name in addons()
        if (ADDONS / name / 'i18n').is_dir() and f'addons/{name}/i18n/{LANGUAGE}.po' not in files
    ]
    result = subprocess.run([python(), '-c', probe, *files], cwd=ROOT, capture_output=True, text=True, check=False)
    findings += result.stdout.splitlines()
    return findings + (result.stderr.splitlines()[-1:] if result.returncode else [])


def wording():
    """Placeholders, tags and Chinese marks of the translations: scripts/wording.py says the rules."""
    files = [str(path.relative_to(ROOT)) for path in sorted(ADDONS.glob(f'*/i18n/{LANGUAGE}.po'))]
    return _tool('scripts.wording', *files) if files else []
