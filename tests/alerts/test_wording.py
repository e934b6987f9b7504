"""Numbers in words: whole, plain, and never more certain than the number."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts import wording
from core.periods import Period


@pytest.mark.parametrize(
    ("probability", "percent", "words"),
    [
        (0.0, 5, "less than 1 in 20"),
        (0.024, 5, "less than 1 in 20"),
        (0.026, 5, "about 1 in 20"),
        (0.1, 10, "about 1 in 10"),
        (0.26, 25, "about 1 in 4"),
        (0.5, 50, "about 1 in 2"),
        (0.74, 75, "about 3 in 4"),
        (0.66, 65, "about 13 in 20"),
        (0.974, 95, "about 19 in 20"),
        (0.975, 95, "more than 19 in 20"),
        (1.0, 95, "more than 19 in 20"),
    ],
)
def test_a_likelihood_is_rounded_to_five_points(
    probability: float, percent: int, words: str
) -> None:
    assert (wording.percent(probability), wording.likelihood(probability)) == (percent, words)


@given(st.floats(0, 1))
@settings(derandomize=True)
def test_no_probability_is_told_as_a_certainty(probability: float) -> None:
    percent = wording.percent(probability)
    assert 5 <= percent <= 95
    assert percent % 5 == 0
    assert abs(percent - probability * 100) <= 5.01
    assert "always" not in wording.likelihood(probability)
    assert wording.likelihood(probability).split()[0] in {"about", "less", "more"}


def test_thresholds_are_whole_numbers_in_words() -> None:
    assert wording.at_least(5, "deadly events") == "5 or more deadly events"
    assert wording.at_least(12_000, "deaths") == "12,000 or more deaths"


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        (date(2022, 10, 1), date(2022, 12, 31), "1 October to 31 December 2022"),
        (date(2022, 12, 1), date(2023, 2, 28), "1 December 2022 to 28 February 2023"),
        (date(2022, 10, 3), date(2022, 10, 3), "3 October 2022"),
    ],
)
def test_a_stretch_of_days_is_said_in_full(first: date, last: date, said: str) -> None:
    assert wording.days(first, last) == said


@pytest.mark.parametrize(
    ("first", "last", "period", "short"),
    [
        (date(2022, 10, 1), date(2022, 12, 31), Period.MONTH, "Oct–Dec 2022"),
        (date(2022, 12, 1), date(2023, 2, 28), Period.MONTH, "Dec 2022–Feb 2023"),
        (date(2022, 10, 1), date(2022, 10, 31), Period.MONTH, "Oct 2022"),
        (date(2022, 10, 3), date(2022, 10, 23), Period.WEEK, "3–23 Oct 2022"),
        (date(2022, 9, 26), date(2022, 10, 9), Period.WEEK, "26 Sep–9 Oct 2022"),
        (date(2022, 12, 26), date(2023, 1, 8), Period.WEEK, "26 Dec 2022–8 Jan 2023"),
        (date(2022, 10, 3), date(2022, 10, 3), Period.DAY, "3 Oct 2022"),
    ],
)
def test_a_window_is_short_in_a_subject(
    first: date, last: date, period: Period, short: str
) -> None:
    assert wording.window(first, last, period) == short


@given(st.dates(date(1990, 1, 1), date(2090, 1, 1)), st.integers(0, 800))
@settings(derandomize=True)
def test_a_window_never_takes_more_than_25_characters(first: date, length: int) -> None:
    for period in Period:
        assert len(wording.window(first, first + timedelta(days=length), period)) <= 25


def test_means_show_a_decimal_only_where_there_is_one() -> None:
    assert [wording.number(x) for x in (4.0, 4.25, 1234.56)] == ["4", "4.2", "1,234.6"]
    assert [wording.share(x) for x in (0.35, 0.125)] == ["35 %", "12.5 %"]


def test_a_month_is_named_once() -> None:
    assert wording.days(date(2022, 9, 1), date(2022, 9, 30)) == "1 to 30 September 2022"
    assert wording.days(date(2022, 9, 1), date(2022, 10, 1)) == "1 September to 1 October 2022"


@pytest.mark.parametrize(
    ("probability", "about", "words"),
    [
        (1.0, "observed", "observed"),
        (1.0, "feed", "observed"),
        (1.0, "forecast", "more than 19 in 20"),
        (0.7, "observed", "about 7 in 10"),
    ],
)
def test_what_has_come_is_not_called_likely_and_no_forecast_is_called_certain(
    probability: float, about: str, words: str
) -> None:
    assert wording.how_likely(probability, about) == words
