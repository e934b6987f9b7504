"""A table as a CSV, Parquet or Excel file in which no cell is a formula."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from core.errors import InputError
from core.text import clean, csv_safe
from tocsin.output_file import replacing

_LONGEST = 32_767
"""Characters of a cell: "Excel specifications and limits", support.microsoft.com."""
_MOST_ROWS = 1_048_576
BOOK = ".xlsx"


def write_table(
    out: Path,
    columns: Sequence[str],
    rows: Sequence[Sequence[Any]],
    about: Mapping[str, str],
    *,
    raw: bool = False,
) -> None:
    """Write a table by the ending of its file.

    Args:
        out: a .csv, .parquet or .xlsx file; its folder is made.
        columns: headings.
        rows: cells: texts, numbers, truth values, None.
        about: told on a sheet of its own in a workbook; CSV and Parquet have no place for it.
        raw: leave CSV cells as they are, even if they start a formula.

    Raises:
        InputError: when it ends otherwise, cannot be written, or is too long for Excel.
    """
    out.parent.mkdir(parents=True, exist_ok=True)
    with replacing(out, (".csv", ".parquet", BOOK)) as partial:
        if out.suffix == BOOK:
            _write_book(partial, out, columns, rows, about)
        else:
            _write_frame(partial, out.suffix, columns, rows, raw=raw)


def _write_frame(
    path: Path, suffix: str, columns: Sequence[str], rows: Sequence[Sequence[Any]], *, raw: bool
) -> None:
    import pandas as pd  # noqa: PLC0415 - imported with the work

    frame = pd.DataFrame(rows, columns=list(columns)).convert_dtypes()
    if suffix == ".parquet":
        frame.to_parquet(path, index=False)
        return
    for name in frame.columns:
        frame[name] = frame[name].map(lambda cell: _told(cell, raw=raw))
    frame.to_csv(path, index=False, float_format="%.10g")


def _told(cell: Any, *, raw: bool) -> Any:
    """Return a cell of a CSV file: on one line, for pandas does not quote a carriage return."""
    if not isinstance(cell, str):
        return cell
    shown = clean(cell, _LONGEST)
    return shown if raw else csv_safe(shown)


def _write_book(
    path: Path,
    out: Path,
    columns: Sequence[str],
    rows: Sequence[Sequence[Any]],
    about: Mapping[str, str],
) -> None:
    if find_spec("openpyxl") is None:
        raise InputError(str(out), "Excel needs a package more", "pip install 'openpyxl>=3.1'")
    if len(rows) >= _MOST_ROWS:
        raise InputError(str(out), f"{len(rows):,} rows are too many for Excel", "write .parquet")
    from openpyxl import Workbook  # noqa: PLC0415 - the excel extra

    book = Workbook(write_only=True)
    for title, table in (("table", [columns, *rows]), ("about", list(about.items()))):
        sheet = book.create_sheet(title)
        if title == "table":
            sheet.freeze_panes = "A2"
        for row in table:
            sheet.append([_cell(sheet, value) for value in row])
    book.save(path)


def _cell(sheet: Any, value: Any) -> Any:
    """Return a cell; a text is one whatever it begins with, also when somebody edits it."""
    from openpyxl.cell import WriteOnlyCell  # noqa: PLC0415

    if not isinstance(value, str):
        return value
    cell = WriteOnlyCell(sheet, value=clean(value, _LONGEST))
    cell.data_type = "s"
    cell.quotePrefix = True
    return cell
