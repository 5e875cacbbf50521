"""Deadlines in working time: published examples, nights, weekends, lunch, holidays, clock changes."""
from datetime import date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from addon_tools import load

sla = load('crm_feedback', 'sla')

UTC = timezone.utc
BERLIN = ZoneInfo('Europe/Berlin')
WEEK = range(5)
OFFICE = ((9, 17),)
OFFICE_WITH_LUNCH = ((8, 12), (13, 17))


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def hours(first_day, days, *, weekdays=WEEK, spans=OFFICE, tz=BERLIN, closed=()):
    """Working intervals in UTC for `days` days from `first_day`, without the days in `closed`."""
    start = date.fromisoformat(first_day)
    for offset in range(days):
        day = start + timedelta(days=offset)
        if day.weekday() in weekdays and day.isoformat() not in closed:
            for begin, end in spans:
                yield tuple(datetime.combine(day, time(hour), tz).astimezone(UTC) for hour in (begin, end))


@pytest.mark.parametrize('minutes, expected', [
    (60, '2013-03-21T10:30'), (180, '2013-03-21T12:30'), (240, '2013-03-21T13:30')])
def test_published_example_first_response_update_and_solution_times(minutes, expected):
    assert sla.add_working_time(utc('2013-03-21T09:30'), minutes, hours('2013-03-21', 3)) == utc(expected)


def test_published_example_with_a_pause_and_a_closed_half_hour():
    day = [(utc('2013-06-04T07:00'), utc('2013-06-04T10:00')), (utc('2013-06-04T10:30'), utc('2013-06-04T16:00'))]
    pauses = [(utc('2013-06-04T09:30'), utc('2013-06-04T09:45'))]
    assert sla.add_working_time(utc('2013-06-04T09:00'), 120, day, pauses) == utc('2013-06-04T11:45')


def test_exact_end_of_a_period_stays_in_that_period():
    assert sla.add_working_time(utc('2026-01-05T15:00'), 60, hours('2026-01-05', 2)) == utc('2026-01-05T16:00')


def test_one_minute_more_than_the_period_falls_into_the_next():
    assert sla.add_working_time(utc('2026-01-05T15:00'), 61, hours('2026-01-05', 2)) == utc('2026-01-06T08:01')


def test_zero_minutes_are_due_at_once():
    start = utc('2026-01-05T23:00')
    assert sla.add_working_time(start, 0, hours('2026-01-05', 2)) == start


def test_a_start_at_night_counts_from_the_opening():
    assert sla.add_working_time(utc('2026-01-05T22:00'), 30, hours('2026-01-05', 2)) == utc('2026-01-06T08:30')


def test_a_weekend_does_not_count():
    assert sla.add_working_time(utc('2026-01-09T15:30'), 60, hours('2026-01-09', 5)) == utc('2026-01-12T08:30')


def test_a_holiday_does_not_count():
    open_days = hours('2026-01-05', 5, closed=('2026-01-06',))
    assert sla.add_working_time(utc('2026-01-05T15:30'), 60, open_days) == utc('2026-01-07T08:30')


def test_lunch_does_not_count():
    day = hours('2026-01-05', 1, spans=OFFICE_WITH_LUNCH)
    assert sla.add_working_time(utc('2026-01-05T10:30'), 60, day) == utc('2026-01-05T12:30')


@pytest.mark.parametrize('friday, monday', [
    ('2026-03-27T15:30', '2026-03-30T07:30'),    # clocks go forward on 29 March
    ('2026-10-23T14:30', '2026-10-26T08:30')])   # and back on 25 October
def test_summer_time_changes_shift_utc_not_working_hours(friday, monday):
    assert sla.add_working_time(utc(friday), 60, hours(friday[:10], 5)) == utc(monday)


def test_round_the_clock_over_the_night_of_the_change_has_23_hours():
    day = [tuple(datetime(2026, 3, d, tzinfo=BERLIN).astimezone(UTC) for d in (29, 30))]
    assert sla.working_minutes(day[0][0], day[0][1], day) == 23 * 60


def test_overlapping_attendances_count_once():
    day = [(utc('2026-01-05T08:00'), utc('2026-01-05T12:00')), (utc('2026-01-05T10:00'), utc('2026-01-05T13:00'))]
    assert sla.working_minutes(utc('2026-01-05T00:00'), utc('2026-01-06T00:00'), day) == 300


def test_only_as_much_of_a_calendar_is_read_as_needed():
    asked = []

    def calendar():
        for interval in hours('2026-01-05', 365):
            asked.append(interval)
            yield interval

    sla.add_working_time(utc('2026-01-05T08:00'), 600, calendar())
    assert len(asked) == 2


def test_too_little_working_time_is_an_error_with_the_missing_minutes():
    with pytest.raises(sla.NoWorkingTimeError, match='120 working minutes'):
        sla.add_working_time(utc('2026-01-05T08:00'), 600, hours('2026-01-05', 1))


def test_no_working_time_at_all_is_an_error():
    with pytest.raises(sla.NoWorkingTimeError):
        sla.add_working_time(utc('2026-01-05T08:00'), 1, [])


def test_negative_minutes_are_an_error():
    with pytest.raises(sla.SlaError, match='negative'):
        sla.add_working_time(utc('2026-01-05T08:00'), -1, hours('2026-01-05', 1))


def test_naive_and_aware_times_do_not_mix():
    with pytest.raises(sla.SlaError, match='mixed'):
        sla.add_working_time(datetime(2026, 1, 5, 8), 60, hours('2026-01-05', 1))


def test_naive_times_work_among_themselves():
    day = [(datetime(2026, 1, 5, 8), datetime(2026, 1, 5, 16))]
    assert sla.add_working_time(datetime(2026, 1, 5, 7), 60, day) == datetime(2026, 1, 5, 9)


def test_elapsed_time_is_negative_backwards():
    week = list(hours('2026-01-05', 5))
    there = sla.working_minutes(utc('2026-01-05T08:00'), utc('2026-01-06T09:00'), week)
    assert there == 540
    assert sla.working_minutes(utc('2026-01-06T09:00'), utc('2026-01-05T08:00'), week) == -540


@pytest.mark.parametrize('pauses, expected', [
    ([('2026-01-05T09:00', '2026-01-05T10:00')], '2026-01-05T11:00'),
    ([('2026-01-04T09:00', '2026-01-05T08:30')], '2026-01-05T10:30'),              # began before the case
    ([('2026-01-05T08:30', '2026-01-05T09:30'), ('2026-01-05T09:00', '2026-01-05T10:00')], '2026-01-05T11:30'),
    ([('2026-01-05T15:00', '2026-01-06T15:00')], '2026-01-05T10:00'),              # after the deadline
    ([('2026-01-05T17:00', '2026-01-05T20:00')], '2026-01-05T10:00'),              # at night
    ([('2026-01-05T08:00', '2026-01-07T09:00')], '2026-01-07T11:00')])
def test_pauses_postpone_by_the_working_time_they_cover(pauses, expected):
    pauses = [tuple(map(utc, pause)) for pause in pauses]
    assert sla.add_working_time(utc('2026-01-05T08:00'), 120, hours('2026-01-05', 5), pauses) == utc(expected)


def evaluate(now, *, pauses=(), stopped=None, minutes=240, at_risk=0.75):
    clock = sla.Clock(
        utc('2026-01-05T08:00'), minutes,
        tuple((utc(a), utc(b) if b else None) for a, b in pauses), utc(stopped) if stopped else None)
    return sla.evaluate(clock, utc(now), list(hours('2026-01-05', 14)), at_risk)


@pytest.mark.parametrize('now, state, remaining', [
    ('2026-01-05T07:00', 'ok', 240),
    ('2026-01-05T10:59', 'ok', 61),
    ('2026-01-05T11:00', 'at_risk', 60),
    ('2026-01-05T12:00', 'at_risk', 0),      # the due moment itself is in time
    ('2026-01-05T12:01', 'breached', -1),
    ('2026-01-06T08:30', 'breached', -270)])
def test_state_and_remaining_working_minutes(now, state, remaining):
    status = evaluate(now)
    assert (status.state, status.remaining, status.due) == (state, remaining, utc('2026-01-05T12:00'))


def test_a_stopped_clock_is_never_at_risk():
    assert evaluate('2026-01-09T08:00', stopped='2026-01-05T11:59').state == 'ok'
    assert evaluate('2026-01-09T08:00', stopped='2026-01-05T12:01').state == 'breached'


def test_a_paused_clock_stands_still():
    status = evaluate('2026-01-09T08:00', pauses=[('2026-01-05T09:00', None)])
    assert (status.state, status.due, status.remaining) == ('ok', None, 180)


def test_what_was_late_before_the_pause_stays_late():
    status = evaluate('2026-01-09T08:00', pauses=[('2026-01-05T13:00', None)])
    assert (status.state, status.due) == ('breached', utc('2026-01-05T12:00'))


def test_what_was_at_risk_before_the_pause_stays_at_risk():
    assert evaluate('2026-01-09T08:00', pauses=[('2026-01-05T11:30', None)]).state == 'at_risk'


def test_a_clock_without_time_is_an_error():
    with pytest.raises(sla.SlaError):
        evaluate('2026-01-05T08:00', minutes=0)


def test_worst_of_several_states():
    assert sla.worst(['ok', 'breached', 'at_risk']) == 'breached'
    assert sla.worst(['ok', 'none']) == 'ok'
    assert sla.worst([]) == 'none'


@pytest.mark.parametrize('elapsed, minutes', [(100, 380), (400, 120), (480, 120), (900, 120)])
def test_a_reopened_case_gets_what_was_left_but_at_least_the_minimum(elapsed, minutes):
    assert sla.reopening_minutes(480, elapsed, 120) == minutes
