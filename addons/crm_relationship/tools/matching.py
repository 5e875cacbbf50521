"""How much a prospect looks like our loyal customers.

Own definition: for every attribute that is known of the prospect, the number of loyal customers with the same value is
divided by that of the most frequent value; the score is the mean of these parts. A prospect that has the most frequent
value everywhere scores 100, one that has nothing in common with any loyal customer scores 0.
"""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass

MINIMUM_CUSTOMERS = 10


class TooFewCustomersError(ValueError):
    """The profile rests on too few customers to compare with."""


@dataclass(frozen=True)
class Match:
    """``score`` 0 to 100, None when nothing is known of the prospect; ``parts`` 0 to 100 by attribute."""

    score: float | None
    parts: dict[str, float]


def match_score(prospect, profile, customers, minimum=MINIMUM_CUSTOMERS):
    """Compare a prospect with a profile.

    ``prospect``: ``{attribute: value}``, None for what is unknown. ``profile``: ``{attribute: {value: number of
    customers}}`` of the loyal customers. ``customers``: how many they are. Attributes that the profile doesn't know are
    left out. Raises TooFewCustomersError below ``minimum`` customers, ValueError on a negative count.
    """
    _check(profile, customers)
    if customers < minimum:
        raise TooFewCustomersError(f'{customers} of {minimum}')
    parts = {}
    for attribute, value in prospect.items():
        counts = {key: count for key, count in profile.get(attribute, {}).items() if key is not None}
        if value is not None and counts and max(counts.values()) > 0:
            parts[attribute] = 100 * counts.get(value, 0) / max(counts.values())
    return Match(sum(parts.values()) / len(parts) if parts else None, parts)


def _check(profile: Mapping[str, Mapping[Hashable, int]], customers: int):
    if customers < 0 or any(count < 0 for counts in profile.values() for count in counts.values()):
        raise ValueError("A profile counts customers: numbers below zero are impossible")
