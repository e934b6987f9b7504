"""Where a database is at home, and whether a file is that database or a copy of it: decisions.

A copy must not send: people would be warned twice, of what a test made up, or of last year. A
warden that was only moved must. What tells them apart is two pieces of evidence: the file itself
(its file system and inode, which a moved volume and a new container keep) and its place (machine
and path, which a file that was put back keeps). A copy has neither. An older state that was put
back is found by the count of starts, which is kept in the database and beside it.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path

_MACHINE_ID = Path("/etc/machine-id")
"""See machine-id(5); missing or empty in many containers, where the file has to tell."""


@dataclass(frozen=True)
class Home:
    """A place, and the file in it. `machine` is "" where it has no id."""

    machine: str
    path: str
    filesystem: int
    inode: int

    @classmethod
    def of(cls, path: Path) -> Home:
        """Return the home of an existing file."""
        return cls(_machine(), str(path), os.statvfs(path).f_fsid, path.stat().st_ino)

    @classmethod
    def from_text(cls, text: str) -> Home:
        """Return the home that `to_text` wrote."""
        return cls(**json.loads(text))

    def to_text(self) -> str:
        """Return the home as JSON."""
        return json.dumps(asdict(self))

    def same_file(self, other: Home) -> bool:
        """Return whether it is the very file."""
        return (self.filesystem, self.inode) == (other.filesystem, other.inode)

    def same_place(self, other: Home) -> bool:
        """Return whether it is the same path on a machine that is known to be the same."""
        return bool(self.machine) and (self.machine, self.path) == (other.machine, other.path)


@dataclass(frozen=True)
class Mark:
    """What stands beside a database: whose it is, and how often an owner has started on it."""

    installation: str
    epoch: int


class Verdict(StrEnum):
    """What a file is; the texts of those that are held are for people."""

    FIRST = "first start"
    AT_HOME = "at home"
    COPY = "this database is a copy: it was at work as another file, in another place"
    REPLACED = "this database was put in the place of another file, and nothing says that it is new"
    FOREIGN = "this database was put in the place of another installation's"
    OLDER = "this database is an older state of the one that was at work here"

    @property
    def holds(self) -> bool:
        """Return whether nothing may be sent until somebody says so."""
        return self not in {Verdict.FIRST, Verdict.AT_HOME}


def judge(recorded: Home | None, here: Home, own: Mark, beside: Mark | None) -> Verdict:
    """Return what a database is: by where it was, where it is, its mark and the one beside it."""
    if recorded is None:
        return Verdict.FIRST
    if not here.same_file(recorded) and not here.same_place(recorded):
        return Verdict.COPY
    if beside is None:
        return Verdict.AT_HOME if here.same_file(recorded) else Verdict.REPLACED
    if beside.installation != own.installation:
        return Verdict.FOREIGN
    return Verdict.OLDER if own.epoch < beside.epoch else Verdict.AT_HOME


def _machine() -> str:
    try:
        return _MACHINE_ID.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""
