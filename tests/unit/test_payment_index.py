"""The payment index: published points, straight lines between, weighted by money."""

import pytest
from addon_tools import load

payment = load("crm_credit", "payment_index")
PUBLISHED = [(-30, 100), (-20, 90), (0, 80), (15, 70), (22, 60), (30, 50), (60, 40), (90, 30), (120, 20)]


@pytest.mark.parametrize("days, index", PUBLISHED)
def test_published_points(days, index):
    assert payment.index_of(days) == index


@pytest.mark.parametrize(
    "days, index", [(-25, 95), (-10, 85), (7.5, 75), (18.5, 65), (26, 55), (45, 45), (75, 35), (105, 25)]
)
def test_half_way_between_two_points_is_half_way_between_their_scores(days, index):
    assert payment.index_of(days) == pytest.approx(index)


def test_flat_outside_the_scale():
    assert payment.index_of(-400) == 100
    assert payment.index_of(400) == 20


def test_large_amounts_weigh_more():
    # 9,000 on time (80) and 1,000 thirty days late (50)
    result = payment.payment_index([(9000, 0), (1000, 30)])
    assert result.index == pytest.approx(77)
    assert result.average_days == pytest.approx(3)
    assert result.count == 2


def test_no_payments_no_index():
    assert payment.payment_index([]) is None


@pytest.mark.parametrize("amount", [0, -10, float("nan")])
def test_an_amount_must_be_above_zero(amount):
    with pytest.raises(ValueError, match="above zero"):
        payment.payment_index([(amount, 3)])


def test_days_must_be_a_number():
    with pytest.raises(ValueError, match="finite"):
        payment.index_of(float("inf"))


@pytest.mark.parametrize("days", [-45, -30, -21, -20, -3, 0, 8, 15, 21, 22, 29, 30, 31, 60, 89, 119, 120, 365])
def test_sql_says_the_same(days):
    import sqlite3

    [value] = sqlite3.connect(":memory:").execute(f"SELECT {payment.sql_index(f'({days} * 1.0)')}").fetchone()
    assert value == pytest.approx(payment.index_of(days))
