"""When the outside check was last told that a cycle has committed and the outbox has drained."""

from __future__ import annotations

from datetime import datetime

from core.clock import stamp, unstamp
from storage.database import Database

_COMMITTED = (
    "SELECT max(at) FROM (SELECT max(finished_at) AS at FROM runs WHERE published = 1 AND "
    "mode = 'live' UNION ALL SELECT max(finished_at) FROM periods "
    "WHERE outcome IN ('done', 'degraded'))"
)


class Heartbeats:
    """The heartbeats of one database."""

    def __init__(self, database: Database) -> None:
        """Take a database; one that can be written for `note`."""
        self._database = database

    def last(self) -> datetime | None:
        """Return when the last one was taken, None before the first."""
        at = self._database.value("SELECT at FROM heartbeats")
        return at and unstamp(at)

    def committed(self) -> datetime | None:
        """Return when a cycle last came to its end, None before the first."""
        at = self._database.value(_COMMITTED)
        return at and unstamp(at)

    def owed(self) -> bool:
        """Return whether a cycle has committed since the last one."""
        committed, last = self.committed(), self.last()
        return committed is not None and (last is None or committed > last)

    def note(self, now: datetime) -> None:
        """Note that one was taken now."""
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT INTO heartbeats (singleton, at) VALUES (1, ?) "
                "ON CONFLICT (singleton) DO UPDATE SET at = excluded.at",
                [stamp(now)],
            )
