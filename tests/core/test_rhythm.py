"""A feed's rhythm, and when its silence is longer than that."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.rhythm import OUTAGE, REMEMBERED, Pulse, listen, rhythm

START = date(2024, 1, 1)


def news(*gaps: int) -> tuple[date, ...]:
    days = [START]
    for gap in gaps:
        days.append(days[-1] + timedelta(gap))
    return tuple(days)


@pytest.mark.parametrize(
    ("gaps", "usual"),
    [
        ((), None),
        ((7, 7), None),
        ((7, 7, 7), 7),
        ((28, 31, 30, 31), 31),
        ((7, 7, 14, 7), 14),
        ((7, 7, 15, 7), 7),
        ((7, 7, 56, 7, 7), 7),
        ((1, 1, 1, 5, 1, 1), 1),
        ((5, 9, 5, 9, 5), 9),
        ((*(7,) * 10, *(1,) * REMEMBERED), 1),
    ],
)
def test_the_rhythm_is_the_longest_usual_gap_of_late(
    gaps: tuple[int, ...], usual: int | None
) -> None:
    assert rhythm(news(*gaps)) == usual


@pytest.mark.parametrize(
    ("gaps", "after", "silent", "limit", "stale", "overdue"),
    [
        ((7, 7, 7), 3, 0, 7, False, False),
        ((7, 7, 7), 3, 6, 7, False, False),
        ((7, 7, 7), 3, 7, 7, False, True),
        ((7, 7, 7), 3, 8, 7, True, True),
        ((7, 7, 7), 21, 8, 21, False, True),
        ((7, 7, 7), 21, 21, 21, False, True),
        ((7, 7, 7), 21, 22, 21, True, True),
        ((7, 7, 7), None, 22, 21, True, True),
        ((30, 30, 31), None, 30, 31, False, False),
        ((30, 30, 31), None, 32, 31, True, True),
        ((), 21, 0, 21, False, False),
        ((), 21, 1, 21, False, True),
        ((), 21, 22, 21, True, True),
        ((), None, 900, None, False, True),
    ],
)
def test_a_feed_is_overdue_at_its_rhythm_and_stale_past_its_limit(
    gaps: tuple[int, ...], after: int | None, silent: int, limit: int | None,
    stale: bool, overdue: bool,
) -> None:  # fmt: skip
    days = news(*gaps)
    found = listen(Pulse("tracker", START, days), days[-1] + timedelta(silent), after)
    assert (found.days, found.limit, found.stale, found.overdue) == (silent, limit, stale, overdue)


def test_a_feed_that_never_had_news_is_silent_since_its_first_pull() -> None:
    found = listen(Pulse("tracker", START, ()), START + timedelta(22), 21)
    assert (found.since, found.days, found.stale) == (START, 22, True)


def test_a_clock_that_was_set_back_makes_no_feed_silent() -> None:
    found = listen(Pulse("tracker", START, (START,)), START - timedelta(400), 21)
    assert (found.days, found.stale, found.overdue) == (0, False, False)


def test_silence_is_told_in_words() -> None:
    days = news(7, 7, 7)
    told = listen(Pulse("ucdp-nigeria", START, days), days[-1] + timedelta(30), 21).in_words
    assert told == (
        "no new data from ucdp-nigeria since 2024-01-22 (30 days); its rhythm is 7 days; "
        "what you see may be calm or silence"
    )
    assert "its rhythm is not known yet" in listen(Pulse("f", START, ()), START, 21).in_words


@settings(derandomize=True)
@given(st.lists(st.integers(1, 400), min_size=3, max_size=60), st.integers(0, 4000))
def test_stale_implies_overdue_and_a_rhythm_is_a_gap_that_was_seen(
    gaps: list[int], silent: int
) -> None:
    days = news(*gaps)
    found = listen(Pulse("f", START, days), days[-1] + timedelta(silent), 1)
    assert found.overdue or not found.stale
    assert found.rhythm in gaps[-REMEMBERED:]
    middle = sorted(gaps[-REMEMBERED:])[len(gaps[-REMEMBERED:]) // 2]
    assert found.rhythm <= OUTAGE * middle
