"""Statutory holidays by country and region, and the dates that come round every year; from the ``holidays`` library.

A region is a code of the library's subdivisions (``subdivision()`` finds it); without one, or with one that the library
doesn't know, the holidays of the whole country count.
"""

import unicodedata
import warnings
from datetime import date, timedelta
from functools import lru_cache

import holidays

# The library writes several holidays of one day, and what it only estimates, into the name.
SEPARATOR = '; '
ESTIMATED = ' (estimated)'
SUBSTITUTE = 'Day off (substituted'
FALLBACK_LANGUAGE = 'en_US'

# Spain's states in Odoo are its provinces, the library knows the autonomous communities; from ISO 3166-2:ES.
PROVINCES = {
    'ES': {
        'AN': 'AL CA CO GR H J MA SE', 'AR': 'HU TE Z', 'AS': 'O', 'CB': 'S', 'CE': 'CE',
        'CL': 'AV BU LE P SA SG SO VA ZA', 'CM': 'AB CR CU GU TO', 'CN': 'GC TF', 'CT': 'B GI L T', 'EX': 'BA CC',
        'GA': 'C LU OR PO', 'IB': 'PM', 'MC': 'MU', 'MD': 'M', 'ML': 'ME', 'NC': 'NA', 'PV': 'BI SS VI', 'RI': 'LO',
        'VC': 'A CS V',
    },
    'FR': {'57': '57', '6AE': '67 68'},
}


def is_supported(country_code):
    """Return whether the holidays of the country with this ISO 3166 code (two letters) are known."""
    return bool(country_code) and country_code in holidays.list_supported_countries()


def subdivision(country_code, state_code, state_name=''):
    """Return the library's code for a state, canton or province, or None if it knows no holidays of its own for it.

    ``state_code`` may be an ISO 3166-2 code (``DE-BY``), its second part (``BY``), or that with a language (``ZH-IT``).
    """
    if not is_supported(country_code):
        return None
    known = _subdivisions(country_code)
    code = (state_code or '').upper().removeprefix(f'{country_code}-')
    for candidate in (*(
        region for region, provinces in PROVINCES.get(country_code, {}).items() if code in provinces.split()
    ), code, code.partition('-')[0]):
        if candidate in known.values():
            return candidate
    return known.get(_plain(state_name or ''))


def statutory_holidays(country_code, start, end, region=None):
    """Return ``[(date, English name)]`` from ``start`` to ``end`` (both included) in order of date.

    With a ``region`` those of the region are among them. A holiday of several days counts on its first day; days off
    that are worked in exchange don't count. Raises ``ValueError`` when the country isn't known.
    """
    if not is_supported(country_code):
        raise ValueError(f"no holidays known for {country_code!r}")
    found = []
    for year in range(start.year, end.year + 1):
        days = _year(country_code, year, FALLBACK_LANGUAGE, False, _known_region(country_code, region))
        for day, names in days.items():
            before = days.get(day - timedelta(days=1), ())
            found += [
                (day, name) for name in names
                if start <= day <= end and name not in before and not name.startswith(SUBSTITUTE)
            ]
    return sorted(found)


def holiday_name(country_code, day, name, language, region=None):
    """Return the name of the holiday called ``name`` in English on ``day``, in ``language`` if the library has it."""
    if not is_supported(country_code):
        return name
    region = _known_region(country_code, region)
    english = _year(country_code, day.year, FALLBACK_LANGUAGE, False, region).get(day, ())
    local = _year(country_code, day.year, _language(country_code, language), False, region).get(day, ())
    if name not in english or len(english) != len(local):
        return name
    return local[english.index(name)]


def is_day_off(country_code, day, region=None):
    """Return whether ``day`` is a weekend day or a holiday there; unknown countries rest on weekends."""
    if not is_supported(country_code):
        return day.weekday() >= 5
    calendar = _calendar(country_code, day.year, FALLBACK_LANGUAGE, True, _known_region(country_code, region))
    return not calendar.is_working_day(day)


def workday_before(country_code, day, limit=14, region=None):
    """Return ``day`` if it is no day off there, else the last working day before it (within ``limit``)."""
    for back in range(limit + 1):
        candidate = day - timedelta(days=back)
        if not is_day_off(country_code, candidate, region):
            return candidate
    return day


def next_return(day, start):
    """Return the first date on or after ``start`` with the month and day of ``day``; 29 February is kept on the 28th.

    Returns ``day`` itself when it is on or after ``start``.
    """
    if day >= start:
        return day
    candidate = in_year(day, start.year)
    return candidate if candidate >= start else in_year(day, start.year + 1)


def in_year(day, year):
    """Return ``day`` in another year; 29 February becomes 28 February where the year has none."""
    try:
        return day.replace(year=year)
    except ValueError:
        return date(year, 2, 28)


def _plain(text):
    """Return letters and digits only, without accents and in small letters."""
    return ''.join(char for char in unicodedata.normalize('NFKD', text.lower()) if char.isalnum())


@lru_cache(maxsize=64)
def _subdivisions(country_code):
    """Return ``{name without accents: code}`` of the regions of a country, codes among the names."""
    calendar = _calendar(country_code, 2026, FALLBACK_LANGUAGE, False)
    aliases = calendar.get_subdivision_aliases() or {}
    names = {_plain(name): code for code in calendar.subdivisions for name in aliases.get(code, ())}
    return {**names, **{_plain(code): code for code in calendar.subdivisions}}


def _known_region(country_code, region):
    return region if region and region in _subdivisions(country_code).values() else None


def _language(country_code, language):
    """Return the name under which the library knows ``language`` for this country, else English."""
    supported = _calendar(country_code, 2026, FALLBACK_LANGUAGE, False).supported_languages
    language = (language or '').split('@')[0]
    for candidate in (language, language.split('_')[0]):
        if candidate in supported:
            return candidate
    return FALLBACK_LANGUAGE


@lru_cache(maxsize=1024)
def _calendar(country_code, year, language, observed, region=None):
    with warnings.catch_warnings():
        warnings.simplefilter('ignore')  # years beyond those that a calendar knows are simply thinner
        return holidays.country_holidays(country_code, years=year, observed=observed, language=language, subdiv=region)


@lru_cache(maxsize=1024)
def _year(country_code, year, language, observed, region=None):
    """Return ``{date: (name, …)}`` of one year."""
    return {
        day: tuple(name.removesuffix(ESTIMATED) for name in names.split(SEPARATOR))
        for day, names in sorted(_calendar(country_code, year, language, observed, region).items())
    }
