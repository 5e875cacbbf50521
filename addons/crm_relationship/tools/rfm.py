"""Recency, frequency, monetary value; ABC classes by cumulative share of sales.

Pooled quintiles: each customer is placed among all customers that ever bought. The metrics engine does the same
in SQL (tests compare the two); these functions are the definition.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Hashable, Mapping, Sequence
from datetime import date

FIFTHS = 5


def quintiles(values: Mapping[Hashable, float | date]) -> dict[Hashable, int]:
    """Score 1–5 of each customer, 5 for the highest fifth.

    Equal values get the same score: that of the middle of the places they share. A lone customer gets 3.
    """
    ordered = sorted(values.values())
    total = len(ordered)
    scores = {}
    for key, value in values.items():
        below, up_to = bisect_left(ordered, value), bisect_right(ordered, value)
        scores[key] = min(FIFTHS, 1 + FIFTHS * (below + up_to) // (2 * total))
    return scores


def rfm_scores(customers: Mapping[Hashable, tuple[date, int, float]]) -> dict[Hashable, tuple[int, int, int]]:
    """(recency, frequency, monetary) scores 1–5, 5 best, of ``{customer: (last purchase, purchases, amount)}``.

    Recency is "reversed": the latest purchase, that is the fewest days ago, scores 5.
    """
    parts = [quintiles({key: figures[position] for key, figures in customers.items()}) for position in range(3)]
    return {key: tuple(part[key] for part in parts) for key in customers}


def sales_shares(amounts: Mapping[int, float]) -> dict[int, tuple[int, float, float]]:
    """(rank, share, cumulative share) of each customer with sales above zero, largest first, equal ones by id.

    Equal amounts share a rank. Shares are between 0 and 1; refunds in excess of sales (amounts ≤ 0) are left out.
    """
    positive = sorted((item for item in amounts.items() if item[1] > 0), key=lambda item: (-item[1], item[0]))
    total = sum(amount for _key, amount in positive)
    shares, running, rank, previous = {}, 0, 0, None
    for place, (key, amount) in enumerate(positive, start=1):
        running += amount
        if amount != previous:
            rank, previous = place, amount
        shares[key] = (rank, amount / total, running / total)
    return shares


def abc_class(share_before: float, cutoffs: Sequence[float]) -> int:
    """Class number (0 best) of a customer by the cumulative share of all larger ones (0–1).

    ``cutoffs`` rise, for instance (0.5, 0.8, 0.95): the customer that crosses a limit still belongs above it, so the
    largest is always in class 0.
    """
    return bisect_right(cutoffs, share_before)


def abc_class_steady(share_before: float, cutoffs: Sequence[float], current: int | None, margin: float) -> int:
    """As ``abc_class``, but a customer with a class keeps it until it is beyond a limit by ``margin`` (hysteresis)."""
    if current is None:
        return abc_class(share_before, cutoffs)
    rising = abc_class(share_before + margin, cutoffs)
    falling = abc_class(share_before - margin, cutoffs)
    if rising < current:
        return rising
    return max(current, falling)
