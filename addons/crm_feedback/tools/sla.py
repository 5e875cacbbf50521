"""Deadlines in working time: pure arithmetic over working intervals.

Times are ``datetime`` objects, either all aware or all naive UTC. An interval is a pair
``(start, end)`` with ``start < end``; streams of intervals come sorted by start and may be lazy
(a generator that asks a calendar month by month). Durations are working minutes.

The exact end of a period stays in that period (Odoo's convention): 60 minutes counted from 16:00 in a
day that ends at 17:00 fall due at 17:00, not at the opening of the next day.
"""
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

Interval = tuple[datetime, datetime]

NONE, OK, AT_RISK, BREACHED = 'none', 'ok', 'at_risk', 'breached'
_SEVERITY = {NONE: 0, OK: 1, AT_RISK: 2, BREACHED: 3}


class SlaError(ValueError):
    """Input that can't be planned: naive and aware times mixed, negative minutes, no working time."""


class NoWorkingTimeError(SlaError):
    """The working intervals end before the requested working time is used up."""


@dataclass(frozen=True)
class Clock:
    """One running promise.

    :param start: when the customer started waiting
    :param minutes: working minutes allowed, > 0
    :param pauses: ``(from, to)`` periods that don't count; ``to`` is None while the pause lasts
    :param stopped: when the promise was kept; None while it is open
    """
    start: datetime
    minutes: float
    pauses: tuple[tuple[datetime, datetime | None], ...] = ()
    stopped: datetime | None = None


@dataclass(frozen=True)
class Status:
    """State of a clock at one moment; ``remaining`` is negative once late.

    ``due`` and ``at_risk_at`` are None while the clock is paused, unless they had passed before the pause.
    """
    state: str
    due: datetime | None
    at_risk_at: datetime | None
    elapsed: float
    remaining: float


def _minutes(delta: timedelta) -> float:
    return delta.total_seconds() / 60


def _check_comparable(*moments: datetime) -> None:
    if len({moment.tzinfo is None for moment in moments}) > 1:
        raise SlaError(f"Naive and aware times are mixed: {', '.join(map(str, moments))}")


def from_moment(start: datetime, intervals: Iterable[Interval]) -> Iterator[Interval]:
    """Yield the parts of ``intervals`` after ``start``, each moment once even where they overlap."""
    cursor = start
    for begin, end in intervals:
        _check_comparable(start, begin, end)
        begin = max(begin, cursor)
        if begin < end:
            yield begin, end
            cursor = end


def without(intervals: Iterable[Interval], pauses: Sequence[tuple[datetime, datetime | None]]) -> Iterator[Interval]:
    """Yield ``intervals`` less the pauses; a pause without an end lasts for ever."""
    ordered = sorted(pauses, key=lambda pause: pause[0])
    for begin, end in intervals:
        for pause_from, pause_to in ordered:
            if pause_from >= end:
                break
            if pause_to is not None and pause_to <= begin:
                continue
            if begin < pause_from:
                yield begin, pause_from
            if pause_to is None:
                return
            begin = max(begin, pause_to)
            if begin >= end:
                break
        if begin < end:
            yield begin, end


def add_working_time(
        start: datetime, minutes: float, intervals: Iterable[Interval],
        pauses: Sequence[tuple[datetime, datetime | None]] = ()) -> datetime:
    """Return the moment at which ``minutes`` of working time have passed since ``start``.

    Zero minutes give ``start`` itself. A ``start`` outside working time counts from the next opening.

    :raises NoWorkingTimeError: the intervals end first
    :raises SlaError: negative minutes
    """
    if minutes < 0:
        raise SlaError(f"Working minutes must not be negative: {minutes}")
    left = timedelta(minutes=minutes)
    if not left:
        return start
    for begin, end in without(from_moment(start, intervals), pauses):
        if left <= end - begin:
            return begin + left
        left -= end - begin
    raise NoWorkingTimeError(f"{_minutes(left):g} working minutes after {start} are not covered by working time")


def working_minutes(
        start: datetime, end: datetime, intervals: Iterable[Interval],
        pauses: Sequence[tuple[datetime, datetime | None]] = ()) -> float:
    """Return the working minutes between two moments, negative when ``end`` lies before ``start``."""
    if end < start:
        return -working_minutes(end, start, intervals, pauses)
    total = timedelta()
    for begin, stop in without(from_moment(start, intervals), pauses):
        if begin >= end:
            break
        total += min(stop, end) - begin
    return _minutes(total)


def due(clock: Clock, intervals: Iterable[Interval], share: float = 1.0) -> datetime | None:
    """Return when ``share`` (1.0 = all) of the clock's time is used up, None while a pause postpones it.

    :raises NoWorkingTimeError: without an open pause, when the intervals end first
    """
    try:
        return add_working_time(clock.start, clock.minutes * share, intervals, clock.pauses)
    except NoWorkingTimeError:
        if any(pause_to is None for _pause_from, pause_to in clock.pauses):
            return None
        raise


def evaluate(clock: Clock, now: datetime, intervals: Iterable[Interval], at_risk: float = 0.75) -> Status:
    """Return the state of a clock at ``now``.

    The due moment itself is still in time. A clock that was stopped is ``ok`` or ``breached`` for good.

    :param intervals: working time from the clock's start to ``now`` and to the due moment; read more than once,
        so a sequence or an object whose ``__iter__`` starts anew, not a generator
    :param at_risk: share of the allowed time (0–1) after which an open clock is at risk
    :raises SlaError: minutes not above zero
    """
    if clock.minutes <= 0:
        raise SlaError(f"A clock needs more than {clock.minutes} working minutes")
    moment = clock.stopped or now
    elapsed = working_minutes(clock.start, max(moment, clock.start), intervals, clock.pauses)
    due_at, risk_at = due(clock, intervals), due(clock, intervals, at_risk)
    if due_at and moment > due_at:
        state = BREACHED
    elif not clock.stopped and risk_at and moment >= risk_at:
        state = AT_RISK
    else:
        state = OK
    return Status(state, due_at, risk_at, elapsed, clock.minutes - elapsed)


def worst(states: Iterable[str]) -> str:
    """Return the most urgent of several states, ``none`` when there is none."""
    return max(states, key=_SEVERITY.__getitem__, default=NONE)


def reopening_minutes(allowed: float, elapsed: float, minimum: float) -> float:
    """Return the working minutes that a reopened case gets: what was left, but at least ``minimum``.

    The time between resolving and reopening counts for nobody; a case that was resolved at the last
    moment (or late) must not be late the moment it is reopened.
    """
    return max(allowed - elapsed, minimum)
