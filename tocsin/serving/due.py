"""Which period is due: a decision of the schedule, the store and now, with a named reason."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from core.durations import in_words
from storage.periods import TRIES, Ending, Outcome, PeriodRow, Periods
from tocsin.scheduler import Schedule


class Reason(StrEnum):
    """Why the work of a period begins, or does not."""

    DUE = "due"
    FIRST = "the first of this schedule"
    INTERRUPTED = "interrupted before"
    TOO_OFTEN = f"interrupted {TRIES} times"
    HAS_RUN = "has run"
    NONE_YET = "the schedule has not fired yet"


class Decision(NamedTuple):
    """What to do about the newest period, and the first of those missed just before it."""

    reason: Reason
    missed_since: datetime | None = None


class Claim(NamedTuple):
    """A period whose work is this process's to do."""

    row: PeriodRow
    reason: Reason

    @property
    def is_late(self) -> bool:
        """Return whether people should know that it is late; the first one of all never is."""
        return self.row.is_late and self.reason is not Reason.FIRST

    @property
    def words(self) -> str:
        """Return the period and, where it is late, by how much and what it stands for."""
        words = f"period {shown(self.row.due)}"
        if self.reason is not Reason.DUE:
            words += f", {self.reason.value}"
        if self.is_late:
            words += f", late by {in_words(self.row.late)}"
        if self.row.missed_since:
            words += f"; it stands for those missed from {shown(self.row.missed_since)} on"
        return words


def decide(
    schedule: Schedule, due: datetime | None, row: PeriodRow | None, before: PeriodRow | None
) -> Decision:
    """Decide about the newest period.

    Args:
        schedule: when periods begin.
        due: the newest period, None when there is none yet.
        row: its row, None when nobody has claimed it.
        before: the row before it. Periods between the two were missed: this one stands for them.
    """
    if due is None:
        return Decision(Reason.NONE_YET)
    if row is None:
        if before is None:
            return Decision(Reason.FIRST)
        first = schedule.next_after(before.due)
        return Decision(Reason.DUE, first if first and first < due else None)
    if row.finished is not None:
        return Decision(Reason.HAS_RUN)
    return Decision(Reason.TOO_OFTEN if row.tries >= TRIES else Reason.INTERRUPTED)


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
    decision = decide(schedule, due, row, before)
    if due is None or decision.reason is Reason.HAS_RUN:
        return decision.reason
    if decision.reason is Reason.TOO_OFTEN:
        periods.finish(due, Ending(Outcome.KILLED, None, Reason.TOO_OFTEN.value), now)
        return decision.reason
    taken = periods.resume(row, now) if row else periods.claim(due, decision.missed_since, now)
    return Claim(taken, decision.reason) if taken else Reason.HAS_RUN


def shown(instant: datetime) -> str:
    """Return an instant to the second, as logs and people have it."""
    return f"{instant:%Y-%m-%dT%H:%M:%SZ}"
