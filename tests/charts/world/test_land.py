"""The outline: whole countries, cut at the edges, light enough for a page."""

import re
from itertools import pairwise

import numpy as np
import pytest

from charts.world.atlas import countries
from charts.world.land import land
from charts.world.view import WIDTH, WORLD, View, fit

NIGERIA = fit([(13.2, 5.2), (11.8, 13.2), (4.8, 7.0)])


def spots(path: str) -> list[list[tuple[int, int]]]:
    """Return the points of each closed shape of a path, as a browser walks it."""
    shapes = []
    for shape in path.split("z")[:-1]:
        numbers = [int(text) for text in re.findall(r"-?\d+", shape)]
        steps = np.array(numbers).reshape(-1, 2).cumsum(axis=0)
        shapes.append([(x, y) for x, y in steps.tolist()])
    return shapes


def test_every_country_is_there_with_rings_that_are_on_the_globe() -> None:
    found = {one.name: one.rings for one in countries()}
    assert {"Afghanistan", "Nigeria", "Fiji", "Lebanon"} <= set(found)
    assert len(countries()) == 241
    for rings in found.values():
        for ring in rings:
            assert len(ring) >= 3
            assert np.all(np.abs(ring) <= (180.0001, 90.0001))


def test_the_middle_of_nigeria_is_inside_nigeria() -> None:
    (rings,) = (one.rings for one in countries() if one.name == "Nigeria")
    ring = max(rings, key=len)
    x, y = 8.0, 9.5
    closed = [*ring.tolist(), ring[0].tolist()]
    crossings = [
        (a, b)
        for a, b in pairwise(closed)
        if (a[1] > y) != (b[1] > y) and x < a[0] + (y - a[1]) / (b[1] - a[1]) * (b[0] - a[0])
    ]
    assert len(crossings) % 2 == 1


def test_who_has_no_code_of_iso_3166_has_an_outline_and_no_name() -> None:
    names = {one.name for one in countries()}
    assert "" in names
    assert names.isdisjoint({"Kosovo", "Somaliland", "N. Cyprus"})


@pytest.mark.parametrize("view", [WORLD, NIGERIA, fit([(-18.0, 178.0), (-17.0, -179.0)])])
def test_shapes_are_cut_just_outside_of_the_drawing(view: View) -> None:
    for shape in spots(land(view).shapes):
        assert len(shape) >= 3
        for x, y in shape:
            assert -7 <= x <= WIDTH + 7
            assert -7 <= y <= view.height + 7


def test_a_window_across_the_date_line_sees_both_sides() -> None:
    shapes = spots(land(fit([(-18.1, 178.4), (-16.8, -179.9)])).shapes)
    rights = [max(x for x, _ in shape) for shape in shapes]
    assert min(rights) < WIDTH / 2 < max(rights)


def test_the_countries_around_are_named_where_there_is_room() -> None:
    seen = land(NIGERIA)
    assert {"Nigeria", "Niger", "Cameroon", "Benin"} <= {one.text for one in seen.names}
    assert all(0 < one.x < WIDTH and 0 < one.y < NIGERIA.height for one in seen.names)


def test_an_outline_is_light(capsys: pytest.CaptureFixture[str]) -> None:
    weights = {"world": len(land(WORLD).shapes), "country": len(land(NIGERIA).shapes)}
    assert weights["world"] < 100_000
    assert weights["country"] < 10_000
    with capsys.disabled():
        print(f"\nbytes of outline: {weights}")


def test_the_grid_has_a_few_lines_at_round_degrees() -> None:
    for view in (WORLD, NIGERIA, View(0.0, 0.0, 360.0, 80.0)):
        lines = land(view).grid.count("M")
        assert 3 <= lines <= 25
