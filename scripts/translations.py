"""`make i18n`: write each addon's template of terms and bring its Chinese catalogue up to date with it.

What was translated stays, without spaces that Chinese doesn't set; terms that are gone go, new terms arrive
untranslated and are counted, so that lint can refuse them.
"""

import polib

from . import databases, odoo, postgres
from .console import Stop, say, stage
from .locking import lock
from .project import ADDONS, CONF, addons
from .wording import tidy

LANGUAGE = 'zh_CN'


def main(_verb):
    with lock('work'), postgres.session():
        database = databases.template_name('i18n', False)
        databases.copy(databases.suite(), database)
        try:
            with stage('exporting terms'):
                code = odoo.run(['i18n', 'export', *addons(), '-c', str(CONF), '-d', database, '-l', 'pot'])
            if code:
                raise Stop('Odoo could not export the terms (its message is above)')
        finally:
            databases.drop(database)
    for name in addons():
        merge(name)
    return 0


def merge(addon):
    """Bring the catalogue of one addon up to date; returns the number of untranslated terms."""
    folder = ADDONS / addon / 'i18n'
    template = polib.pofile(str(folder / f'{addon}.pot'), wrapwidth=78)
    path = folder / f'{LANGUAGE}.po'
    known = {}
    if path.exists():
        known = {entry.msgid: entry.msgstr for entry in polib.pofile(str(path)) if entry.msgstr and not entry.fuzzy}
    catalogue = polib.POFile(wrapwidth=78)
    # The times of an export would make every run a change.
    for key in ('POT-Creation-Date', 'PO-Revision-Date'):
        template.metadata.pop(key, None)
    catalogue.metadata = {**template.metadata, 'Language': LANGUAGE, 'Language-Team': 'Chinese (China)'}
    for entry in template:
        catalogue.append(
            polib.POEntry(
                msgid=entry.msgid,
                msgstr=tidy(known.get(entry.msgid, '')),
                occurrences=entry.occurrences,
                comment=entry.comment,
                flags=[flag for flag in entry.flags if flag != 'fuzzy'],
            )
        )
    template.save(str(folder / f'{addon}.pot'))
    catalogue.save(str(path))
    missing = sum(1 for entry in catalogue if not entry.msgstr)
    say(f'- {addon}: {len(catalogue)} terms, {missing} without translation')
    return missing
