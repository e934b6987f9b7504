"""Up to when silence means zero."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.settings import FeedSettings
from feeds.spans import Seen, stretches
from feeds.ucdp_csv import UcdpCsvSettings

TODAY = date(2024, 6, 30)
DAYS = st.dates(date(2024, 1, 1), date(2024, 3, 31))


def test_the_whole_feed_spans_its_countries_and_rows_without_one() -> None:
    seen = Seen()
    seen.add([("B", "2024-02-01"), ("A", "2024-02-03"), ("A", "2024-02-02")])
    seen.add([(None, "2024-01-01")])
    assert list(seen.days().items()) == [
        ("", (date(2024, 1, 1), date(2024, 2, 3))),
        ("A", (date(2024, 2, 2), date(2024, 2, 3))),
        ("B", (date(2024, 2, 1), date(2024, 2, 1))),
    ]


def test_a_feed_that_starts_after_what_it_covers_covers_nothing() -> None:
    feed = FeedSettings(name="f", kind="csv", covered_through=date(2023, 1, 1))
    days = {"": (date(2024, 1, 1), date(2024, 1, 5))}
    assert stretches(feed, days, TODAY, lambda day: day) == []


@pytest.mark.parametrize("until", [date(2024, 7, 31), "release"])
def test_no_day_after_today_is_covered_whatever_a_source_says(until: date | str) -> None:
    feed = UcdpCsvSettings(name="f", path="f.csv", covered_through=until)
    days = {"": (date(2024, 1, 1), date(2024, 6, 5))}
    (found,) = stretches(feed, days, TODAY, lambda day: day, date(2024, 12, 31))
    assert (found.first, found.through) == (date(2024, 1, 1), TODAY)


@settings(derandomize=True, deadline=None)
@given(
    first=DAYS,
    length=st.integers(0, 90),
    gaps=st.lists(st.tuples(DAYS, st.integers(0, 30)), max_size=4),
)
def test_stretches_are_exactly_the_days_outside_the_gaps(
    first: date, length: int, gaps: list[tuple[date, int]]
) -> None:
    closed = tuple((start, start + timedelta(days=days)) for start, days in gaps)
    feed = FeedSettings(name="f", kind="csv", gaps=closed)
    last = first + timedelta(days=length)
    covered = stretches(feed, {"": (first, last)}, TODAY, lambda day: day)
    listed = [
        stretch.first + timedelta(days=n)
        for stretch in covered
        for n in range((stretch.through - stretch.first).days + 1)
    ]
    expected = [
        day
        for day in (first + timedelta(days=n) for n in range(length + 1))
        if not any(a <= day <= b for a, b in closed)
    ]
    assert listed == expected
