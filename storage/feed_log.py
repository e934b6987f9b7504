"""What was pulled from every feed, and how it stands. Imports no pandas, no sqlite_utils."""

from __future__ import annotations

import json
from datetime import date
from typing import Literal, NamedTuple

from storage.database import Database


class PullRow(NamedTuple):
    """One line of the pull log."""

    feed: str
    at: str
    status: Literal["new", "same", "refused"]
    origin: str
    added: int
    revised: int
    deleted: int
    unchanged: int
    quarantined: int
    reason: str


class FeedStatus(NamedTuple):
    """How a feed stands: its last try, its last good pull, and what is in store of it.

    `rows` counts current incidents or counts; `through` is the last day covered anywhere; `notes`
    tell how the last good pull understood its source and what of it was left out: whether that is
    well, and a line.
    """

    feed: str
    kind: str
    noun: str
    last_at: str | None
    last_status: str | None
    last_reason: str
    good_at: str | None
    accessed: str | None
    origin: str | None
    rows: int
    quarantined: int
    through: date | None
    notes: tuple[tuple[bool, str], ...]


class QuarantinedRow(NamedTuple):
    """A row that the last good pull left out; `line` is 0 when it is not known."""

    line: int
    reason: str
    excerpt: str


_FEED_STATUS = """
WITH
last AS (SELECT feed_id, max(pull_id) AS pull_id FROM pulls GROUP BY feed_id),
good AS (
    SELECT feed_id, max(pull_id) AS pull_id FROM pulls WHERE status <> 'refused' GROUP BY feed_id
),
entered AS (
    SELECT feed_id, max(pull_id) AS pull_id FROM pulls WHERE status = 'new' GROUP BY feed_id
)
SELECT
    name, kind, noun, l.at, l.status, l.reason, g.at, g.accessed, g.origin,
    (SELECT count(*) FROM incidents AS i
     WHERE i.feed_id = feeds.feed_id AND superseded_at IS NULL)
    + (SELECT count(*) FROM counts AS c
       WHERE c.feed_id = feeds.feed_id AND superseded_at IS NULL),
    (SELECT count(*) FROM quarantine AS q WHERE q.pull_id = entered.pull_id),
    (SELECT max(through) FROM coverage AS v WHERE v.pull_id = entered.pull_id),
    coalesce(g.notes, '[]')
FROM feeds
LEFT JOIN last USING (feed_id) LEFT JOIN pulls AS l ON l.pull_id = last.pull_id
LEFT JOIN good USING (feed_id) LEFT JOIN pulls AS g ON g.pull_id = good.pull_id
LEFT JOIN entered USING (feed_id)
ORDER BY name"""


class FeedLog:
    """Answers about pulls and feeds."""

    def __init__(self, database: Database) -> None:
        """Take a database opened in any mode."""
        self._database = database

    def pulls(self, limit: int) -> list[PullRow]:
        """Return the last pulls, newest first."""
        rows = self._database.rows(
            "SELECT name, at, status, origin, added, revised, deleted, unchanged, quarantined, "
            "reason FROM pulls JOIN feeds USING (feed_id) ORDER BY pull_id DESC LIMIT ?",
            [limit],
        )
        return [PullRow(*row) for row in rows]

    def status(self) -> list[FeedStatus]:
        """Return how every feed stands that was ever pulled, by name."""
        rows = self._database.rows(_FEED_STATUS)
        return [
            FeedStatus._make(
                (
                    *row,
                    through and date.fromisoformat(through),
                    tuple(map(tuple, json.loads(notes))),
                )
            )
            for *row, through, notes in rows
        ]
