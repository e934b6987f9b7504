"""Lists as people, programs and spreadsheets read them."""

import csv
import io
import json
from typing import Any

from tocsin.listing import write

ROWS: list[dict[str, Any]] = [
    {"name": "=1+1", "count": 2, "more": None},
    {"name": "B\x1b[31m\nC", "count": None, "more": [1]},
]
COLUMNS = {"name": "Name", "count": "Count"}


def written(form: str, rows: list[dict[str, Any]], **options: Any) -> str:
    out = io.StringIO()
    write(rows, COLUMNS, form, out, **options)
    return out.getvalue()


def test_text_is_aligned_and_holds_no_control_characters() -> None:
    assert written("text", ROWS).splitlines() == ["Name     Count", "=1+1     2", "B[31m C"]
    assert written("text", [], empty="none") == "none\n"


def test_json_has_every_key() -> None:
    assert json.loads(written("json", ROWS)) == ROWS
    assert json.loads(written("json", [])) == []


def test_csv_starts_no_formula_unless_asked_for_raw_cells() -> None:
    rows = list(csv.reader(io.StringIO(written("csv", ROWS))))
    assert rows == [["name", "count"], ["'=1+1", "2"], ["B[31m C", ""]]
    assert list(csv.reader(io.StringIO(written("csv", ROWS, raw=True))))[1][0] == "=1+1"
    assert written("csv", []) == "name,count\n"
