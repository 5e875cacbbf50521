"""Territories of intermediaries: which addresses they cover and whether two of them touch."""

import re
from dataclasses import dataclass, field


def split_words(text):
    """Return the entries of a list typed with commas, semicolons or line breaks, lower case, without blanks around.

    >>> sorted(split_words('Shanghai, Suzhou ;\\nWUXI'))
    ['shanghai', 'suzhou', 'wuxi']
    """
    return frozenset(word.strip().casefold() for word in re.split(r'[,;，；、\n]', text or '') if word.strip())


@dataclass(frozen=True)
class Territory:
    """An area by country, states, cities and beginnings of postcodes; what is empty doesn't limit it.

    ``country`` and ``states`` are any hashable ids, ``cities`` and ``zips`` sets of lower case words.
    """

    country: object = None
    states: frozenset = field(default_factory=frozenset)
    cities: frozenset = field(default_factory=frozenset)
    zips: frozenset = field(default_factory=frozenset)

    def covers(self, country=None, state=None, city='', zipcode=''):
        """Whether an address lies in the territory; an address that says too little doesn't."""
        if self.country and country != self.country:
            return False
        if self.states and state not in self.states:
            return False
        if self.cities and (city or '').strip().casefold() not in self.cities:
            return False
        code = (zipcode or '').strip().casefold()
        return not self.zips or any(code.startswith(prefix) for prefix in self.zips)

    def overlaps(self, other):
        """Whether an address may lie in both. Two territories are apart when one of their limits excludes the other."""
        if self.country and other.country and self.country != other.country:
            return False
        if self.states and other.states and not self.states & other.states:
            return False
        if self.cities and other.cities and not self.cities & other.cities:
            return False
        if self.zips and other.zips:
            return any(
                mine.startswith(theirs) or theirs.startswith(mine) for mine in self.zips for theirs in other.zips
            )
        return True
