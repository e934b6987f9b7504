"""The files of a folder as one feed: all whose names are like `path`, each with rows of its own.

The files together are the source. A new one adds its rows, a changed one replaces its own, and one
that is gone takes its rows along, unless `mode = "append"`. What cannot be read does not count as
gone: while a file is refused, or still being written, nothing at all is deleted.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from core.clock import SystemClock, at_date, stamp
from core.errors import FeedError
from core.incidents import Batch, Coverage, Notes
from core.text import clean
from feeds.file_pull import FileFeed, FilePull
from feeds.file_settings import FileSettings
from feeds.spans import Seen

_TEMPORARY = (".part", ".partial", ".tmp", ".temp", ".crdownload", ".download", ".filepart")
_PREFIXES = (".", "~$", "~")
"""Of hidden files, which rsync copies into, and of the locks that Excel and Word leave."""


@dataclass(frozen=True)
class _File:
    """A file that is ready: its digest, and why it was refused, if it was."""

    path: Path
    digest: str
    refusal: FeedError | None

    def told(self) -> list[Any]:
        error = self.refusal
        return [self.digest, error and [error.where, error.problem, error.mend]]


class FolderPull:
    """A `core.incidents.Pull` of the files of a folder.

    A file is read to its end before any of its rows is given, so that a bad one costs only
    itself; a bookmark spares that for files that are as they were.
    """

    def __init__(self, feed: FileFeed[Any], today: date, bookmark: str) -> None:
        """Look at the files; those that are new or have changed are read once.

        Raises:
            FeedError: when not one file can be read.
        """
        self._feed, self._today = feed, today
        self._settings: FileSettings = feed.settings
        self.origin, self.accessed = feed.settings.origin, stamp(at_date(today))
        ready, waiting = _found(feed.settings, feed.base)
        known = json.loads(bookmark or "{}")
        files = [self._checked(path, known.get(path.name)) for path in ready]
        self._good = [file for file in files if file.refusal is None]
        refused = tuple(file.refusal for file in files if file.refusal is not None)
        self.notes = Notes(
            (), refused, tuple(f"{clean(name, 100)}: still being written" for name in waiting)
        )
        self._refuse_nothing()
        self.bookmark = json.dumps({file.path.name: file.told() for file in files})
        state = json.dumps([self.bookmark, waiting]).encode()
        self.digest = hashlib.sha256(state).hexdigest()
        self._coverage: list[Coverage] = []

    def _refuse_nothing(self) -> None:
        """Refuse a pull in which nothing can be read, unless files are taken away once read."""
        if self._good:
            return
        if self.notes.refused:
            raise self.notes.refused[0]
        if self.notes.waiting:
            raise FeedError(self.origin, "its files are still being written", "pull again later")
        if self._settings.mode != "append":
            folder = self._settings.locate(self._feed.base).parent
            raise FeedError(self.origin, "no file has such a name", f"looked in {folder}")

    def _checked(self, path: Path, known: list[Any] | None) -> _File:
        """Return a file with its digest, read to its end unless that is known."""
        digest = ""
        try:
            with closing(self._open(path, Seen())) as pull:
                digest = pull.digest
                if known and known[0] == digest:
                    return _File(path, digest, FeedError(*known[1]) if known[1] else None)
                for _ in pull.batches():
                    pass
        except FeedError as error:
            return _File(path, digest, error)
        return _File(path, digest, None)

    def batches(self) -> Iterator[Batch]:
        """Yield the rows of all files; of rows with one id those of the last name come first."""
        seen, remarks = Seen(), dict[str, str]()
        for file in reversed(self._good):
            with closing(self._open(file.path, seen)) as pull:
                for batch in pull.batches():
                    yield self._named(clean(file.path.name, 100), batch)
                self._coverage += pull.coverage()
                for remark in pull.notes.remarks:
                    remarks.setdefault(remark, f"{pull.origin}: {remark}")
        told = self.notes
        self.notes = Notes(tuple(remarks.values()), told.refused, told.waiting)

    def coverage(self) -> list[Coverage]:
        """Return what the files cover together; only after the batches are used up."""
        return self._coverage

    def close(self) -> None:
        """Do nothing: a file is open only while it is read."""

    def _open(self, path: Path, seen: Seen) -> FilePull:
        """Return the pull of one file, under settings that name it."""
        settings = self._settings.model_copy(update={"path": path})
        return type(self._feed)(settings, self._feed.base).pull_of(path, self._today, seen)

    def _named(self, name: str, batch: Batch) -> Batch:
        """Return a batch whose bad rows, and where wanted whose ids, name the file."""
        incidents = batch.incidents
        if self._settings.ids == "file":
            incidents = [one._replace(source_id=f"{name}: {one.source_id}") for one in incidents]
        bad = [row._replace(reason=f"{name}: {row.reason}") for row in batch.bad]
        return Batch(incidents, batch.tallies, bad)


def _found(settings: FileSettings, base: Path) -> tuple[list[Path], list[str]]:
    """Return the files that are ready, by name, and the names of those still being written."""
    pattern = settings.locate(base)
    if not pattern.parent.is_dir():
        raise FeedError(settings.origin, "there is no such folder", f"make {pattern.parent}")
    now = SystemClock().now().timestamp()
    ready, waiting = [], []
    for path in sorted(pattern.parent.glob(pattern.name)):
        if path.name.startswith(_PREFIXES) or path.suffix.lower() in _TEMPORARY:
            continue
        try:
            written = path.stat().st_mtime
        except FileNotFoundError:  # taken away since the folder was listed
            continue
        if path.is_file():
            if abs(now - written) >= settings.settle:
                ready.append(path)
            else:
                waiting.append(path.name)
    return ready, waiting
