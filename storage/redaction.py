"""Redaction: texts of incidents erased from every version, and never taken in again.

It is the one exception to "nothing is overwritten". Counts stay as they are: fields that a watch
counts by are not given here (see `tocsin.commands.redact`).
"""

# ruff: noqa: S608 - SQL is put together from checked names (`storage.erasing`).

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import NamedTuple

from core.settings import DETAILS
from storage.database import Database
from storage.erasing import emptied, value_of, withhold
from storage.pull_seals import resealed
from storage.traces import erase_traces

_VERSIONS = "feed_id = :feed AND source_id IN (SELECT value FROM json_each(:ids))"


@dataclass(frozen=True)
class Target:
    """What is to be erased: fields of some incidents of a feed.

    `texts` are the distinct values that stand there, of which nothing is ever logged.
    """

    feed_id: int
    ids: tuple[str, ...]
    fields: tuple[str, ...]
    versions: int
    texts: frozenset[str]


class Warrant(NamedTuple):
    """Who erases, when (stamp) and why."""

    person: str
    at: str
    reason: str


def incidents_matching(
    database: Database, feed: str, ids: Sequence[str], where: Mapping[str, str]
) -> tuple[str, ...]:
    """Return the ids of a feed's incidents: those given, or those of which a version matches.

    `where` maps "id" or a field to a glob as in a watch; one version must match all of them.

    Raises:
        ValueError: when no column can have such a name.
    """
    bound = {"feed": feed, "ids": json.dumps(ids)}
    conditions = ["source_id IN (SELECT value FROM json_each(:ids))"] if ids else []
    for number, (field, glob) in enumerate(where.items()):
        sql = "source_id" if field == "id" else value_of(field)
        values = database.rows(f"SELECT DISTINCT {sql} FROM {_OF_FEED}", bound)
        matching = [value for (value,) in values if value is not None and _fits(value, glob)]
        bound[f"v{number}"] = json.dumps(matching)
        conditions.append(f"{sql} IN (SELECT value FROM json_each(:v{number}))")
    rows = database.rows(
        f"SELECT DISTINCT source_id FROM {_OF_FEED} AND {' AND '.join(conditions)} ORDER BY 1",
        bound,
    )
    return tuple(source_id for (source_id,) in rows)


_OF_FEED = "incidents JOIN feeds USING (feed_id) WHERE name = :feed"


def _fits(value: object, glob: str) -> bool:
    return fnmatchcase(str(value), glob)


def columns_of(database: Database, feed: str) -> frozenset[str] | None:
    """Return the columns of a feed's incidents that hold texts; None for a feed never pulled."""
    feed_id = database.value("SELECT feed_id FROM feeds WHERE name = ?", [feed])
    if feed_id is None:
        return None
    rows = database.rows(
        "SELECT DISTINCT key FROM incidents, json_each(extra) WHERE feed_id = ?", [feed_id]
    )
    return frozenset({*DETAILS, *(key for (key,) in rows)})


def aim(database: Database, feed: str, ids: Sequence[str], fields: Sequence[str]) -> Target:
    """Return what erasing these fields of these incidents comes to; changes nothing.

    Raises:
        ValueError: when no column can have such a name.
    """
    feed_id = database.value("SELECT feed_id FROM feeds WHERE name = ?", [feed])
    bound = {"feed": feed_id, "ids": json.dumps(ids)}
    texts: set[str] = set()
    for field in fields:
        rows = database.rows(
            f"SELECT DISTINCT {value_of(field)} FROM incidents WHERE {_VERSIONS}", bound
        )
        texts |= {value for (value,) in rows if isinstance(value, str)}
    filled = " OR ".join(f"{value_of(field)} IS NOT NULL" for field in fields)
    versions = database.value(
        f"SELECT count(*) FROM incidents WHERE {_VERSIONS} AND ({filled})", bound
    )
    return Target(feed_id, tuple(ids), tuple(fields), versions, frozenset(texts))


def erase(database: Database, target: Target, warrant: Warrant) -> int:
    """Erase in one transaction, log it, then rebuild the file so that no byte of it is left.

    Returns:
        How many rows of other tables lost a text: quarantined rows, regions, alerts, messages.

    Raises:
        StorageError: when the database cannot be used. If only the rebuilding failed, the texts
            are erased but their bytes may still lie in the file: repeat it.
    """
    with database.transaction() as connection, resealed(connection):
        number = _log(connection, target, warrant)
        for field in target.fields:
            connection.execute(
                f"UPDATE incidents SET {emptied(field)} WHERE {_VERSIONS} "
                f"AND {value_of(field)} IS NOT NULL",
                {"feed": target.feed_id, "ids": json.dumps(target.ids)},
            )
            connection.executemany(
                "INSERT OR IGNORE INTO redacted VALUES (?, ?, ?, ?)",
                ((target.feed_id, source_id, field, number) for source_id in target.ids),
            )
        of_feed = "pull_id IN (SELECT pull_id FROM pulls WHERE feed_id = ?)"
        elsewhere = withhold(connection, "quarantine", of_feed, target.feed_id)
        elsewhere += erase_traces(connection, target.texts, number)
        connection.execute(
            "UPDATE redactions SET elsewhere = ? WHERE redaction_id = ?", [elsewhere, number]
        )
    database.scrub()
    return elsewhere


def _log(connection: sqlite3.Connection, target: Target, warrant: Warrant) -> int:
    cursor = connection.execute(
        "INSERT INTO redactions (feed_id, at, person, reason, fields, incidents, versions, "
        "elsewhere) VALUES (?, ?, ?, ?, ?, ?, ?, 0)",
        [
            *(target.feed_id, warrant.at, warrant.person, warrant.reason),
            *(json.dumps(target.fields), len(target.ids), target.versions),
        ],
    )
    assert cursor.lastrowid is not None
    return cursor.lastrowid
