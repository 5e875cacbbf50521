"""Statutory holidays by country and the dates that come round every year; from the ``holidays`` library."""

import warnings
from datetime import date, timedelta
from functools import lru_cache

import holidays

# The library writes several holidays of one day, and what it only estimates, into the name.
SEPARATOR = '; '
ESTIMATED = ' (estimated)'
SUBSTITUTE = 'Day off (substituted'
FALLBACK_LANGUAGE = 'en_US'


def is_supported(country_code):
    """Return whether the holidays of the country with this ISO 3166 code (two letters) are known."""
    return bool(country_code) and country_code in holidays.list_supported_countries()


def statutory_holidays(country_code, start, end):
    """Return ``[(date, English name)]`` from ``start`` to ``end`` (both included) in order of date.

    A holiday of several days counts on its first day; days off that are worked in exchange don't count. Raises
    ``ValueError`` when the country isn't known.
    """
    if not is_supported(country_code):
        raise ValueError(f"no holidays known for {country_code!r}")
    found = []
    for year in range(start.year, end.year + 1):
        days = _year(country_code, year, FALLBACK_LANGUAGE, False)
        for day, names in days.items():
            before = days.get(day - timedelta(days=1), ())
            found += [
                (day, name) for name in names
                if start <= day <= end and name not in before and not name.startswith(SUBSTITUTE)
            ]
    return sorted(found)


def holiday_name(country_code, day, name, language):
    """Return the name of the holiday called ``name`` in English on ``day``, in ``language`` if the library has it."""
    if not is_supported(country_code):
        return name
    english = _year(country_code, day.year, FALLBACK_LANGUAGE, False).get(day, ())
    local = _year(country_code, day.year, _language(country_code, language), False).get(day, ())
    if name not in english or len(english) != len(local):
        return name
    return local[english.index(name)]


def is_day_off(country_code, day):
    """Return whether ``day`` is a weekend day or a holiday of the country; unknown countries rest on weekends."""
    if not is_supported(country_code):
        return day.weekday() >= 5
    return not _calendar(country_code, day.year, FALLBACK_LANGUAGE, True).is_working_day(day)


def workday_before(country_code, day, limit=14):
    """Return ``day`` if it is no day off in the country, else the last working day before it (within ``limit``)."""
    for back in range(limit + 1):
        candidate = day - timedelta(days=back)
        if not is_day_off(country_code, candidate):
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


def _language(country_code, language):
    """Return the name under which the library knows ``language`` for this country, else English."""
    supported = _calendar(country_code, 2026, FALLBACK_LANGUAGE, False).supported_languages
    language = (language or '').split('@')[0]
    for candidate in (language, language.split('_')[0]):
        if candidate in supported:
            return candidate
    return FALLBACK_LANGUAGE


@lru_cache(maxsize=512)
def _calendar(country_code, year, language, observed):
    with warnings.catch_warnings():
        warnings.simplefilter('ignore')  # years beyond those that a calendar knows are simply thinner
        return holidays.country_holidays(country_code, years=year, observed=observed, language=language)


@lru_cache(maxsize=512)
def _year(country_code, year, language, observed):
    """Return ``{date: (name, …)}`` of one year."""
    return {
        day: tuple(name.removesuffix(ESTIMATED) for name in names.split(SEPARATOR))
        for day, names in sorted(_calendar(country_code, year, language, observed).items())
    }
