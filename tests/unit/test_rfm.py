from datetime import date

import pytest
from addon_tools import load

rfm = load("crm_relationship", "rfm")
CUTOFFS = (0.5, 0.8, 0.95)


def test_five_customers_get_one_fifth_each():
    assert rfm.quintiles({"a": 10, "b": 50, "c": 30, "d": 20, "e": 40}) == {"a": 1, "d": 2, "c": 3, "e": 4, "b": 5}


def test_fifths_are_of_equal_size():
    scores = list(rfm.quintiles({n: n * n for n in range(100)}).values())
    assert [scores.count(fifth) for fifth in (1, 2, 3, 4, 5)] == [20] * 5


def test_equal_values_share_a_score_whatever_their_order():
    assert set(rfm.quintiles(dict.fromkeys(range(9), 7)).values()) == {3}
    scores = rfm.quintiles({"a": 0, "b": 0, "c": 0, "d": 0, "e": 9})
    assert scores == {"a": 3, "b": 3, "c": 3, "d": 3, "e": 5}


def test_lone_customer_is_in_the_middle_and_nobody_is_nobody():
    assert rfm.quintiles({"a": 1}) == {"a": 3}
    assert rfm.quintiles({}) == {}


def test_latest_purchase_scores_best():
    scores = rfm.rfm_scores({n: (date(2026, 1, 1 + n), 5 - n, 100.0 * n) for n in range(5)})
    assert scores[4] == (5, 1, 5)
    assert scores[0] == (1, 5, 1)


def test_shares_add_up_and_equal_sales_share_a_rank():
    shares = rfm.sales_shares({1: 50.0, 2: 25.0, 3: 25.0, 4: 0.0, 5: -10.0})
    assert shares == {1: (1, 0.5, 0.5), 2: (2, 0.25, 0.75), 3: (2, 0.25, 1.0)}
    assert rfm.sales_shares({1: 0.0}) == {}


@pytest.mark.parametrize(
    ("before", "expected"), [(0, 0), (0.49, 0), (0.5, 1), (0.79, 1), (0.8, 2), (0.949, 2), (0.95, 3), (1, 3)]
)
def test_customer_that_crosses_a_limit_still_belongs_above_it(before, expected):
    assert rfm.abc_class(before, CUTOFFS) == expected


def test_the_largest_customer_is_always_in_the_first_class():
    shares = rfm.sales_shares({1: 97.0, 2: 3.0})
    before = {key: cumulative - share for key, (_rank, share, cumulative) in shares.items()}
    assert [rfm.abc_class(before[key], CUTOFFS) for key in (1, 2)] == [0, 3]


@pytest.mark.parametrize(
    ("before", "current", "expected"),
    [
        (0.52, None, 1),  # no class yet: the plain one
        (0.52, 0, 0),  # slipped, but within the margin
        (0.53, 0, 1),  # beyond it
        (0.48, 1, 1),  # better, but within the margin
        (0.46, 1, 0),
        (0.99, 0, 3),  # a collapse may jump several classes
        (0.0, 3, 0),
    ],
)
def test_class_changes_only_beyond_the_margin(before, current, expected):
    assert rfm.abc_class_steady(before, CUTOFFS, current, 0.03) == expected
