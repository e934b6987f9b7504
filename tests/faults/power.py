"""A disk whose power can be cut: a file system for SQLite that writes down what it is asked to do.

SQLite reaches the disk through a table of functions, its VFS (sqlite.org/vfs.html). Here that of
this machine is copied, with writes, cuts, syncs and deletions taken down on their way through, so
that afterwards the files can be laid out as a power cut at any moment may have left them: what was
synced is there; of what was not, any part may be, whole sectors in any order. Files that were made
or deleted are so for good once their folder was synced.
"""

from __future__ import annotations

import _sqlite3
import ctypes
import random
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from ctypes import CFUNCTYPE, POINTER, Structure, c_char_p, c_int, c_int64, c_void_p, cast
from pathlib import Path
from typing import Any, Literal, NamedTuple

SECTOR = 512
"""Bytes that a disk writes whole or not at all: what SQLite, too, builds on."""
_MAIN, _JOURNAL, _LOG = 0x100, 0x800, 0x80000
"""SQLITE_OPEN_MAIN_DB, _MAIN_JOURNAL and _WAL: temporary files need not outlive a cut."""
_CREATE = 0x4
_OK = 0
_CHANCE = 0.5
"""That a disk has done something which nobody made it sync."""
FOLDER = "/"
"""The name under which steps of the folder itself stand."""

# Names are passed on as the pointers they are: SQLite keeps the one that a file was opened by.
_Open = CFUNCTYPE(c_int, c_void_p, c_void_p, c_void_p, c_int, c_void_p)
_Delete = CFUNCTYPE(c_int, c_void_p, c_void_p, c_int)
_Write = CFUNCTYPE(c_int, c_void_p, c_void_p, c_int, c_int64)
_Truncate = CFUNCTYPE(c_int, c_void_p, c_int64)
_Sync = CFUNCTYPE(c_int, c_void_p, c_int)


class _Vfs(Structure):
    """`sqlite3_vfs`, version 3."""

    _fields_ = (
        *(("version", c_int), ("file_size", c_int), ("longest_path", c_int)),
        *(("following", c_void_p), ("name", c_char_p), ("data", c_void_p)),
        *(("open", _Open), ("delete", _Delete)),
        *((f"as_it_is_{n}", c_void_p) for n in range(14)),
    )


class _Methods(Structure):
    """`sqlite3_io_methods`, version 3."""

    _fields_ = (
        *(("version", c_int), ("close", c_void_p), ("read", c_void_p)),
        *(("write", _Write), ("truncate", _Truncate), ("sync", _Sync)),
        *((f"as_it_is_{n}", c_void_p) for n in range(13)),
    )


class _File(Structure):
    """`sqlite3_file`."""

    _fields_ = (("methods", POINTER(_Methods)),)


class Step(NamedTuple):
    """Something that a disk was asked to do to a file: `at` is where to write, or the new end."""

    what: Literal["create", "write", "truncate", "sync", "delete"]
    name: str
    at: int = 0
    content: bytes = b""


class Disk:
    """What the files of SQLite on it were asked to do, in order."""

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self._names: dict[int, str] = {}
        self._new: set[int] = set()
        self._methods: list[_Methods] = []
        self._library = _library()
        self._library.sqlite3_vfs_find.restype = POINTER(_Vfs)
        self._real = self._library.sqlite3_vfs_find(None)
        self._itself = cast(self._real, c_void_p).value
        self._vfs = _Vfs.from_buffer_copy(self._real.contents)
        self._vfs.name = b"power"
        self._vfs.open, self._vfs.delete = _Open(self._open), _Delete(self._delete)

    @contextmanager
    def under_sqlite(self) -> Iterator[None]:
        """Put every connection that is opened inside on this disk."""
        assert self._library.sqlite3_vfs_register(ctypes.byref(self._vfs), 1) == _OK
        try:
            yield
        finally:
            self._library.sqlite3_vfs_register(self._real, 1)
            self._library.sqlite3_vfs_unregister(ctypes.byref(self._vfs))

    def _open(self, _: int, name: int | None, file: int, flags: int, out: int | None) -> int:
        done: int = self._real.contents.open(self._itself, name, file, flags, out)
        if done == _OK and name and flags & (_MAIN | _JOURNAL | _LOG):
            self._names[file] = _last(name)
            if flags & _CREATE and flags & (_JOURNAL | _LOG):
                self._new.add(file)  # its first sync is one of its folder too: SQLite's os_unix.c
                self._note("create", file)
            self._watch(cast(file, POINTER(_File)).contents)
        return done

    def _watch(self, file: _File) -> None:
        """Give an open file methods that take down what it is asked to do, and do it."""
        real = file.methods.contents
        ours = _Methods.from_buffer_copy(real)

        def write(handle: int, content: int, amount: int, at: int) -> int:
            self._note("write", handle, at, ctypes.string_at(content, amount))
            return int(real.write(handle, content, amount, at))

        def truncate(handle: int, size: int) -> int:
            self._note("truncate", handle, size)
            return int(real.truncate(handle, size))

        def sync(handle: int, flags: int) -> int:
            done = int(real.sync(handle, flags))
            self._note("sync", handle)
            if handle in self._new:
                self._new.remove(handle)
                self.steps.append(Step("sync", FOLDER))
            return done

        ours.write, ours.truncate, ours.sync = _Write(write), _Truncate(truncate), _Sync(sync)
        self._methods.append(ours)  # as long as SQLite may call them
        file.methods = ctypes.pointer(ours)

    def _note(self, what: Any, handle: int, at: int = 0, content: bytes = b"") -> None:
        self.steps.append(Step(what, self._names[handle], at, content))

    def _delete(self, _: int, name: int, sync_folder: int) -> int:
        self.steps.append(Step("delete", _last(name)))
        done = int(self._real.contents.delete(self._itself, name, sync_folder))
        if sync_folder:
            self.steps.append(Step("sync", FOLDER))
        return done


def _last(name: int) -> str:
    """Return the last part of the path that a pointer is of."""
    return Path(ctypes.string_at(name).decode()).name


def _library() -> ctypes.CDLL:
    """Return the SQLite that Python's module uses: found by itself, its symbols are with it."""
    library = ctypes.CDLL(_sqlite3.__file__)
    library.sqlite3_libversion.restype = c_char_p
    assert library.sqlite3_libversion().decode() == sqlite3.sqlite_version
    return library


def left_by_cut(steps: list[Step], rng: random.Random) -> dict[str, bytes]:
    """Return the files as a cut after these steps may leave them, by name.

    Of each file all steps until its last sync are done. Of the later ones each sector of a write
    may be, and each new end, whatever became of those before it.
    """
    found: dict[str, bytearray] = {}
    synced = {step.name: place for place, step in enumerate(steps) if step.what == "sync"}
    for place, step in enumerate(steps):
        of_folder = step.what in ("create", "delete")
        safe = place < synced.get(FOLDER if of_folder else step.name, -1)
        if of_folder:
            if step.what == "delete" and (safe or rng.random() < _CHANCE):
                found.pop(step.name, None)
            continue
        content = found.setdefault(step.name, bytearray())
        if step.what == "write":
            _write(content, step, 1.0 if safe else _CHANCE, rng)
        elif step.what == "truncate" and (safe or rng.random() < _CHANCE):
            del content[step.at :]
    uncertain = {step.name for step in steps[synced.get(FOLDER, -1) + 1 :] if step.what == "create"}
    return {
        name: bytes(content)
        for name, content in found.items()
        if name != FOLDER and not (name in uncertain and rng.random() < _CHANCE)
    }


def _write(content: bytearray, step: Step, chance: float, rng: random.Random) -> None:
    """Do what a disk does of a write, sector by sector."""
    at, end = step.at, step.at + len(step.content)
    while at < end:
        until = min(end, (at // SECTOR + 1) * SECTOR)
        if rng.random() < chance:
            content.extend(bytes(max(0, until - len(content))))
            content[at:until] = step.content[at - step.at : until - step.at]
        at = until
