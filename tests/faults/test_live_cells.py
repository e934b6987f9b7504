"""Row 50: no cell of an export is a formula; row 49: no name is alive in a paper."""

import csv
import re
import zipfile
from pathlib import Path
from random import Random

import openpyxl
import pytest

from core.text import clean
from tests.tocsin.paper.test_rendering import ALLOWED, HOSTILE, paper, read
from tocsin.exports.frames import write_table
from tocsin.paper.rendering import render

TRIGGERS = (
    *("=1+1", "+1+1", "-1+1", "@SUM(1)", "＝1+1", "＋1+1", "－1+1", "＠SUM(1)"),
    *("\t=1+1", "\r=1+1", " =1+1", "|cmd", "%0A=1", '=HYPERLINK("http://x","y")', "=cmd|'/c'!A0"),
)
_LIVE = re.compile(r"^[\s]*[=+\-@＝＋－＠|%]")


def write(path: Path, *, raw: bool = False) -> Path:
    write_table(
        path, ["region", "count"], [(text, 3) for text in TRIGGERS], {"source": "=1+1"}, raw=raw
    )
    return path


def test_no_cell_of_a_csv_file_begins_a_formula(tmp_path: Path) -> None:
    with write(tmp_path / "table.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))[1:]
    live = [row[0] for row in rows if _LIVE.match(row[0])]
    assert len(rows) == len(TRIGGERS)
    assert live == []
    with write(tmp_path / "raw.csv", raw=True).open(encoding="utf-8", newline="") as file:
        assert [row[0] for row in csv.reader(file)][1:] == [clean(text) for text in TRIGGERS]


def test_no_cell_of_a_workbook_is_a_formula_even_when_it_is_edited(tmp_path: Path) -> None:
    path = write(tmp_path / "table.xlsx")
    book = openpyxl.load_workbook(path)
    cells = [row[0] for row in book["table"].iter_rows(min_row=2)]
    assert len(cells) == len(TRIGGERS)
    assert {cell.data_type for cell in cells} == {"s"}
    assert all(cell.quotePrefix for cell in cells)
    assert book["about"]["B1"].data_type == "s"
    with zipfile.ZipFile(path) as parts:
        sheets = [name for name in parts.namelist() if name.startswith("xl/worksheets/")]
        assert not any(b"<f>" in parts.read(name) or b"<f " in parts.read(name) for name in sheets)
    print(f"\n{len(TRIGGERS)} triggers in CSV and Excel: 0 live cells")


def payloads(count: int) -> list[str]:
    rng = Random(49)
    mixed = ["".join(rng.choices(HOSTILE, k=rng.randint(2, 4))) for _ in range(count)]
    return [*HOSTILE, *mixed][:count]


@pytest.mark.parametrize("form", ["html", "text"])
def test_no_payload_is_alive_in_a_paper(form: str) -> None:
    live = []
    harmless = read(render(paper("Borno"), "html"))
    for payload in payloads(200):
        if form == "html":
            page = read(render(paper(payload), "html"))
            alive = page.tags != harmless.tags or page.attributes != harmless.attributes
            alive = alive or not set(page.tags) <= ALLOWED
        else:
            shown = render(paper(payload), "text")
            alive = bool(
                re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", shown)
            )
        live += [payload] if alive else []
    assert live == []
    print(f"\n200 payloads in every text of a paper as {form}: {len(live)} live")
