"""Which period of the schedule has run: one row per period, claimed before the work begins.

The key decides, not a lock and not anybody's memory: of any number of processes one inserts the
row, and that one does the work.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from core.clock import stamp, unstamp
from core.text import clean
from storage.database import Database

TRIES = 3
"""How often an interrupted period is begun before it counts as failed."""
_REASON = 500
_COLUMNS = (
    "due_at, missed_since, claimed_at, tries, finished_at, outcome, exit_code, reason, run_id"
)
_THIS = "schedule = :schedule AND due_at = :due"
_BEFORE = "interrupted; a later period stands in for it"


class Outcome(StrEnum):
    """How a period ended: `killed` at its deadline, by a signal, or with its machine."""

    DONE = "done"
    DEGRADED = "degraded"
    FAILED = "failed"
    KILLED = "killed"


class Ending(NamedTuple):
    """How the work of a period ended. `exit_code` is negative for a signal, None if unknown."""

    outcome: Outcome
    exit_code: int | None = None
    reason: str = ""
    run: int | None = None


_LATE_SECONDS = 60.0
"""A process may well take some to start; from here on people should know."""


class PeriodRow(NamedTuple):
    """A period that was claimed; all instants are aware, in UTC.

    Attributes:
        due: when it should have begun.
        missed_since: the first of the periods just before it that nobody ran; it stands for them.
        claimed: when it was begun last.
        tries: how often it was begun; an orderly stop takes its try back.
        finished: None while it runs, or after it was interrupted.
        ending: None exactly where `finished` is.
    """

    due: datetime
    missed_since: datetime | None
    claimed: datetime
    tries: int
    finished: datetime | None
    ending: Ending | None

    @property
    def late(self) -> float:
        """Return the seconds from when the oldest work it stands for was due to its start."""
        return (self.claimed - (self.missed_since or self.due)).total_seconds()

    @property
    def is_late(self) -> bool:
        """Return whether people should know that it is late."""
        return self.missed_since is not None or self.late >= _LATE_SECONDS


class Periods:
    """The periods of one schedule in one database."""

    def __init__(self, database: Database, schedule: str) -> None:
        """Take a database that can be written (to read only, any), and the schedule's text."""
        self._database, self._schedule = database, schedule

    def find(self, due: datetime) -> PeriodRow | None:
        """Return the row of a period, None when nobody has claimed it."""
        return self._row(_THIS, due)

    def last_before(self, due: datetime) -> PeriodRow | None:
        """Return the newest row of an earlier period."""
        return self._row("schedule = :schedule AND due_at < :due", due)

    def latest(self) -> PeriodRow | None:
        """Return the row that was claimed last."""
        return self._row("schedule = :schedule", None, "claimed_at DESC, due_at DESC")

    def last_good(self) -> PeriodRow | None:
        """Return the newest period whose cycle committed, degraded or not."""
        return self._row("schedule = :schedule AND outcome IN ('done', 'degraded')", None)

    def claim(
        self, due: datetime, missed_since: datetime | None, now: datetime
    ) -> PeriodRow | None:
        """Take a period that has no row; None when another process was first.

        Earlier periods that were claimed and never finished are closed as killed.
        """
        with self._database.transaction() as connection:
            claimed = connection.execute(
                "INSERT INTO periods (schedule, due_at, missed_since, claimed_at) "
                "VALUES (:schedule, :due, :missed, :now) ON CONFLICT DO NOTHING",
                {**self._key(due), "missed": _stamp(missed_since), "now": stamp(now)},
            )
            if claimed.rowcount:
                connection.execute(
                    "UPDATE periods SET finished_at = :now, outcome = 'killed', reason = :reason "
                    "WHERE schedule = :schedule AND due_at < :due AND finished_at IS NULL",
                    {**self._key(due), "now": stamp(now), "reason": _BEFORE},
                )
        taken = claimed.rowcount == 1
        return PeriodRow(due, missed_since, now, 1, None, None) if taken else None

    def resume(self, row: PeriodRow, now: datetime) -> PeriodRow | None:
        """Begin an interrupted period again; None when another process did, or it has finished.

        Only for the owner of the database: nobody else knows that nobody is at work.
        """
        with self._database.transaction() as connection:
            resumed = connection.execute(
                "UPDATE periods SET tries = tries + 1, claimed_at = :now "  # noqa: S608 - own texts
                f"WHERE {_THIS} AND tries = :tries AND claimed_at = :claimed "
                "AND finished_at IS NULL",
                {
                    **self._key(row.due),
                    "now": stamp(now),
                    "tries": row.tries,
                    "claimed": stamp(row.claimed),
                },
            )
        taken = resumed.rowcount == 1
        return row._replace(claimed=now, tries=row.tries + 1) if taken else None

    def finish(self, due: datetime, ending: Ending, now: datetime) -> None:
        """Record how the work of a claimed period ended."""
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE periods SET finished_at = :now, outcome = :outcome, "  # noqa: S608
                f"exit_code = :code, reason = :reason, run_id = :run WHERE {_THIS}",
                {
                    **self._key(due),
                    "now": stamp(now),
                    "outcome": ending.outcome.value,
                    "code": ending.exit_code,
                    "reason": clean(ending.reason, _REASON),
                    "run": ending.run,
                },
            )

    def give_back(self, due: datetime) -> None:
        """Leave a period for the next start, which begins it again: an orderly stop is no try."""
        with self._database.transaction() as connection:
            connection.execute(
                f"UPDATE periods SET tries = tries - 1 WHERE {_THIS} "  # noqa: S608
                "AND tries > 0 AND finished_at IS NULL",
                self._key(due),
            )

    def _key(self, due: datetime | None) -> dict[str, str | int | None]:
        return {"schedule": self._schedule, "due": _stamp(due)}

    def _row(
        self, where: str, due: datetime | None, order: str = "due_at DESC"
    ) -> PeriodRow | None:
        rows = self._database.rows(
            f"SELECT {_COLUMNS} FROM periods WHERE {where} ORDER BY {order} LIMIT 1",  # noqa: S608
            self._key(due),
        )
        return _period_row(*rows[0]) if rows else None


def _period_row(
    due: str,
    missed: str | None,
    claimed: str,
    tries: int,
    finished: str | None,
    outcome: str | None,
    code: int | None,
    reason: str,
    run: int | None,
) -> PeriodRow:
    ending = Ending(Outcome(outcome), code, reason, run) if outcome else None
    missed_since = unstamp(missed) if missed else None
    ended = unstamp(finished) if finished else None
    return PeriodRow(unstamp(due), missed_since, unstamp(claimed), tries, ended, ending)


def _stamp(instant: datetime | None) -> str | None:
    return None if instant is None else stamp(instant)
