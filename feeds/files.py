"""Files that hold a feed: found, recognised, decompressed within limits, and digested."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import stat
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Literal, Protocol

from pydantic import Field

from core.errors import FeedError
from core.settings import FeedSettings

BLOCK = 2 << 20
"""Bytes that are decoded, parsed and validated at a time: some 25,000 rows of eight columns."""
MAPPING_VERSION = 1
"""Raised when the same bytes and settings give other rows than before, so that they are reread."""
_GZIP = b"\x1f\x8b"
_MAX_RATIO = 200
"""DEFLATE reaches 1,032; real incident files 7 to 25."""
_RATIO_FROM = 10 << 20
_AS_CSV = "give a CSV file, plain or gzip"
_SIGNATURES = (
    (b"\xd0\xcf\x11\xe0", "an old Excel or Office file"),
    (b"PAR1", "a Parquet file"),
    (b"%PDF", "a PDF"),
    (b"SQLite format 3", "a SQLite database"),
    (b"BZh", "a bzip2 file"),
    (b"\xfd7zXZ", "an xz file"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard file"),
    (_GZIP, "a gzip file inside a gzip file"),
    (b"\xff\xfe", "UTF-16 text"),
    (b"\xfe\xff", "UTF-16 text"),
    (b"{", "JSON"),
    (b"[", "JSON"),
    (b"<", "HTML or XML"),
)


class ByteStream(Protocol):
    """What bytes are read from: a file, or the gzip reader over it."""

    def read(self, size: int, /) -> bytes:
        """Return up to `size` bytes; none at the end."""
        ...


class FileSettings(FeedSettings):
    """Keys of every feed that is a file of separated values."""

    path: Path
    separator: Literal["auto", ",", ";", "\t", "|"] = "auto"
    max_decoded_mb: int = Field(default=200, ge=1)
    """A gzip file that grows beyond this many million bytes is refused."""


@dataclass(frozen=True)
class SourceFile:
    """One file of a feed. Every method raises FeedError where the file cannot be used."""

    path: Path
    max_decoded: int
    """Bytes that a gzip file may grow to."""

    @property
    def name(self) -> str:
        """Return the file's name without its folder."""
        return self.path.name

    def digest(self, settings: FileSettings, today: str) -> str:
        """Return the SHA-256 of the bytes and of all else that decides which rows come out.

        `today` belongs to it: a row dated after it is bad today and good tomorrow.
        """
        what = settings.model_dump(mode="json", exclude={"name", "path"})
        seed = [MAPPING_VERSION, self.name, today, what]
        total = hashlib.sha256(json.dumps(seed, sort_keys=True).encode())
        with self._open() as stream:
            while block := self._read(stream, BLOCK):
                total.update(block)
        return total.hexdigest()

    def blocks(self) -> Iterator[bytes]:
        """Yield the file's decompressed bytes, block by block, once it looks like a table."""
        with self._open() as raw:
            before = os.fstat(raw.fileno())
            head = self._read(raw, 4096)
            raw.seek(0)
            packed = head.startswith(_GZIP)
            if not packed:
                self._recognise(head)
            stream = gzip.GzipFile(fileobj=raw) if packed else raw
            yield from self._decoded(stream, before.st_size if packed else None)
            after = os.fstat(raw.fileno())
            if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
                raise FeedError(self.name, "the file changed while it was read", "pull it again")

    def _decoded(self, stream: ByteStream, packed_size: int | None) -> Iterator[bytes]:
        total = 0
        while block := self._read(stream, BLOCK):
            if total == 0 and packed_size is not None:
                self._recognise(block[:4096])
            total += len(block)
            if packed_size is not None:
                self._limit(total, packed_size)
            yield block
        if total == 0:
            raise FeedError(self.name, "the file is empty", "check its download")

    def _limit(self, total: int, packed_size: int) -> None:
        if total > self.max_decoded:
            megabytes = self.max_decoded // 1_000_000
            raise FeedError(
                self.name,
                f"it decompresses to over {megabytes} MB",
                "raise max_decoded_mb if it is genuine",
            )
        if total > max(_RATIO_FROM, _MAX_RATIO * packed_size):
            raise FeedError(
                self.name,
                f"it decompresses to over {_MAX_RATIO} times its size",
                "decompress it yourself if it is genuine",
            )

    def _open(self) -> IO[bytes]:
        try:
            mode = self.path.stat().st_mode  # first, for opening a pipe would wait for its writer
            if stat.S_ISDIR(mode):
                raise FeedError(self.name, "this is a folder", "give the file inside it")
            if not stat.S_ISREG(mode):
                raise FeedError(self.name, "this is not a regular file", "save it to a file first")
            return self.path.open("rb")
        except FileNotFoundError as error:
            folder = f"check the feed's path (looked in {self.path.parent})"
            raise FeedError(self.name, "there is no such file", folder) from error
        except PermissionError as error:
            raise FeedError(self.name, "the file may not be read", "change its mode") from error
        except (OSError, ValueError) as error:
            raise FeedError(self.name, f"it cannot be opened ({error})") from error

    def _read(self, stream: ByteStream, size: int) -> bytes:
        try:
            return stream.read(size)
        except EOFError as error:
            raise FeedError(self.name, "the gzip file is cut short", "download it again") from error
        except (gzip.BadGzipFile, zlib.error) as error:
            raise FeedError(self.name, "the gzip file is damaged", "download it again") from error
        except OSError as error:
            raise FeedError(self.name, f"it cannot be read ({error.strerror})") from error

    def _recognise(self, head: bytes) -> None:
        kind = kind_of(head)
        if kind == "UTF-16 text":
            raise FeedError(self.name, "the file is UTF-16 text", "save it as CSV in UTF-8")
        if kind:
            raise FeedError(self.name, f"the file is {kind}, not a table of text", _AS_CSV)


def kind_of(head: bytes) -> str:
    """Return what a file is by its first bytes, or "" when it may be separated text."""
    if head.startswith(b"PK\x03\x04"):
        excel = b"[Content_Types].xml" in head or b"xl/" in head
        return "an Excel workbook" if excel else "a zip archive"
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    for signature, kind in _SIGNATURES:
        if text.startswith(signature):
            return kind
    return "binary" if head.count(0) > len(head) // 50 else ""  # a stray NUL is a bad cell
