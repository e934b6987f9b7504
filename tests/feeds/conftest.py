"""What tests of feeds share: files made by hand, and a pull read to its end."""

import os
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from openpyxl import Workbook

from core.incidents import BadRow, Coverage, Incident, Pull, Tally
from feeds.registry import open_feed, settings_class

TODAY = date(2026, 11, 22)


class Read(NamedTuple):
    pull: Pull
    incidents: list[Incident]
    tallies: list[Tally]
    bad: list[BadRow]
    coverage: list[Coverage]


def read(base: Path, kind: str, today: date = TODAY, **keys: Any) -> Read:
    """Pull a feed and use up its batches."""
    settings = settings_class(kind).model_validate({"name": "f", "kind": kind, **keys})
    pull = open_feed(settings, base).pull(today)
    batches = list(pull.batches())
    return Read(
        pull,
        [one for batch in batches for one in batch.incidents],
        [one for batch in batches for one in batch.tallies],
        [one for batch in batches for one in batch.bad],
        pull.coverage(),
    )


def write_workbook(path: Path, rows: Iterable[Sequence[Any]], title: str = "Incidents") -> Path:
    """Write a workbook with one sheet."""
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = title
    for row in rows:
        sheet.append(row)
    book.save(path)
    return path


def rest(folder: Path) -> None:
    """Let all files of a folder look as if nobody had written to them for an hour."""
    for path in folder.iterdir():
        then = path.stat().st_mtime - 3600
        os.utime(path, (then, then))


@pytest.fixture
def pulled(tmp_path: Path) -> Callable[..., Read]:
    """Write a file and read it as a feed of some kind."""

    def pull(content: str | bytes, kind: str = "csv", name: str = "f.csv", **keys: Any) -> Read:
        data = content.encode() if isinstance(content, str) else content
        (tmp_path / name).write_bytes(data)
        if kind == "csv":
            keys = {"columns": {"id": "id", "date": "date"}, **keys}
        return read(tmp_path, kind, path=name, **keys)

    return pull
