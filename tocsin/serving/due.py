"""Which period is due: a decision of the schedule, the store and now, with a named reason."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from storage.periods import TRIES, Ending, Outcome, PeriodRow, Periods
from tocsin.durations import in_words
from tocsin.scheduler import Schedule

_LATE = 60.0
"""Seconds; a process may well take some to start."""


class Reason(StrEnum):
    """Why the work of a period begins, or does not."""

    DUE = "due"
    FIRST = "the first of this schedule"
    INTERRUPTED = "interrupted before"
    TOO_OFTEN = f"interrupted {TRIES} times"
    HAS_RUN = "has run"
    NONE_YET = "the schedule has not fired yet"


class Decision(NamedTuple):
    """What to do about the newest period, `due`, which is None before there is one."""

    reason: Reason
    due: datetime | None = None
    missed_since: datetime | None = None


class Claim(NamedTuple):
    """A period whose work is this process's to do."""

    due: datetime
    missed_since: datetime | None
    reason: Reason
    at: datetime

    @property
    def late(self) -> float:
        """Return the seconds since the oldest work it stands for was due."""
        return (self.at - (self.missed_since or self.due)).total_seconds()

    @property
    def is_late(self) -> bool:
        """Return whether people should know that it is late; the first one of all never is."""
        if self.reason is Reason.FIRST:
            return False
        return self.missed_since is not None or self.late >= _LATE

    @property
    def words(self) -> str:
        """Return the period and, where it is late, by how much and what it stands for."""
        words = f"period {shown(self.due)}"
        if self.reason is not Reason.DUE:
            words += f", {self.reason.value}"
        if self.is_late:
            words += f", late by {in_words(self.late)}"
        if self.missed_since:
            words += f"; it stands for those missed from {shown(self.missed_since)} on"
        return words


def decide(
    schedule: Schedule, now: datetime, row: PeriodRow | None, before: PeriodRow | None
) -> Decision:
    """Decide about the newest period at `now`.

    Args:
        schedule: when periods begin.
        now: the wall clock.
        row: the newest period's own row, None when nobody has claimed it.
        before: the row before it. Periods between the two were missed: this one stands for them.
    """
    due = schedule.newest(now)
    if due is None:
        return Decision(Reason.NONE_YET)
    if row is None:
        if before is None:
            return Decision(Reason.FIRST, due)
        first = schedule.next_after(before.due)
        return Decision(Reason.DUE, due, first if first and first < due else None)
    if row.finished is not None:
        return Decision(Reason.HAS_RUN, due)
    tired = row.tries >= TRIES
    return Decision(Reason.TOO_OFTEN if tired else Reason.INTERRUPTED, due, row.missed_since)


def take(periods: Periods, schedule: Schedule, now: datetime) -> Claim | Reason:
    """Claim the newest period for this process, or return why there is nothing to do.

    Only for the owner of the database: a period that is claimed and not finished is then one
    that a kill or a power cut interrupted.

    Raises:
        StorageError: when the database fails; nothing is claimed then.
    """
    due = schedule.newest(now)
    row = periods.find(due) if due else None
    before = periods.last_before(due) if due else None
    decision = decide(schedule, now, row, before)
    if decision.due is None:
        return decision.reason
    claim = Claim(decision.due, decision.missed_since, decision.reason, now)
    if decision.reason in {Reason.DUE, Reason.FIRST}:
        return claim if periods.claim(claim.due, claim.missed_since, now) else Reason.HAS_RUN
    if decision.reason is Reason.INTERRUPTED:
        assert row
        return claim if periods.resume(row, now) else Reason.HAS_RUN
    if decision.reason is Reason.TOO_OFTEN:
        periods.finish(claim.due, Ending(Outcome.KILLED, None, Reason.TOO_OFTEN.value), now)
    return decision.reason


def shown(instant: datetime) -> str:
    """Return an instant to the second, as logs and people have it."""
    return f"{instant:%Y-%m-%dT%H:%M:%SZ}"
