"""A list of rows as people, programs and spreadsheets read it."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from typing import Any, TextIO

from core.text import clean, csv_safe

_CELL = 1000
Row = Mapping[str, Any]


def write(
    rows: Sequence[Row],
    columns: Mapping[str, str],
    form: str,
    out: TextIO,
    *,
    raw: bool = False,
    empty: str = "nothing to list",
) -> None:
    """Write rows as text, json or csv.

    Args:
        rows: what there is; JSON has every key of it.
        columns: key → heading of what text and CSV show, in order; CSV has the keys as headings.
        form: "text", "json" or "csv".
        out: where to.
        raw: leave CSV cells as they are, even if they start a formula.
        empty: what text says when there is no row.
    """
    if form == "json":
        json.dump(list(rows), out, indent=2, ensure_ascii=False)
        out.write("\n")
    elif form == "csv":
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(columns)
        for row in rows:
            cells = [_cell(row[key]) for key in columns]
            writer.writerow(cells if raw else [csv_safe(cell) for cell in cells])
    elif rows:
        _text(rows, columns, out)
    else:
        out.write(f"{empty}\n")


def answer(words: str, row: Row, form: str, out: TextIO) -> None:
    """Write what a command did: a sentence for people, one object or one row for programs."""
    if form == "text":
        out.write(f"{words}\n")
    elif form == "json":
        json.dump(row, out, indent=2, ensure_ascii=False)
        out.write("\n")
    else:
        write([row], dict.fromkeys(row, ""), form, out)


def _text(rows: Sequence[Row], columns: Mapping[str, str], out: TextIO) -> None:
    table = [list(columns.values()), *([_cell(row[key]) for key in columns] for row in rows)]
    widths = [max(len(line[n]) for line in table) for n in range(len(columns))]
    for line in table:
        padded = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        out.write("  ".join(padded).rstrip() + "\n")


def _cell(value: object) -> str:
    """Return a value as one clean cell; "" for None."""
    return "" if value is None else clean(str(value), _CELL)
