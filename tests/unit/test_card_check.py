"""Facts on a relationship card that can't be true."""

import pytest
from addon_tools import load

check = load("crm_relationship", "card_check")


@pytest.mark.parametrize(
    ("number", "country", "valid"),
    [
        ("+32 2 290 34 90", "", True),
        ("02 290 34 90", "BE", True),
        ("02 290 34 90", "", False),
        ("+32 2 290", "BE", False),
        ("call me", "BE", False),
        ("", "BE", False),
    ],
)
def test_a_phone_number_is_one_that_its_country_hands_out(number, country, valid):
    assert check.is_phone_valid(number, country) is valid


@pytest.mark.parametrize(
    ("text", "valid"),
    [
        ("anna@example.com", True),
        ("Anna <anna@example.com>, ben@example.com", True),
        ("anna@example", False),
        ("anna example.com", False),
        ("anna@@example.com", False),
        (" ; ", False),
    ],
)
def test_every_part_of_an_email_field_is_an_address(text, valid):
    assert check.is_email_valid(text) is valid


def test_facts_that_agree_contradict_nothing():
    facts = check.CardFacts("+32 2 290 34 90", "a@example.com", "BE", "BE0477472701", "phone", 1990, 2001)
    assert check.contradictions(facts) == []
    assert check.contradictions(check.CardFacts()) == []


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"preferred": "phone"}, "preferred_phone"),
        ({"preferred": "email", "phone": "1"}, "preferred_email"),
        ({"phone": "+32 2 290 34 90", "country": "FR"}, "phone_country"),
        ({"vat": "BE0477472701", "country": "FR"}, "vat_country"),
        ({"vat": "EL123456789", "country": "FR"}, "vat_country"),
        ({"founding_year": 2010, "first_order_year": 2005}, "founded_after_order"),
    ],
)
def test_each_contradiction_has_its_code(facts, code):
    assert check.contradictions(check.CardFacts(**facts)) == [code]


def test_countries_that_share_a_code_and_greek_tax_ids_are_no_contradiction():
    assert check.contradictions(check.CardFacts(phone="+1 613 555 0100", country="US")) == []
    assert check.contradictions(check.CardFacts(vat="EL123456789", country="GR")) == []
