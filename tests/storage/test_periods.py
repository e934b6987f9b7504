"""Periods: claimed once whoever asks, begun again after a kill, and never silently left out."""

import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from storage.database import Database, open_database
from storage.periods import TRIES, Ending, Outcome, Periods

DUE = datetime(2026, 3, 2, 6, tzinfo=UTC)
NOW = DUE + timedelta(seconds=3)
WEEK = timedelta(days=7)
DONE = Ending(Outcome.DONE, 0)


@pytest.fixture
def periods(database: Database) -> Periods:
    return Periods(database, "0 6 * * mon")


def test_a_period_is_claimed_once_and_its_row_tells_how_it_went(periods: Periods) -> None:
    assert periods.find(DUE) is None
    claimed = periods.claim(DUE, None, NOW)
    assert claimed
    assert claimed == periods.find(DUE) == periods.latest()
    assert periods.claim(DUE, None, NOW) is None
    periods.finish(DUE, Ending(Outcome.FAILED, 3, "disk\nfull\x1b[31m"), NOW + timedelta(minutes=5))
    row = periods.find(DUE)
    assert row
    assert row.finished == NOW + timedelta(minutes=5)
    assert row.ending == Ending(Outcome.FAILED, 3, "disk full[31m", None)


def test_lateness_counts_from_the_oldest_period_that_was_missed(periods: Periods) -> None:
    punctual = periods.claim(DUE, None, NOW)
    assert punctual
    assert (punctual.late, punctual.is_late) == (3.0, False)
    late = periods.claim(DUE + 3 * WEEK, DUE + WEEK, DUE + 3 * WEEK)
    assert late
    assert (late.late, late.is_late) == (2 * WEEK.total_seconds(), True)
    assert periods.find(DUE + 3 * WEEK) == late
    slow = periods.claim(DUE + 4 * WEEK, None, DUE + 4 * WEEK + timedelta(minutes=1))
    assert slow
    assert slow.is_late


def test_an_interrupted_period_is_begun_again_by_one_process(periods: Periods) -> None:
    row = periods.claim(DUE, None, NOW)
    assert row
    again = periods.resume(row, NOW + WEEK)
    assert again
    assert (again.tries, again.claimed) == (2, NOW + WEEK)
    assert periods.resume(row, NOW + WEEK) is None, "another process was first"
    periods.finish(DUE, DONE, NOW + WEEK)
    assert periods.resume(again, NOW + 2 * WEEK) is None, "it has finished"


def test_an_orderly_stop_takes_its_try_back(periods: Periods) -> None:
    row = periods.claim(DUE, None, NOW)
    for _ in range(2 * TRIES):
        periods.give_back(DUE)
        periods.give_back(DUE)  # whoever stops may be stopped in it, and begin again
        assert row
        row = periods.find(DUE)
        assert row
        assert row.tries == 0
        row = periods.resume(row, row.claimed + timedelta(minutes=1))
        assert row
        assert row.tries == 1
    periods.finish(DUE, DONE, NOW)
    periods.give_back(DUE)
    finished = periods.find(DUE)
    assert finished
    assert finished.tries == 1


def test_a_period_that_never_finished_is_closed_when_a_later_one_begins(periods: Periods) -> None:
    periods.claim(DUE, None, NOW)
    periods.claim(DUE + WEEK, None, NOW + WEEK)
    row = periods.find(DUE)
    assert row
    assert row.ending
    assert row.ending.outcome is Outcome.KILLED
    assert "a later period stands in" in row.ending.reason
    assert periods.last_before(DUE + WEEK) == row
    assert periods.last_before(DUE) is None


def test_a_period_that_has_ended_stays_as_it_ended_when_a_later_one_begins(
    periods: Periods,
) -> None:
    periods.claim(DUE, None, NOW)
    periods.finish(DUE, DONE, NOW)
    before = periods.find(DUE)
    periods.claim(DUE + WEEK, None, NOW + WEEK)
    assert before
    assert before.ending == DONE
    assert periods.find(DUE) == before


def test_schedules_keep_their_periods_apart(database: Database, periods: Periods) -> None:
    other = Periods(database, "every 1h")
    periods.claim(DUE, None, NOW)
    assert other.find(DUE) is None
    assert other.claim(DUE, None, NOW)
    first = periods.find(DUE)
    assert first
    assert first.finished is None


CLAIMS = """
import sys, time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from storage.database import open_database
from storage.periods import Periods
with open_database(Path(sys.argv[1]), mode="write") as database:
    periods = Periods(database, "every 1h")
    for hour in range(40):
        due = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=hour)
        if periods.claim(due, None, due):
            print(hour)
"""


def test_four_processes_without_the_owner_lock_claim_each_period_once(path: Path) -> None:
    open_database(path, mode="own").close()
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", CLAIMS, str(path)], stdout=subprocess.PIPE, text=True
        )
        for _ in range(4)
    ]
    claims: Counter[str] = Counter()
    for process in processes:
        out, _ = process.communicate(timeout=60)
        assert process.returncode == 0
        claims.update(out.split())
    assert claims == {str(hour): 1 for hour in range(40)}
