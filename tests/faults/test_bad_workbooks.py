"""Fault rows 24 and 25 for workbooks, presets and folders: no traceback, a reason each.

Everything is drawn from fixed seeds; the figures are printed last (pytest -s shows them).
"""

import csv
import io
import zipfile
from collections import Counter
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from openpyxl import Workbook
from openpyxl.utils.exceptions import IllegalCharacterError

from core.errors import FeedError
from feeds.registry import open_feed, settings_class
from storage.database import open_database
from storage.incidents import Incidents
from tests.faults.test_bad_input import JUNK
from tests.feeds.conftest import TODAY, read, rest, write_workbook
from tests.feeds.test_presets import GTD
from tests.storage.samples import CUTOFF, NOW, watch

TRACKER = ["Ref", "Incident Date", "Country", "Province", "Group", "Killed", "Lat", "Long"]
CELLS: list[Any] = [
    *JUNK, None, 0, -1, 45352, 1e300, -0.5, True, "#REF!", "#N/A", date(2099, 1, 1),
    datetime(1900, 1, 1), time(1, 2), timedelta(days=400), 10**20, "=1+1", "=HYPERLINK(\"x\")",
]  # fmt: skip
MAPPING = {"id": "Ref", "date": "Incident Date", "country": "Country", "fatalities": "Killed"}
KEYS: dict[str, dict[str, Any]] = {
    "plain": {"columns": MAPPING}, "tracker": {"preset": "tracker"}, "gtd": {"preset": "gtd"},
}  # fmt: skip


def _good(rng: Random, preset: str, number: int) -> list[Any]:
    """Return a row that can be meant."""
    day = date(2015, 1, 1) + timedelta(rng.randrange(3000))
    if preset == "gtd":
        row = {**GTD, "eventid": f"{day:%Y%m%d}{number:04d}"}
        row |= {"iyear": str(day.year), "imonth": str(day.month)}
        return [*({**row, "iday": str(rng.choice([0, day.day]))}).values()]
    where = (rng.choice(["Mali", "Niger"]), rng.choice(["Gao", "Mopti"]), "Group A")
    return [f"r{number}", day, *where, rng.randrange(9), 15.5, 0.5]


def _mutated(rng: Random, row: list[Any]) -> list[Any]:
    """Change a row: some cells become junk, one goes or comes twice, or all move along."""
    told = list(row)
    at = rng.randrange(len(told))
    match rng.randrange(4):
        case 0:
            del told[at]
        case 1:
            told.insert(at, told[at])
        case _:
            for _ in range(rng.randrange(1, 4)):
                told[rng.randrange(len(told))] = rng.choice(CELLS)
    return told


def _written(path: Path, rows: list[list[Any]]) -> None:
    """Write a CSV file, or a workbook without the characters that none can hold."""
    if path.suffix == ".csv":
        with path.open("w", newline="", errors="surrogatepass") as file:
            csv.writer(file).writerows(rows)
        return
    book = Workbook()
    sheet = book.worksheets[0]
    for number, row in enumerate(rows, start=1):
        for column, cell in enumerate(row, start=1):
            try:
                sheet.cell(number, column, cell)
            except (IllegalCharacterError, ValueError):
                sheet.cell(number, column, "?")
    book.save(path)


@pytest.mark.parametrize(
    ("kind", "preset"),
    [
        ("csv", "tracker"),
        ("csv", "gtd"),
        ("excel", "plain"),
        ("excel", "tracker"),
        ("excel", "gtd"),
    ],
)
def test_10_000_mutated_rows_are_kept_or_quarantined_with_a_reason(
    kind: str, preset: str, tmp_path: Path
) -> None:
    rng, kept, bad = Random(24), 0, 0
    header = list(GTD) if preset == "gtd" else TRACKER
    for part in range(10):
        path = tmp_path / f"{part}.{'csv' if kind == 'csv' else 'xlsx'}"
        rows = [_mutated(rng, _good(rng, preset, n)) for n in range(1000)]
        _written(path, [header, *rows])
        dates = {"dates": "day-first"} if preset != "gtd" else {}
        found = read(tmp_path, kind, path=path.name, max_bad_share=1, **KEYS[preset], **dates)
        assert len(found.incidents) + len(found.bad) >= 995  # a row of nothing vanishes
        assert all(row.reason and len(row.excerpt) <= 200 for row in found.bad)
        assert all(row.excerpt.isprintable() and row.line > 1 for row in found.bad)
        kept, bad = kept + len(found.incidents), bad + len(found.bad)
    print(f"row 24, {kind} {preset}: 10,000 mutated rows, 0 tracebacks, {kept:,} kept, {bad:,} bad")
    assert kept > 1000 < bad


def _damaged(rng: Random, data: bytes) -> bytes:
    """Cut an archive, change bytes of it, or change bytes of the XML inside it."""
    match rng.randrange(3):
        case 0:
            return data[: rng.randrange(len(data))]
        case 1:
            changed = bytearray(data)
            for _ in range(rng.choice([1, 20])):
                changed[rng.randrange(len(data))] = rng.randrange(256)
            return bytes(changed)
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(buffer, "w") as new:
        victim = rng.choice(old.namelist())
        for name in old.namelist():
            part = bytearray(old.read(name))
            if name == victim:
                for _ in range(rng.choice([1, 5])):
                    part[rng.randrange(len(part))] = rng.choice(b'<>&"/0az=\x00\xff')
            new.writestr(name, bytes(part))
    return buffer.getvalue()


def test_damaged_workbooks_give_rows_or_one_clear_line(tmp_path: Path) -> None:
    rng = Random(9)
    rows = [_good(rng, "tracker", n) for n in range(40)]
    whole = write_workbook(tmp_path / "whole.xlsx", [TRACKER, *rows]).read_bytes()
    outcomes: Counter[str] = Counter()
    for _ in range(600):
        (tmp_path / "f.xlsx").write_bytes(_damaged(rng, whole))
        try:
            found = read(tmp_path, "excel", path="f.xlsx", preset="tracker")
            outcomes["read" if found.incidents else "read, but nothing in it"] += 1
        except FeedError as error:
            outcomes["refused in one line" if "\n" not in str(error) else str(error)] += 1
    print(f"row 24, excel: 600 damaged workbooks, 0 tracebacks, {dict(outcomes)}")
    assert set(outcomes) == {"read", "refused in one line"}


def test_a_workbook_cut_at_every_kilobyte_gives_no_row(tmp_path: Path) -> None:
    rng = Random(23)
    rows = [_good(rng, "tracker", n) for n in range(2000)]
    whole = write_workbook(tmp_path / "whole.xlsx", [TRACKER, *rows]).read_bytes()
    cuts = range(0, len(whole), 1000)
    for cut in cuts:
        (tmp_path / "f.xlsx").write_bytes(whole[:cut])
        with pytest.raises(FeedError):
            read(tmp_path, "excel", path="f.xlsx", preset="tracker")
    print(f"row 23, excel: cut at {len(cuts)} places, every kB: 0 partial batches")


def _folder(rng: Random, folder: Path) -> Callable[[], None]:
    """Fill a folder with files, and return what writes the same rows again in another order."""
    parts = [[_good(rng, "tracker", 100 * part + n) for n in range(50)] for part in range(5)]

    def write() -> None:
        for number, rows in enumerate(parts):
            doubled = rng.sample(rows, len(rows)) + parts[(number + 1) % 5][:5]
            _written(folder / f"{number}.{'csv' if folder.name == 'csv' else 'xlsx'}",
                     [TRACKER, *doubled])  # fmt: skip
        rest(folder)

    return write


@pytest.mark.parametrize("kind", ["csv", "excel"])
def test_the_same_folder_ten_times_counts_once(kind: str, tmp_path: Path) -> None:
    folder = tmp_path / kind
    folder.mkdir()
    write = _folder(Random(25), folder)
    told = {"name": "tracker", "path": f"{kind}/*", "preset": "tracker"}
    feed, counts = settings_class(kind).model_validate(told), set[str]()
    with open_database(tmp_path / "tocsin.db", mode="own") as database:
        store = Incidents(database)
        for turn in range(10):
            write()
            pull = open_feed(feed, tmp_path).pull(TODAY, store.bookmark("tracker"))
            store.load(feed, pull, NOW + timedelta(turn))
            cells = store.cells(watch(), CUTOFF, None)
            counts.add(repr(sorted(zip(cells.region, cells.period, cells.count, strict=True))))
        (versions,) = database.rows("SELECT count(*) FROM incidents")[0]
    print(f"row 25, {kind}: the same folder 10 times: {versions} versions of 250 incidents")
    assert versions == 250
    assert len(counts) == 1
