from datetime import date

import pytest
from addon_tools import load

calendar = load("crm_relationship", "public_holidays")


def names(country, start, end):
    return calendar.statutory_holidays(country, start, end)


def test_a_holiday_of_several_days_counts_on_its_first_day():
    assert names("CN", date(2026, 2, 1), date(2026, 2, 28)) == [
        (date(2026, 2, 16), "Chinese New Year's Eve"),
        (date(2026, 2, 17), "Chinese New Year (Spring Festival)"),
    ]


def test_substitute_days_are_no_occasion_for_a_greeting():
    assert names("CN", date(2026, 10, 1), date(2026, 10, 10)) == [(date(2026, 10, 1), "National Day")]


def test_several_holidays_of_one_day_are_told_apart_and_estimates_keep_their_name():
    assert names("IN", date(2027, 8, 15), date(2027, 8, 15)) == [
        (date(2027, 8, 15), "Independence Day"),
        (date(2027, 8, 15), "Prophet's Birthday"),
    ]


def test_the_range_may_cross_a_year():
    found = names("SE", date(2026, 12, 26), date(2027, 1, 1))
    assert [day for day, _name in found] == [date(2026, 12, 26), date(2027, 1, 1)]


def test_a_holiday_has_its_name_in_the_language_of_the_customer_or_else_in_english():
    day = date(2026, 10, 1)
    assert calendar.holiday_name("CN", day, "National Day", "zh_CN") == "国庆节"
    assert calendar.holiday_name("CN", day, "National Day", "sv_SE") == "National Day"
    assert calendar.holiday_name("SE", date(2026, 6, 6), "National Day", "sv_SE") != "National Day"
    assert calendar.holiday_name("DE", day, "Name of mine", "de_DE") == "Name of mine"


@pytest.mark.parametrize("code", ["XI", "", None, "??"])
def test_a_country_without_calendar_is_told(code):
    assert not calendar.is_supported(code)
    with pytest.raises(ValueError):
        names(code, date(2026, 1, 1), date(2026, 2, 1))
    assert calendar.holiday_name(code, date(2026, 1, 1), "Anything", "en_US") == "Anything"


def test_work_is_moved_before_weekends_and_holidays_of_the_country():
    assert calendar.workday_before("CN", date(2026, 10, 2)) == date(2026, 9, 30)
    assert calendar.workday_before("DE", date(2026, 10, 2)) == date(2026, 10, 2)
    assert calendar.workday_before("DE", date(2026, 10, 4)) == date(2026, 10, 2)
    assert calendar.workday_before("XI", date(2026, 10, 4)) == date(2026, 10, 2)


def test_a_weekend_day_worked_in_exchange_is_a_workday():
    assert calendar.workday_before("CN", date(2026, 2, 14)) == date(2026, 2, 14)


def test_a_leap_day_comes_round_on_the_28th():
    birthday = date(1992, 2, 29)
    assert calendar.next_return(birthday, date(2027, 1, 1)) == date(2027, 2, 28)
    assert calendar.next_return(birthday, date(2028, 1, 1)) == date(2028, 2, 29)


def test_a_day_that_is_over_comes_back_next_year():
    assert calendar.next_return(date(1980, 5, 4), date(2026, 5, 5)) == date(2027, 5, 4)
    assert calendar.next_return(date(1980, 5, 4), date(2026, 5, 4)) == date(2026, 5, 4)
    assert calendar.next_return(date(2030, 1, 1), date(2026, 5, 4)) == date(2030, 1, 1)
