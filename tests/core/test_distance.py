"""Distances on the earth, and how far a circle reaches."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.distance import EARTH_KM, haversine_km, reach

LATITUDE, LONGITUDE = st.floats(-90, 90), st.floats(-180, 180)
POINT = st.tuples(LATITUDE, LONGITUDE)


@pytest.mark.parametrize(
    ("a", "b", "km"),
    [
        ((0, 0), (0, 1), 111.195),
        ((0, 0), (1, 0), 111.195),
        ((60, 0), (60, 1), 55.597),
        ((0, 179.5), (0, -179.5), 111.195),
        ((90, 0), (90, 77), 0),
        ((-90, 0), (90, 0), math.pi * EARTH_KM),
    ],
)
def test_known_distances(a: tuple[float, float], b: tuple[float, float], km: float) -> None:
    assert haversine_km(a, b) == pytest.approx(km, abs=0.2)


@settings(derandomize=True)
@given(POINT, POINT)
def test_a_distance_is_the_same_both_ways_and_at_most_half_the_earth(
    a: tuple[float, float], b: tuple[float, float]
) -> None:
    there = haversine_km(a, b)
    assert 0 <= there <= math.pi * EARTH_KM
    assert there == pytest.approx(haversine_km(b, a), abs=1e-6)


@settings(derandomize=True, max_examples=400)
@given(POINT, st.floats(0.1, 1000), st.floats(0, 2 * math.pi))
def test_no_point_of_a_circle_lies_outside_of_its_reach(
    centre: tuple[float, float], radius: float, bearing: float
) -> None:
    lat, lon = math.radians(centre[0]), math.radians(centre[1])
    angle = radius / EARTH_KM
    up = math.sin(lat) * math.cos(angle) + math.cos(lat) * math.sin(angle) * math.cos(bearing)
    there = math.asin(max(-1.0, min(1.0, up)))
    turn = math.atan2(
        math.sin(bearing) * math.sin(angle) * math.cos(lat), math.cos(angle) - math.sin(lat) * up
    )
    north, east = reach(centre[0], radius)
    assert abs(math.degrees(there) - centre[0]) <= north + 1e-6
    assert east == 180 or abs(math.degrees(turn)) <= east + 1e-6
    assert haversine_km(centre, (math.degrees(there), math.degrees(lon + turn))) == pytest.approx(
        radius, abs=0.01
    )
