"""When the outside check was last told how cycles end."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, NamedTuple

from core.clock import stamp, unstamp
from storage.database import Database

Kind = Literal["success", "fail"]

_COMMITTED = (
    "SELECT max(at) FROM (SELECT max(finished_at) AS at FROM runs WHERE published = 1 AND "
    "mode = 'live' UNION ALL SELECT max(finished_at) FROM periods "
    "WHERE outcome IN ('done', 'degraded'))"
)
_FAILED = (
    "SELECT finished_at, reason FROM periods WHERE outcome IN ('failed', 'killed') "
    "ORDER BY finished_at DESC LIMIT 1"
)


class Failure(NamedTuple):
    """A cycle that failed: when, and why, in one line."""

    at: datetime
    reason: str


class Heartbeats:
    """The heartbeats of one database."""

    def __init__(self, database: Database) -> None:
        """Take a database; one that can be written for `note`."""
        self._database = database

    def last(self, kind: Kind = "success") -> datetime | None:
        """Return when the last one of a kind was taken, None before the first."""
        at = self._database.value("SELECT at FROM heartbeats WHERE kind = ?", [kind])
        return at and unstamp(at)

    def committed(self) -> datetime | None:
        """Return when a cycle last came to its end, None before the first."""
        at = self._database.value(_COMMITTED)
        return at and unstamp(at)

    def failure(self) -> Failure | None:
        """Return the failure of the newest cycle that ended; None when that one came to its end."""
        rows = self._database.rows(_FAILED)
        if not rows:
            return None
        ((at, reason),) = rows
        found, committed = Failure(unstamp(at), reason), self.committed()
        return found if committed is None or found.at > committed else None

    def owed(self) -> bool:
        """Return whether a cycle has committed since the last one."""
        committed, last = self.committed(), self.last()
        return committed is not None and (last is None or committed > last)

    def note(self, now: datetime, kind: Kind = "success") -> None:
        """Note that one was taken now."""
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT INTO heartbeats (kind, at) VALUES (?, ?) "
                "ON CONFLICT (kind) DO UPDATE SET at = excluded.at",
                [kind, stamp(now)],
            )
