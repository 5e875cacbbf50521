"""Customer codes that a person can remember and type: initials of a name.

>>> mnemonic('Deco Addict GmbH')
'DA'
>>> mnemonic('Azure')
'AZU'
>>> mnemonic('北京华联商厦股份有限公司')
'BJHLSS'
>>> mnemonic('3M Deutschland GmbH')
'3MD'

Nothing here knows Odoo or a database: who already has a code is the caller's business (:func:`candidates`).
"""

import itertools
import re
import unicodedata
from collections.abc import Iterator

MAX_LENGTH = 6
"""Letters of a code before its running number; longer names lose their last initials."""
MIN_LENGTH = 3
"""A name of a single word is spelt to this many letters, since one initial tells nothing."""
FALLBACK = 'X'
"""Stem for a name without any letter or digit."""

# Legal forms that are no word of any name: dropped wherever they stand, except as the only word.
LEGAL_FORMS = frozenset((
    'ltd', 'limited', 'gmbh', 'mbh', 'inc', 'incorporated', 'llc', 'llp', 'plc', 'corp', 'corporation', 'sarl',
    'sasu', 'srl', 'spa', 'bvba', 'sprl', 'eurl', 'kgaa', 'ohg', 'gbr', 'pty', 'pvt', 'pte', 'bhd', 'sdn', 'doo',
    'sro', 'kft', 'zrt', 'oyj', 'aps', 'asa', 'ooo', 'zao', 'oao', 'pjsc', 'jsc', 'eood', 'ltda', 'cv', 'nv', 'bv',
    'ооо', 'зао', 'оао', 'пао', 'тоо', 'ип', 'еоод', 'еад', 'επε', 'ικε', 'בעמ', 'aş', 'şti',
    'จากด', 'บรษท', 'लमटड',  # without their marks: see _without_marks
))
# Short ones that may also be a word or initials: dropped only after the first word.
AMBIGUOUS_FORMS = frozenset((
    'co', 'company', 'ag', 'kg', 'sa', 'se', 'ab', 'as', 'oy', 'ug', 'lp', 'sas', 'sl', 'ev', 'eg', 'rt', 'ad',
    'zoo', 'spzoo', 'αε', 'οε', 'ае', 'pt', 'tbk',
))
# Words that carry no meaning in a name.
STOP_WORDS = frozenset((
    'the', 'of', 'and', 'for', 'a', 'an', 'de', 'du', 'des', 'la', 'le', 'les', 'et', 'der', 'die', 'das', 'und',
    'von', 'y', 'e', 'da', 'do', 'dos', 'di', 'del', 'i', 'en', 'og', 'och',
))
CHINESE_FORMS = (
    '股份有限责任公司', '有限责任公司', '股份有限公司', '集团有限公司', '有限公司', '股份公司', '集团公司', '集团',
    '公司', '股份有限責任公司', '有限責任公司', '集團有限公司', '集團公司', '集團', '株式会社', '合同会社', '有限会社',
    '주식회사',
)

_CHINESE_FORM = re.compile('|'.join(sorted(CHINESE_FORMS, key=len, reverse=True)))
# Forms of several words: Polish sp. z o.o., Hebrew בע"מ.
_SPELT_FORM = re.compile(r'\bsp\.?\s*z\s*o\.?\s*o\b\.?|\bבע["״\']{1,2}מ(?!\w)', re.IGNORECASE)
_DOTTED = re.compile(r'\b(?:[^\W\d_]\.\s?){2,}', re.UNICODE)
_SLASHED = re.compile(r'\b(a)/(s)\b', re.IGNORECASE)
_APOSTROPHE = re.compile(r"['’`´]")
_WORD = re.compile(r'[^\W_]+', re.UNICODE)
_NUMBER = re.compile(r'(?P<stem>.*?)(?P<number>[1-9]\d{0,4})?$', re.DOTALL)

_CYRILLIC = dict(zip(
    'АБВГҐДЕЁЄЖЗИІЇЙКЛМНОПРСТУЎФХЦЧШЩЫЭЮЯЂЈЉЊЋЏ',
    'ABVGGDEEEZZIIIJKLMNOPRSTUUFHCCSSYEJJDJLNCD', strict=True,
))
# First letter of the pinyin by position in GB 2312 level 1, which is sorted by pinyin (used without pypinyin).
_GB2312_STARTS = tuple(zip(
    (0xB0A1, 0xB0C5, 0xB2C1, 0xB4EE, 0xB6EA, 0xB7A2, 0xB8C1, 0xB9FE, 0xBBF7, 0xBFA6, 0xC0AC, 0xC2E8,
     0xC4C3, 0xC5B6, 0xC5BE, 0xC6DA, 0xC8BB, 0xC8F6, 0xCBFA, 0xCDDA, 0xCEF4, 0xD1B9, 0xD4D1),
    'ABCDEFGHJKLMNOPQRSTWXYZ', strict=True,
))
_GB2312_END = 0xD7FA


def is_han(char: str) -> bool:
    """Whether ``char`` is a Chinese character (CJK unified ideograph, extensions and compatibility forms included)."""
    return unicodedata.name(char, '').startswith('CJK ')


def _without_marks(text: str) -> str:
    """``text`` in its composed form without vowel signs and other combining marks, which would end a word."""
    text = unicodedata.normalize('NFKC', text)
    return ''.join(char for char in text if not unicodedata.category(char).startswith('M'))


def latin(char: str) -> str:
    """One Latin capital, or a digit, that stands for ``char``; empty when there is none.

    Accents are dropped; Cyrillic goes by table; any other script by the sound in its Unicode name
    (``GREEK CAPITAL LETTER OMEGA`` → ``O``, ``HANGUL SYLLABLE SAM`` → ``S``, ``THAI CHARACTER THO THAHAN`` → ``T``).
    Vowels that stand before their consonant (``THAI CHARACTER SARA E``) give nothing.
    """
    plain = unicodedata.normalize('NFKD', char).upper()[:1]
    if plain.isascii():
        return plain if plain.isalnum() else ''
    if plain.isdecimal():
        return str(unicodedata.decimal(plain))
    if plain in _CYRILLIC:
        return _CYRILLIC[plain]
    name = unicodedata.name(char, '')
    sound = re.search(r'\b(?:LETTER|SYLLABLE|LIGATURE|CHARACTER)\s+(?!SARA )(?:SMALL\s+)?([A-Z])', name)
    return sound.group(1) if sound else ''


def pinyin_initials(text: str) -> str:
    """Initials of the pinyin of a run of Chinese characters, one capital for each character.

    pypinyin reads words in context (重庆 is ``CQ``, 重量 is ``ZL``). Without it the order of GB 2312 gives the first
    letter of the 3,755 common characters; rare ones are then left out.
    """
    try:
        from pypinyin import Style, lazy_pinyin  # slow to load: only when a Chinese name comes
    except ImportError:
        return ''.join(_gb2312_initial(char) for char in text)
    syllables = lazy_pinyin(text, style=Style.NORMAL, errors='ignore')
    return ''.join(latin(syllable[0]) for syllable in syllables if syllable)


def _gb2312_initial(char):
    try:
        position = int.from_bytes(char.encode('gb2312'), 'big')
    except UnicodeEncodeError:
        return ''
    if not _GB2312_STARTS[0][0] <= position < _GB2312_END:
        return ''
    return [letter for start, letter in _GB2312_STARTS if start <= position][-1]


def significant_words(name: str) -> list[str]:
    """Words of ``name`` that identify it: legal forms and stop words are dropped, unless nothing else is left."""
    text = _without_marks(name or '')
    shorter = _CHINESE_FORM.sub(' ', text)
    text = shorter if _WORD.search(shorter) else text
    shorter = _SPELT_FORM.sub(' ', text)
    text = shorter if _WORD.search(shorter) else text
    text = _SLASHED.sub(r'\1\2', text)
    text = _DOTTED.sub(lambda match: match.group().replace('.', '').replace(' ', '') + ' ', text)
    words = _WORD.findall(_APOSTROPHE.sub('', text))
    named = [
        word for position, word in enumerate(words)
        if word.casefold() not in LEGAL_FORMS and not (position and word.casefold() in AMBIGUOUS_FORMS)
    ] or words
    return [word for word in named if word.casefold() not in STOP_WORDS] or named


def _runs(word):
    """Split a word into runs of one kind: ``'3M中国'`` → ``('digit', '3'), ('letter', 'M'), ('han', '中国')``."""
    def kind(char):
        return 'digit' if char.isdecimal() else 'han' if is_han(char) else 'letter'
    return [(name, ''.join(chars)) for name, chars in itertools.groupby(word, key=kind)]


def mnemonic(name: str, max_length: int = MAX_LENGTH, min_length: int = MIN_LENGTH) -> str:
    """Stem of a customer code: capitals A–Z and digits, at most ``max_length`` of them.

    One initial for each significant word, one for each Chinese character (its pinyin); digits of a name are kept. A
    single word gives its first ``min_length`` letters. Returns ``''`` for a name without letters and digits; never
    raises on odd names. ``ValueError`` when ``max_length`` is less than 1.
    """
    if max_length < 1:
        raise ValueError(f'max_length must be at least 1, not {max_length}')
    runs = [run for word in significant_words(name) for run in _runs(word)]
    parts = []
    for kind, text in runs:
        if kind == 'digit':
            parts.append(''.join(latin(char) for char in text))
        elif kind == 'han':
            parts.append(pinyin_initials(text))
        else:
            parts.append(next(filter(None, map(latin, text)), ''))
    if len(runs) == 1 and runs[0][0] == 'letter':
        parts = [''.join(map(latin, runs[0][1]))[:min_length]]
    return ''.join(parts)[:max_length]


def numbered(stem: str, number: int) -> str:
    """Code number ``number`` (1, 2, …) of a stem: the stem itself, then a short running number behind it.

    A dash keeps the number apart from a stem that ends with a digit: ``numbered('S54', 2)`` is ``'S54-2'``.
    """
    return stem if number <= 1 else f'{number_prefix(stem)}{number}'


def number_prefix(stem: str) -> str:
    """What stands before the running number of a stem."""
    return f'{stem}-' if stem[-1:].isdigit() else stem


def split_number(code: str) -> tuple[str, int]:
    """Take a code apart into what stands before its running number, and that number (0 when there is none).

    Numbers of more than five digits, or with leading zeros, are part of a name: ``split_number('DA12') == ('DA', 12)``,
    ``split_number('C000417') == ('C000417', 0)``. Upper case, since codes don't differ by case.
    """
    code = (code or '').strip().upper()
    match = _NUMBER.match(code)
    prefix, number = match['stem'], match['number']
    if not number or not prefix or prefix[-1].isdigit():
        return code, 0
    return prefix, int(number)


def candidates(stem: str, highest: int = 0) -> Iterator[str]:
    """Codes to try for ``stem``, endless: the bare stem, then numbers above ``highest`` (the highest in use)."""
    stem = stem or FALLBACK
    yield stem
    for number in itertools.count(max(highest, 1) + 1):
        yield numbered(stem, number)
