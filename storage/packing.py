"""Rows read by the ten thousand: a million counted without sorting them.

SQLite groups by sorting, which takes most of the time of a count; and to hand over a million rows
one by one takes as long again. So the columns of a stretch of rows leave it joined into a few long
texts, and NumPy counts.
"""

# ruff: noqa: S608 - SQL is put together from texts of the caller's module; values are bound.

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from core.periods import Period
from core.series import IntArray
from storage.database import Database
from storage.summing import added

_ROWS = 50_000
_DATE = 10
_ONE = "1"
_MISSING, _BETWEEN, _ROW = "\x1d", "\x1f", "\x1e"
"""Separators of information (ECMA-48): `core.text.clean` lets none of them into a name."""
_ADDED = f"group_concat({{}}, '{_ROW}')"
_SPAN = 1 << 22
"""More than any number of a period: the last day of the calendar is 3,652,059."""
_EPOCH = {Period.DAY: 719_163, Period.WEEK: 719_163, Period.MONTH: 1970 * 12}
"""1970-01-01, from where NumPy counts, in `core.periods` numbers (a week's days first)."""


class Tallied(NamedTuple):
    """Rows counted: those with the texts `names[place[i]]` in `period[i]` add `added[i]`.

    A place and period may stand more than once: stretches of rows are counted each by itself.
    """

    names: list[tuple[str | None, ...]]
    place: IntArray
    period: IntArray
    added: IntArray


class Rows(NamedTuple):
    """Which rows of a table: its integer key, a condition, what that binds, and what each adds.

    `adds` is the SQL of a whole number, never NULL.
    """

    table: str
    number: str
    where: str
    bound: Mapping[str, Any]
    adds: str = _ONE


def tally(
    database: Database, rows: Rows, day: str, texts: Sequence[str], period: Period
) -> Tallied:
    """Count rows by period and texts, all as they are at one instant.

    Args:
        database: where they are.
        rows: which ones.
        day: the SQL of their date, which is never NULL.
        texts: the SQL of their texts, one or more.
        period: what dates are counted by.
    """
    joined = f" || '{_BETWEEN}' || ".join(f"coalesce({text}, '{_MISSING}')" for text in texts)
    each_one = rows.adds == _ONE
    sql = (
        f"SELECT group_concat({day}, ''), group_concat({joined}, '{_ROW}'), "
        f"{'NULL' if each_one else _ADDED.format(rows.adds)} FROM {rows.table} "
        f"WHERE {rows.where} AND {rows.number} BETWEEN :first AND :last"
    )
    known: dict[str, int] = {}
    codes, counts = ([np.zeros(0, np.int64)] for _ in range(2))
    with database.snapshot():
        last = database.value(f"SELECT max({rows.number}) FROM {rows.table}") or 0
        for first in range(0, last + 1, _ROWS):
            stretch = {**rows.bound, "first": first, "last": first + _ROWS - 1}
            ((days, packed, adds),) = database.rows(sql, stretch)
            if days is not None:
                found = [known.setdefault(text, len(known)) for text in packed.split(_ROW)]
                each = np.ones(len(found), np.int64) if adds is None else _numbers(adds)
                code = np.array(found, dtype=np.int64) * _SPAN + _periods(days, period)
                for kept, part in zip((codes, counts), added(code, each), strict=True):
                    kept.append(part)
    code = np.concatenate(codes)
    names = [_names(text) for text in known]
    return Tallied(names, code // _SPAN, code % _SPAN, np.concatenate(counts))


def _numbers(joined: str) -> IntArray:
    return np.array(joined.split(_ROW), dtype=np.int64)


def _periods(days: str, period: Period) -> IntArray:
    """Return the period of every date of a text that is nothing but ISO dates."""
    dates = np.frombuffer(days.encode("ascii"), dtype=f"S{_DATE}")
    unit = "datetime64[M]" if period is Period.MONTH else "datetime64[D]"
    index = dates.astype(unit).astype(np.int64) + _EPOCH[period]
    return np.asarray((index - 1) // 7 if period is Period.WEEK else index, dtype=np.int64)


def _names(text: str) -> tuple[str | None, ...]:
    return tuple(None if name == _MISSING else name for name in text.split(_BETWEEN))
