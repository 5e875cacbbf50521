import pytest
from addon_tools import load

upkeep = load("crm_relationship", "upkeep")


def test_complete_and_verified_cards_score_full():
    assert upkeep.upkeep_score([100, 100], [True, True]) == 100


def test_completeness_and_verification_are_weighted():
    # mean completeness 70, half of the cards verified: 0.6 × 70 + 0.4 × 50
    assert upkeep.upkeep_score([80, 60], [True, False]) == pytest.approx(62)
    assert upkeep.upkeep_score([80, 60], [True, False], weight=1) == pytest.approx(70)


def test_nobody_without_cards_has_a_score():
    assert upkeep.upkeep_score([], []) is None


@pytest.mark.parametrize(
    ("completeness", "verified", "weight"),
    [([50], [], 0.6), ([101], [True], 0.6), ([-1], [True], 0.6), ([5], [1], 1.1)],
)
def test_impossible_input_is_refused(completeness, verified, weight):
    with pytest.raises(ValueError, match="cards|between"):
        upkeep.upkeep_score(completeness, verified, weight)
