"""One reading of a file: digest, batches, quarantine and coverage, the same for every kind."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from operator import itemgetter
from pathlib import Path
from typing import Protocol

from core.clock import at_date, stamp
from core.errors import FeedError
from core.incidents import Batch, Coverage, Incident, Pull
from feeds import bookmarks, fields
from feeds.bookmarks import Tags
from feeds.file_settings import FileSettings
from feeds.files import Source, SourceFile, digest
from feeds.quarantine import Chunk, Quarantine
from feeds.records import Table
from feeds.spans import WHOLE, Days, Seen

_COUNTRY_AND_DATE = itemgetter(Incident._fields.index("country"), Incident._fields.index("date"))


class Layout(Protocol):
    """What one kind of file makes of its rows; it lives as long as one pull."""

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


def pull_file(
    settings: FileSettings, base: Path, today: date, bookmark: str, layout: Layout
) -> Pull:
    """Return the pull of a local file, or of one at a URL: downloaded, or the same as before.

    Raises:
        FeedError: when it cannot be read or downloaded.
    """
    if settings.url is None:
        limit = settings.max_decoded_mb * 1_000_000
        return FilePull(SourceFile(settings.locate(base), limit), settings, today, layout)

    from feeds.downloads import download  # noqa: PLC0415 - the HTTP client is loaded when needed

    last = bookmarks.usable(bookmark, settings, today)
    source = download(settings, base, last)
    if source is None and last is not None:
        return UnchangedPull(settings.origin, last.digest, stamp(at_date(today)), bookmark)
    assert source is not None
    return FilePull(source, settings, today, layout, source.tags)


@dataclass
class UnchangedPull:
    """A `core.incidents.Pull` of a source that says it has not changed."""

    origin: str
    digest: str
    accessed: str
    bookmark: str

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
        settings: FileSettings,
        today: date,
        layout: Layout,
        tags: Tags | None = None,
    ) -> None:
        """Digest the source; `tags` are those of a download.

        Raises:
            FeedError: when the source cannot be read.
        """
        self._source, self._settings = source, settings
        self._today, self._layout, self._tags = today, layout, tags
        self.origin = source.name
        self.digest = digest(settings, today.isoformat(), source.raw())
        self.accessed = stamp(at_date(today))
        self.bookmark = ""
        self._seen = Seen()
        self._bound = self._has_future_rows = False
        self._coverage: list[Coverage] = []

    def batches(self) -> Iterator[Batch]:
        """Yield the rows, once; raise FeedError at the end when too many were bad."""
        table = Table(self._source, self._settings.separator)
        quarantine = Quarantine(self.origin, self._settings.max_bad_share)
        with _collection_paused():
            for header, chunk in table.chunks():
                batch = self._batch(header, chunk)
                quarantine.count(batch)
                yield batch
        quarantine.judge()
        self._coverage = self._layout.coverage(self._seen.days())
        self.bookmark = self._mark()

    def _batch(self, header: list[str], chunk: Chunk) -> Batch:
        """Validate one chunk."""
        if not self._bound:
            self._layout.bind(header)
            self._bound = True
        batch = self._layout.batch(chunk)
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
