"""The log of redactions: who erased what, when and why; never what it was."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from storage.database import Database


class Erasure(NamedTuple):
    """One redaction. `at` is a stamp; `versions` and `elsewhere` are the rows that lost a text."""

    number: int
    at: str
    feed: str
    person: str
    reason: str
    columns: tuple[str, ...]
    incidents: int
    versions: int
    elsewhere: int


def erasures(database: Database) -> list[Erasure]:
    """Return all redactions, newest first."""
    rows = database.rows(
        "SELECT redaction_id, at, name, person, reason, fields, incidents, versions, elsewhere "
        "FROM redactions JOIN feeds USING (feed_id) ORDER BY redaction_id DESC"
    )
    return [_read(*row) for row in rows]


def _read(*row: Any) -> Erasure:
    number, at, feed, person, reason, columns, *rows = row
    return Erasure(number, at, feed, person, reason, tuple(json.loads(columns)), *rows)


def feeds(database: Database) -> list[str]:
    """Return the names of all feeds that ever brought something, by name."""
    return [name for (name,) in database.rows("SELECT name FROM feeds ORDER BY name")]
