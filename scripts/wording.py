"""How Chinese is set in the catalogues: found by `make lint`, applied by `make i18n` where a rule is mechanical.

    python -m scripts.wording addons/*/i18n/zh_CN.po

What a sentence fills in (`%(name)s`), its tags and its attributes are those of the English one. Chinese sentences have
Chinese marks (，。：；？！、（）“”), no spaces beside a Chinese character, and no straight quotation marks.
"""

import re
import sys
from collections import Counter

HAN = "\u3400-\u9fff"
MARKS = "，。：；？！、（）“”‘’《》【】…"
#: what Python, QWeb or inline templates fill in
FILLED = r"%\(\w+\)[-+ #0]*\d*(?:\.\d+)?[a-zA-Z]|%[-+#0]?\d*(?:\.\d+)?[sdifr]|%%|\{\{.*?\}\}|\$\{.*?\}"
TAG = r"<[^<>]+>"
PLACEHOLDER = re.compile(FILLED, re.DOTALL)
_TAG = re.compile(TAG)
_TAG_NAME = re.compile(r"</?[a-zA-Z][\w-]*")
# Attributes whose value is a name, not a text that is translated
_TEXTS = "title|alt|aria-label|placeholder|string|help|confirm|data-tooltip"
_ATTRIBUTE = re.compile(rf'(?<![\w.:-])(?!(?:{_TEXTS})=)[\w:.-]+="[^"]*"')
# A word that is filled in counts as Chinese where it stands: it usually is
_WORD = "\uf000"
_CHINESE = f"[{HAN}{_WORD}]"
_RULES = (
    ("Latin comma, colon or the like", f"{_CHINESE}[,:;?!](?!\\w)|[{HAN}][,:;?!]|[,:;?!] ?[{HAN}]"),
    ("Latin full stop", f"[{HAN}]\\.(?![\\w.])"),
    ("dots instead of ……", f"[{HAN}]\\s?(?:\\.\\.\\.|…(?!…))"),
    ("Latin parenthesis", f"{_CHINESE}\\s?\\(|\\)\\s?{_CHINESE}|\\({_WORD}|{_WORD}\\)|\\([^()]*[{HAN}]"),
    ("straight quotation mark", f'[{HAN}]"|"[{HAN}]'),
    ("full-width letter or digit", "[０-９Ａ-Ｚａ-ｚ]"),
    (
        "space beside Chinese",
        f"[{HAN}{MARKS}] +[A-Za-z0-9{HAN}{MARKS}{_WORD}]|[A-Za-z0-9{_WORD}] +[{HAN}{MARKS}]",
    ),
    ("two spaces", "\\S {2,}\\S"),
)


def words_of(text):
    """The text without tags, with a word in the place of what is filled in."""
    return PLACEHOLDER.sub(_WORD, _TAG.sub("", text))


def tidy(text):
    """The text without the spaces that Chinese doesn't set; those at its ends stay: they part it from a neighbour."""
    if not re.search(f"[{HAN}]", text):
        return text
    beside = f"(?:{FILLED}|{TAG}|[A-Za-z0-9{HAN}{MARKS}])"
    # a line of indented XML that ends in Chinese: in a browser the break would be a space
    text = re.sub(f"(?<=[{HAN}{MARKS}])(?:\\n)? +(?={beside})", "", text)
    return re.sub(f"({FILLED}|</\\w+>|[A-Za-z0-9]) +(?=[{HAN}{MARKS}])", r"\1", text)


def findings_of(english, chinese):
    """What is wrong with a translation: a list of sentences, empty when it is fine."""
    found = []
    for what, pattern in (("placeholders", PLACEHOLDER), ("tags", _TAG_NAME), ("attributes", _ATTRIBUTE)):
        wanted, given = (
            Counter(pattern.findall(text if pattern is not _ATTRIBUTE else " ".join(_TAG.findall(text))))
            for text in (english, chinese)
        )
        if wanted != given:
            differs = sorted(((wanted - given) + (given - wanted)).elements())
            found.append(f"{what} differ from the English: {', '.join(differs)}")
    if re.search(f"[{HAN}]", chinese):
        text = words_of(chinese)
        for rule, pattern in _RULES:
            match = re.search(pattern, text)
            if match:
                around = text[max(match.start() - 8, 0) : match.end() + 8].replace(_WORD, "%s")
                found.append(f"{rule}: {around!r}")
        if re.search(f"[{HAN}{MARKS}]\\n +[^\\s<]", chinese):
            found.append("line break that shows as a space")
    elif not re.search("[A-Za-z]", words_of(chinese)) and re.search(f"{_WORD}[,:;]|[,:;] ?{_WORD}", words_of(chinese)):
        found.append(f"Latin marks between words that are filled in: {chinese!r}")
    if bool(english[:1].isspace()) != bool(chinese[:1].isspace()):
        found.append("space at the beginning in one language only")
    if bool(english[-1:].isspace()) != bool(chinese[-1:].isspace()):
        found.append("space at the end in one language only")
    return found


def main(paths):
    import polib

    count = 0
    for path in paths:
        for entry in polib.pofile(path):
            if entry.obsolete or not entry.msgstr:
                continue
            for finding in findings_of(entry.msgid, entry.msgstr):
                count += 1
                print(f"{path}:{entry.linenum}: {finding} ({entry.msgid[:50]!r})")
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
