"""The three columns of a COUNTS file, as they are written: CSV (plain or gzip) or Parquet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from core.errors import FeedError, InputError
from core.series import IntArray
from core.text import clean
from feeds.files import SourceFile

if TYPE_CHECKING:
    import pyarrow as pa

COLUMNS = ("region", "date", "count")
_GIVE = "give CSV (UTF-8, commas; plain or gzip) or Parquet"
_QUOTE = "put a name with commas, quotes or line breaks in double quotes"
_MAX_DECODED = 500_000_000
_PARQUET = b"PAR1"


class Column(NamedTuple):
    """What a column holds: each different value once, and which of them each row has."""

    values: list[Any]
    rows: IntArray


class CountsColumns(NamedTuple):
    """The columns of a file, and its text where it is one."""

    path: Path
    regions: Column
    dates: Column
    counts: Column
    text: bytes | None

    def places(self, rows: Sequence[int] | IntArray) -> list[str]:
        """Return where rows (from 0) stand: file and line, or file and row of a Parquet file."""
        if self.text is None:
            return [f"{self.path}, row {row + 1}" for row in rows]
        if not len(rows):
            return []
        upto = islice(_numbered(self.path, self.text), max(rows) + 2)
        lines = [line for line, _ in upto]
        return [f"{self.path}, line {lines[row + 1]}" for row in rows]


def read_columns(path: Path) -> CountsColumns:
    """Return the columns region, date and count.

    Raises:
        InputError: naming the file, and the line where there is one, and the fault.
    """
    text = None if _is_parquet(path) else _text(path)
    table = _parquet(path) if text is None else _csv(path, text)
    if not table.num_rows:
        raise InputError(str(path), "holds no rows", "give at least one count")
    regions, dates, counts = (_column(path, table, name) for name in COLUMNS)
    return CountsColumns(path, regions, dates, counts, text)


def _is_parquet(path: Path) -> bool:
    try:
        if not path.is_file():
            return False
        with path.open("rb") as file:
            return file.read(len(_PARQUET)) == _PARQUET
    except OSError as error:
        raise InputError(str(path), f"cannot be read ({error.strerror})", _GIVE) from None


def _text(path: Path) -> bytes:
    try:
        return b"".join(SourceFile(path, _MAX_DECODED).blocks())
    except FeedError as error:
        raise InputError(str(path), error.problem, _GIVE) from None


def _csv(path: Path, text: bytes) -> pa.Table:
    import pyarrow as pa  # noqa: PLC0415 - 0.1 s that --help need not pay
    from pyarrow import csv as pc  # noqa: PLC0415

    _, header = next(_numbered(path, text), (1, []))
    _check_names(path, header)
    try:
        return pc.read_csv(
            pa.BufferReader(text),
            memory_pool=pa.system_memory_pool(),  # gives back what it no longer holds
            read_options=pc.ReadOptions(use_threads=False),  # each would keep an arena of its own
            parse_options=pc.ParseOptions(newlines_in_values=True),
            convert_options=pc.ConvertOptions(
                include_columns=COLUMNS, column_types=dict.fromkeys(COLUMNS, pa.string())
            ),
        )
    except pa.ArrowException as error:
        raise _fault(path, text, len(header), error) from None


def _numbered(path: Path, text: bytes) -> Iterator[tuple[int, list[str]]]:
    """Yield each row with the line on which it begins, the header first; blank lines are no rows.

    Raises:
        InputError: naming the first line that is not UTF-8 or cannot be part of a row.
    """
    lines = io.TextIOWrapper(io.BytesIO(text), encoding="utf-8-sig", newline="")
    reader = csv.reader(lines, strict=True)
    line = 1
    try:
        for row in reader:
            if row:
                yield line, row
            line = reader.line_num + 1
    except csv.Error as error:
        raise InputError(f"{path}, line {line}", f"cannot be read ({error})", _QUOTE) from None
    except UnicodeDecodeError:
        raise InputError(f"{path}, line {_not_utf8(text)}", "is not UTF-8", _GIVE) from None


def _not_utf8(text: bytes) -> int:
    """Return the first line that is not UTF-8 (1 where all are)."""
    try:
        text.decode()
    except UnicodeDecodeError as error:
        return text[: error.start].count(b"\n") + 1
    return 1


def _fault(path: Path, text: bytes, width: int, error: Exception) -> InputError:
    """Return the first line that is no row of the table, or else what the reader said."""
    for line, row in _numbered(path, text):
        if len(row) != width:
            problem = f"has {len(row)} cells where the header has {width}"
            return InputError(f"{path}, line {line}", problem, _QUOTE)
    return InputError(str(path), f"cannot be read ({clean(str(error), 200)})", _GIVE)


def _parquet(path: Path) -> pa.Table:
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.parquet as pq  # noqa: PLC0415

    try:
        with pq.ParquetFile(path) as file:
            _check_names(path, file.schema_arrow.names)
            return file.read(columns=list(COLUMNS))
    except (pa.ArrowException, OSError) as error:
        raise InputError(str(path), f"cannot be read ({clean(str(error), 200)})", _GIVE) from None


def _check_names(path: Path, names: Sequence[str]) -> None:
    for name in COLUMNS:
        if names.count(name) != 1:
            had = clean(", ".join(names[:20]), 200)
            fault = "stands twice" if name in names else "is missing"
            problem = f"column {name!r} {fault} (it has: {had})"
            raise InputError(str(path), problem, "columns must be region, date, count")


def _column(path: Path, table: pa.Table, name: str) -> Column:
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.compute as pc  # noqa: PLC0415

    column = table[name]
    try:
        if pa.types.is_timestamp(column.type):
            # The day on the calendar of the zone that the file names, never shifted to another.
            local = pc.local_timestamp(column) if column.type.tz else column
            column = pc.floor_temporal(local, unit="day").cast(pa.date32())
        elif pa.types.is_dictionary(column.type):
            column = column.cast(column.type.value_type)
        elif pa.types.is_binary(column.type) or pa.types.is_large_binary(column.type):
            column = column.cast(pa.string())  # some programs write text so
        coded = column.combine_chunks().dictionary_encode(null_encoding="encode")
        rows = coded.indices.to_numpy(zero_copy_only=False).astype(np.int64)
        return Column(coded.dictionary.to_pylist(), rows)
    except (pa.ArrowException, ValueError, OverflowError) as error:
        problem = f"column {name!r} holds {column.type}, which is not read"
        reason = clean(str(error), 100)
        raise InputError(str(path), f"{problem} ({reason})", "give text, dates, numbers") from None
