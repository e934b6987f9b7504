"""The incident store: pulls with their log, coverage, aliases, and the watermark."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, Literal

from core.clock import stamp, unstamp
from core.incidents import Coverage, Pull
from core.protocols import PullReport
from core.rhythm import Pulse
from core.series import Cells, History
from core.settings import Aliases, FeedSettings, Site, WatchSettings
from core.text import unquoted
from storage import loading
from storage.counting import count_cells, count_unplaced, find_middles
from storage.database import Database
from storage.erasing import is_redacted
from storage.history import accessed, history, pulled
from storage.names import Names, alias_rows
from storage.pull_seals import seal_pull
from storage.sites import replace_sites

_DAY = timedelta(days=1)


class Incidents:
    """`core.protocols.IncidentStore` over one database."""

    def __init__(self, database: Database) -> None:
        """Take a database; loading needs one that can be written."""
        self._database = database

    def load(self, feed: FeedSettings, pull: Pull, now: datetime) -> PullReport:
        """Store a pull in one transaction; the digest of the last good pull is not read again.

        Raises:
            FeedError: from the pull, or when a snapshot lost more rows than the feed allows;
                nothing is stored then.
            StorageError: when the database cannot be used; nothing is stored then.
        """
        if pull.digest == self._last_good(feed.name, "digest"):
            return self._note_same(feed, pull, now)
        with loading.staged(self._database, pull):
            coverage = pull.coverage()
            with self._database.transaction() as connection:
                return self._enter(connection, feed, pull, coverage, now)

    def bookmark(self, feed: str) -> str:
        """Return the bookmark of a feed's last good pull; "" when it left none."""
        return self._last_good(feed, "bookmark") or ""

    def note_failure(self, feed: FeedSettings, reason: str, now: datetime) -> None:
        """Record a pull that was refused, in the pull log only."""
        with self._database.transaction() as connection:
            feed_id = _feed_id(connection, feed)
            if is_redacted(connection, feed_id):
                reason = unquoted(reason)
            connection.execute(
                "INSERT INTO pulls (feed_id, at, status, changed, digest, origin, reason) "
                "VALUES (?, ?, 'refused', 0, '', '', ?)",
                [feed_id, stamp(now), reason or "no reason given"],
            )

    def set_aliases(self, aliases: Aliases) -> None:
        """Replace the stored aliases by the configured ones."""
        wanted = set(alias_rows(aliases))
        if wanted == set(self._database.rows("SELECT field, spelling, canonical FROM aliases")):
            return
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM aliases")
            connection.executemany("INSERT OR REPLACE INTO aliases VALUES (?, ?, ?)", wanted)

    def set_sites(self, sites: Sequence[Site]) -> None:
        """Replace the stored sites by the configured ones."""
        replace_sites(self._database, sites)

    def watermark(self, as_of: str | None = None) -> str:
        """Return the stamp of the last change of incidents, counts or coverage; "" before it.

        With `as_of`, of the last one until that stamp.
        """
        sql = "SELECT max(seen_at) FROM pulls WHERE changed AND (?1 IS NULL OR seen_at <= ?1)"
        return self._database.value(sql, [as_of]) or ""

    def first_seen(self, feeds: Sequence[str]) -> str | None:
        """Return the stamp since which every one of these feeds has been pulled, or None."""
        first: dict[str, str] = dict(
            self._database.rows(
                "SELECT name, min(seen_at) FROM feeds JOIN pulls USING (feed_id) "
                "WHERE status = 'new' AND name IN (SELECT value FROM json_each(?)) GROUP BY name",
                [json.dumps(feeds)],
            )
        )
        return max(first.values()) if first and first.keys() == set(feeds) else None

    def cells(self, watch: WatchSettings, cutoff: date, as_of: str | None) -> Cells:
        """Return a watch's counts of events dated until `cutoff`, as known at stamp `as_of`.

        With the middles of its regions, where one of its models looks at neighbours.

        Raises:
            InputError: when the watch asks of its feeds what they do not have.
        """
        coverage = self.coverage(watch.feeds, as_of) if watch.precedence else {}
        cells = count_cells(self._database, watch, cutoff, as_of, coverage)
        if "neighbours" not in watch.models:
            return cells
        return replace(cells, places=find_middles(self._database, watch, cutoff, as_of))

    def unplaced(self, watch: WatchSettings, cutoff: date, as_of: str | None) -> int:
        """Return how many incidents of a watch have no coordinates."""
        return count_unplaced(self._database, watch, cutoff, as_of)

    def coverage(self, feeds: Sequence[str], as_of: str | None) -> Mapping[str, list[Coverage]]:
        """Return per feed what it covers, as of the last good pull at `as_of`; [] before it.

        Countries have the names under which they are counted.
        """
        names = Names.of(self._database)
        return {
            feed: joined(
                replace(part, country=part.country and names.canonical("country", part.country))
                for part in _coverage(self._database.rows, feed, as_of)
            )
            for feed in feeds
        }

    def pulse(self, feed: FeedSettings, as_of: str | None) -> Pulse | None:
        """Return the days on which a feed brought something new, as known at stamp `as_of`.

        News are rows that were added, revised or deleted, and coverage that moved; but for a feed
        whose coverage goes with every pull, which is no sign of life. The day of a pull is the
        one that counted as today. None before the first pull.
        """
        bound = [feed.name, as_of]
        first = self._database.value(
            "SELECT min(substr(coalesce(accessed, at), 1, 10)) FROM pulls JOIN feeds USING "
            "(feed_id) WHERE name = ?1 AND (?2 IS NULL OR at <= ?2)",
            bound,
        )
        if first is None:
            return None
        news = self._database.rows(
            "SELECT DISTINCT substr(accessed, 1, 10) FROM pulls JOIN feeds USING (feed_id) "
            "WHERE name = ?1 AND (?2 IS NULL OR seen_at <= ?2) AND status = 'new' "
            "AND (added + revised + deleted > 0 OR changed AND ?3) ORDER BY 1",
            [*bound, feed.covered_through != "pull"],
        )
        days = tuple(date.fromisoformat(day) for (day,) in news)
        return Pulse(feed.name, date.fromisoformat(first), days)

    def pulled(self, feeds: Sequence[str], as_of: str | None) -> date | None:
        """Return the day until which all of these feeds were looked at, or None before it."""
        return pulled(self._database, feeds, as_of)

    def accessed(self, feeds: Sequence[str], as_of: str | None) -> Mapping[str, date]:
        """Return per feed the day of its last good pull; a feed without one is not in it."""
        return accessed(self._database, feeds, as_of)

    def history(
        self, watch: WatchSettings, cutoff: date, as_of: str | None, since: date
    ) -> History:
        """Return what each good pull until `as_of` knew of a watch's events from `since` on.

        Raises:
            InputError: when the watch asks of its feeds what they do not have.
        """
        return history(self._database, watch, cutoff, as_of, since)

    def _last_good(self, feed: str, what: Literal["digest", "bookmark"]) -> str | None:
        """Return a column of a feed's last good pull, or None before it."""
        found: str | None = self._database.value(
            f"SELECT {what} FROM pulls JOIN feeds USING (feed_id) "  # noqa: S608 - one of two names
            "WHERE name = ? AND status <> 'refused' ORDER BY pull_id DESC LIMIT 1",
            [feed],
        )
        return found

    def _note_same(self, feed: FeedSettings, pull: Pull, now: datetime) -> PullReport:
        with self._database.transaction() as connection:
            (unchanged,) = connection.execute(
                "INSERT INTO pulls (feed_id, at, status, changed, digest, origin, accessed, "
                "unchanged, bookmark, notes) "
                "SELECT feed_id, ?, 'same', 0, ?, ?, ?, added + revised + unchanged, bookmark, "
                "notes "
                "FROM pulls WHERE feed_id = ? AND status <> 'refused' "
                "ORDER BY pull_id DESC LIMIT 1 RETURNING unchanged",
                [stamp(now), pull.digest, pull.origin, pull.accessed, _feed_id(connection, feed)],
            ).fetchone()
        return PullReport(feed.name, "same", 0, 0, 0, unchanged, 0, pull.notes)

    def _enter(
        self,
        connection: sqlite3.Connection,
        feed: FeedSettings,
        pull: Pull,
        coverage: Iterable[Coverage],
        now: datetime,
    ) -> PullReport:
        feed_id, seen_at = _feed_id(connection, feed), _next_stamp(connection, now)
        whole = feed.mode == "snapshot" and pull.notes.whole
        rows = loading.Changes()
        for kept in (loading.INCIDENTS, loading.COUNTS):
            rows += loading.enter(connection, kept, feed, feed_id, seen_at, whole=whole)
        before = _coverage(lambda *a: connection.execute(*a).fetchall(), feed.name, None)
        covered = joined([*coverage, *(() if whole else before)])
        changed = bool(rows.added or rows.revised or rows.deleted or covered != before)
        quarantined = loading.count_quarantined(connection)
        counts = (rows.added, rows.revised, rows.deleted, rows.unchanged, quarantined)
        when = (feed_id, stamp(now), seen_at, changed)
        pull_id = _note_new(connection, when, pull, counts)
        loading.enter_quarantined(connection, feed_id, pull_id)
        _enter_coverage(connection, pull_id, covered)
        seal_pull(connection, pull_id, seen_at)
        return PullReport(feed.name, "new", *counts, pull.notes)


def _note_new(
    connection: sqlite3.Connection,
    when: tuple[int, str, str, bool],
    pull: Pull,
    counts: tuple[int, ...],
) -> int:
    """Enter a pull that was read into the log; return its number.

    Args:
        connection: inside a transaction.
        when: the feed's number, when it was pulled, the stamp of its rows, whether it changed any.
        pull: the pull.
        counts: rows that were added, revised, deleted, unchanged and quarantined.
    """
    cursor = connection.execute(
        "INSERT INTO pulls (feed_id, at, status, seen_at, changed, digest, origin, accessed, "
        "added, revised, deleted, unchanged, quarantined, bookmark, notes) "
        "VALUES (?, ?, 'new', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            *(*when, pull.digest, pull.origin, pull.accessed, *counts, pull.bookmark),
            json.dumps(pull.notes.lines(), ensure_ascii=False),
        ],
    )
    assert cursor.lastrowid is not None
    return cursor.lastrowid


def _enter_coverage(
    connection: sqlite3.Connection, pull_id: int, covered: Iterable[Coverage]
) -> None:
    connection.executemany(
        "INSERT INTO coverage VALUES (?, ?, ?, ?)",
        [
            (pull_id, part.country, part.first.isoformat(), part.through.isoformat())
            for part in covered
        ],
    )


def joined(stretches: Iterable[Coverage]) -> list[Coverage]:
    """Return stretches in order, those of a country that touch or overlap made one."""
    found: list[Coverage] = []
    for part in sorted(stretches, key=lambda part: (part.country, part.first)):
        last = found[-1] if found else None
        if last and last.country == part.country and part.first <= last.through + _DAY:
            found[-1] = Coverage(last.country, last.first, max(last.through, part.through))
        else:
            found.append(part)
    return found


def _coverage(
    rows: Callable[[str, list[str | None]], list[Any]], feed: str, as_of: str | None
) -> list[Coverage]:
    found = rows(
        "SELECT country, first, through FROM coverage WHERE pull_id = ("
        "SELECT max(pull_id) FROM pulls JOIN feeds USING (feed_id) "
        "WHERE name = ?1 AND status = 'new' AND (?2 IS NULL OR seen_at <= ?2)) "
        "ORDER BY country, first",
        [feed, as_of],
    )
    return [
        Coverage(country, date.fromisoformat(first), date.fromisoformat(through))
        for country, first, through in found
    ]


def _feed_id(connection: sqlite3.Connection, feed: FeedSettings) -> int:
    """Return the feed's number, entering it or what has changed of it."""
    row = connection.execute(
        "INSERT INTO feeds (name, kind, noun) VALUES (?, ?, ?) "
        "ON CONFLICT (name) DO UPDATE SET kind = excluded.kind, noun = excluded.noun "
        "RETURNING feed_id",
        [feed.name, feed.kind, feed.noun],
    ).fetchone()
    return int(row[0])


def _next_stamp(connection: sqlite3.Connection, now: datetime) -> str:
    """Return the stamp of a pull: strictly after every earlier one, even if the clock is not."""
    (last,) = connection.execute("SELECT max(seen_at) FROM pulls").fetchone()
    if last is None:
        return stamp(now)
    return max(stamp(now), stamp(unstamp(last) + timedelta(microseconds=1)))
