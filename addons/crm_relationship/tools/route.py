"""Rounds of visits: places in, an order and days out.

No Odoo in here. Coordinates are degrees (WGS 84), distances kilometres as the crow flies: good enough to tell which
customer is next door, not how long the drive takes.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import asin, cos, radians, sin, sqrt
from typing import NamedTuple

EARTH_RADIUS_KM = 6371.0088  # mean radius, IUGG
LONGEST_DAY = 200  # nobody makes more visits in a day; nearest neighbour takes time with the square of the number


class Point(NamedTuple):
    latitude: float
    longitude: float


@dataclass(frozen=True)
class Stop:
    """One customer of a round. ``due`` is the day on which the visit falls due."""

    key: int
    country: str = ''
    postcode: str = ''
    city: str = ''
    street: str = ''
    point: Point | None = None
    due: date = date.min

    @property
    def has_place(self) -> bool:
        """Whether it can be ordered by place at all."""
        return bool(self.point or self.postcode or self.city)


class Visit(NamedTuple):
    """A stop on its day; ``position`` counts from 1 within the day."""

    key: int
    day: date
    position: int


def point_of(latitude: float | None, longitude: float | None) -> Point | None:
    """Return the point of a pair of coordinates; None for (0, 0), which is how "unknown" is stored, and off the globe.

    >>> point_of(0.0, 0.0) is None
    True
    """
    if not latitude and not longitude:
        return None
    if abs(latitude or 0) > 90 or abs(longitude or 0) > 180:
        return None
    return Point(latitude or 0.0, longitude or 0.0)


def distance_km(one: Point, other: Point) -> float:
    """Return the great-circle distance in kilometres (haversine formula).

    >>> round(distance_km(Point(52.52, 13.405), Point(48.137, 11.575)))  # Berlin - Munich
    504
    """
    lat1, lat2 = radians(one.latitude), radians(other.latitude)
    d_lat, d_lon = lat2 - lat1, radians(other.longitude - one.longitude)
    chord = sin(d_lat / 2) ** 2 + cos(lat1) * cos(lat2) * sin(d_lon / 2) ** 2
    return 2 * EARTH_RADIUS_KM * asin(sqrt(min(1.0, chord)))


def place_key(stop: Stop) -> tuple:
    """Return the key that sorts stops by place: those without any place come last."""
    return (
        not stop.has_place, stop.country.casefold(), _postcode_key(stop.postcode), stop.city.casefold(),
        stop.street.casefold(), stop.key,
    )


def _postcode_key(postcode: str) -> tuple[bool, str]:
    """Neighbouring postcodes sort together whatever their spaces; a missing one comes after the known ones."""
    text = ''.join(postcode.split()).casefold()
    return (not text, text)


def order_by_place(stops: Iterable[Stop]) -> list[Stop]:
    """Return the stops by country, postcode, city and street; without a place at the end."""
    return sorted(stops, key=place_key)


def order_round(stops: Sequence[Stop], start: Point | None = None) -> list[Stop]:
    """Return the stops of one day in the order in which to drive them.

    Where every stop that has a place also has coordinates, each next one is the nearest that is left (nearest
    neighbour, from ``start`` or else from the first by postcode); otherwise, and beyond :data:`LONGEST_DAY` stops,
    they go by postcode, city and street. Stops without a place come last.
    """
    ordered = order_by_place(stops)
    placed = [stop for stop in ordered if stop.has_place]
    lost = [stop for stop in ordered if not stop.has_place]
    if not placed or len(placed) > LONGEST_DAY or any(stop.point is None for stop in placed):
        return placed + lost
    route, here = [], start
    if here is None:
        route.append(placed.pop(0))
        here = route[0].point
    while placed:
        nearest = min(placed, key=lambda stop: (distance_km(here, stop.point), place_key(stop)))
        placed.remove(nearest)
        route.append(nearest)
        here = nearest.point
    return route + lost


def round_length_km(stops: Sequence[Stop], start: Point | None = None) -> float:
    """Return the length of a round from ``start`` through the stops with coordinates and back, in kilometres."""
    points = [stop.point for stop in stops if stop.point]
    if start:
        points = [start, *points, start]
    return sum(distance_km(one, other) for one, other in zip(points, points[1:], strict=False))


def plan_rounds(
    stops: Iterable[Stop], capacity: Mapping[date, int], start: Point | None = None, by_place: bool = True,
) -> list[Visit]:
    """Spread visits that are due over days.

    :param capacity: how many visits each workday can still take; days in any order, zero and less means full
    :param by_place: each day takes the most urgent stop and those next to it by place, so that a day stays in one
        area; otherwise days are filled strictly by due date, and nobody is visited before that date
    :return: by day and position. Stops for which no day has room are left out: they wait for the next run.

    The result depends on the arguments alone, not on the order of ``stops``.
    """
    waiting = order_by_place(stops)
    visits = []
    for day in sorted(capacity):
        room = capacity[day]
        if room <= 0 or not waiting:
            continue
        if by_place:
            first = min(range(len(waiting)), key=lambda index: (waiting[index].due, index))
            begin = max(0, min(first, len(waiting) - room))
            chosen, waiting = waiting[begin:begin + room], waiting[:begin] + waiting[begin + room:]
            chosen = order_round(chosen, start)
        else:
            ready = sorted((stop for stop in waiting if stop.due <= day), key=lambda stop: (stop.due, place_key(stop)))
            chosen = ready[:room]
            keys = {stop.key for stop in chosen}
            waiting = [stop for stop in waiting if stop.key not in keys]
        visits += [Visit(stop.key, day, position) for position, stop in enumerate(chosen, 1)]
    return visits


def free_capacity(workdays: Iterable[date], planned: Mapping[date, int], per_day: int) -> dict[date, int]:
    """Return how many visits each workday can still take; ``per_day`` 0 means as many as there are.

    >>> free_capacity([date(2026, 11, 23), date(2026, 11, 24)], {date(2026, 11, 23): 5}, 8)
    {datetime.date(2026, 11, 23): 3, datetime.date(2026, 11, 24): 8}
    """
    if per_day < 0:
        raise ValueError(f'A day cannot take {per_day} visits')
    if not per_day:
        return dict.fromkeys(workdays, 2**31 - 1)
    return {day: max(0, per_day - planned.get(day, 0)) for day in workdays}

