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
        """Return the slot of the newest digest to a channel, and since when the next one tells.

        That is when the newest was made that was not given up; what one that was given up or
        withdrawn would have told, the next one tells.
        """
        ((slot, since),) = self._database.rows(
            "SELECT max(json_extract(body, '$.data.until')), "
            "coalesce(max(created_at) FILTER (WHERE state <> 'dead'), "
            f"min(json_extract(body, '$.data.since'))) {_MADE}",
            [channel],
        )
        return (unstamp(slot), unstamp(since)) if slot else None

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
