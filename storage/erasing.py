"""Fields of incidents made empty: of stored versions, and of rows that a source sends again."""

# ruff: noqa: S608 - SQL is put together from texts of this module and checked names.

from __future__ import annotations

import re
import sqlite3

from core.incidents import Incident
from core.settings import DETAILS
from core.text import WITHHELD, unquoted

_FURTHER = re.compile(r"""[^"'\\]{1,200}""")


def value_of(field: str) -> str:
    """Return the SQL of a field's text, NULL where there is none.

    Raises:
        ValueError: when no column can have that name.
    """
    return (
        field if field in Incident._fields else f"""json_extract(extra, '$."{_further(field)}"')"""
    )


def emptied(field: str) -> str:
    """Return the SQL assignment that erases a field.

    Further columns are one JSON text: SQLite writes it anew in its own spacing, here and whenever
    the row comes again, so that the same row stays the same.
    """
    if field in DETAILS:
        return f"{field} = NULL"
    return f"""extra = nullif(json_remove(extra, '$."{_further(field)}"'), '{{}}')"""


def erase_again(connection: sqlite3.Connection, stage: str, feed_id: int) -> None:
    """Empty what was redacted in the staged rows of a feed, inside a transaction."""
    fields = connection.execute(
        "SELECT DISTINCT field FROM redacted WHERE feed_id = ? ORDER BY field", [feed_id]
    ).fetchall()
    for (field,) in fields:
        connection.execute(
            f"UPDATE {stage} SET {emptied(field)} WHERE source_id IN "
            "(SELECT source_id FROM redacted WHERE feed_id = ? AND field = ?)",
            [feed_id, field],
        )


def is_redacted(connection: sqlite3.Connection, feed_id: int) -> bool:
    """Return whether anything of a feed was ever redacted."""
    sql = "SELECT 1 FROM redactions WHERE feed_id = ? LIMIT 1"
    return connection.execute(sql, [feed_id]).fetchone() is not None


def withhold(connection: sqlite3.Connection, table: str, which: str = "1", *bound: object) -> int:
    """Take what they quote out of quarantined rows; return how many lost a text.

    Of a feed with redactions they keep lines and reasons only: nobody knows what stands where in
    a row that cannot be read.
    """
    rows = connection.execute(f"SELECT rowid, reason, excerpt FROM {table} WHERE {which}", bound)
    changed = [
        (unquoted(reason), WITHHELD, rowid)
        for rowid, reason, excerpt in rows.fetchall()
        if excerpt != WITHHELD
    ]
    connection.executemany(f"UPDATE {table} SET reason = ?, excerpt = ? WHERE rowid = ?", changed)
    return len(changed)


def _further(field: str) -> str:
    if not _FURTHER.fullmatch(field):
        raise ValueError(f"no column is called {field!r}")
    return field
