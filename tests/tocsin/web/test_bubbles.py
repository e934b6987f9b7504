"""Bubbles: colour for how likely, size for how many, none hidden by a larger one."""

from typing import Any

import pytest

from tests.tocsin.sheets_of import sheet
from tocsin.web.bubbles import LINKED, drawing, shade_of
from tocsin.web.packed import Packed, packed
from tocsin.web.places import Places

ALERT = {"id": "al_1", "rule": "r", "severity": "severe", "since": "s", "state": "firing"}


def row(region: str, tempo: int | None = 1, likely: float | None = 0.1, **more: Any) -> Packed:
    (made,) = sheet([region]).rows
    level = {**made["rules"][0], "probability": likely}
    rules = [] if likely is None else [level]
    tempo_row = {"period": "2022-09", "count": tempo}
    return packed({**made, "tempo": tempo_row, "rules": rules, **more})


@pytest.mark.parametrize(
    ("probability", "shade"),
    [(None, "unread"), (0.0, "p0"), (0.0999, "p0"), (0.1, "p1"), (0.5, "p3"), (0.75, "p4")],
)
def test_a_shade_stands_for_a_range_of_probabilities(probability: float | None, shade: str) -> None:
    assert shade_of(probability) == shade


def test_areas_grow_with_the_tempo_and_an_unknown_one_is_smallest() -> None:
    rows = [row("a", 0), row("b", 10), row("c", 20), row("d", None)]
    drawn = drawing(rows, {one.gist.region: (10.0, n) for n, one in enumerate(rows)})
    radius = {one.region: one.radius for one in drawn.bubbles}
    assert radius["a"] == radius["d"] < radius["b"] < radius["c"]
    middle = (radius["a"] ** 2 + radius["c"] ** 2) / 2
    assert radius["b"] ** 2 == pytest.approx(middle, rel=0.01)
    assert [one.words for one in drawn.sizes] == ["20", "5", "0"]


def test_the_smallest_bubbles_are_drawn_last_so_that_none_is_hidden() -> None:
    rows = [row("small", 1), row("large", 9), row("middle", 5)]
    drawn = drawing(rows, {one.gist.region: (10.0, 10.0) for one in rows})
    assert [one.region for one in drawn.bubbles] == ["large", "middle", "small"]


def test_a_bubble_says_what_it_shows() -> None:
    rows = [row("Borno", 7, 0.62, alert=ALERT), row("Yobe", None, None)]
    drawn = drawing(rows, {"Borno": (11.8, 13.2), "Yobe": (12.3, 11.4)})
    words = {one.region: (one.words, one.state) for one in drawn.bubbles}
    assert words["Borno"] == ("Borno: 7 in 2022-09; 3 or more: 62 %; severe, firing", "firing")
    assert words["Yobe"] == ("Yobe: not covered in 2022-09", "")


def test_regions_without_a_place_are_told_and_do_not_move_the_window() -> None:
    rows = [row("here", 50), row("nowhere", 99)]
    drawn = drawing(rows, {"here": (10.0, 10.0), "gone": (-60.0, 170.0)})
    assert drawn.missing == ["nowhere"]
    assert drawn.view.north - drawn.view.south < 5
    assert drawn.sizes[0].words == "50"


def test_beyond_the_most_threatened_regions_are_dots_that_are_drawn_together() -> None:
    rows = [row(str(n), n % 7, n % 10 / 10) for n in range(LINKED + 500)]
    places = {one.gist.region: (n % 60 - 30.0, n % 100 - 50.0) for n, one in enumerate(rows)}
    drawn = drawing(rows, places)
    assert {one.region for one in drawn.bubbles} == {str(n) for n in range(LINKED)}
    assert sum(one.path.count("M") for one in drawn.dots) == 500
    assert len(drawn.dots) <= 20
    widths = [one.width for one in drawn.dots]
    assert widths == sorted(widths, reverse=True)


def test_a_map_of_nothing_is_the_world_without_bubbles() -> None:
    drawn = drawing([], {})
    assert (drawn.bubbles, drawn.dots, drawn.missing) == ([], [], [])
    assert drawn.land.shapes


def test_the_nearest_regions_come_with_their_distance() -> None:
    known = {"here": (10.0, 10.0), "near": (10.0, 11.0), "far": (10.0, 20.0), "gone": (10.0, 10.1)}
    found = Places(known, rounded=False).nearest("here", {"here", "near", "far"}, 2)
    assert [region for region, _ in found] == ["near", "far"]
    assert found[0][1] == pytest.approx(109.5, abs=0.5)
    assert Places(known, rounded=False).nearest("nowhere", known, 2) == []
