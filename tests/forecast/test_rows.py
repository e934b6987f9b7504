"""What regions add up to as counted: known where all of them are, and never by guess."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.regions import ABROAD, ALL, RegionKey
from forecast.rows import Row, Sum, sums

BORNO, YOBE, GAO = ("Nigeria", "Borno"), ("Nigeria", "Yobe"), ("Mali", "Gao")
NAN = float("nan")


def row(key: RegionKey, counts: list[float], newest: int = 100, *opened: float) -> Row:
    return Row(key, newest, np.array(counts), np.array(opened), date(2024, 5, 31))


def made(rows: list[Row], *wanted: str) -> dict[RegionKey, Sum | str]:
    return dict(sums(rows, wanted))


def total(rows: list[Row], wanted: str) -> Row:
    (found,) = made(rows, wanted).values()
    assert isinstance(found, Sum)
    return found.row


def test_a_total_is_known_where_all_of_its_regions_are() -> None:
    found = total([row(BORNO, [1, NAN, 3, 4]), row(YOBE, [2, 3])], "Nigeria")
    assert found.counts.tolist() == [5, 7]
    assert (found.key, found.newest) == (("Nigeria",), 100)
    gapped = total([row(BORNO, [1, NAN, 3]), row(YOBE, [1, 1, 1])], "Nigeria")
    assert np.array_equal(gapped.counts, [2, NAN, 4], equal_nan=True)


def test_it_ends_with_the_region_that_ends_first_and_later_counts_are_so_far() -> None:
    found = total([row(BORNO, [1, 2, 3], 100), row(YOBE, [4, 5, 6], 101, 7)], "Nigeria")
    assert (found.newest, found.counts.tolist()) == (100, [6, 8])
    assert np.isnan(found.opened).tolist() == [True, True]
    found = total([row(BORNO, [1], 100, 2, 3), row(YOBE, [4, 5], 101, 6)], "Nigeria")
    assert found.opened.tolist() == [7, 9]


def test_what_is_open_in_one_region_and_unseen_in_another_is_unknown() -> None:
    found = total([row(BORNO, [1], 100, 2), row(YOBE, [1], 100, NAN)], "Nigeria")
    assert np.isnan(found.opened).all()


def test_names_choose_countries_and_all_together_only_by_its_own_name() -> None:
    rows = [row(GAO, [1]), row(BORNO, [2]), row(YOBE, [3])]
    assert list(made(rows, "*")) == [("Mali",), ("Nigeria",)]
    assert list(made(rows, "N*", "(all)")) == [ALL, ("Nigeria",)]
    found = made(rows, "(all)", "Nigeria")
    assert [one.parts for one in found.values() if isinstance(one, Sum)] == [(0, 1, 2), (1, 2)]


def test_a_watch_by_one_column_has_one_total() -> None:
    rows = [row(("Mali",), [1]), row(("Niger",), [2])]
    assert total(rows, "(all)").counts.tolist() == [3]


def test_abroad_holds_what_other_regions_count() -> None:
    rows = [row(("Group", "Mali"), [1]), row(("Group", ABROAD), [1])]
    assert total(rows, "Group").counts.tolist() == [1]


@pytest.mark.parametrize(
    ("rows", "wanted", "why"),
    [
        ([row(BORNO, [1])], "Nigera", "no forecast region is part of the total 'Nigera'"),
        ([row(("(all)",), [1]), row(("x",), [1])], "(all)", "a region is called '(all)' itself"),
        ([row(BORNO, [1, NAN]), row(YOBE, [NAN, 2])], "Nigeria", "no period is complete"),
        ([row(BORNO, [1, 2]), row(YOBE, [1, NAN])], "Nigeria", "has a gap"),
    ],
)
def test_a_total_that_cannot_be_had_says_why(rows: list[Row], wanted: str, why: str) -> None:
    (found,) = made(rows, wanted).values()
    assert isinstance(found, str)
    assert why in found


COUNTS = st.lists(st.one_of(st.integers(0, 10**6).map(float), st.just(NAN)), min_size=1, max_size=9)


@settings(derandomize=True, max_examples=300, deadline=None)
@given(st.lists(st.tuples(COUNTS, st.integers(95, 103)), min_size=1, max_size=6))
def test_no_total_is_anything_but_the_sum_of_known_counts(
    given_rows: list[tuple[list[float], int]],
) -> None:
    """Series end with a known count, as `forecast.series` makes them."""
    rows = [
        row(("A", str(n)), [*counts, 1.0], newest) for n, (counts, newest) in enumerate(given_rows)
    ]
    (found,) = made(rows, "A").values()
    if isinstance(found, str):
        return
    assert found.row.newest == min(one.newest for one in rows)
    assert not np.isnan(found.row.counts[-1])
    for place, count in enumerate(found.row.counts):
        period = found.row.first + place
        parts = [float(one.between(period, period)[0]) for one in rows]
        assert (np.isnan(count) and np.isnan(parts).any()) or count == sum(parts)
