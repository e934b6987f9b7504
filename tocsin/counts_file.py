"""COUNTS files (region, date, count; CSV or Parquet): the engine without a database."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from core.errors import InputError
from core.periods import Period
from core.regions import label, parse
from core.series import FloatArray, IntArray, Panel
from core.text import clean
from feeds.fields import Memo, day_parser, short
from tocsin.counts_columns import CountsColumns, read_columns

_LARGEST = 1_000_000_000
_MOST_CELLS = 200_000_000
"""Regions times periods: 1.6 GB; five thousand regions and ten years of months have 600,000."""
_LATEST = date(2199, 12, 31)
"""A year after this one is a mistake, and forecasts must end before the calendar does."""
_NUMBER = re.compile(r"[+-]?\d+(\.\d*)?(e[+-]?\d+)?", re.ASCII | re.IGNORECASE)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII)
_MONTH = re.compile(r"\d{4}-\d{2}", re.ASCII)


class CountsFile(NamedTuple):
    """What a file holds: its series, and for each one that is refused a line that says why.

    `unseen` is how many of the panel's last periods lie after the file's last one: zeros.
    """

    panel: Panel
    refused: tuple[str, ...]
    unseen: int = 0


class _Rows(NamedTuple):
    """What each row says: the position of its region in `names`, its period, its count."""

    names: list[str]
    regions: IntArray
    periods: IntArray
    counts: FloatArray


def read_counts(path: Path, period: Period, until: date | None) -> CountsFile:
    """Return one series per region, from the file's first period to its last.

    Only periods that end on or before `until` are used; without it, all up to the last one in
    the file. A period without a row is zero, after the file's last one too if `until` says so.
    A region with something that is no count (infinite, negative, in parts, over 1,000,000,000)
    is refused whole, and so are rows without a region.

    Raises:
        InputError: naming the file, the line and the fault; no region can be used.
    """
    columns = read_columns(path)
    rows, refused = _without_bad(columns, _rows(columns, period))
    seen = int(rows.periods.max())
    last = seen if until is None else period.last_complete(until)
    first = int(rows.periods.min())
    if last < first:
        raise InputError(str(path), f"no {period} ends on or before {until}", "give a later date")
    _require_room(path, len(np.unique(rows.regions)) * (last - first + 1), period)
    return CountsFile(_panel(rows, period, first, last), tuple(refused), max(last - seen, 0))


def _require_room(path: Path, cells: int, period: Period) -> None:
    """Refuse what no memory holds: one wrong year in many regions counted by day."""
    if cells > _MOST_CELLS:
        problem = f"its first and last date span {cells:,} {period}s of all regions together"
        raise InputError(str(path), problem, "correct a wrong year, or give fewer regions")


def _panel(rows: _Rows, period: Period, first: int, last: int) -> Panel:
    """Return the series of the regions that have rows, by name."""
    regions, row = np.unique(rows.regions, return_inverse=True)
    counts = np.zeros((len(regions), last - first + 1))
    used = rows.periods <= last
    np.add.at(counts, (row[used], rows.periods[used] - first), rows.counts[used])
    return Panel(
        keys=tuple(parse(rows.names[region]) for region in regions),
        period=period,
        counts=counts,
        ends=np.full(len(regions), last, dtype=np.int64),
        opened=np.full((len(regions), 0), np.nan),
    )


def _rows(columns: CountsColumns, period: Period) -> _Rows:
    written = [_name(value) for value in columns.regions.values]
    names = sorted(set(written))
    place = {name: position for position, name in enumerate(names)}
    region = np.array([place[name] for name in written], dtype=np.int64)
    count = np.array([_count(value) for value in columns.counts.values])
    return _Rows(
        names,
        region[columns.regions.rows],
        _periods(columns, period)[columns.dates.rows],
        count[columns.counts.rows],
    )


def _name(value: Any) -> str:
    """Return a region's name as `core.regions.label` writes it; "" for none."""
    text = "" if value is None else str(value)
    return label(parse(text)) if text.strip() else ""


def _count(value: Any) -> float:
    """Return a count, NaN for what is none."""
    if isinstance(value, str):
        number = float(value) if _NUMBER.fullmatch(value.strip()) else np.nan
    else:
        numeric = isinstance(value, (int, float, Decimal)) and not isinstance(value, bool)
        number = float(value) if numeric else np.nan
    return abs(number) if 0 <= number <= _LARGEST and number.is_integer() else np.nan


def _periods(columns: CountsColumns, period: Period) -> IntArray:
    """Return the period of each different date.

    Raises:
        InputError: of the first row whose date is none.
    """
    iso = day_parser("iso", _LATEST)
    parsed = Memo(lambda text: period.of(date.fromisoformat(iso(_whole_day(text, period)))))
    texts = ["" if value is None else str(value) for value in columns.dates.values]
    periods = [parsed[text] for text in texts]
    if parsed.refused:
        bad = [position for position, text in enumerate(texts) if text in parsed.refused]
        row = int(np.argmax(np.isin(columns.dates.rows, bad)))
        reason = parsed.refused[texts[columns.dates.rows[row]]]
        raise InputError(columns.places([row])[0], f"date {reason}", "write 2024-01-31")
    return np.array(periods, dtype=np.int64)


def _whole_day(text: str, period: Period) -> str:
    """Return 20240131 as 2024-01-31, and 2024-01 as its first day where months are asked for."""
    if found := _COMPACT.fullmatch(text.strip()):
        return "-".join(found.groups())
    monthly = period is Period.MONTH and _MONTH.fullmatch(text.strip())
    return f"{text.strip()}-01" if monthly else text


def _without_bad(columns: CountsColumns, rows: _Rows) -> tuple[_Rows, list[str]]:
    """Return the rows of regions whose counts all are counts, and why others are refused.

    Raises:
        InputError: none is left; of the first bad row.
    """
    named = np.array([bool(name) for name in rows.names])[rows.regions]
    bad = np.flatnonzero(np.isnan(rows.counts) | ~named)
    if not len(bad):
        return rows, []
    worst = bad[np.unique(rows.regions[bad], return_index=True)[1]]
    errors = list(_errors(columns, rows, worst[np.argsort(worst)]))
    kept = ~np.isin(rows.regions, rows.regions[worst])
    if not kept.any():
        raise errors[0]
    left = _Rows(rows.names, rows.regions[kept], rows.periods[kept], rows.counts[kept])
    return left, [error.line() for error in errors]


def _errors(columns: CountsColumns, rows: _Rows, bad: IntArray) -> Iterator[InputError]:
    for row, place in zip(bad, columns.places(bad), strict=True):
        name = clean(rows.names[rows.regions[row]])
        given = columns.counts.values[columns.counts.rows[row]]
        if name:
            problem = f"{short(str(given))} is not a count: region {name!r} is left out"
            yield InputError(place, problem, "counts are whole, 0 or more")
        else:
            yield InputError(place, "names no region: such rows are left out", "name one")
