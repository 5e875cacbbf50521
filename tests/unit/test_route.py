"""Rounds of visits: order by place, days and their room."""

import doctest
from datetime import date, timedelta

import pytest
from addon_tools import load

route = load('crm_relationship', 'route')
Point, Stop = route.Point, route.Stop

MONDAY = date(2026, 11, 23)
TUESDAY, WEDNESDAY = MONDAY + timedelta(days=1), MONDAY + timedelta(days=2)


def keys(stops):
    return [stop.key for stop in stops]


def test_the_examples_of_the_docstrings_hold():
    assert doctest.testmod(route).failed == 0


def test_distances_are_symmetric_and_zero_to_oneself():
    berlin, munich = Point(52.52, 13.405), Point(48.137, 11.575)
    assert route.distance_km(berlin, munich) == route.distance_km(munich, berlin)
    assert route.distance_km(berlin, berlin) == 0
    assert route.distance_km(Point(0, 0), Point(0, 180)) == pytest.approx(20015, abs=1), "half the way around"


def test_unknown_and_impossible_coordinates_are_no_point():
    assert route.point_of(0, 0) is None
    assert route.point_of(None, None) is None
    assert route.point_of(91, 10) is None
    assert route.point_of(0, 13.4) == Point(0, 13.4), "the equator is a place"


def test_stops_go_by_postcode_then_city_then_street():
    stops = [
        Stop(1, postcode='80331', city='Munich'), Stop(2, postcode='10115', city='Berlin', street='B'),
        Stop(3, postcode='10115', city='Berlin', street='A'), Stop(4, city='Aachen'), Stop(5),
    ]
    assert keys(route.order_by_place(stops)) == [3, 2, 1, 4, 5]


def test_spaces_and_case_of_postcodes_do_not_matter():
    stops = [Stop(1, postcode='sw1a 1ab'), Stop(2, postcode='SW1A1AA'), Stop(3, postcode='SW1A 1AC')]
    assert keys(route.order_by_place(stops)) == [2, 1, 3]


def test_a_day_goes_to_the_nearest_each_time():
    line = [Stop(number, point=Point(50, longitude)) for number, longitude in ((1, 9.0), (2, 7.0), (3, 8.0))]
    assert keys(route.order_round(line, Point(50, 6.5))) == [2, 3, 1]
    assert keys(route.order_round(line, Point(50, 9.5))) == [1, 3, 2]


def test_one_stop_without_coordinates_falls_back_to_postcodes():
    stops = [
        Stop(1, postcode='30', point=Point(50, 7)), Stop(2, postcode='20'), Stop(3, postcode='10', point=Point(50, 9)),
    ]
    assert keys(route.order_round(stops, Point(50, 6))) == [3, 2, 1]


def test_a_stop_without_any_place_comes_last_and_is_not_lost():
    stops = [Stop(1), Stop(2, point=Point(50, 9)), Stop(3, point=Point(50, 7))]
    assert keys(route.order_round(stops, Point(50, 6))) == [3, 2, 1]
    assert keys(route.order_round([Stop(1)])) == [1]
    assert route.order_round([]) == []


def test_a_day_without_limit_goes_by_postcode_instead_of_taking_forever():
    stops = [Stop(number, postcode=f'{number:05}', point=Point(50, 9 - number / 10000)) for number in range(5000)]
    visits = route.plan_rounds(reversed(stops), {MONDAY: 2**31 - 1}, Point(50, 8.5))
    assert [visit.key for visit in visits] == list(range(5000))


def test_the_length_of_a_round_counts_the_way_back():
    stop = Stop(1, point=Point(50, 7))
    there = route.distance_km(Point(50, 6), Point(50, 7))
    assert route.round_length_km([stop], Point(50, 6)) == pytest.approx(2 * there)
    assert route.round_length_km([stop]) == 0


def test_each_day_stays_in_one_area_and_keeps_to_its_room():
    stops = [Stop(number, postcode=str(10000 + number), due=MONDAY) for number in range(7)]
    visits = route.plan_rounds(stops, {MONDAY: 3, TUESDAY: 0, WEDNESDAY: 3})
    assert visits == [
        (0, MONDAY, 1), (1, MONDAY, 2), (2, MONDAY, 3), (3, WEDNESDAY, 1), (4, WEDNESDAY, 2), (5, WEDNESDAY, 3),
    ], "the seventh waits"


def test_the_most_urgent_stop_chooses_the_area():
    stops = [Stop(number, postcode=str(10000 + number), due=TUESDAY) for number in range(6)]
    stops[3] = Stop(3, postcode='10003', due=MONDAY)
    visits = route.plan_rounds(stops, {MONDAY: 2})
    assert [visit.key for visit in visits] == [3, 4]
    assert [visit.key for visit in route.plan_rounds(stops, {MONDAY: 4})] == [2, 3, 4, 5], "the window stays full"


def test_the_result_does_not_depend_on_the_order_of_the_input():
    stops = [Stop(number, postcode=str(20000 - number * 7 % 11), due=MONDAY) for number in range(10)]
    capacity = {MONDAY: 4, TUESDAY: 4}
    assert route.plan_rounds(stops, capacity) == route.plan_rounds(reversed(stops), capacity)


def test_single_visits_are_never_before_they_are_due():
    stops = [Stop(1, due=WEDNESDAY), Stop(2, due=MONDAY), Stop(3, due=MONDAY - timedelta(days=9))]
    visits = route.plan_rounds(stops, {MONDAY: 1, TUESDAY: 5, WEDNESDAY: 5}, by_place=False)
    assert visits == [(3, MONDAY, 1), (2, TUESDAY, 1), (1, WEDNESDAY, 1)]


def test_room_is_what_is_left_of_a_day_and_zero_means_no_limit():
    assert route.free_capacity([MONDAY, TUESDAY], {MONDAY: 9}, 8) == {MONDAY: 0, TUESDAY: 8}
    assert route.free_capacity([MONDAY], {MONDAY: 9}, 0)[MONDAY] > 10**6
    with pytest.raises(ValueError, match='-1'):
        route.free_capacity([MONDAY], {}, -1)
