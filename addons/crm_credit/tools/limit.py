"""Credit limit from a grade's formula: months of sales, capped by equity and ceiling, rounded down."""

from decimal import Decimal

#: No customer gets more credit than this, in any currency: a greater limit is a slip of the keyboard.
LARGEST_LIMIT = 1e12


def is_credible(limit):
    """Return whether an amount can be a credit limit: a number from zero to ``LARGEST_LIMIT``, not NaN."""
    return 0 <= limit <= LARGEST_LIMIT


def propose_limit(monthly_sales, *, months, factor=1.0, ceiling, rounding=0.0, equity=None, equity_share=0.0):
    """Return the proposed limit, in the currency of its inputs, never negative.

    ``monthly_sales × months × factor``, at most ``equity × equity_share`` (when a share is set and the equity is
    known; negative equity gives nothing), at most ``ceiling``, rounded down to a multiple of ``rounding`` (0: not
    rounded).

    :raise ValueError: for a negative month count, factor, ceiling, rounding or share; names it
    """
    for name, value in (
        ('months', months),
        ('factor', factor),
        ('ceiling', ceiling),
        ('rounding', rounding),
        ('equity_share', equity_share),
    ):
        if value < 0:
            raise ValueError(f'{name} must not be negative: {value}')
    amount = max(0.0, monthly_sales) * months * factor
    if equity_share and equity is not None:
        amount = min(amount, max(0.0, equity * equity_share))
    amount = min(amount, ceiling)
    if rounding:
        step = Decimal(str(rounding))
        # str() of a cent-rounded float, so that 3 × 333.33 doesn't fall a step below 999.99
        amount = float(Decimal(str(round(amount, 6))) // step * step)
    return amount
