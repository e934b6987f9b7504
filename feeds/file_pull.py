"""One reading of a file: digest, batches, quarantine and coverage, the same for every kind."""

from __future__ import annotations

import gc
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from operator import itemgetter
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

from core.clock import at_date, stamp
from core.errors import FeedError
from core.incidents import Batch, Coverage, Incident, Notes, Pull
from feeds import bookmarks, fields
from feeds.bookmarks import Tags
from feeds.file_settings import FileSettings
from feeds.files import Source, SourceFile, digest
from feeds.quarantine import Chunk, Quarantine
from feeds.sensitive import without
from feeds.spans import WHOLE, Days, Seen

_COUNTRY_AND_DATE = itemgetter(Incident._fields.index("country"), Incident._fields.index("date"))


class Layout(Protocol):
    """What one kind of file makes of its rows; it lives as long as one reading of a file."""

    remarks: tuple[str, ...]
    """How the columns were understood, where that is not plain; known once they are bound."""

    def bind(self, header: Sequence[str]) -> None:
        """Find the columns.

        Raises:
            FeedError: naming the column that is missing.
        """
        ...

    def batch(self, chunk: Chunk) -> Batch:
        """Validate some rows."""
        ...

    def coverage(self, days: dict[str, Days]) -> list[Coverage]:
        """Return what is covered, given the first and last day held per country.

        Raises:
            FeedError: when that cannot be told.
        """
        ...


class Table(Protocol):
    """The rows of a file, whatever its format."""

    remarks: tuple[str, ...]
    """What was chosen of the file, where there was a choice."""

    def chunks(self) -> Iterator[tuple[list[str], Chunk]]:
        """Yield the header together with each chunk of rows.

        Raises:
            FeedError: where the file holds no table.
        """
        ...


S = TypeVar("S", bound=FileSettings)


class FileFeed(ABC, Generic[S]):
    """A feed that is a file, here or at a URL, or the files of a folder."""

    def __init__(self, settings: S, base: Path) -> None:
        """Take the settings and the folder that paths start from."""
        self.settings, self.base = settings, base

    @abstractmethod
    def layout(self, today: date) -> Layout:
        """Return what reads the rows of one file."""

    @abstractmethod
    def table(self, source: Source) -> Table:
        """Return what finds the rows in one file."""

    def pull(self, today: date, bookmark: str = "") -> Pull:
        """Open the file or download it (see `core.incidents.Feed`)."""
        if self.settings.url is not None:
            return self._download(today, bookmark)
        if self.settings.is_pattern:
            from feeds.folder import FolderPull  # noqa: PLC0415 - it is made of pulls of files

            return FolderPull(self, today, bookmark)
        return self.pull_of(self.settings.locate(self.base), today)

    def pull_of(self, path: Path, today: date, seen: Seen | None = None) -> FilePull:
        """Return the pull of one local file; `seen` is what files before it held.

        Raises:
            FeedError: when it cannot be read.
        """
        source = SourceFile(path, self.settings.max_decoded_mb * 1_000_000)
        return FilePull(source, self, today, seen=seen)

    def _download(self, today: date, bookmark: str) -> Pull:
        from feeds.downloads import download  # noqa: PLC0415 - the HTTP client, when needed

        last = bookmarks.usable(bookmark, self.settings, today)
        source = download(self.settings, self.base, last)
        if source is None and last is not None:
            stamped = stamp(at_date(today))
            return UnchangedPull(self.settings.origin, last.digest, stamped, bookmark)
        assert source is not None
        return FilePull(source, self, today, source.tags)


@dataclass
class UnchangedPull:
    """A `core.incidents.Pull` of a source that says it has not changed."""

    origin: str
    digest: str
    accessed: str
    bookmark: str
    notes = Notes()

    def batches(self) -> Iterator[Batch]:
        """Refuse: its rows are those of the last good pull.

        Raises:
            FeedError: always.
        """
        raise FeedError(self.origin, "it has not changed, and what it held is not in the store")

    def coverage(self) -> list[Coverage]:
        """Return nothing; see `batches`."""
        return []

    def close(self) -> None:
        """Do nothing: it holds nothing."""


class FilePull:
    """A `core.incidents.Pull` of a file."""

    def __init__(
        self,
        source: Source,
        feed: FileFeed[Any],
        today: date,
        tags: Tags | None = None,
        seen: Seen | None = None,
    ) -> None:
        """Digest the source; `tags` are those of a download, `seen` days that count in.

        Raises:
            FeedError: when the source cannot be read.
        """
        self._source, self._feed, self._settings = source, feed, feed.settings
        self._today, self._tags = today, tags
        self.origin = source.name
        self.digest = digest(feed.settings, today.isoformat(), source.raw())
        self.accessed = stamp(at_date(today))
        self.bookmark, self.notes = "", Notes()
        self._seen = seen or Seen()
        self._has_future_rows = False
        self._coverage: list[Coverage] = []

    def batches(self) -> Iterator[Batch]:
        """Yield the rows, once; raise FeedError at the end when too many were bad.

        The layout goes with the generator: it knows every id, 100 MB of a million rows.
        """
        table, layout = self._feed.table(self._source), self._feed.layout(self._today)
        bound = False
        quarantine = Quarantine(self.origin, self._settings.max_bad_share)
        with _collection_paused():
            for header, chunk in table.chunks():
                if not bound:
                    layout.bind(header)
                    bound = True
                batch = self._told(layout.batch(chunk))
                quarantine.count(batch)
                yield batch
        quarantine.judge()
        self._coverage = layout.coverage(self._seen.days())
        self.bookmark = self._mark()
        self.notes = Notes((*table.remarks, *layout.remarks))

    def _told(self, batch: Batch) -> Batch:
        """Drop what is sensitive, take note of the days, and put bad rows in order."""
        batch = without(batch, self._settings.sensitive)
        batch.bad.sort()
        future = fields.after(self._today)
        self._has_future_rows |= any(future in row.reason for row in batch.bad)
        self._seen.add(map(_COUNTRY_AND_DATE, batch.incidents))
        self._seen.add((WHOLE, tally.day) for tally in batch.tallies)
        return batch

    def coverage(self) -> list[Coverage]:
        """Return what the rows cover; only after the batches are used up."""
        return self._coverage

    def close(self) -> None:
        """Give back what the source holds."""
        self._source.close()

    def _mark(self) -> str:
        """Return the bookmark; it outlasts the day if neither rows nor coverage end with it."""
        if self._tags is None:
            return ""
        open_ended = any(stretch.through >= self._today for stretch in self._coverage)
        lasting = not (open_ended or self._has_future_rows)
        return bookmarks.mark(self._tags, self.digest, self._settings, self._today, lasting=lasting)


@contextmanager
def _collection_paused() -> Iterator[None]:
    """Pause cyclic garbage collection: rows are many tuples and no cycle.

    Left on, it walks them again and again, a fifth of the time of a pull. Whoever uses the batches
    runs without it too, and gets it back when the batches are used up or given up.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
