"""Ageing of open items: which bucket a due date falls into, and the sums per bucket.

Pure: dates and numbers in, numbers out. No Odoo, no database.

An *open item* is one instalment of a posted document on a receivable account: its due date (Odoo's
``account.move.line.date_maturity``), and what is still open of it. Positive amounts are owed to us; negative ones are
payments and credit notes that nobody has applied yet. They have no age: they form the bucket ``unapplied``.

The day limits are those of the usual receivables ageing (30-day steps, open above 120 days).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

#: (code, first day overdue, last day overdue), both inclusive; None is open. Day 0 is the due date itself: not overdue.
BUCKETS = (
    ('not_due', None, 0),
    ('overdue_1_30', 1, 30),
    ('overdue_31_60', 31, 60),
    ('overdue_61_90', 61, 90),
    ('overdue_91_120', 91, 120),
    ('overdue_over_120', 121, None),
)
BUCKET_CODES = tuple(code for code, _first, _last in BUCKETS)


@dataclass(frozen=True)
class OpenItem:
    """One open instalment.

    :param amount: open residual in company currency; negative for payments and credit notes not yet applied
    :param due: due date, or None when the document has none (then it counts as not due)
    :param disputed: the customer contests it: it stays owed, but isn't called overdue
    :param ref: what a person would call it, such as the invoice number
    """

    amount: float
    due: date | None = None
    disputed: bool = False
    ref: str = ''


@dataclass(frozen=True)
class Ageing:
    """Sums of open items at one day, in the currency of the items.

    ``receivable`` is the sum of all items: the six buckets and ``unapplied`` (zero or negative). ``overdue`` and
    ``max_days_overdue`` leave disputed items out; ``disputed`` is the open amount under dispute, due or not.
    """

    not_due: float = 0.0
    overdue_1_30: float = 0.0
    overdue_31_60: float = 0.0
    overdue_61_90: float = 0.0
    overdue_91_120: float = 0.0
    overdue_over_120: float = 0.0
    unapplied: float = 0.0
    disputed: float = 0.0
    overdue: float = 0.0
    max_days_overdue: int = 0

    @property
    def open_total(self) -> float:
        """Open invoices before unapplied payments and credit notes are taken off."""
        return sum(getattr(self, code) for code in BUCKET_CODES)

    @property
    def receivable(self) -> float:
        """Sum of posted open residuals on receivable accounts."""
        return self.open_total + self.unapplied


def days_overdue(due: date | None, as_of: date) -> int:
    """Return how many days after ``due`` the day ``as_of`` lies; 0 on the due date, before it and without one."""
    if due is None:
        return 0
    return max((as_of - due).days, 0)


def bucket(due: date | None, as_of: date) -> str:
    """Return the code of the bucket that an item due on ``due`` falls into on the day ``as_of``."""
    days = days_overdue(due, as_of)
    for code, _first, last in BUCKETS:
        if last is None or days <= last:
            return code
    raise AssertionError('the last bucket is open')


def age(items: Iterable[OpenItem], as_of: date) -> Ageing:
    """Return the sums per bucket of ``items`` on the day ``as_of``.

    >>> age([OpenItem(100.0, date(2025, 1, 1)), OpenItem(-30.0)], date(2025, 2, 10)).receivable
    70.0
    """
    sums = dict.fromkeys((*BUCKET_CODES, 'unapplied', 'disputed', 'overdue'), 0.0)
    oldest = 0
    for item in items:
        if item.amount < 0:
            sums['unapplied'] += item.amount
            continue
        sums[bucket(item.due, as_of)] += item.amount
        days = days_overdue(item.due, as_of)
        if item.disputed:
            sums['disputed'] += item.amount
        elif days and item.amount:
            sums['overdue'] += item.amount
            oldest = max(oldest, days)
    return Ageing(**sums, max_days_overdue=oldest)
