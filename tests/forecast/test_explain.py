"""A change in parts: they add up, and each holds what it should."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from core.explanations import Arrived, Revised
from core.periods import Period
from core.series import FloatArray, Panel
from forecast.explain import (
    MOST_REVISED,
    Series,
    Stretch,
    Views,
    new_periods,
    revised_periods,
    same_counts,
    split,
)

KEY = ("Nigeria", "Borno")
NAN = float("nan")
means = st.floats(0, 1e6)


def stretch(*counts: float, end: int = 100) -> Stretch:
    return Stretch(np.array(counts), end)


def panel(counts: FloatArray, end: int = 100) -> Panel:
    keys = tuple(("Nigeria", str(n)) for n in range(len(counts)))
    blank = np.full((len(counts), 0), np.nan)
    return Panel(keys, Period.MONTH, counts, np.full(len(counts), end), blank)


@settings(max_examples=200, derandomize=True)
@given(means, means, means, means, means, st.none() | means)
def test_the_parts_add_up_to_the_change(
    before: float, after: float, then: float, settled: float, redone: float, now: float | None
) -> None:
    views = Views({KEY: then}, {KEY: settled}, {KEY: redone}, None if now is None else {KEY: now})
    parts = split(KEY, before, after, views)
    assert np.isclose(sum(parts), after - before, atol=1e-6)
    assert np.isclose(parts.revised, redone - settled)


def test_with_an_unchanged_program_and_no_revision_all_is_the_new_periods() -> None:
    same = {KEY: 4.0}
    assert split(KEY, 4.0, 7.5, Views(same, same, same, None)) == (3.5, 0.0, 0.0)


def test_what_was_known_of_an_open_period_is_not_counted_as_new_twice() -> None:
    views = Views({KEY: 5.0}, {KEY: 4.0}, {KEY: 4.0}, None)
    assert split(KEY, 5.0, 5.0, views) == (0.0, 0.0, 0.0)


def test_what_a_costly_member_changes_stands_with_the_program() -> None:
    plain = {KEY: 4.0}
    assert split(KEY, 4.5, 7.0, Views(plain, plain, plain, {KEY: 6.0})) == (2.0, 0.0, 0.5)


def test_a_region_that_was_counted_otherwise_then_changed_by_the_program() -> None:
    assert split(KEY, 4.0, 6.0, Views({}, {}, {KEY: 5.0}, None)) == (0.0, 0.0, 2.0)


def test_a_region_of_whose_old_events_nothing_is_left_lost_them_by_revision() -> None:
    same = {KEY: 4.0}
    assert split(KEY, 4.0, 1.0, Views(same, same, {}, None)) == (1.0, -4.0, 0.0)


def test_new_periods_carry_what_was_expected_of_them_and_skip_uncovered_ones() -> None:
    found = new_periods(stretch(3, 5, NAN, 18), 98, {99: 4.0, 100: 12.5})
    assert found == (Arrived(100, 18, 12.5),)
    assert new_periods(stretch(3, 18), 98, {}) == (Arrived(99, 3, None), Arrived(100, 18, None))
    assert new_periods(stretch(3, 18), 100, {}) == ()
    assert new_periods(stretch(3, 18), 90, {}) == new_periods(stretch(3, 18), 98, {})


def test_revised_periods_are_found_where_both_cover_whatever_their_ends() -> None:
    assert revised_periods(stretch(1, 2, 3), stretch(1, 5, 3)) == ((Revised(99, 2, 5),), 1)
    assert revised_periods(stretch(1, NAN, 3), stretch(1, 5, NAN)) == ((), 0)
    assert revised_periods(stretch(1, 2, end=99), stretch(7, 8, end=100)) == (
        (Revised(99, 2, 7),),
        1,
    )
    assert revised_periods(stretch(1, end=90), stretch(7, end=100)) == ((), 0)


def test_the_most_changed_periods_are_named_and_all_are_counted() -> None:
    before = np.zeros(9)
    after = np.array([1.0, 9, 2, 8, 3, 7, 4, 6, 0])
    found, in_all = revised_periods(Stretch(before, 100), Stretch(after, 100))
    assert (len(found), in_all) == (MOST_REVISED, 8)
    assert [one.after for one in found] == [9, 8, 7, 4, 6]


def test_a_region_without_a_series_today_lost_all_its_events() -> None:
    found, in_all = revised_periods(stretch(0, 2, NAN, 3), None)
    assert found == (Revised(98, 2, 0), Revised(100, 3, 0))
    assert in_all == 2


def test_counts_are_the_same_only_with_the_same_regions_ends_and_gaps() -> None:
    counts = np.array([[1.0, NAN, 3.0]])
    assert same_counts(panel(counts), panel(counts.copy()))
    assert not same_counts(panel(counts), panel(np.array([[1.0, 2.0, 3.0]])))
    assert not same_counts(panel(counts), panel(counts, end=101))
    assert not same_counts(panel(counts), panel(np.tile(counts, (2, 1))))


def test_series_are_found_by_region() -> None:
    series = Series(panel(np.array([[1.0, 2.0], [3.0, 4.0]])))
    found = series.get(("Nigeria", "1"))
    assert found is not None
    assert (found.counts.tolist(), found.first, found.end) == ([3.0, 4.0], 99, 100)
    assert series.get(("Nigeria", "2")) is None
