"""Opens files that may be packed, as streams that cannot grow without bound."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, BinaryIO

from core.errors import FeedError
from core.http.streams import BLOCK, Limits, Meter, StreamError, gunzip

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_LIMITS = Limits()
_GZIP_START = b"\x1f\x8b"
_ZIP_START = b"PK\x03\x04"
_ZIP_END = b"PK\x05\x06"
_ZIP_END_SIZE = 22
_MOST_DIRECTORY = 300_000  # bytes; one entry with the longest name, extra field and comment
_ENCRYPTED = 0x1
_NO_ZIP = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    IndexError,
    NotImplementedError,
    ValueError,
    struct.error,
)
"""What zipfile raises for files that are no zip, or a damaged one: see the test of all bits."""


def unpack(
    source: Path | BinaryIO, limits: Limits = _LIMITS, *, name: str = ""
) -> io.BufferedReader:
    """Open a file for reading, unpacked when its first bytes say gzip or zip.

    `source` is a path, or an open file that can seek, read from its start; `name` is for errors
    and is the path's own by default. A zip file must hold exactly one file, stored or deflated.
    Closing the stream closes the file.

    Raises:
        FeedError: now or while reading, when the file cannot be read, is damaged, cut, encrypted,
            or over a limit; a reader must not use what came before.
        OSError: when the file cannot be opened.
    """
    file = source.open("rb") if isinstance(source, Path) else source
    shown = name or (source.name if isinstance(source, Path) else "the file")
    return io.BufferedReader(_Blocks(file, shown, limits), BLOCK)


class _Blocks(io.RawIOBase):
    """A raw stream over the unpacked blocks of a file."""

    def __init__(self, file: BinaryIO, name: str, limits: Limits) -> None:
        self._file, self._name = file, name
        self._blocks = _unpacked(file, Meter(limits))
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        view = memoryview(buffer).cast("B")
        while not self._rest:
            with _refusals(self._name):
                block = next(self._blocks, None)
            if block is None:
                return 0
            self._rest = memoryview(block)
        size = min(len(view), len(self._rest))
        view[:size], self._rest = self._rest[:size], self._rest[size:]
        return size

    def close(self) -> None:
        self._blocks.close()
        self._file.close()
        super().close()


@contextmanager
def _refusals(name: str) -> Iterator[None]:
    try:
        yield
    except StreamError as error:
        raise FeedError(name, str(error)) from None
    except _NO_ZIP:
        raise FeedError(name, "its zip archive is damaged or cut") from None


def _unpacked(file: BinaryIO, meter: Meter) -> Generator[bytes, None, None]:
    meter.take(file.seek(0, io.SEEK_END))
    file.seek(0)
    start = file.read(4)
    file.seek(0)
    if start.startswith(_GZIP_START):
        yield from meter.unpacked(gunzip(_read(file)))
    elif start == _ZIP_START:
        yield from meter.unpacked(_unzip(file))
    else:
        yield from meter.unpacked(_read(file))


def _read(file: IO[bytes]) -> Iterator[bytes]:
    while block := file.read(BLOCK):
        yield block


def _unzip(file: BinaryIO) -> Iterator[bytes]:
    _check_directory(file)
    with zipfile.ZipFile(file) as archive:
        members = [member for member in archive.infolist() if not member.is_dir()]
        if len(members) != 1:
            raise StreamError(f"it holds {len(members)} files instead of one")
        if members[0].flag_bits & _ENCRYPTED:
            raise StreamError("it is encrypted")
        if members[0].compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
            raise StreamError("it is neither stored nor deflated, the two methods that are read")
        with archive.open(members[0]) as member:
            yield from _read(member)


def _check_directory(file: BinaryIO) -> None:
    """Refuse a central directory larger than one file's: zipfile holds all of it in memory.

    Source: PKWARE APPNOTE 6.3.10, section 4.3.16; a ZIP64 archive has 0xFFFFFFFF in this place.
    """
    end = file.seek(0, io.SEEK_END)
    file.seek(max(0, end - _ZIP_END_SIZE - 65_535))
    tail = file.read()
    record = tail[tail.rfind(_ZIP_END) :][:_ZIP_END_SIZE]
    if not record.startswith(_ZIP_END) or len(record) < _ZIP_END_SIZE:
        raise StreamError("its zip archive is cut", transient=True)
    (size,) = struct.unpack_from("<12xI", record)
    if size > _MOST_DIRECTORY:
        raise StreamError("it holds many files instead of one")
