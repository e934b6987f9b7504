"""Geometry of the charts: what is known, unknown and expected can be told apart."""

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tocsin.sheets_of import sheet
from tocsin.web.backdrop import Point
from tocsin.web.pages.fan import FLOOR, LEFT, RIGHT, TOP, WIDTH, Earlier, Lines, fan, nice
from tocsin.web.pages.spark import HEIGHT, spark


def step(period: str, low: int, high: int, reported: int | None = None) -> dict[str, Any]:
    middle = (low + high) // 2
    return {
        "period": period,
        "low_90": low,
        "low_50": middle,
        "median": middle,
        "high_50": middle,
        "high_90": high,
        "reported": reported,
    }


def heights(path: str) -> list[float]:
    return [float(y) for y in re.findall(r"V([\d.]+)", path)]


def test_a_known_zero_is_a_stub_and_an_unknown_count_is_a_dot() -> None:
    drawn = fan([Point("a", 0), Point("b", None), Point("c", 4)], [])
    assert len(heights(drawn.bars)) == 2
    assert heights(drawn.bars)[0] == FLOOR - 1
    assert drawn.unknown.count("M") == 1


def test_what_is_reported_so_far_is_drawn_apart() -> None:
    drawn = fan([Point("a", 1)], [step("b", 0, 4, reported=2), step("c", 0, 4)])
    assert drawn.open_bars.count("M") == 1


def test_the_axis_holds_history_interval_and_threshold() -> None:
    assert fan([Point("a", 7)], []).top >= 7
    assert fan([], [step("b", 0, 30)]).top >= 30
    assert fan([], [step("b", 0, 3)], lines=Lines(threshold=50)).top >= 50
    assert fan([], [step("b", 0, 3)], lines=Lines(threshold=50)).y(0) == FLOOR


def test_a_baseline_above_the_axis_is_not_drawn_at_a_wrong_height() -> None:
    assert fan([Point("a", 1)], [], lines=Lines(baseline=99.0)).baseline is None
    assert fan([Point("a", 9)], [], lines=Lines(baseline=4.5)).baseline is not None


def test_the_level_since_a_change_is_drawn_from_that_change_on() -> None:
    history = [Point("a", 1), Point("b", 2), Point("c", 9)]
    level = fan(history, [], lines=Lines(level=8.0, since="c")).level
    assert level is not None
    assert level.x == pytest.approx(LEFT + 2 * (WIDTH - LEFT - RIGHT) / 3, abs=0.1)
    assert fan(history, [], lines=Lines(level=8.0, since="earlier")).level == (LEFT, level.y)
    assert fan(history, [], lines=Lines(level=99.0, since="c")).level is None
    assert fan(history, []).level is None


def test_newest_periods_have_their_expected_interval_where_they_are_shown() -> None:
    late = [{"period": "a", "low_90": 1, "high_90": 5, "median": 3}, step("gone", 0, 1)]
    (one,) = fan([Point("a", 1)], [], late).late
    assert one.high < one.median < one.low


@pytest.mark.parametrize(("top", "last"), [(1, 1), (5, 5), (7, 8), (23, 25), (999, 1000)])
def test_marks_are_whole_round_and_reach_the_top(top: int, last: int) -> None:
    marks = nice(top)
    assert marks[0] == 0
    assert marks[-1] == last
    assert len(marks) <= 7


@settings(derandomize=True, max_examples=60, deadline=None)
@given(st.lists(st.none() | st.integers(0, 10**9), max_size=130), st.integers(0, 10**9))
def test_no_chart_leaves_its_frame(counts: list[int | None], high: int) -> None:
    drawn = fan([Point(str(n), count) for n, count in enumerate(counts)], [step("x", 0, high)])
    numbers = heights(drawn.bars)
    assert all(TOP <= y <= FLOOR for y in numbers)
    assert all(0 <= tick.at <= 960 for tick in drawn.columns)
    assert "nan" not in repr(drawn)


def test_a_row_s_small_chart_says_in_words_what_it_shows() -> None:
    (row,) = sheet(["x"]).rows
    drawn = spark(row)
    assert drawn.words == "Last 3: not covered, 2, 4"
    assert drawn.unknown.count("M") == 1
    assert len(drawn.whiskers) == 2
    assert all(0 <= w.high <= w.median <= w.low <= HEIGHT for w in drawn.whiskers)


def test_known_dates_are_marked_in_the_periods_that_are_drawn() -> None:
    known = [("b", "Eid 20–22 March"), ("gone", "long ago")]
    drawn = fan([Point("a", 1)], [step("b", 0, 4)], dates=known)
    assert [mark.text for mark in drawn.marks] == ["Eid 20–22 March"]
    assert drawn.marks[0].at > drawn.now


def test_what_was_forecast_stands_behind_what_came_on_the_same_axis() -> None:
    history = [Point("a", 3), Point("b", 5)]
    past = [Earlier("a", 1, 2, 4), Earlier("b", 2, 4, 19), Earlier("gone", 0, 0, 900)]
    drawn = fan(history, [step("c", 0, 9)], past=past)
    assert 19 <= drawn.top < 100
    assert drawn.past.count("z") == drawn.past_median.count("M") == 2
    assert heights(drawn.past) == [drawn.y(4), drawn.y(19)]
    assert f" {drawn.y(4):g}h" in drawn.past_median


def test_an_interval_of_one_count_is_a_stroke_and_not_nothing() -> None:
    drawn = fan([Point("a", 0)], [], past=[Earlier("a", 0, 0, 0)])
    assert heights(drawn.past) == [FLOOR - 1]


def test_without_past_forecasts_nothing_stands_behind() -> None:
    drawn = fan([Point("a", 3)], [step("b", 0, 9)])
    assert (drawn.past, drawn.past_median) == ("", "")
