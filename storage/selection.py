"""The incidents that a watch counts, as SQL that anyone can run: values stand in it.

A published number must be checkable without Tocsin. What is put together here runs as it is in the
`sqlite3` program (but for watches by site, whose condition calls a function of Tocsin's).
"""

# ruff: noqa: S608 - texts of this package; every value goes through `quoted`.

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

from core.periods import Period
from core.regions import UNKNOWN
from storage.names import Names
from storage.precedence import Owners

Span = Sequence[tuple[date, date]]
"""Stretches of days, first and last included, in order."""
_PLACEHOLDER = re.compile(r":([a-z_0-9]+)")


@dataclass(frozen=True)
class Selection:
    """Which rows a watch counts.

    Attributes:
        table: the table, or a join of it.
        where: the condition.
        day: the column of the event's day.
        events: SQL of how many events a row is.
        keys: SQL of each column that the watch groups by, names as they are shown.
        country: SQL of the country as it is shown; None where rows have none.
        deaths: whether rows have fatalities and a precision of their date.
    """

    table: str
    where: str
    day: str
    events: str
    keys: tuple[str, ...]
    country: str | None
    deaths: bool

    def select(self, columns: str, *conditions: str, tail: str = "") -> str:
        """Return a query over the selected rows that meet all conditions."""
        where = " AND ".join([self.where, *conditions])
        return f"SELECT {columns} FROM {self.table} WHERE {where}{tail and ' ' + tail}"

    def within(self, span: Span) -> str:
        """Return the condition that an event's day lies in a span; nothing lies in none."""
        days = (
            f"{self.day} BETWEEN {quoted(first.isoformat())} AND {quoted(last.isoformat())}"
            for first, last in span
        )
        return f"({' OR '.join(days) or '0'})"


def quoted(value: object) -> str:
    """Return a text, a number or None as a literal of SQL."""
    if value is None:
        return "NULL"
    if isinstance(value, int | float):
        return repr(value)
    return "'" + str(value).replace("'", "''") + "'"


def literal(sql: str, bound: Mapping[str, Any]) -> str:
    """Return SQL of this package with its named placeholders replaced by their values."""
    return _PLACEHOLDER.sub(lambda match: quoted(bound[match[1]]), sql)


def shown_as(expression: str, column: str, raws: Sequence[str | None], names: Names) -> str:
    """Return SQL of a column's names as they are shown, given the raw ones that it holds."""
    known = f"coalesce({expression}, {quoted(UNKNOWN)})"
    renamed = {raw: names.canonical(column, raw) for raw in raws if raw is not None}
    cases = [
        f"WHEN {quoted(raw)} THEN {quoted(name)}" for raw, name in renamed.items() if raw != name
    ]
    return f"CASE {known} {' '.join(cases)} ELSE {known} END" if cases else known


def owned(
    rows: Sequence[tuple[int, str | None, int, int]],
    feeds: Mapping[int, str],
    names: Names,
    owners: Owners,
    period: Period,
) -> str:
    """Return the condition that a row's feed is the one that counts in its country's period.

    Args:
        rows: (feed_id, raw country, first period, last period) of what is stored.
        feeds: names by feed_id.
        names: brings countries to the names by which owners know them.
        owners: of the watch.
        period: that the watch counts by.
    """
    parts = []
    for feed, raw, first, last in rows:
        country = names.canonical("country", raw)
        counted = [p for p in range(first, last + 1) if owners.counts(feeds[feed], country, p)]
        days = " OR ".join(
            f"date BETWEEN {quoted(period.start(a).isoformat())} "
            f"AND {quoted(period.end(b).isoformat())}"
            for a, b in _runs(counted)
        )
        if days:
            parts.append(f"feed_id = {feed} AND country IS {quoted(raw)} AND ({days})")
    return f"({' OR '.join(parts) or '0'})"


def _runs(numbers: Sequence[int]) -> list[tuple[int, int]]:
    """Return rising whole numbers as stretches without a hole."""
    if not numbers:
        return []
    breaks = [(a, b) for a, b in pairwise(numbers) if b != a + 1]
    starts = [numbers[0], *(b for _, b in breaks)]
    ends = [*(a for a, _ in breaks), numbers[-1]]
    return list(zip(starts, ends, strict=True))
