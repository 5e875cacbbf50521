"""Checks of the facts on a relationship card: contact data that can't be true and facts that contradict each other.

Pure functions: texts and numbers in, codes out; the models put the codes into words.
"""

import re
from dataclasses import dataclass

import phonenumbers

EMAIL = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>.]{2,}")
# Prefixes of tax IDs that aren't the ISO code of their country.
VAT_COUNTRY = {'EL': 'GR', 'XI': 'GB'}


@dataclass(frozen=True)
class CardFacts:
    """What is compared: texts are empty and years 0 when unknown; ``country`` is an ISO code of two letters."""

    phone: str = ''
    email: str = ''
    country: str = ''
    vat: str = ''
    preferred: str = ''
    founding_year: int = 0
    first_order_year: int = 0


def is_phone_valid(number: str, country: str = '') -> bool:
    """Whether ``number`` is one that its country hands out; without a prefix it is read as one of ``country``."""
    try:
        parsed = phonenumbers.parse(number, country or None)
    except phonenumbers.NumberParseException:
        return False
    return phonenumbers.is_valid_number(parsed)


def is_email_valid(text: str) -> bool:
    """Whether ``text`` is one or more addresses, separated by comma or semicolon, each bare or as ``Name <address>``.

    >>> is_email_valid('a@example.com'), is_email_valid('a@example'), is_email_valid('')
    (True, False, False)
    """
    parts = [part.strip() for part in re.split(r'[,;]', text) if part.strip()]
    return bool(parts) and all(EMAIL.fullmatch(re.sub(r'^.*<([^<>]*)>$', r'\1', part)) for part in parts)


def contradictions(facts: CardFacts) -> list[str]:
    """Codes of the contradictions in ``facts``, in a fixed order.

    ``preferred_phone`` and ``preferred_email``: the preferred way of contact has no number or address ·
    ``phone_country``: the number's country code isn't the address's · ``vat_country``: the tax ID begins with another
    country · ``founded_after_order``: the customer was founded after its first order.
    """
    found = []
    if facts.preferred in ('phone', 'message') and not facts.phone:
        found.append('preferred_phone')
    if facts.preferred == 'email' and not facts.email:
        found.append('preferred_email')
    if facts.phone and facts.country and not _same_country_code(facts.phone, facts.country):
        found.append('phone_country')
    prefix = facts.vat[:2].upper()
    prefix = VAT_COUNTRY.get(prefix, prefix)
    if facts.country and prefix in phonenumbers.SUPPORTED_REGIONS and prefix != facts.country:
        found.append('vat_country')
    if facts.founding_year and facts.first_order_year and facts.founding_year > facts.first_order_year:
        found.append('founded_after_order')
    return found


def _same_country_code(number, country):
    code = phonenumbers.country_code_for_region(country)
    try:
        return not code or phonenumbers.parse(number, country).country_code == code
    except phonenumbers.NumberParseException:
        return True  # flagged as invalid already
