"""Ageing of open items."""

from datetime import date, timedelta

from addon_tools import load

aging = load('crm_credit', 'aging')
TODAY = date(2025, 6, 30)


def due(days):
    return TODAY - timedelta(days=days)


def test_the_due_date_itself_is_not_overdue():
    assert aging.days_overdue(TODAY, TODAY) == 0
    assert aging.bucket(TODAY, TODAY) == 'not_due'


def test_every_bucket_begins_and_ends_on_its_day():
    expected = {
        0: 'not_due',
        1: 'overdue_1_30',
        30: 'overdue_1_30',
        31: 'overdue_31_60',
        60: 'overdue_31_60',
        61: 'overdue_61_90',
        90: 'overdue_61_90',
        91: 'overdue_91_120',
        120: 'overdue_91_120',
        121: 'overdue_over_120',
        5000: 'overdue_over_120',
    }
    assert {days: aging.bucket(due(days), TODAY) for days in expected} == expected


def test_an_item_without_due_date_is_not_due():
    assert aging.bucket(None, TODAY) == 'not_due'


def test_sums_add_up_to_the_receivable():
    ageing = aging.age(
        [
            aging.OpenItem(100, due(-5)),
            aging.OpenItem(200, due(10)),
            aging.OpenItem(300, due(200)),
            aging.OpenItem(-50),
        ],
        TODAY,
    )
    assert (ageing.not_due, ageing.overdue_1_30, ageing.overdue_over_120, ageing.unapplied) == (100, 200, 300, -50)
    assert ageing.receivable == 550
    assert ageing.overdue == 500
    assert ageing.max_days_overdue == 200


def test_a_disputed_item_stays_owed_but_is_not_overdue():
    ageing = aging.age([aging.OpenItem(100, due(90), disputed=True), aging.OpenItem(20, due(5))], TODAY)
    assert ageing.receivable == 120
    assert ageing.disputed == 100
    assert ageing.overdue == 20
    assert ageing.max_days_overdue == 5


def test_an_old_credit_note_has_no_age():
    ageing = aging.age([aging.OpenItem(-100, due(300))], TODAY)
    assert ageing.overdue == 0 and ageing.max_days_overdue == 0 and ageing.receivable == -100
