"""Altman's bankruptcy scores for listed, private and private non-manufacturing firms.

Sources: E. I. Altman, "Financial Ratios, Discriminant Analysis and the Prediction of Corporate Bankruptcy",
Journal of Finance 23 (1968), for Z; E. I. Altman, "Predicting Financial Distress of Companies: Revisiting the
Z-Score and ZETA Models" (2000), for Z′ and Z″.

All amounts of one call are in one currency. A score above the upper bound is safe, below the lower bound in
distress, between them grey; the bounds themselves are grey.
"""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Model:
    """Weights of X1 … X5 and the bounds of the zones."""

    weights: tuple[float, float, float, float, float]
    distress_below: float
    safe_above: float


Z = Model((1.2, 1.4, 3.3, 0.6, 1.0), 1.81, 2.99)
Z_PRIME = Model((0.717, 0.847, 3.107, 0.420, 0.998), 1.23, 2.9)
Z_DOUBLE_PRIME = Model((6.56, 3.26, 6.72, 1.05, 0.0), 1.1, 2.6)


@dataclass(frozen=True)
class ZScore:
    """``score`` without unit; ``zone`` safe, grey or distress; ``ratios`` X1 … X5."""

    score: float
    zone: str
    ratios: tuple[float, float, float, float, float]


def z(*, working_capital, retained_earnings, ebit, market_equity, sales, total_assets, total_liabilities):
    """Z of a listed manufacturer: X4 takes the market value of equity."""
    return _score(Z, working_capital, retained_earnings, ebit, market_equity, sales, total_assets, total_liabilities)


def z_prime(*, working_capital, retained_earnings, ebit, equity, sales, total_assets, total_liabilities):
    """Z′ of a private manufacturer: X4 takes the book value of equity."""
    return _score(Z_PRIME, working_capital, retained_earnings, ebit, equity, sales, total_assets, total_liabilities)


def z_double_prime(*, working_capital, retained_earnings, ebit, equity, total_assets, total_liabilities):
    """Z″ of a private firm that isn't a manufacturer: book equity, no sales."""
    return _score(
        Z_DOUBLE_PRIME, working_capital, retained_earnings, ebit, equity, 0.0, total_assets, total_liabilities
    )


def zone(model, score):
    """Return 'safe', 'grey' or 'distress'."""
    if score > model.safe_above:
        return 'safe'
    return 'distress' if score < model.distress_below else 'grey'


def _score(model, working_capital, retained_earnings, ebit, equity, sales, total_assets, total_liabilities):
    """:raise ValueError: for assets or liabilities that aren't above zero, or an amount that isn't finite"""
    for name, amount in (('total assets', total_assets), ('total liabilities', total_liabilities)):
        if not amount > 0:
            raise ValueError(f'{name} must be above zero: {amount}')
    ratios = (
        working_capital / total_assets,
        retained_earnings / total_assets,
        ebit / total_assets,
        equity / total_liabilities,
        sales / total_assets,
    )
    if not all(map(math.isfinite, ratios)):
        raise ValueError(f'amounts must be finite: {ratios}')
    score = math.fsum(weight * ratio for weight, ratio in zip(model.weights, ratios, strict=True))
    return ZScore(score, zone(model, score), ratios)
