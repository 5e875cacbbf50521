"""Priority and dispatch rules: which rule decides what for a case. Pure: values in, choices out."""
import re
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Case:
    """What is known of a case when it comes in; ``text`` is its subject and description."""
    kind: str
    channel: str
    severity: int
    category: Hashable = None
    value_class: str | None = None
    text: str = ''
    grade: Hashable = None


@dataclass(frozen=True)
class Rule:
    """Conditions (an empty one is met by every case) and what the rule decides (a missing one decides nothing).

    :param severity_from: least severity, compared as numbers
    :param keywords: met when one of them stands in the text as a word or phrase, case ignored
    :param outcome: name of the decision → value, e.g. ``{'priority': '2', 'team': 7}``
    """
    key: Hashable
    kinds: frozenset = frozenset()
    channels: frozenset = frozenset()
    categories: frozenset = frozenset()
    value_classes: frozenset = frozenset()
    grades: frozenset = frozenset()
    severity_from: int | None = None
    keywords: tuple[str, ...] = ()
    outcome: tuple[tuple[str, Hashable], ...] = ()


def parse_keywords(text: str | None) -> tuple[str, ...]:
    """Return the keywords of a list separated by commas (Latin or Chinese), semicolons or line breaks."""
    return tuple(word for part in re.split(r'[,;，、；\n]', text or '') if (word := part.strip()))


def found_keyword(keywords: Iterable[str], text: str) -> str | None:
    """Return the first keyword in the text: whole words where letters are Latin, anywhere in other scripts."""
    for keyword in keywords:
        pattern = re.escape(keyword)
        if keyword.isascii():
            pattern = rf'(?<!\w){pattern}(?!\w)'
        if re.search(pattern, text, re.IGNORECASE):
            return keyword
    return None


def matches(rule: Rule, case: Case) -> bool:
    """Return whether every condition of the rule is met."""
    return (
        (not rule.kinds or case.kind in rule.kinds)
        and (not rule.channels or case.channel in rule.channels)
        and (not rule.categories or case.category in rule.categories)
        and (not rule.value_classes or case.value_class in rule.value_classes)
        and (not rule.grades or case.grade in rule.grades)
        and (rule.severity_from is None or case.severity >= rule.severity_from)
        and (not rule.keywords or found_keyword(rule.keywords, case.text) is not None)
    )


def decide(rules: Sequence[Rule], case: Case) -> dict[str, tuple[Hashable, Rule]]:
    """Return each decision with the rule that made it: the first matching rule that says something on it wins."""
    decisions = {}
    for rule in rules:
        if matches(rule, case):
            for name, value in rule.outcome:
                decisions.setdefault(name, (value, rule))
    return decisions


def least_loaded(people: Sequence[Hashable], open_cases: Mapping[Hashable, int]) -> Hashable | None:
    """Return the person with the fewest open cases, the first in order among equals; None without people."""
    return min(people, key=lambda person: open_cases.get(person, 0), default=None)
