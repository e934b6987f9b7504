"""Files that may be packed: the same rows come out, and nothing grows without bound."""

from __future__ import annotations

import gzip
import io
import struct
import subprocess
import sys
import textwrap
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from core.errors import FeedError
from core.http import Limits, unpack

ROWS = b"id,date\n" + b"".join(b"%d,2021-10-01\n" % n for n in range(40_000))


def zipped(
    *files: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED, comment: bytes = b""
) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        for name, content in files:
            archive.writestr(name, content)
        archive.comment = comment
    return target.getvalue()


def streamed_zip() -> bytes:
    """Return a zip as a program writes it that cannot seek: sizes only after the data."""

    class Pipe(io.RawIOBase):
        def __init__(self) -> None:
            self.sent = bytearray()

        def writable(self) -> bool:
            return True

        def write(self, block: bytes) -> int:  # type: ignore[override]
            self.sent += block
            return len(block)

    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:  # type: ignore[type-var]
        archive.writestr("rows.csv", ROWS)
    return bytes(pipe.sent)


GOOD = {
    "plain": ROWS,
    "gzip": gzip.compress(ROWS),
    "gzip in two members": gzip.compress(ROWS[:999]) + gzip.compress(ROWS[999:]),
    "zip": zipped(("rows.csv", ROWS)),
    "zip, stored": zipped(("rows.csv", ROWS), method=zipfile.ZIP_STORED),
    "zip with a folder and a comment": zipped(
        ("data/", b""), ("data/rows.csv", ROWS), comment=b"c"
    ),
    "zip written to a pipe": streamed_zip(),
}


@pytest.mark.parametrize("content", GOOD.values(), ids=GOOD.keys())
def test_a_file_reads_the_same_packed_or_not(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "feed.bin"
    path.write_bytes(content)
    with unpack(path) as stream:
        assert stream.read() == ROWS
    with unpack(io.BytesIO(content)) as stream:
        assert stream.readline() == b"id,date\n"
        assert len(pd.read_csv(stream, header=None)) == 40_000


@pytest.mark.parametrize("content", [b"", b"P", b"PK", b"\x1e\x8b rows"])
def test_a_short_or_strange_start_is_plain(content: bytes) -> None:
    assert unpack(io.BytesIO(content)).read() == content


def test_the_real_incident_files_open(real_data: Callable[[str], Path]) -> None:
    path = real_data("hdx_ucdp_nigeria.csv.gz")
    with unpack(path) as stream, gzip.open(path) as reference:
        assert stream.read() == reference.read()


def encrypted() -> bytes:
    content = bytearray(zipped(("rows.csv", ROWS)))
    for signature, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(signature) + at] |= 1
    return bytes(content)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (gzip.compress(ROWS, mtime=0)[:-9], "gzip stream is cut"),
        (gzip.compress(ROWS, mtime=0)[:9], "gzip stream is cut"),
        (gzip.compress(ROWS, mtime=0) + b"more", "gzip stream is damaged"),
        (gzip.compress(ROWS, mtime=0)[:-8] + bytes(8), "gzip stream is damaged"),
        (zipped(("rows.csv", ROWS))[:-30], "zip archive is cut"),
        (zipped(("rows.csv", ROWS))[:500], "zip archive is cut"),
        (zipped(("a.csv", ROWS), ("b.csv", ROWS)), "2 files instead of one"),
        (zipped(("a/", b""), ("b/", b"")), "0 files"),
        (zipped(("rows.csv", ROWS), method=zipfile.ZIP_LZMA), "neither stored nor deflated"),
        (zipped(*((f"{n}.csv", b"") for n in range(9_000))), "holds many files"),
        (encrypted(), "encrypted"),
    ],
)
def test_what_is_cut_damaged_or_not_one_file_is_refused(content: bytes, problem: str) -> None:
    with pytest.raises(FeedError, match=f"rows.bin: .*{problem}"):
        unpack(io.BytesIO(content), name="rows.bin").read()


def test_a_wrong_checksum_in_a_zip_is_refused() -> None:
    content = bytearray(zipped(("rows.csv", ROWS), method=zipfile.ZIP_STORED))
    content[content.index(b"id,date")] ^= 1
    with pytest.raises(FeedError, match="zip archive is damaged"):
        unpack(io.BytesIO(bytes(content))).read()


@pytest.mark.parametrize(
    ("limits", "problem"),
    [
        (Limits(wire=100), "larger than 100 bytes"),
        (Limits(decoded=100_000), "more than 100,000 bytes"),
    ],
)
@pytest.mark.parametrize("kind", ["gzip", "zip", "plain"])
def test_a_file_over_a_limit_is_refused(limits: Limits, problem: str, kind: str) -> None:
    with pytest.raises(FeedError, match=problem):
        unpack(io.BytesIO(GOOD[kind]), limits).read()


SMALL = b"id,date\n1,2021-10-01\n"
PACKED = {
    "zip": zipped(("rows.csv", SMALL)),
    "zip, stored": zipped(("rows.csv", SMALL), method=zipfile.ZIP_STORED),
    "gzip": gzip.compress(SMALL),
}


@pytest.mark.parametrize("content", PACKED.values(), ids=PACKED.keys())
def test_an_archive_with_any_bit_flipped_is_refused_or_reads_the_same(content: bytes) -> None:
    outcomes: Counter[str] = Counter()
    for bit in range(8 * len(content)):
        damaged = bytearray(content)
        damaged[bit // 8] ^= 1 << bit % 8
        try:
            read = unpack(io.BytesIO(bytes(damaged))).read()
        except FeedError:
            outcomes["refused"] += 1
        else:
            outcomes["read"] += read in {SMALL, bytes(damaged)}
    assert outcomes.total() == 8 * len(content)


PROBE = """
    import re, sys
    from pathlib import Path
    from core.errors import FeedError
    from core.http import unpack
    def peak():
        return int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])
    before, read = peak(), 0
    try:
        with unpack(Path(sys.argv[1])) as stream:
            while block := stream.read(65536):
                read += len(block)
    except FeedError as error:
        print((peak() - before) // 1024, read // 1_000_000, error)
"""


def directory_of_a_million() -> bytes:
    """Return a zip whose directory lists a million files but which says that it lists one."""
    entry = b"PK\x01\x02" + bytes(24) + struct.pack("<H16x", 1) + b"a"
    directory = entry * 1_000_000
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 1, 1, len(directory), 4, 0)
    return b"PK\x03\x04" + directory + end


def bomb(kind: str) -> bytes:
    zeros = bytes(315_000_000)
    return gzip.compress(zeros) if kind == "gzip" else zipped(("zeros.csv", zeros))


@pytest.mark.parametrize("kind", ["gzip", "zip", "directory"])
def test_a_bomb_is_refused_early_and_takes_no_memory(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "bomb"
    path.write_bytes(directory_of_a_million() if kind == "directory" else bomb(kind))
    program = [sys.executable, "-c", textwrap.dedent(PROBE), str(path)]
    run = subprocess.run(program, capture_output=True, text=True, check=True)
    rise, read, problem = run.stdout.split(maxsplit=2)
    assert "100 times its size" in problem or "many files" in problem
    assert int(rise) < 64
    assert int(read) <= 40
    print(f"\n{kind} bomb: refused after {read} MB, memory rose by {rise} MB")
