"""Which period is due: the decision as a table, and taking it from a real database."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from storage.database import open_database
from storage.periods import TRIES, Ending, Outcome, PeriodRow, Periods
from tocsin.scheduler import parse_schedule
from tocsin.serving.due import Claim, Decision, Reason, decide, take
from tocsin.serving.standing import standing

DAILY = parse_schedule("0 6 * * *")
DUE = datetime(2026, 3, 10, 6, tzinfo=UTC)
DAY = timedelta(days=1)
DONE = Ending(Outcome.DONE, 0)


def row(due: datetime, tries: int = 1, ending: Ending | None = None) -> PeriodRow:
    return PeriodRow(due, None, due, tries, due if ending else None, ending)


@pytest.mark.parametrize(
    ("due", "found", "before", "decision"),
    [
        (None, None, None, Decision(Reason.NONE_YET)),
        (DUE, None, None, Decision(Reason.FIRST)),
        (DUE, None, row(DUE - DAY, 1, DONE), Decision(Reason.DUE)),
        (DUE, None, row(DUE - 4 * DAY, 1, DONE), Decision(Reason.DUE, DUE - 3 * DAY)),
        (DUE, row(DUE, 1, DONE), None, Decision(Reason.HAS_RUN)),
        (DUE, row(DUE, 1, Ending(Outcome.FAILED, 1)), None, Decision(Reason.HAS_RUN)),
        (DUE, row(DUE), None, Decision(Reason.INTERRUPTED)),
        (DUE, row(DUE, TRIES - 1), row(DUE - 4 * DAY), Decision(Reason.INTERRUPTED)),
        (DUE, row(DUE, TRIES), None, Decision(Reason.TOO_OFTEN)),
    ],
)
def test_the_newest_period_is_decided_with_a_named_reason(
    due: datetime | None, found: PeriodRow | None, before: PeriodRow | None, decision: Decision
) -> None:
    assert decide(DAILY, due, found, before) == decision


@pytest.fixture
def periods(tmp_path: Path) -> Iterator[Periods]:
    with open_database(tmp_path / "tocsin.db", mode="own") as database:
        yield Periods(database, DAILY.text)


def taken(periods: Periods, now: datetime) -> Claim:
    claim = take(periods, DAILY, now)
    assert isinstance(claim, Claim)
    return claim


def test_a_period_is_taken_once_and_the_next_one_when_it_comes(periods: Periods) -> None:
    claim = taken(periods, DUE)
    assert claim.words == "period 2026-03-10T06:00:00Z, the first of this schedule"
    periods.finish(DUE, DONE, DUE)
    assert take(periods, DAILY, DUE + DAY / 2) is Reason.HAS_RUN
    following = taken(periods, DUE + DAY)
    assert following.words == "period 2026-03-11T06:00:00Z"
    assert not following.is_late


def test_periods_missed_in_a_sleep_are_told_and_one_stands_for_them(periods: Periods) -> None:
    taken(periods, DUE)
    periods.finish(DUE, DONE, DUE)
    claim = taken(periods, DUE + 3.5 * DAY)
    assert claim.is_late
    assert claim.words == (
        "period 2026-03-13T06:00:00Z, late by 2.5 d; "
        "it stands for those missed from 2026-03-11T06:00:00Z on"
    )
    assert take(periods, DAILY, DUE + 3.6 * DAY) is not Reason.DUE


def test_a_late_wake_of_one_period_says_by_how_much(periods: Periods) -> None:
    taken(periods, DUE)
    claim = taken(periods, DUE + DAY + timedelta(hours=3))
    assert claim.words == "period 2026-03-11T06:00:00Z, late by 3.0 h"


def test_an_interrupted_period_is_tried_three_times_and_then_given_up(periods: Periods) -> None:
    claims = [take(periods, DAILY, DUE + timedelta(minutes=n)) for n in range(TRIES + 2)]
    assert isinstance(claims[0], Claim)
    for again in claims[1:TRIES]:
        assert isinstance(again, Claim)
        assert "interrupted before" in again.words
    assert claims[TRIES:] == [Reason.TOO_OFTEN, Reason.HAS_RUN]
    found = periods.find(DUE)
    assert found
    assert found.ending == Ending(Outcome.KILLED, None, "interrupted 3 times")


def told(periods: Periods, now: datetime) -> tuple[bool, str]:
    return standing(DAILY, periods.latest(), 3600, now)


def test_doctor_tells_the_last_period_and_the_next(periods: Periods) -> None:
    well, words = told(periods, DUE)
    assert well
    assert "has not begun" in words
    taken(periods, DUE)
    assert told(periods, DUE + timedelta(minutes=5)) == (
        True,
        "period 2026-03-10T06:00:00Z at work for 5 min; next 2026-03-11T06:00:00Z",
    )
    well, words = told(periods, DUE + timedelta(hours=2))
    assert not well
    assert "was begun 2.0 h ago and never finished" in words
    well, words = standing(DAILY, periods.latest(), 36 * 3600, DUE + DAY)
    assert not well
    assert "at work for 24.0 h; period 2026-03-11T06:00:00Z is overdue and waits for it" in words
    periods.finish(DUE, DONE, DUE + timedelta(minutes=9))
    assert told(periods, DUE + DAY * 1.5) == (
        True,
        "period 2026-03-10T06:00:00Z done; next 2026-03-12T06:00:00Z",
    ), "one period late may be a cron that asks every hour"
    well, words = told(periods, DUE + 2 * DAY)
    assert not well
    assert "overdue since 2026-03-11T06:00:00Z" in words


@pytest.mark.parametrize(
    ("ending", "words"),
    [
        (Ending(Outcome.FAILED, 3, "the disk is full"), "failed (exit code 3): the disk is full"),
        (Ending(Outcome.KILLED, -9, "was ended by SIGKILL"), "killed (exit code -9): was ended"),
        (Ending(Outcome.DEGRADED, 4, "feed x: stale"), "degraded (exit code 4): feed x: stale"),
    ],
)
def test_doctor_is_not_well_after_a_period_that_was_not(
    periods: Periods, ending: Ending, words: str
) -> None:
    taken(periods, DUE)
    periods.finish(DUE, ending, DUE)
    well, said = told(periods, DUE)
    assert not well
    assert words in said


def test_doctor_tells_lateness_and_what_was_missed(periods: Periods) -> None:
    taken(periods, DUE)
    taken(periods, DUE + 3 * DAY)
    _, words = told(periods, DUE + 3 * DAY)
    assert "begun late by 2.0 d; it stood for those missed from 2026-03-11T06:00:00Z on" in words
