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


def test_a_state_is_found_by_its_code_with_or_without_country_and_by_its_name():
    assert calendar.subdivision("DE", "DE-BY") == "BY"
    assert calendar.subdivision("CA", "QC", "Quebec") == "QC"
    assert calendar.subdivision("CH", "ZH-IT", "Zurigo") == "ZH"
    assert calendar.subdivision("ES", "GI", "Girona (Gerona)") == "CT"
    assert calendar.subdivision("ES", "PM", "Illes Balears (Islas Baleares)") == "IB"
    assert calendar.subdivision("CA", "own code", "British Columbia") == "BC"
    assert calendar.subdivision("DE", "", "Baden-Württemberg") == "BW"


@pytest.mark.parametrize(
    ("country", "code", "name"),
    [("DE", "XX", "Nowhere"), ("CN", "沪", "上海市"), ("XI", "BY", "Bayern"), ("GB", "A1", "Angus"), ("DE", "", "")],
)
def test_a_state_without_calendar_has_no_region(country, code, name):
    assert calendar.subdivision(country, code, name) is None


def test_a_region_has_its_own_holidays_beside_those_of_the_country():
    epiphany = (date(2027, 1, 6), "Epiphany")
    span = (date(2027, 1, 1), date(2027, 1, 31))
    assert epiphany not in names("DE", *span)
    assert epiphany in calendar.statutory_holidays("DE", *span, "BY")
    assert epiphany not in calendar.statutory_holidays("DE", *span, "HH")
    assert calendar.statutory_holidays("DE", *span, "no region") == names("DE", *span)
    quebec = calendar.statutory_holidays("CA", date(2027, 6, 1), date(2027, 6, 30), "QC")
    assert [day for day, _name in quebec] == [date(2027, 6, 24)]


def test_a_regional_holiday_has_its_local_name_and_is_a_day_off_there_only():
    day = date(2027, 1, 6)
    assert calendar.holiday_name("DE", day, "Epiphany", "de_DE", "BY") == "Heilige Drei Könige"
    assert calendar.holiday_name("DE", day, "Epiphany", "de_DE") == "Epiphany"
    assert calendar.workday_before("DE", day, region="BY") == date(2027, 1, 5)
    assert calendar.workday_before("DE", day, region="HH") == day
    assert calendar.workday_before("DE", day, region="??") == day


def test_chinese_names_where_the_library_has_them():
    assert calendar.holiday_name("CN", date(2027, 2, 6), "Chinese New Year (Spring Festival)", "zh_CN") == "春节"
    assert calendar.holiday_name("CN", date(2027, 10, 1), "National Day", "zh_TW") == "國慶節"
    assert calendar.holiday_name("DE", date(2027, 1, 1), "New Year's Day", "zh_CN") == "New Year's Day"
