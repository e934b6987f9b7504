"""COUNTS files (region, date, count; CSV or Parquet): the engine without a database."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from core.errors import InputError
from core.periods import Period
from core.regions import parse
from core.series import IntArray, Panel
from core.text import clean

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("region", "date", "count")
_LARGEST = 1_000_000_000


class CountsFile(NamedTuple):
    """What a file holds: its series, and for each one that is refused a line that says why."""

    panel: Panel
    refused: tuple[str, ...]


def read_counts(path: Path, period: Period, until: date | None) -> CountsFile:
    """Return one series per region, from the file's first period to its last.

    Only periods that end on or before `until` are used; without it, all up to the last one in
    the file. A period without a row between the file's first and last is zero. A region with
    something that is no count (infinite, negative, in parts, over 1,000,000,000) is refused whole.

    Raises:
        InputError: naming the file, the line and the fault; no region can be used.
    """
    frame, refused = _without_bad(_read(path), path)
    panel = _panel(frame, path, period, until)
    return CountsFile(panel, tuple(refused))


def _panel(frame: pd.DataFrame, path: Path, period: Period, until: date | None) -> Panel:
    index = _period_index(frame, path, period)
    last = int(index.max()) if until is None else period.last_complete(until)
    first = int(index.min())
    if last < first:
        raise InputError(str(path), f"no {period} ends on or before {until}", "give a later date")
    regions, row = np.unique(frame["region"].to_numpy(dtype=str), return_inverse=True)
    counts = np.zeros((len(regions), last - first + 1))
    used = index <= last
    events = frame["count"].to_numpy(dtype=np.float64)
    np.add.at(counts, (row[used], index[used] - first), events[used])
    return Panel(
        keys=tuple(parse(str(region)) for region in regions),
        period=period,
        counts=counts,
        ends=np.full(len(regions), last, dtype=np.int64),
        opened=np.full((len(regions), 0), np.nan),
    )


def _read(path: Path) -> pd.DataFrame:
    import pandas as pd  # noqa: PLC0415 - 0.4 s that --help need not pay
    import pyarrow as pa  # noqa: PLC0415

    if not path.is_file():
        raise InputError(str(path), "no such file", "name a CSV or Parquet file")
    try:
        if path.suffix == ".parquet":
            frame = pd.read_parquet(path)
        else:
            frame = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except (ValueError, OSError, EOFError, pa.ArrowException) as error:
        raise InputError(
            str(path), f"cannot be read ({error})", "give CSV (UTF-8) or Parquet"
        ) from None
    missing = [name for name in COLUMNS if name not in frame.columns]
    if missing:
        raise InputError(
            str(path),
            f"column {missing[0]!r} is missing (it has: {', '.join(map(str, frame.columns[:20]))})",
            "columns must be region, date, count",
        )
    if frame.empty:
        raise InputError(str(path), "holds no rows", "give at least one count")
    return frame


def _without_bad(frame: pd.DataFrame, path: Path) -> tuple[pd.DataFrame, list[str]]:
    """Return the rows of regions whose counts all are counts, and why others are refused.

    Raises:
        InputError: none is left; of the first bad row.
    """
    import pandas as pd  # noqa: PLC0415

    numbers = pd.to_numeric(frame["count"], errors="coerce").astype("float64")
    whole = np.isfinite(numbers) & (numbers >= 0) & (numbers <= _LARGEST) & (numbers % 1 == 0)
    worst = frame[~whole].drop_duplicates("region")
    errors = [
        InputError(
            f"{path}, line {row + 2}",
            f"{str(given)!r} is not a count: region {clean(str(region))!r} is left out",
            "counts are whole, 0 or more",
        )
        for row, region, given in zip(worst.index, worst["region"], worst["count"], strict=True)
    ]
    kept = ~frame["region"].isin(worst["region"])
    if not kept.any():
        raise errors[0]
    return frame.assign(count=numbers)[kept], [error.line() for error in errors]


def _period_index(frame: pd.DataFrame, path: Path, period: Period) -> IntArray:
    import pandas as pd  # noqa: PLC0415

    dates = pd.to_datetime(frame["date"], errors="coerce", format="ISO8601")
    _refuse_first(dates.isna().to_numpy(), frame["date"], path, "is not a date", "write 2024-01-31")
    if period is Period.MONTH:
        return np.asarray(dates.dt.year * 12 + dates.dt.month - 1, dtype=np.int64)
    unique = {day: period.of(day.date()) for day in dates.unique()}
    return np.asarray(dates.map(unique), dtype=np.int64)


def _refuse_first(
    bad: np.ndarray[tuple[int], np.dtype[np.bool_]],
    column: pd.Series[str],
    path: Path,
    fault: str,
    mend: str,
) -> None:
    if bad.any():
        place = int(np.argmax(bad))
        where = f"{path}, line {column.index[place] + 2}"
        raise InputError(where, f"{str(column.iloc[place])!r} {fault}", mend)
