"""Columns of text in, incidents and quarantined rows out, one chunk at a time.

Work is done by column: what repeats is parsed once (see `feeds.fields.Memo`), and rows are looked
at one by one only when a column of the chunk has something to refuse.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from datetime import date
from itertools import repeat
from typing import Any

from core.incidents import BadRow, Incident
from feeds import fields
from feeds.fields import DateOrder, Memo
from feeds.quarantine import Chunk, Refusals

FIELDS = (
    "id", "date", "date_end", "date_precision", "country", "admin1", "admin2", "actor", "target",
    "kind", "fatalities", "low", "high", "latitude", "longitude", "source",
)  # fmt: skip
"""Names of our own that a mapping may use; any other name is an extra column."""
_NAMES = ("admin1", "admin2", "actor", "target", "kind")
Texts = Sequence[str]
Column = Sequence[Any]


class IncidentValidator:
    """Makes the incidents of one pull; it remembers the ids that it has seen."""

    def __init__(self, today: date, order: DateOrder = "iso") -> None:
        """Take the last day that is not in the future, and how dates are written."""
        day = fields.day_parser(order, today)
        self._memos: dict[str, Memo[Any]] = {
            "date": Memo(day),
            "date_end": Memo(lambda text: day(text) if text.strip() else None),
            "date_precision": Memo(fields.precision),
            "country": Memo(fields.country),
            **{column: Memo(fields.name) for column in _NAMES},
            **{column: Memo(fields.count) for column in ("fatalities", "low", "high")},
            "latitude": Memo(fields.degrees(90)),
            "longitude": Memo(fields.degrees(180)),
            "source": Memo(fields.plain),
        }
        self._extra: dict[tuple[str, ...], str | None] = {}
        self._seen: set[str] = set()

    def check(
        self, chunk: Chunk, columns: Mapping[str, Texts]
    ) -> tuple[list[Incident], list[BadRow]]:
        """Return the chunk's incidents and its bad rows, those it came with included.

        `columns` holds, under our names, one text per row of the chunk; "id" and "date" must be
        among them.
        """
        refusals = Refusals()
        values = {name: self._column(name, columns.get(name), refusals) for name in self._memos}
        ids = self._ids(columns["id"], refusals)
        extra = self._extras(columns, len(chunk.rows))
        incidents = _assemble(ids, values, extra, len(chunk.rows))
        if refusals.reasons:
            kept, bad = refusals.split(chunk)
            return [incidents[row] for row in kept], chunk.bad + bad
        return incidents, chunk.bad

    def _column(self, name: str, texts: Texts | None, refusals: Refusals) -> Column | None:
        """Return the parsed column, or None where the source has none."""
        if texts is None:
            return None
        memo = self._memos[name]
        if name in ("latitude", "longitude"):
            quick = _numbers(texts, 90 if name == "latitude" else 180)
            if quick is not None:
                return quick
        memo.trim()
        values = list(map(memo.__getitem__, texts))
        refusals.take(name, texts, memo.refused)
        return values

    def _ids(self, texts: Texts, refusals: Refusals) -> list[str]:
        """Return cleaned ids, refusing empty, overlong and repeated ones."""
        joined = "".join(texts)
        plain = joined.isascii() and joined.isprintable() and " " not in joined
        ids = list(texts) if plain else [fields.tidy(text, 400) for text in texts]
        fresh = set(ids)
        repeated = len(fresh) < len(ids) or not self._seen.isdisjoint(fresh)
        if repeated or "" in fresh or max(map(len, ids), default=0) > fields.LONGEST_NAME:
            self._refuse_ids(ids, refusals)
        self._seen |= fresh
        return ids

    def _refuse_ids(self, ids: list[str], refusals: Refusals) -> None:
        here: set[str] = set()
        for row, text in enumerate(ids):
            if not text:
                refusals.reasons.setdefault(row, "id is empty")
            elif len(text) > fields.LONGEST_NAME:
                refusals.reasons.setdefault(row, f"id {fields.short(text)} is too long")
            elif text in here or text in self._seen:
                refusals.reasons.setdefault(
                    row, f"id {fields.short(text)} stands twice in the file"
                )
            here.add(text)

    def _extras(self, columns: Mapping[str, Texts], rows: int) -> Sequence[str | None]:
        """Return one JSON object per row of the columns that are not ours; empty ones left out."""
        names = sorted(set(columns) - set(FIELDS))
        if not names:
            return [None] * rows
        if len(self._extra) > 50_000:
            self._extra.clear()
        found = []
        for cells in zip(*(columns[name] for name in names), strict=True):
            if cells not in self._extra:
                self._extra[cells] = _as_json(names, cells)
            found.append(self._extra[cells])
        return found


def _as_json(names: list[str], cells: tuple[str, ...]) -> str | None:
    tidied = ((name, fields.plain(cell)) for name, cell in zip(names, cells, strict=True))
    kept = {name: cell for name, cell in tidied if cell is not None}
    return json.dumps(kept, ensure_ascii=False) if kept else None


def _numbers(texts: Texts, limit: int) -> list[float] | None:
    """Return a whole column as degrees, or None when a cell of it is anything else."""
    try:
        values = list(map(float, texts))
    except ValueError:
        return None
    in_range = max(values, default=0.0) <= limit and min(values, default=0.0) >= -limit
    return values if in_range and math.isfinite(math.fsum(values)) else None


def _assemble(
    ids: list[str], values: Mapping[str, Column | None], extra: Column, rows: int
) -> list[Incident]:
    """Return one incident per row; a column that the source lacks is None in all of them."""
    nothing: Column = [None] * rows
    column = {name: values[name] or nothing for name in FIELDS[1:]}
    ends = column["date"]
    if values["date_end"]:
        ends = [end or day for day, end in zip(ends, values["date_end"], strict=True)]
    flags = _flags(values, rows)
    rest = (column[name] for name in FIELDS[4:])
    precisions = values["date_precision"] or [1] * rows
    cells = zip(ids, column["date"], ends, precisions, *rest, flags, extra, strict=True)
    return list(map(tuple.__new__, repeat(Incident), cells))  # what _make does, in half its time


def _flags(values: Mapping[str, Column | None], rows: int) -> Column:
    """Name the oddities that are kept: UCDP's own files have 1.5 to 3 % of them."""
    pairs = {
        "end<start": ("date", "date_end"),
        "low>best": ("low", "fatalities"),
        "best>high": ("fatalities", "high"),
    }
    flags: list[str | None] = [None] * rows
    for flag, (smaller, larger) in pairs.items():
        for row, (one, two) in enumerate(
            zip(values[smaller] or (), values[larger] or (), strict=False)
        ):
            if one and two is not None and one > two:
                flags[row] = f"{flags[row]},{flag}" if flags[row] else flag
    return flags
