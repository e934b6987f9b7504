"""Thresholds follow a region's history, never under their minimum, and say what they follow."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from alerts.rules.thresholds import Past, Span, thresholds, words
from core.periods import Period
from core.rule_settings import Threshold

END = Period.MONTH.of(date(2022, 9, 1))
NAN = float("nan")
NEXT = Span(END + 1, END + 3)
TOTAL = Span(END + 1, END + 3, total=True)


def wanted(text: Any) -> Any:
    return TypeAdapter(Threshold).validate_python(text)


def past(counts: list[float], baseline: float = NAN) -> Past:
    return Past(Period.MONTH, END, np.array([counts], dtype=float), np.array([baseline]))


def line(given_: Any, counts: list[float], span: Span = NEXT, baseline: float = NAN) -> int:
    return int(thresholds(wanted(given_), past(counts, baseline), span)[0])


@pytest.mark.parametrize(
    ("times", "minimum", "baseline", "span", "expected"),
    [
        (2.0, 5, 4.0, NEXT, 8),
        (2.0, 5, 4.1, NEXT, 9),
        (2.0, 5, 0.5, NEXT, 5),
        (2.0, 5, NAN, TOTAL, 5),
        (2.0, 5, 4.0, TOTAL, 24),
        (1.1, 5, 10.0, NEXT, 11),
        (0.1, 1, 0.0, NEXT, 1),
    ],
)
def test_times_baseline_follows_the_baseline_but_not_below_its_minimum(
    times: float, minimum: int, baseline: float, span: Span, expected: int
) -> None:
    given_ = {"times_baseline": times, "minimum": minimum}
    assert line(given_, [1.0], span, baseline) == expected


def test_a_fixed_number_stands_for_every_region_and_needs_no_words() -> None:
    assert line(7, [100.0] * 50) == 7
    assert words(7, past([1.0]), NEXT) == ""


YEAR = [0, 0, 0, 4, 9, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0]
"""July 2021 to September 2022: 4, 9 and 2 in October to December 2021."""


@pytest.mark.parametrize(("span", "expected"), [(NEXT, 18), (TOTAL, 30)])
def test_last_year_is_the_same_season_its_busiest_month_or_its_sum(
    span: Span, expected: int
) -> None:
    assert line({"times_last_year": 2.0, "minimum": 1}, YEAR, span) == expected


def test_a_season_that_is_unknown_leaves_the_minimum() -> None:
    asked = {"times_last_year": 2.0, "minimum": 3}
    assert line(asked, [*YEAR[:4], NAN, *YEAR[5:]]) == 3
    assert line(asked, YEAR[-6:]) == 3
    assert words(wanted(asked), past(YEAR[-6:]), NEXT) == (
        "the rule's minimum, since the same season last year is unknown"
    )


def test_a_record_is_one_more_than_ever_before() -> None:
    asked = {"record": True, "minimum": 2}
    assert line(asked, [0, 3, 8, 1]) == 9
    assert line(asked, [NAN, 0, 0]) == 2
    assert line(asked, [1, 2, 3, 4], TOTAL) == 10
    assert line(asked, [1, 2], TOTAL) == 2


def test_a_quantile_is_exceeded_by_its_share_of_the_past_and_no_more() -> None:
    asked = {"quantile": 0.95, "minimum": 1}
    counts = list(range(1, 41))
    at = line(asked, [float(c) for c in counts])
    assert at == 39
    assert sum(c >= at for c in counts) == 2  # 5 % of 40


def test_a_quantile_of_too_few_periods_says_nothing() -> None:
    asked = {"quantile": 0.95, "minimum": 4}
    assert line(asked, [50.0] * 19) == 4
    assert line(asked, [50.0] * 20) == 51
    assert line(asked, [NAN] * 5 + [50.0] * 19) == 4


def test_a_chance_asks_for_a_count_that_the_year_before_hardly_gives() -> None:
    quiet = line({"chance": 0.01, "minimum": 1}, [3.0] * 12)
    assert 8 <= quiet <= 10  # Poisson of 3 exceeds 8 once in 250, of an uncertain 3 more often
    assert line({"chance": 0.01, "minimum": 5}, [0.0] * 12) == 5
    assert line({"chance": 0.001, "minimum": 1}, [3.0] * 12) > quiet


HARDLY = "reached in less than 1 of 20 such months by chance, given 1.2 a month in the year before"


@pytest.mark.parametrize(
    ("asked", "span", "told"),
    [
        ({"times_baseline": 2.0, "minimum": 1}, NEXT, "2 times the baseline of 4.2 per month"),
        (
            {"times_baseline": 2.0, "minimum": 1},
            TOTAL,
            "2 times the baseline of 4.2 per month, for 3 months",
        ),
        (
            {"times_baseline": 2.0, "minimum": 20},
            NEXT,
            "the rule's minimum: 2 times the baseline of 4.2 per month would be 9",
        ),
        (
            {"times_last_year": 1.5, "minimum": 1},
            NEXT,
            "1.5 times the 9 of the busiest month in 2021-10 to 2021-12",
        ),
        ({"times_last_year": 1.5, "minimum": 1}, TOTAL, "1.5 times the 15 in 2021-10 to 2021-12"),
        ({"record": True, "minimum": 1}, NEXT, "more than in any month since 2021-07"),
        (
            {"record": True, "minimum": 1},
            TOTAL,
            "more than in any stretch of 3 months since 2021-07",
        ),
        (
            {"quantile": 0.9, "minimum": 1},
            NEXT,
            "more than in 90 % of all months since 2021-07",
        ),
        (
            {"chance": 0.05, "minimum": 1},
            NEXT,
            HARDLY,
        ),
    ],
)
def test_words_say_what_the_number_follows(asked: Any, span: Span, told: str) -> None:
    assert words(wanted(asked), past([float(c) for c in YEAR], 4.2), span) == told


ASKED = st.one_of(
    st.builds(lambda x: {"times_baseline": x, "minimum": 3}, st.floats(0.1, 20)),
    st.builds(lambda x: {"times_last_year": x, "minimum": 3}, st.floats(0.1, 20)),
    st.builds(lambda x: {"quantile": x, "minimum": 3}, st.floats(0.5, 0.99)),
    st.builds(lambda x: {"chance": x, "minimum": 3}, st.floats(1e-6, 0.2)),
    st.just({"record": True, "minimum": 3}),
)
COUNTS = st.lists(
    st.one_of(st.just(NAN), st.integers(0, 10**6).map(float)), min_size=1, max_size=60
)


@settings(max_examples=200, derandomize=True, deadline=None)
@given(asked=ASKED, counts=COUNTS, total=st.booleans(), baseline=st.floats(0, 1e6))
def test_any_history_has_a_whole_threshold_not_under_the_minimum_and_words(
    asked: Any, counts: list[float], total: bool, baseline: float
) -> None:
    span = TOTAL if total else NEXT
    found = thresholds(wanted(asked), past(counts, baseline), span)
    assert found.dtype == np.int64
    assert found[0] >= 3
    assert words(wanted(asked), past(counts, baseline), span)


@settings(max_examples=50, derandomize=True, deadline=None)
@given(asked=ASKED, counts=st.lists(COUNTS, min_size=2, max_size=5))
def test_a_region_has_the_same_threshold_alone_and_among_others(
    asked: Any, counts: list[list[float]]
) -> None:
    width = max(map(len, counts))
    rows = np.array([[NAN] * (width - len(row)) + row for row in counts])
    whole = Past(Period.MONTH, END, rows, np.full(len(rows), 2.0))
    together = thresholds(wanted(asked), whole, NEXT)
    alone = [int(thresholds(wanted(asked), whole.row(n), NEXT)[0]) for n in range(len(rows))]
    assert together.tolist() == alone
