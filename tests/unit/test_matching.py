import pytest
from addon_tools import load

matching = load("crm_relationship", "matching")
PROFILE = {"industry": {"hotel": 8, "school": 2}, "country": {"CN": 6, "DE": 3, None: 1}, "scale": {}}


def test_a_prospect_like_most_loyal_customers_scores_full():
    assert matching.match_score({"industry": "hotel", "country": "CN"}, PROFILE, 10).score == 100


def test_parts_are_relative_to_the_most_frequent_value():
    match = matching.match_score({"industry": "school", "country": "DE"}, PROFILE, 10)
    assert match.parts == {"industry": 25, "country": 50}
    assert match.score == 37.5


def test_a_stranger_scores_nothing_and_an_unknown_value_is_left_out():
    match = matching.match_score({"industry": "bank", "country": None, "scale": "large"}, PROFILE, 10)
    assert match.parts == {"industry": 0}
    assert match.score == 0


def test_nothing_known_gives_no_score():
    assert matching.match_score({"industry": None}, PROFILE, 10).score is None


def test_too_few_customers_are_no_profile():
    with pytest.raises(matching.TooFewCustomersError, match="9 of 10"):
        matching.match_score({"industry": "hotel"}, PROFILE, 9)


@pytest.mark.parametrize(("profile", "customers"), [(PROFILE, -1), ({"industry": {"hotel": -2}}, 10)])
def test_impossible_counts_are_refused(profile, customers):
    with pytest.raises(ValueError, match="below zero"):
        matching.match_score({"industry": "hotel"}, profile, customers)
