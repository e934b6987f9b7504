"""Which crossings there were, and who had been warned when they began."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.missed import Heard, Line, Spell, compared, crossings, heard

LINES = (Line("elevated", 5), Line("severe", 10))
BEGINS, ENDS = date(2024, 3, 1), date(2024, 4, 30)


def found(counts: dict[int, int], unread: tuple[int, ...] = ()) -> list[tuple[int, int, int, str]]:
    lines = {period: LINES for period in counts if period not in unread}
    return [(c.first, c.last, c.most, c.severity) for c in crossings(counts, lines)]


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ({1: 0, 2: 4, 3: 4}, []),
        ({1: 0, 2: 5, 3: 0}, [(2, 2, 5, "elevated")]),
        ({1: 0, 2: 6, 3: 12, 4: 7, 5: 1}, [(2, 4, 12, "severe")]),
        ({1: 0, 2: 6, 3: 0, 4: 9}, [(2, 2, 6, "elevated"), (4, 4, 9, "elevated")]),
    ],
)
def test_periods_in_a_row_are_one_crossing_of_the_highest_level_that_they_reach(
    counts: dict[int, int], expected: list[tuple[int, int, int, str]]
) -> None:
    assert found(counts) == expected


def test_what_went_on_before_the_first_period_that_is_known_begins_nothing() -> None:
    assert found({1: 9, 2: 9}) == []
    assert found({1: 0, 3: 9}) == [], "period 2 is not known: 3 may have begun in it"


def test_a_period_without_a_line_is_no_crossing() -> None:
    assert found({1: 0, 2: 9, 3: 9}, unread=(2,)) == [(3, 3, 9, "elevated")]


def test_what_began_too_early_is_left_out_and_is_not_new_later() -> None:
    lines = dict.fromkeys(range(1, 7), LINES)
    counts = {1: 0, 2: 9, 3: 9, 4: 0, 5: 9, 6: 0}
    assert [one.first for one in crossings(counts, lines, after=2)] == [5]


def test_a_line_that_moves_is_the_one_of_the_period() -> None:
    moved = {1: LINES, 2: (Line("elevated", 8),), 3: LINES}
    assert [c.first for c in crossings({1: 0, 2: 6, 3: 6}, moved)] == [3]


def test_totals_are_those_of_whole_windows() -> None:
    counts = {1: 1, 2: 2, 3: 3, 5: 4}
    assert compared(counts, "total", 2) == {1: 3, 2: 5}
    assert compared(counts, "any", 2) == counts


@pytest.mark.parametrize(
    ("fired", "ended", "expected"),
    [
        ("2024-02-02", None, Heard.WARNED),
        ("2024-03-01", "2024-03-02", Heard.WARNED),
        ("2024-02-02", "2024-02-20", Heard.NOT_WARNED),
        ("2024-03-02", None, Heard.RANG_LATE),
        ("2024-04-30", None, Heard.RANG_LATE),
        ("2024-05-01", None, Heard.NOT_WARNED),
    ],
)
def test_who_is_warned_hears_it_before_the_first_day_begins(
    fired: str, ended: str | None, expected: Heard
) -> None:
    at, end = (day and f"{day}T00:00:00.000000Z" for day in (fired, ended))
    assert at
    told, alert = heard(BEGINS, ENDS, [Spell("al_1", at, end)])
    assert (told, alert) == (expected, None if expected is Heard.NOT_WARNED else "al_1")


def test_an_earlier_alert_that_goes_on_warns_though_another_rang_late() -> None:
    spells = [
        Spell("al_2", "2024-03-05T00:00:00.000000Z", None),
        Spell("al_1", "2024-01-05T00:00:00.000000Z", None),
    ]
    assert heard(BEGINS, ENDS, spells) == (Heard.WARNED, "al_1")


@settings(derandomize=True, deadline=None)
@given(st.dictionaries(st.integers(0, 40), st.integers(0, 15), max_size=40))
def test_crossings_never_overlap_and_every_period_in_them_is_above_its_line(
    counts: dict[int, int],
) -> None:
    last = -1
    for one in crossings(counts, dict.fromkeys(counts, LINES)):
        assert one.first > last
        last = one.last
        inside = [counts[period] for period in range(one.first, one.last + 1)]
        assert min(inside) >= 5
        assert max(inside) == one.most >= one.threshold
