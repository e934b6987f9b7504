"""The window fits what is shown, on either side of the date line."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from charts.world.view import WIDTH, WORLD, View, fit

NIGERIA = [(13.2, 5.2), (11.8, 13.2), (4.8, 7.0)]
POINTS = st.lists(st.tuples(st.floats(-84, 84), st.floats(-180, 180)), min_size=1, max_size=12)


def test_nothing_shown_is_the_world() -> None:
    assert fit([]) == WORLD


def test_a_country_fills_its_window() -> None:
    view = fit(NIGERIA)
    assert view.west < 5.2 < 13.2 < view.east
    assert view.south < 4.8 < 13.2 < view.north
    assert view.north - view.south < 11


def test_a_single_place_has_a_country_s_corner_around_it() -> None:
    view = fit([(33.9, 35.5)])
    assert view.north - view.south == pytest.approx(4.0, rel=0.1)
    assert view.at((33.9, 35.5)) == (
        pytest.approx(WIDTH / 2, rel=0.05),
        pytest.approx(view.height / 2, rel=0.05),
    )


def test_a_middle_that_moves_a_little_leaves_the_window_as_it_is() -> None:
    moved = [(north + 0.01, east - 0.02) for north, east in NIGERIA]
    assert fit(moved) == fit(NIGERIA)
    assert fit([(14.9, 5.2), *NIGERIA]) != fit(NIGERIA)


def test_places_on_both_sides_of_the_date_line_are_neighbours() -> None:
    view = fit([(-18.1, 178.4), (-16.8, -179.9)])
    assert view.east - view.west < 10
    (a, _), (b, _) = view.at((-18.1, 178.4)), view.at((-16.8, -179.9))
    assert 0 < a < b < WIDTH


def test_degrees_are_as_long_as_they_are_in_the_middle() -> None:
    view = View(0.0, 59.0, 10.0, 61.0)
    (x0, y0), (x1, y1) = view.at((60.0, 1.0)), view.at((59.5, 2.0))
    assert x1 - x0 == pytest.approx(y1 - y0, rel=0.01), "a degree east is half a degree north at 60"


@settings(derandomize=True, max_examples=200, deadline=None)
@given(POINTS)
def test_every_place_is_in_the_drawing_whatever_they_are(points: list[tuple[float, float]]) -> None:
    view = fit(points)
    assert view.east > view.west
    assert 0.2 * WIDTH < view.height < WIDTH
    for point in points:
        x, y = view.at(point)
        assert -1 <= x <= WIDTH + 1
        assert -1 <= y <= view.height + 1
