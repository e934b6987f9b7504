"""Bytes of a feed: digested, recognised; local files found and decompressed within limits."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import stat
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol

from core.errors import FeedError
from core.text import clean
from feeds.file_settings import FileSettings

BLOCK = 1 << 18
"""Bytes that are decoded, parsed and validated at a time: some 3,500 rows of eight columns.

What becomes of them stays in a processor's cache; eight times as much takes a third more time.
"""
MAPPING_VERSION = 1
"""Raised when the same bytes and settings give other rows than before, so that they are reread."""
_GZIP = b"\x1f\x8b"
_MAX_RATIO = 200
"""DEFLATE reaches 1,032; real incident files 7 to 25."""
_RATIO_FROM = 10 << 20
_AS_CSV = 'give a CSV file, plain or gzip, or set kind = "excel" for a workbook'
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


class Source(Protocol):
    """Where the bytes of a feed come from. Every method may raise FeedError."""

    @property
    def name(self) -> str:
        """Return what messages call it."""
        ...

    def raw(self) -> Iterator[bytes]:
        """Yield the bytes as they are kept, packed or not."""
        ...

    def blocks(self) -> Iterator[bytes]:
        """Yield the unpacked bytes of what looks like a table; the last use of the source."""
        ...

    def close(self) -> None:
        """Give back what it holds."""
        ...


def digest(settings: FileSettings, today: str, blocks: Iterable[bytes]) -> str:
    """Return the SHA-256 of the bytes and of all else that decides which rows come out.

    `today` belongs to it: a row dated after it is bad today and good tomorrow.
    """
    seed = [MAPPING_VERSION, settings.file_name, today, settings.reading()]
    total = hashlib.sha256(json.dumps(seed, sort_keys=True).encode())
    for block in blocks:
        total.update(block)
    return total.hexdigest()


@dataclass(frozen=True)
class SourceFile:
    """One file of a feed. Every method raises FeedError where the file cannot be used."""

    path: Path
    max_decoded: int
    """Bytes that a gzip file may grow to."""

    @property
    def name(self) -> str:
        """Return the file's name without its folder."""
        return clean(self.path.name, 100)

    def raw(self) -> Iterator[bytes]:
        """Yield the file's bytes as they are."""
        with self._open() as stream:
            while block := self._read(stream, BLOCK):
                yield block

    def blocks(self) -> Iterator[bytes]:
        """Yield the file's decompressed bytes, block by block, once it looks like a table."""
        with self._open() as raw:
            before = os.fstat(raw.fileno())
            head = self._read(raw, 4096)
            raw.seek(0)
            packed = head.startswith(_GZIP)
            if not packed:
                recognise(self.name, head)
            stream = gzip.GzipFile(fileobj=raw) if packed else raw
            yield from self._decoded(stream, before.st_size if packed else None)
            after = os.fstat(raw.fileno())
            if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
                raise FeedError(self.name, "the file changed while it was read", "pull it again")

    def _decoded(self, stream: ByteStream, packed_size: int | None) -> Iterator[bytes]:
        total = 0
        while block := self._read(stream, BLOCK):
            if total == 0 and packed_size is not None:
                recognise(self.name, block[:4096])
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

    def close(self) -> None:
        """Do nothing: the file is open only while it is read."""


def recognise(name: str, head: bytes) -> None:
    """Refuse what by its first bytes is not separated text in UTF-8.

    Raises:
        FeedError: saying what it is.
    """
    kind = kind_of(head)
    if kind == "UTF-16 text":
        raise FeedError(name, "the file is UTF-16 text", "save it as CSV in UTF-8")
    if kind:
        raise FeedError(name, f"the file is {kind}, not a table of text", _AS_CSV)


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
