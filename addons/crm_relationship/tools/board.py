"""Columns of the week board and the month board: dates in, columns out, and back.

No Odoo in here. A *week* runs from Monday to Sunday (ISO 8601). All dates are local dates of the person whose card
it is; a time zone is none of this module's business.
"""

from collections.abc import Collection
from datetime import date, timedelta
from typing import NamedTuple

WEEK_BUCKETS = ('overdue', 'today', 'tomorrow', 'this_week', 'next_week', 'later')
MONTH_BUCKETS = ('before', 'week_1', 'week_2', 'week_3', 'week_4', 'week_5', 'week_6', 'after')

DAY = timedelta(days=1)


class BucketRange(NamedTuple):
    """The dates that stand in one column, both ends included."""

    bucket: str
    first: date
    last: date


def monday_of(day: date) -> date:
    """Return the first day of the week of ``day``."""
    return day - timedelta(days=day.weekday())


def first_of_next_month(day: date) -> date:
    """Return the first day of the month after the month of ``day``."""
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1)


def week_ranges(today: date) -> tuple[BucketRange, ...]:
    """Return the columns of the week board as ranges that cover every date once.

    Today and tomorrow come before the weeks they lie in. A column that no date falls into (this week, seen on a
    Saturday) has no range.

    >>> for part in week_ranges(date(2026, 12, 31))[2:5]:
    ...     print(*part)
    tomorrow 2027-01-01 2027-01-01
    this_week 2027-01-02 2027-01-03
    next_week 2027-01-04 2027-01-10
    """
    next_monday = monday_of(today) + 7 * DAY
    ranges = (
        BucketRange('overdue', date.min, today - DAY),
        BucketRange('today', today, today),
        BucketRange('tomorrow', today + DAY, today + DAY),
        BucketRange('this_week', today + 2 * DAY, next_monday - DAY),
        BucketRange('next_week', max(next_monday, today + 2 * DAY), next_monday + 6 * DAY),
        BucketRange('later', next_monday + 7 * DAY, date.max),
    )
    return tuple(part for part in ranges if part.first <= part.last)


def month_ranges(today: date) -> tuple[BucketRange, ...]:
    """Return the columns of the month board as ranges that cover every date once.

    Week 1 holds the first of the month; a month touches four to six weeks, and its weeks are cut at its ends.
    """
    first, end = today.replace(day=1), first_of_next_month(today)
    ranges = [BucketRange('before', date.min, first - DAY)]
    start = first
    while start < end:
        stop = min(monday_of(start) + 6 * DAY, end - DAY)
        ranges.append(BucketRange(f'week_{len(ranges)}', start, stop))
        start = stop + DAY
    ranges.append(BucketRange('after', end, date.max))
    return tuple(ranges)


def spans(start: date, end: date, part: BucketRange) -> bool:
    """Return whether a task from ``start`` to ``end`` (both included) has days in a column.

    >>> spans(date(2026, 11, 27), date(2026, 12, 1), BucketRange('week_5', date(2026, 11, 23), date(2026, 11, 29)))
    True
    """
    return start <= part.last and end >= part.first


def _bucket(day: date, ranges: tuple[BucketRange, ...]) -> str:
    return next(part.bucket for part in ranges if part.first <= day <= part.last)


def week_bucket(day: date, today: date) -> str:
    """Return the column of the week board in which ``day`` stands, seen on ``today``."""
    return _bucket(day, week_ranges(today))


def month_bucket(day: date, today: date) -> str:
    """Return the column of the month board in which ``day`` stands, seen on ``today``."""
    return _bucket(day, month_ranges(today))


def first_workday(first: date, last: date, workdays: Collection[date]) -> date | None:
    """Return the first of ``workdays`` from ``first`` to ``last``; ``first`` itself when none is known at all."""
    if not workdays:
        return first
    return min((work for work in workdays if first <= work <= last), default=None)


def week_target(bucket: str, today: date, workdays: Collection[date]) -> date | None:
    """Return the date that a card gets when it is dropped on a column of the week board.

    :param bucket: one of :data:`WEEK_BUCKETS`
    :param workdays: the days on which the person works, from today for some weeks; one entry a day; empty: every day
    :return: today for ``today`` even if it is a free day; the next workday for ``tomorrow``; the last workday that is
        left of this week for ``this_week``; for ``next_week`` the first workday of those that stand there, or else of
        that week; for ``later`` the first from the week after on. None where there is none, and for ``overdue``:
        nothing can be planned in the past.
    :raise ValueError: unknown bucket

    The date may stand in another column than the one asked for: on a Friday "tomorrow" gives Monday. No two weeks give
    the same date: on a Sunday nothing is left of this week, Monday is tomorrow, and next week gives Tuesday.
    """
    next_monday = monday_of(today) + 7 * DAY
    if bucket == 'overdue':
        return None
    if bucket == 'today':
        return today
    if bucket == 'tomorrow':
        return first_workday(today + DAY, date.max, workdays)
    if bucket == 'this_week':
        sunday = next_monday - DAY
        return max((work for work in workdays or {sunday} if today <= work <= sunday), default=None)
    if bucket == 'next_week':
        sunday = next_monday + 6 * DAY
        beyond_tomorrow = max(next_monday, today + 2 * DAY)
        return first_workday(beyond_tomorrow, sunday, workdays) or first_workday(next_monday, sunday, workdays)
    if bucket == 'later':
        return first_workday(next_monday + 7 * DAY, date.max, workdays)
    raise ValueError(f'Unknown week column {bucket!r}')


def month_target(bucket: str, today: date, workdays: Collection[date]) -> date | None:
    """Return the date that a card gets when it is dropped on a column of the month board.

    :return: the first workday of that week from today on; the first workday of next month for ``after``. None for
        ``before``, for weeks that are over or have no workday left, and for weeks that this month doesn't have.
    :raise ValueError: unknown bucket
    """
    if bucket not in MONTH_BUCKETS:
        raise ValueError(f'Unknown month column {bucket!r}')
    for part in month_ranges(today):
        if part.bucket == bucket and part.last >= today:
            return first_workday(max(part.first, today), part.last, workdays)
    return None


def is_over(bucket: str, today: date) -> bool:
    """Return whether a column of either board holds the past alone: nothing can be planned there whoever works when.

    >>> is_over('overdue', date(2026, 11, 29)), is_over('this_week', date(2026, 11, 29))
    (True, False)
    """
    if bucket in WEEK_BUCKETS:
        return bucket == 'overdue'
    return all(part.last < today for part in month_ranges(today) if part.bucket == bucket)
