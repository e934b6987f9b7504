"""Whose file it is: ours or not, of which version, read from its header before it is opened.

The header is SQLite's (sqlite.org/fileformat.html, section 1.3): the magic string, the page count
at byte 28, user_version at 60 and application_id at 68, each a big-endian 32-bit number.
"""

from __future__ import annotations

import struct
from pathlib import Path

from core.errors import StorageError

APPLICATION_ID = 0x54_4F_43_53
"""The letters TOCS."""
SCHEMA_VERSION = 1
"""How many migrations there are; kept in `user_version`."""

_HEADER = 100
_MAGIC = b"SQLite format 3\x00"
_JOURNAL_MAGIC = b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7"
"""What a rollback journal begins with (sqlite.org/fileformat.html, section 3)."""
_OTHER_FILE = "name another file; this one is untouched"


def inspect(path: Path) -> int | None:
    """Return the file's schema version, 0 for an empty database, None when there is no file.

    A file whose making was cut short, by the power even, is as good as empty. Only the first bytes
    are read: no lock is taken and nothing beside the file is made.

    Raises:
        StorageError: when it is a folder, cannot be read, or is not a database of ours.
    """
    header = _header(path)
    if header is None:
        return None
    if not header or _is_half_made(path, header):
        return 0
    if len(header) < _HEADER or not header.startswith(_MAGIC):
        raise StorageError(str(path), "is not a SQLite database", _OTHER_FILE)
    pages, version, application = (struct.unpack_from(">I", header, at)[0] for at in (28, 60, 68))
    return check(path, application, version, blank=pages <= 1)


def check(path: Path, application: int, version: int, *, blank: bool) -> int:
    """Return the schema version of a database with these marks; 0 for one that is `blank`.

    Raises:
        StorageError: when it belongs to another program, or to a newer Tocsin.
    """
    if application == 0 and version == 0 and blank:
        return 0
    if application != APPLICATION_ID:
        raise StorageError(str(path), "is a database of another program", _OTHER_FILE)
    if version > SCHEMA_VERSION:
        problem = f"was made by a newer Tocsin (schema {version}, this program knows "
        raise StorageError(str(path), f"{problem}{SCHEMA_VERSION})", "upgrade this program")
    return version


def _is_half_made(path: Path, header: bytes) -> bool:
    """Return whether a journal stands beside that will undo what there is of the file.

    A disk may write later pages of a new file before its first one, which then reads as zeros.
    """
    if any(header):
        return False
    try:
        with path.with_name(f"{path.name}-journal").open("rb") as file:
            return file.read(len(_JOURNAL_MAGIC)) == _JOURNAL_MAGIC
    except OSError:
        return False


def _header(path: Path) -> bytes | None:
    if path.is_dir():
        raise StorageError(str(path), "is a folder, not a database", "name a file in it")
    try:
        with path.open("rb") as file:
            return file.read(_HEADER)
    except FileNotFoundError:
        if not path.parent.is_dir():
            raise StorageError(str(path), "its folder does not exist", "make it first") from None
        return None
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise StorageError(str(path), f"cannot be read ({reason})", "check the path") from error
