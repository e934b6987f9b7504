"""The digests that were made: what was already told needs no table of its own."""

from __future__ import annotations

from datetime import datetime

from core.clock import unstamp
from storage.database import Database

_MADE = "FROM outbox WHERE kind = 'digest' AND channel = ? AND copy_of IS NULL"


class Digests:
    """Digests of one database."""

    def __init__(self, database: Database) -> None:
        """Take a database opened in any mode."""
        self._database = database

    def last(self, channel: str) -> tuple[datetime, datetime] | None:
        """Return the slot of the newest digest to a channel, and when it was made."""
        rows = self._database.rows(
            f"SELECT json_extract(body, '$.data.until') AS slot, created_at {_MADE} "
            "ORDER BY slot DESC LIMIT 1",
            [channel],
        )
        return (unstamp(rows[0][0]), unstamp(rows[0][1])) if rows else None

    def waits(self, channel: str) -> bool:
        """Return whether a digest to a channel is still to be delivered."""
        found = self._database.value(
            f"SELECT 1 {_MADE} AND state = 'pending' LIMIT 1",
            [channel],
        )
        return found is not None

    def has_run(self) -> bool:
        """Return whether there is anything to tell: a published live run."""
        found = self._database.value(
            "SELECT 1 FROM runs WHERE published = 1 AND mode = 'live' LIMIT 1"
        )
        return found is not None
