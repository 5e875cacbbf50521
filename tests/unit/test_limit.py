"""The limit that a grade's formula proposes."""

import pytest
from addon_tools import load

limit = load("crm_credit", "limit")


def propose(monthly_sales, **values):
    return limit.propose_limit(
        monthly_sales, **{"months": 2, "factor": 1.2, "ceiling": 50000, "rounding": 500, **values}
    )


def test_months_of_sales_times_factor_rounded_down():
    assert propose(10_000) == 24_000
    assert propose(10_200) == 24_000  # 24,480
    assert propose(10_417) == 25_000  # 25,000.8


def test_never_above_the_ceiling():
    assert propose(1_000_000) == 50_000


def test_share_of_equity_caps_the_limit_when_it_is_known():
    assert propose(10_000, equity=100_000, equity_share=0.1) == 10_000
    assert propose(10_000, equity=None, equity_share=0.1) == 24_000
    assert propose(10_000, equity=-5_000, equity_share=0.1) == 0


def test_no_sales_or_more_credit_notes_than_sales_give_no_credit():
    assert propose(0) == propose(-300) == 0


def test_rounding_does_not_lose_a_step_to_binary_fractions():
    assert limit.propose_limit(0.1, months=3, ceiling=100, rounding=0.1) == pytest.approx(0.3)
    assert limit.propose_limit(1234.56, months=1, ceiling=9999) == 1234.56


@pytest.mark.parametrize("name", ["months", "factor", "ceiling", "rounding", "equity_share"])
def test_negative_parts_of_the_formula_are_refused(name):
    with pytest.raises(ValueError, match=name):
        propose(100, **{name: -1})
