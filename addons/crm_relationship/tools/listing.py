"""Names one after the other in a sentence, as the reader's language parts them: "A, B, C", 「A、B、C」.

Babel's lists (and Odoo's `format_list`) end in a word, "A, B and C". These don't: the names may contain that word,
be cut short with "…", or follow a colon. The sign between the names is that of the same Unicode list patterns.
"""

from functools import lru_cache

from babel import Locale
from babel.core import UnknownLocaleError

FULL_WIDTH = ('zh', 'ja')  # languages whose marks are as wide as a character and have no space after them


def listed(names, language=None, clauses=False):
    """Names as one text; empty ones are left out.

    :param names: iterable of texts, or of what has a text
    :param language: code of a language as Odoo has it ("zh_CN", "sr@latin"), English if it is empty or unknown
    :param clauses: whether they are parts of a sentence that may have commas themselves: a semicolon is between them
    """
    language = language or 'en_US'
    if clauses:
        between = '；' if language[:2] in FULL_WIDTH else '; '
    else:
        between = _between(language)
    return between.join(str(name) for name in names if name)


def in_one_line(parts, language=None):
    """Parts of an address in one line: commas between them, which Chinese addresses don't have."""
    return (' ' if (language or '')[:2] in FULL_WIDTH else ', ').join(part for part in parts if part)


@lru_cache
def _between(language):
    try:
        pattern = Locale.parse(language.split('@')[0]).list_patterns['standard']['start']
    except (UnknownLocaleError, ValueError, KeyError):
        return ', '
    return pattern.replace('{0}', '').replace('{1}', '')
