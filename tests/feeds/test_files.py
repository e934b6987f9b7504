"""Files that cannot be used are refused with one clear line."""

import gzip
import io
import os
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core.errors import FeedError
from feeds.files import kind_of
from feeds.registry import open_feed, settings_class

from .conftest import TODAY, Read, read

GOOD = "id,date\n" + "".join(f"{n},2024-01-{n % 28 + 1:02d}\n" for n in range(500))
COLUMNS = {"id": "id", "date": "date"}


def _zip(member: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(member, "x")
    return buffer.getvalue()


REFUSED = {
    "empty": (b"", "the file is empty"),
    "empty gzip": (gzip.compress(b""), "the file is empty"),
    "blank lines only": (b"\n\n \n", "the file has no header"),
    "header only": (b"id,date\n", "no row stands under the header"),
    "excel": (_zip("xl/workbook.xml"), "the file is an Excel workbook"),
    "zip": (_zip("data.csv"), "the file is a zip archive"),
    "zip in gzip": (gzip.compress(_zip("data.csv")), "the file is a zip archive"),
    "gzip in gzip": (gzip.compress(gzip.compress(b"x")), "a gzip file inside a gzip file"),
    "old excel": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "the file is an old Excel"),
    "parquet": (b"PAR1\x15\x04", "the file is a Parquet file"),
    "html": (b"\n<!DOCTYPE html><title>Login</title>", "the file is HTML or XML"),
    "json": (b'[{"id": 1}]', "the file is JSON"),
    "pdf": (b"%PDF-1.7", "the file is a PDF"),
    "sqlite": (b"SQLite format 3\0", "the file is a SQLite database"),
    "binary": (bytes(range(1, 32)) + b"\0" * 9, "the file is binary"),
    "utf-16": ("id,date\n1,2024-01-01\n".encode("utf-16"), "save it as CSV in UTF-8"),
    "cut gzip": (gzip.compress(GOOD.encode())[:-20], "the gzip file is cut short"),
    "latin-1": ("id,date\n1,2024-01-01\n2,é\n".encode("latin-1"), "line 3: byte 0xE9 is not UTF-8"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_file_that_is_no_table_is_refused_with_one_line_that_names_it(
    case: str, pulled: Callable[..., Read]
) -> None:
    content, reason = REFUSED[case]
    with pytest.raises(FeedError) as caught:
        pulled(content)
    line = str(caught.value)
    assert line.startswith("f.csv")
    assert reason in line
    assert "\n" not in line
    assert caught.value.mend


def test_a_damaged_gzip_file_is_refused(pulled: Callable[..., Read]) -> None:
    packed = bytearray(gzip.compress(GOOD.encode()))
    packed[-8] ^= 0xFF  # the checksum
    with pytest.raises(FeedError, match="the gzip file is damaged; download it again"):
        pulled(bytes(packed))


def test_a_missing_file_says_where_it_was_looked_for(tmp_path: Path) -> None:
    with pytest.raises(FeedError, match=f"none.csv: there is no such file;.*{tmp_path}"):
        read(tmp_path, "csv", path="none.csv", columns=COLUMNS)


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FeedError, match="this is a folder"):
        read(tmp_path.parent, "csv", path=tmp_path.name, columns=COLUMNS)


def test_a_device_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FeedError, match="not a regular file"):
        read(tmp_path, "csv", path="/dev/zero", columns=COLUMNS)


def test_a_pipe_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    with pytest.raises(FeedError, match="not a regular file"):
        read(tmp_path, "csv", path="pipe.csv", columns=COLUMNS)


@pytest.mark.parametrize("path", ["a\0b.csv", "x" * 300 + ".csv"])
def test_a_path_that_cannot_be_is_refused(path: str, tmp_path: Path) -> None:
    with pytest.raises(FeedError, match="cannot be opened"):
        read(tmp_path, "csv", path=path, columns=COLUMNS)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_read_permission_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_text(GOOD)
    path.chmod(0)
    with pytest.raises(FeedError, match="may not be read"):
        read(tmp_path, "csv", path="f.csv", columns=COLUMNS)


def test_a_gzip_bomb_is_refused_by_its_ratio(pulled: Callable[..., Read]) -> None:
    bomb = gzip.compress(b"id,date\n" + (b"1,2024-01-01" + b" " * 100_000 + b"\n") * 120)
    with pytest.raises(FeedError, match="over 200 times its size"):
        pulled(bomb, max_bad_share=1.0)


def test_a_gzip_file_beyond_the_limit_is_refused_and_the_limit_can_be_raised(
    pulled: Callable[..., Read],
) -> None:
    rows = "".join(f"{n},2024-01-01\n" for n in range(70_000))
    packed = gzip.compress(b"id,date\n" + rows.encode())
    with pytest.raises(FeedError, match="over 1 MB; raise max_decoded_mb"):
        pulled(packed, max_decoded_mb=1)
    assert len(pulled(packed, max_decoded_mb=2).incidents) == 70_000


def test_a_line_without_end_is_refused(pulled: Callable[..., Read]) -> None:
    with pytest.raises(FeedError, match="a line is over 8 MB long"):
        pulled(b"x" * (11 << 20))


@pytest.mark.parametrize("mode", ["a", "r+"], ids=["longer", "as long"])
def test_a_file_that_changes_while_it_is_read_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: str
) -> None:
    monkeypatch.setattr("feeds.files.BLOCK", 512)
    path = tmp_path / "f.csv"
    path.write_text(GOOD)
    settings = settings_class("csv").model_validate({"name": "f", "path": path, "columns": COLUMNS})
    batches = open_feed(settings, tmp_path).pull(TODAY).batches()
    next(batches)
    with path.open(mode) as file:
        file.write("y,2024-01-01\n")
    os.utime(path, (1, 1))  # a clock that is coarse might show no change
    with pytest.raises(FeedError, match="changed while it was read"):
        list(batches)


def _digest(pulled: Callable[..., Read], **keys: Any) -> str:
    return pulled(GOOD, **keys).pull.digest


def test_the_digest_follows_the_bytes_and_the_settings_but_not_the_feeds_name(
    pulled: Callable[..., Read],
) -> None:
    plain = _digest(pulled)
    assert plain == _digest(pulled)
    assert plain != _digest(pulled, dates="day-first")
    assert plain != _digest(pulled, columns={"date": "date"})
    assert plain != pulled(GOOD + "501,2024-01-01\n").pull.digest
    assert plain == _digest(pulled, name="f.csv", separator="auto")


def test_plain_text_is_taken_for_a_table() -> None:
    assert kind_of(b"\xef\xbb\xbfid,date\n") == ""
