"""Excel workbooks: what a cell says, which sheet and header, and what hostile ones are told."""

import zipfile
from collections.abc import Callable
from datetime import date, datetime, time
from io import BytesIO
from pathlib import Path
from random import Random
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from pydantic import ValidationError

from core.errors import FeedError
from feeds.registry import settings_class

from .conftest import Read, read, write_workbook

HEADER = ["ref", "date", "country", "province", "killed"]
COLUMNS = {"id": "ref", "date": "date", "country": "country", "admin1": "province"}
ROW = ["a", date(2024, 3, 1), "Mali", "Gao", 2]


@pytest.fixture
def sheet(tmp_path: Path) -> Callable[..., Read]:
    """Write rows into a workbook and read it as a feed."""

    def pull(rows: list[list[Any]], **keys: Any) -> Read:
        write_workbook(tmp_path / "f.xlsx", rows)
        return opened(tmp_path, **keys)

    return pull


def opened(folder: Path, **keys: Any) -> Read:
    return read(folder, "excel", path="f.xlsx", **{"columns": COLUMNS, "max_bad_share": 1, **keys})


def repacked(path: Path, **parts: bytes | None) -> None:
    """Replace parts of a workbook, or leave them out; names have __ for / and no ending."""
    names = {name.replace("__", "/") + ".xml": data for name, data in parts.items()}
    with zipfile.ZipFile(path) as old:
        kept = {name: old.read(name) for name in old.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name, data in {**kept, **names}.items():
            if data is not None:
                new.writestr(name, data)


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        (date(2024, 3, 1), "2024-03-01"),
        (datetime(2024, 3, 1, 23, 59, 59, 999_000), "2024-03-01"),
        ("2024-03-01", "2024-03-01"),
        ("01/03/2024", "2024-03-01"),
    ],
)
def test_a_day_is_read_whether_it_is_one_or_only_looks_like_one(
    sheet: Callable[..., Read], cell: object, day: str
) -> None:
    found = sheet([HEADER, ["a", cell, "Mali", "Gao", 1]], dates="day-first")
    assert [one.date for one in found.incidents] == [day]


@pytest.mark.parametrize("cell", [45352, 2024, 0, True, time(12, 0), "#VALUE!", None, 1e300, -1])
def test_what_is_no_day_is_quarantined_with_its_row_and_never_guessed(
    sheet: Callable[..., Read], cell: object
) -> None:
    found = sheet([HEADER, ROW, ["b", cell, "Mali", "Gao", 1]])
    assert [one.source_id for one in found.incidents] == ["a"]
    assert [row.line for row in found.bad] == [3]
    assert found.bad[0].reason.startswith("date ")


def test_workbooks_that_count_days_from_1904_give_the_days_that_they_show(tmp_path: Path) -> None:
    book = Workbook()
    book.epoch = CALENDAR_MAC_1904
    for row in (HEADER, ROW):
        book.worksheets[0].append(row)
    book.save(tmp_path / "f.xlsx")
    assert [one.date for one in opened(tmp_path).incidents] == ["2024-03-01"]


def test_whole_numbers_have_no_point_and_numbers_as_text_are_the_same(
    sheet: Callable[..., Read],
) -> None:
    columns = {**COLUMNS, "fatalities": "killed"}
    rows = [[7, *ROW[1:4], 3.0], ["8", *ROW[1:4], "3"], [9.0, *ROW[1:4], " 3.0 "]]
    found = sheet([HEADER, *rows], columns=columns)
    assert [(one.source_id, one.fatalities) for one in found.incidents] == [
        ("7", 3), ("8", 3), ("9", 3)
    ]  # fmt: skip


def test_an_error_of_the_spreadsheet_is_no_name(sheet: Callable[..., Read]) -> None:
    rows = [[str(n), *ROW[1:3], text, 1] for n, text in enumerate(["#REF!", "#NAME?", "#N/A"])]
    found = sheet([HEADER, *rows])
    assert [(one.source_id, one.admin1) for one in found.incidents] == [("2", None)]
    assert [row.reason for row in found.bad] == [
        "admin1 '#REF!' is an error of a spreadsheet",
        "admin1 '#NAME?' is an error of a spreadsheet",
    ]


def test_of_a_formula_its_last_value_counts_and_never_the_formula(tmp_path: Path) -> None:
    path = write_workbook(
        tmp_path / "f.xlsx", [HEADER, ROW, ["b", date(2024, 3, 2), "=1+1", "", 1]]
    )
    sheet = zipfile.ZipFile(path).read("xl/worksheets/sheet1.xml")
    assert b"<f>1+1</f><v" in sheet
    told = sheet.replace(b'<c r="C3"><f>1+1</f><v></v>', b'<c r="C3" t="str"><f>1+1</f><v>Chad</v>')
    told = told.replace(b'<c r="C3"><f>1+1</f><v />', b'<c r="C3" t="str"><f>1+1</f><v>Chad</v>')
    repacked(path, xl__worksheets__sheet1=told)
    assert [one.country for one in opened(tmp_path).incidents] == ["Mali", "Chad"]


def test_titles_and_blank_rows_above_the_header_are_passed_over(sheet: Callable[..., Read]) -> None:
    found = sheet([["Tracker of the north"], [], HEADER, [], ROW, [None] * 5, ["b", *ROW[1:]]])
    assert [one.source_id for one in found.incidents] == ["a", "b"]
    assert found.bad == []


def test_the_header_stands_in_the_row_that_the_configuration_names(
    sheet: Callable[..., Read],
) -> None:
    rows = [["What", None, "Where", "Where", None], HEADER, ROW]
    with pytest.raises(FeedError, match="there is no column 'ref'"):
        sheet(rows)
    assert len(sheet(rows, header_row=2).incidents) == 1


def test_merged_cells_and_notes_beside_the_table_do_not_matter(tmp_path: Path) -> None:
    path = write_workbook(tmp_path / "f.xlsx", [["Tracker"], HEADER, ROW, [*ROW, None, "a note"]])
    book = load_workbook(path)
    book.worksheets[0].merge_cells("A1:E1")
    book.save(path)
    found = opened(tmp_path)
    assert [one.admin1 for one in found.incidents] == ["Gao"]
    assert [row.reason for row in found.bad] == ["id 'a' stands twice in the file"]


def test_a_sheet_is_found_by_name_and_number_and_the_others_are_named(tmp_path: Path) -> None:
    path = write_workbook(tmp_path / "f.xlsx", [["what", "this is"]], "Read me")
    book = load_workbook(path)
    sheet = book.create_sheet("Log 2024")
    for row in (HEADER, ROW):
        sheet.append(row)
    book.create_sheet("Lists").sheet_state = "hidden"
    book.save(path)
    for wanted in ("Log 2024", "log 2024", 2):
        found = opened(tmp_path, sheet=wanted)
        assert len(found.incidents) == 1
        assert found.pull.notes.remarks[0].startswith("sheet 'Log 2024' was read, not 'Read me'")
    with pytest.raises(FeedError, match="has no sheet 'Log'; it has 'Read me', 'Log 2024'"):
        opened(tmp_path, sheet="Log")
    with pytest.raises(FeedError, match="there is no column 'ref'"):
        opened(tmp_path)


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "the file is empty, not an Excel workbook"),
        (b"a,b\n1,2\n", "the file is text, not an Excel workbook"),
        (b"\xd0\xcf\x11\xe0" + bytes(600), "an old Excel file, or one with a password"),
        (b"PK\x03\x04" + bytes(600), "damaged or cut short"),
        (b"<html>", "the file is HTML or XML"),
    ],
)
def test_what_is_no_workbook_is_told_in_one_line(tmp_path: Path, data: bytes, problem: str) -> None:
    (tmp_path / "f.xlsx").write_bytes(data)
    with pytest.raises(FeedError, match=problem):
        opened(tmp_path)


def test_a_zip_archive_of_something_else_is_told_so(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "f.xlsx", "w") as archive:
        archive.writestr("a.csv", "a,b")
    with pytest.raises(FeedError, match="the archive holds no Excel workbook"):
        opened(tmp_path)


def test_the_size_that_a_sheet_claims_to_have_does_not_matter(tmp_path: Path) -> None:
    path = write_workbook(tmp_path / "f.xlsx", [HEADER, ROW])
    book = load_workbook(path)
    book.worksheets[0]["XFD1048576"] = "far away"
    book.save(path)
    assert len(opened(tmp_path).incidents) == 1


def _sheet_of(rows: bytes) -> bytes:
    name = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return b'<worksheet xmlns="' + name + b'"><sheetData>' + rows + b"</sheetData></worksheet>"


_LAUGHS = b"".join(
    b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 10 if n else b"ha" * 50) for n in range(9)
)
BOMBS = {
    "zeros": (_sheet_of(b" " * 60_000_000), "unpacks to over 200 times its size"),
    "huge": (_sheet_of(b" " * 201_000_000), "unpacks to over 200 MB"),
    "one row": (_sheet_of(b'<row r="1">' + b"<c/>" * 2_200_000 + b"</row>"), "has over 8 MB"),
    "rows in rows": (_sheet_of(b"<row><c/>" * 9 + b"</row>" * 9), "rows stand in rows"),
    "laughs": (
        b"<!DOCTYPE w [" + _LAUGHS + b"]>" + _sheet_of(b"<row><c><v>&l8;</v></c></row>"),
        "is damaged",
    ),
    "far row": (_sheet_of(b'<row r="999999999999"><c r="A1"><v>1</v></c></row>'), "no header"),
    "not XML": (_sheet_of(b"<row>"), "is damaged"),
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_what_would_take_more_memory_than_data_need_is_refused_before_it_does(
    tmp_path: Path, bomb: str
) -> None:
    sheet, problem = BOMBS[bomb]
    path = write_workbook(tmp_path / "f.xlsx", [HEADER, ROW])
    repacked(path, xl__worksheets__sheet1=sheet)
    with pytest.raises(FeedError, match=problem):
        opened(tmp_path)


def test_formats_and_texts_that_are_too_much_are_refused(tmp_path: Path) -> None:
    path = write_workbook(tmp_path / "f.xlsx", [HEADER, ROW])
    repacked(path, xl__styles=Random(1).randbytes(2_000_001))
    with pytest.raises(FeedError, match=r"its part 'xl/styles.xml' is too large"):
        opened(tmp_path)
    path = write_workbook(tmp_path / "f.xlsx", [HEADER, ROW])
    repacked(path, xl__sharedStrings=b"<sst><si>" + b"<r/>" * 2_200_000)
    with pytest.raises(FeedError, match="has over 8 MB"):
        opened(tmp_path)


def test_a_link_to_another_workbook_is_not_followed(tmp_path: Path) -> None:
    path = write_workbook(tmp_path / "f.xlsx", [HEADER, ROW])
    outside = b'<externalLink><externalBook r:id="rId1"/></externalLink>'
    repacked(path, xl__externalLinks__externalLink1=outside)
    assert len(opened(tmp_path).incidents) == 1


def test_a_workbook_larger_than_allowed_is_not_copied(tmp_path: Path) -> None:
    (tmp_path / "f.xlsx").write_bytes(b"PK\x03\x04" + bytes(1_100_000))
    with pytest.raises(FeedError, match="unpacks to over 1 MB; raise max_decoded_mb"):
        opened(tmp_path, max_decoded_mb=1)


def test_without_the_package_the_configuration_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("feeds.excel_incidents.find_spec", lambda _: None)
    with pytest.raises(ValidationError, match=r"pip install 'openpyxl>=3.1'"):
        settings_class("excel").model_validate({"name": "f", "path": "f.xlsx", "preset": "tracker"})


def test_other_macro_workbooks_and_bytes_in_memory_read_alike(tmp_path: Path) -> None:
    book = Workbook()
    for row in (HEADER, ROW):
        book.worksheets[0].append(row)
    buffer = BytesIO()
    book.save(buffer)
    (tmp_path / "f.xlsm").write_bytes(buffer.getvalue())
    assert len(read(tmp_path, "excel", path="f.xlsm", columns=COLUMNS).incidents) == 1


@pytest.mark.parametrize("place", ["missing", "full"])
def test_no_room_for_temporary_files_is_the_feeds_own_trouble(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    write_workbook(tmp_path / "f.xlsx", [HEADER, ROW])
    if place == "missing":
        monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "nowhere"))
        reason = "No such file or directory"
    else:
        full = Path("/dev/full").open("r+b", 0)  # noqa: SIM115 - the feed closes it
        monkeypatch.setattr("feeds.workbook.TemporaryFile", lambda: full)
        reason = "No space left on device"
    with pytest.raises(FeedError, match=rf"cannot be kept \({reason}\); make room"):
        opened(tmp_path)
