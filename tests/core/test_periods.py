"""Days, weeks and months as whole numbers, against the calendar itself."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.periods import Period

DAYS = st.dates(date(1900, 1, 1), date(2200, 12, 31))


@pytest.mark.parametrize(
    ("period", "day", "label", "first", "last"),
    [
        (Period.DAY, "2022-10-01", "2022-10-01", "2022-10-01", "2022-10-01"),
        (Period.WEEK, "2022-10-01", "2022-W39", "2022-09-26", "2022-10-02"),
        (Period.WEEK, "2021-01-03", "2020-W53", "2020-12-28", "2021-01-03"),
        (Period.WEEK, "2024-12-30", "2025-W01", "2024-12-30", "2025-01-05"),
        (Period.MONTH, "2024-02-29", "2024-02", "2024-02-01", "2024-02-29"),
        (Period.MONTH, "2022-12-31", "2022-12", "2022-12-01", "2022-12-31"),
    ],
)
def test_a_day_falls_into_its_period(
    period: Period, day: str, label: str, first: str, last: str
) -> None:
    index = period.of(date.fromisoformat(day))
    assert period.label(index) == label
    assert period.start(index) == date.fromisoformat(first)
    assert period.end(index) == date.fromisoformat(last)


@settings(max_examples=300, derandomize=True)
@given(st.sampled_from(Period), DAYS)
def test_periods_tile_the_calendar(period: Period, day: date) -> None:
    index = period.of(day)
    assert period.start(index) <= day <= period.end(index)
    assert period.end(index) + timedelta(days=1) == period.start(index + 1)
    assert period.of(period.start(index)) == period.of(period.end(index)) == index


@settings(max_examples=300, derandomize=True)
@given(DAYS)
def test_weeks_run_from_monday_to_sunday(day: date) -> None:
    index = Period.WEEK.of(day)
    assert Period.WEEK.start(index).isoweekday() == 1
    assert Period.WEEK.end(index).isoweekday() == 7


@settings(max_examples=300, derandomize=True)
@given(st.sampled_from(Period), DAYS)
def test_the_last_complete_period_is_over_and_the_next_is_not(period: Period, day: date) -> None:
    index = period.last_complete(day)
    assert period.end(index) <= day < period.end(index + 1)


def test_a_period_is_complete_on_its_last_day() -> None:
    october = Period.MONTH.of(date(2022, 10, 1))
    assert Period.MONTH.last_complete(date(2022, 10, 31)) == october
    assert Period.MONTH.last_complete(date(2022, 10, 30)) == october - 1


def test_the_baseline_year_is_counted_in_periods() -> None:
    assert [Period(name).year_length for name in ("day", "week", "month")] == [365, 52, 12]
