"""Territories: which addresses lie in them, and when two of them touch."""

import pytest
from addon_tools import load

tool = load('crm_relationship', 'territory')
Territory = tool.Territory


def area(country=None, states=(), cities='', zips=''):
    return Territory(country, frozenset(states), tool.split_words(cities), tool.split_words(zips))


def test_lists_are_typed_with_any_separator_and_case():
    assert tool.split_words(' Hamburg, bremen;\nKiel、上海，,') == {'hamburg', 'bremen', 'kiel', '上海'}
    assert tool.split_words(None) == frozenset()


@pytest.mark.parametrize(('address', 'inside'), [
    ({'country': 1, 'city': 'HAMBURG ', 'zipcode': '20095'}, True),
    ({'country': 1, 'city': 'Hamburg', 'zipcode': '30095'}, False),
    ({'country': 2, 'city': 'Hamburg', 'zipcode': '20095'}, False),
    ({'country': 1, 'city': 'Berlin', 'zipcode': '20095'}, False),
    ({'country': 1}, False),
    ({}, False),
])
def test_an_address_lies_inside_when_every_limit_holds(address, inside):
    assert area(1, cities='Hamburg, Bremen', zips='20, 21').covers(**address) is inside


def test_what_is_empty_limits_nothing():
    assert area(1).covers(country=1, state=7, city='Anywhere')
    assert area(states=[7]).covers(country=1, state=7)
    assert not area(states=[7]).covers(country=1)


@pytest.mark.parametrize(('one', 'other', 'overlap'), [
    (area(1), area(2), False),
    (area(1), area(1, [7]), True),
    (area(1, [7]), area(1, [8]), False),
    (area(1, [7, 8]), area(1, [8, 9]), True),
    (area(1, cities='Kiel'), area(1, cities='Bremen'), False),
    (area(1, zips='20'), area(1, zips='201, 30'), True),
    (area(1, zips='20'), area(1, zips='21'), False),
    (area(1, cities='Kiel'), area(1, zips='24'), True),
    (area(zips='24'), area(1), True),
])
def test_territories_overlap_unless_a_limit_keeps_them_apart(one, other, overlap):
    assert one.overlaps(other) is overlap
    assert other.overlaps(one) is overlap
