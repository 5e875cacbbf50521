"""Columns of the boards: which column a date stands in, and which date a column gives."""

from datetime import date, timedelta

import pytest
from addon_tools import load

board = load('crm_relationship', 'board')

MONDAY = date(2026, 11, 23)
THURSDAY, FRIDAY, SATURDAY, SUNDAY = (MONDAY + timedelta(days=n) for n in (3, 4, 5, 6))


def workdays(start, days=70, off=()):
    return {
        day for day in (start + timedelta(days=n) for n in range(days)) if day.weekday() < 5 and day not in off
    }


def test_the_columns_of_both_boards_cover_every_date_once():
    for today in (date(2026, 1, 1) + timedelta(days=n) for n in range(800)):
        for ranges in (board.week_ranges(today), board.month_ranges(today)):
            assert ranges[0].first == date.min
            assert ranges[-1].last == date.max
            for left, right in zip(ranges, ranges[1:], strict=False):
                assert right.first == left.last + timedelta(days=1)


def test_a_week_seen_on_monday():
    columns = [board.week_bucket(MONDAY + timedelta(days=n), MONDAY) for n in range(-1, 15)]
    assert columns == ['overdue', 'today', 'tomorrow', *['this_week'] * 5, *['next_week'] * 7, 'later']


def test_on_sunday_tomorrow_is_monday_of_next_week():
    assert board.week_bucket(SUNDAY + timedelta(days=1), SUNDAY) == 'tomorrow'
    assert board.week_bucket(SUNDAY + timedelta(days=2), SUNDAY) == 'next_week'
    assert board.week_bucket(SUNDAY + timedelta(days=8), SUNDAY) == 'later'


def test_the_week_goes_over_the_end_of_the_year():
    new_years_eve = date(2026, 12, 31)  # a Thursday
    assert board.week_bucket(date(2027, 1, 1), new_years_eve) == 'tomorrow'
    assert board.week_bucket(date(2027, 1, 3), new_years_eve) == 'this_week'
    assert board.week_bucket(date(2027, 1, 4), new_years_eve) == 'next_week'


def test_a_month_may_have_four_five_or_six_weeks():
    def weeks(today):
        return len(board.month_ranges(today)) - 2

    assert weeks(date(2027, 2, 10)) == 4  # Monday 1st, 28 days
    assert weeks(date(2026, 12, 10)) == 5
    assert weeks(date(2026, 8, 10)) == 6  # Saturday 1st, 31 days


def test_the_weeks_of_a_month_are_cut_at_its_ends():
    today = date(2026, 12, 15)
    assert board.month_bucket(date(2026, 11, 30), today) == 'before'
    assert board.month_bucket(date(2026, 12, 1), today) == 'week_1'
    assert board.month_bucket(date(2026, 12, 6), today) == 'week_1'
    assert board.month_bucket(date(2026, 12, 7), today) == 'week_2'
    assert board.month_bucket(date(2026, 12, 31), today) == 'week_5'
    assert board.month_bucket(date(2027, 1, 1), today) == 'after'


def test_nothing_can_be_planned_in_the_past():
    assert board.week_target('overdue', MONDAY, workdays(MONDAY)) is None
    assert board.month_target('before', MONDAY, workdays(MONDAY)) is None
    assert board.month_target('week_1', MONDAY, workdays(MONDAY)) is None


def test_tomorrow_is_the_next_workday():
    assert board.week_target('tomorrow', THURSDAY, workdays(MONDAY)) == FRIDAY
    assert board.week_target('tomorrow', FRIDAY, workdays(MONDAY)) == MONDAY + timedelta(days=7)
    assert board.week_target('tomorrow', THURSDAY, workdays(MONDAY, off=[FRIDAY])) == MONDAY + timedelta(days=7)


def test_today_is_today_even_on_a_free_day():
    assert board.week_target('today', SUNDAY, workdays(MONDAY)) == SUNDAY


def test_this_week_is_the_last_workday_that_is_left_of_it():
    assert board.week_target('this_week', MONDAY, workdays(MONDAY)) == FRIDAY
    assert board.week_target('this_week', MONDAY, workdays(MONDAY, off=[FRIDAY])) == THURSDAY
    assert board.week_target('this_week', FRIDAY, workdays(MONDAY)) == FRIDAY


def test_at_the_weekend_nothing_is_left_of_this_week_and_no_two_weeks_give_the_same_date():
    next_monday = MONDAY + timedelta(days=7)
    for today in (SATURDAY, SUNDAY):
        assert board.week_target('this_week', today, workdays(MONDAY)) is None
        assert board.week_target('tomorrow', today, workdays(MONDAY)) == next_monday
    assert board.week_target('next_week', SATURDAY, workdays(MONDAY)) == next_monday
    # On a Sunday Monday stands under "tomorrow": next week gives the first day that stands there.
    assert board.week_target('next_week', SUNDAY, workdays(MONDAY)) == next_monday + timedelta(days=1)
    only_monday = workdays(MONDAY, off=[next_monday + timedelta(days=n) for n in range(1, 5)])
    assert board.week_target('next_week', SUNDAY, only_monday) == next_monday


def test_who_works_on_sundays_has_this_week_until_its_end():
    always = {MONDAY + timedelta(days=n) for n in range(70)}
    assert board.week_target('this_week', SATURDAY, always) == SUNDAY
    assert board.week_target('this_week', SUNDAY, always) == SUNDAY


def test_a_week_of_holidays_has_no_date():
    next_week = [MONDAY + timedelta(days=n) for n in range(7, 14)]
    assert board.week_target('next_week', MONDAY, workdays(MONDAY, off=next_week)) is None
    assert board.week_target('later', MONDAY, workdays(MONDAY, off=next_week)) == MONDAY + timedelta(days=14)
    rest = [MONDAY + timedelta(days=n) for n in range(1, 7)]
    assert board.week_target('this_week', MONDAY + timedelta(days=1), workdays(MONDAY, off=rest)) is None
    assert board.week_target('later', MONDAY, {FRIDAY}) is None  # leave for longer than one can look ahead


def test_weeks_over_the_end_of_the_year_give_dates_of_the_new_one():
    new_year = date(2027, 1, 1)  # a Friday
    days = workdays(date(2026, 12, 21), off=[new_year, date(2026, 12, 25)])
    assert board.week_target('this_week', date(2026, 12, 30), days) == date(2026, 12, 31)
    assert board.week_target('this_week', new_year, days) is None
    assert board.week_target('tomorrow', date(2026, 12, 31), days) == date(2027, 1, 4)
    assert board.week_target('next_week', date(2026, 12, 31), days) == date(2027, 1, 4)
    assert board.week_target('next_week', date(2027, 1, 3), days) == date(2027, 1, 5)
    assert board.month_target('after', date(2026, 12, 31), days) == date(2027, 1, 4)


def test_every_date_given_stands_in_its_column_or_a_nearer_one_and_no_week_gives_that_of_another():
    for today in (date(2026, 12, 10) + timedelta(days=n) for n in range(40)):
        for off in ((), {today}, {today + timedelta(days=n) for n in range(1, 8)}):
            days = workdays(today, off=off)
            targets = {bucket: board.week_target(bucket, today, days) for bucket in board.WEEK_BUCKETS}
            weeks = [targets[bucket] for bucket in ('this_week', 'next_week', 'later') if targets[bucket]]
            assert weeks == sorted(set(weeks))
            for bucket, target in targets.items():
                if target and bucket not in ('today', 'tomorrow'):
                    assert target in days
                    real = board.WEEK_BUCKETS.index(board.week_bucket(target, today))
                    assert real <= board.WEEK_BUCKETS.index(bucket)
            for bucket in board.MONTH_BUCKETS:
                target = board.month_target(bucket, today, days)
                if target:
                    assert board.month_bucket(target, today) == bucket


def test_next_week_and_later_are_the_first_workdays_of_their_weeks():
    next_monday = MONDAY + timedelta(days=7)
    assert board.week_target('next_week', MONDAY, workdays(MONDAY)) == next_monday
    off = [next_monday]
    assert board.week_target('next_week', MONDAY, workdays(MONDAY, off=off)) == next_monday + timedelta(days=1)
    assert board.week_target('later', SUNDAY, workdays(MONDAY)) == MONDAY + timedelta(days=14)


def test_a_week_of_the_month_is_its_first_workday_from_today_on():
    assert board.month_target('week_5', MONDAY, workdays(MONDAY)) == MONDAY  # 23–29 November
    assert board.month_target('week_6', MONDAY, workdays(MONDAY)) == date(2026, 11, 30)
    assert board.month_target('after', MONDAY, workdays(MONDAY)) == date(2026, 12, 1)
    assert board.month_target('after', date(2026, 12, 24), workdays(MONDAY)) == date(2027, 1, 1)
    assert board.month_target('week_6', date(2026, 12, 24), workdays(MONDAY)) is None  # December 2026 has five
    assert board.month_target('week_5', SUNDAY, workdays(MONDAY)) is None  # no workday is left of it


def test_without_known_workdays_the_day_itself_is_taken():
    assert board.week_target('next_week', MONDAY, ()) == MONDAY + timedelta(days=7)
    assert board.week_target('this_week', MONDAY, ()) == SUNDAY


def test_only_the_past_is_over_not_a_week_without_workdays():
    assert board.is_over('overdue', SUNDAY)
    assert not board.is_over('this_week', SUNDAY)
    assert board.is_over('before', SUNDAY)
    assert board.is_over('week_4', SUNDAY)
    assert not board.is_over('week_5', SUNDAY)
    assert not board.is_over('after', SUNDAY)


def test_an_unknown_column_is_an_error():
    with pytest.raises(ValueError, match='someday'):
        board.week_target('someday', MONDAY, ())
    with pytest.raises(ValueError, match='someday'):
        board.month_target('someday', MONDAY, ())
