"""How a customer pays, as one number: 0–100, weighted by money, like Dun & Bradstreet's PAYDEX.

Published scale: 100 thirty days early, 90 twenty days early, 80 on the due date, 70 fifteen days late, 60 twenty-two,
50 thirty, 40 sixty, 30 ninety, 20 a hundred and twenty days late. Between the points the index is
linear, outside them flat.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from dataclasses import dataclass

# (days after the due date, index)
SCALE = ((-30, 100.0), (-20, 90.0), (0, 80.0), (15, 70.0), (22, 60.0), (30, 50.0), (60, 40.0), (90, 30.0), (120, 20.0))


@dataclass(frozen=True)
class PaymentIndex:
    """``index`` 0–100 and ``average_days`` after the due date (negative: early), weighted by money; ``count``."""

    index: float
    average_days: float
    count: int


def index_of(days):
    """Return the index of one payment.

    :param days: days from due date to payment, negative when early
    :raise ValueError: when it isn't a finite number
    """
    if not math.isfinite(days):
        raise ValueError(f'days must be a finite number: {days}')
    bounds = [bound for bound, _index in SCALE]
    position = bisect_left(bounds, days)
    if position == 0:
        return SCALE[0][1]
    if position == len(SCALE):
        return SCALE[-1][1]
    (low, low_index), (high, high_index) = SCALE[position - 1], SCALE[position]
    return low_index + (days - low) / (high - low) * (high_index - low_index)


def payment_index(payments):
    """Return the money-weighted index of settled amounts, or None without any.

    :param payments: iterable of (amount > 0 in one currency, days after due date)
    :raise ValueError: for an amount that isn't above zero
    """
    total = weighted = weighted_days = 0.0
    count = 0
    for amount, days in payments:
        if not amount > 0:
            raise ValueError(f'an amount must be above zero: {amount}')
        total += amount
        weighted += amount * index_of(days)
        weighted_days += amount * days
        count += 1
    if not count:
        return None
    return PaymentIndex(weighted / total, weighted_days / total, count)


def sql_index(days):
    """Return the SQL expression of ``index_of`` for a SQL expression of days (text in, text out; no users' values)."""
    cases = [f'WHEN {days} <= {SCALE[0][0]} THEN {SCALE[0][1]}']
    for (low, low_index), (high, high_index) in zip(SCALE[:-1], SCALE[1:], strict=True):
        slope = (high_index - low_index) / (high - low)
        cases.append(f'WHEN {days} <= {high} THEN {low_index} + ({days} - ({low})) * ({slope})')
    return f'CASE {" ".join(cases)} ELSE {SCALE[-1][1]} END'
