"""Instants in and out of text, in one zone and in order."""

from datetime import UTC, date, datetime, timedelta, timezone

from hypothesis import given, settings
from hypothesis import strategies as st

from core.clock import FixedClock, SystemClock, at_date, stamp, stopwatch, to_the_minute, unstamp

INSTANTS = st.datetimes(timezones=st.just(UTC))


def test_the_systems_clock_tells_utc() -> None:
    assert SystemClock().now().utcoffset() == timedelta(0)


def test_a_fixed_clock_stands_still() -> None:
    instant = datetime(2022, 10, 1, 6, tzinfo=UTC)
    clock = FixedClock(instant)
    assert clock.now() == clock.now() == instant


def test_a_day_begins_at_midnight_utc() -> None:
    assert stamp(at_date(date(2022, 10, 1))) == "2022-10-01T00:00:00.000000Z"


def test_an_instant_of_another_zone_is_stamped_in_utc() -> None:
    lagos = timezone(timedelta(hours=1))
    assert stamp(datetime(2022, 10, 1, tzinfo=lagos)) == "2022-09-30T23:00:00.000000Z"


@settings(max_examples=300, derandomize=True)
@given(INSTANTS)
def test_a_stamp_is_read_back(instant: datetime) -> None:
    assert unstamp(stamp(instant)) == instant


@settings(max_examples=300, derandomize=True)
@given(INSTANTS, INSTANTS)
def test_stamps_sort_as_time_runs(one: datetime, other: datetime) -> None:
    assert (stamp(one) < stamp(other)) == (one < other)


def test_the_stopwatch_never_runs_backwards() -> None:
    readings = [stopwatch() for _ in range(100)]
    assert readings == sorted(readings)


def test_people_read_a_stamp_to_the_minute() -> None:
    assert to_the_minute("2024-01-31T06:00:41.630381Z") == "2024-01-31T06:00Z"
