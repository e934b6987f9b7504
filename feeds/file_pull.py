"""One reading of a file: digest, batches, quarantine and coverage, the same for every kind."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from operator import itemgetter
from pathlib import Path
from typing import Protocol

from core.clock import at_date, stamp
from core.incidents import Batch, Coverage, Incident
from feeds.files import FileSettings, SourceFile
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


class FilePull:
    """A `core.incidents.Pull` of a file."""

    def __init__(
        self, settings: FileSettings, base: Path, today: date, layout: Callable[[str], Layout]
    ) -> None:
        """Digest the file, and make its layout, given its name.

        Raises:
            FeedError: when the file cannot be read.
        """
        self._source = SourceFile(base / settings.path, settings.max_decoded_mb * 1_000_000)
        self._settings = settings
        self.origin = self._source.name
        self.digest = self._source.digest(settings, today.isoformat())
        self.accessed = stamp(at_date(today))
        self._layout = layout(self.origin)
        self._seen = Seen()
        self._bound = False
        self._coverage: list[Coverage] = []

    def batches(self) -> Iterator[Batch]:
        """Yield the rows, once; raise FeedError at the end when too many were bad."""
        table = Table(self._source, self._settings.separator)
        quarantine = Quarantine(self.origin, self._settings.max_bad_share)
        chunks = table.chunks()
        while True:
            with _collection_paused():
                batch = self._next_batch(chunks)
            if batch is None:
                break
            quarantine.count(batch)
            yield batch
        quarantine.judge()
        self._coverage = self._layout.coverage(self._seen.days())

    def _next_batch(self, chunks: Iterator[tuple[list[str], Chunk]]) -> Batch | None:
        """Read, parse and validate one chunk; None at the end."""
        found = next(chunks, None)
        if found is None:
            return None
        header, chunk = found
        if not self._bound:
            self._layout.bind(header)
            self._bound = True
        batch = self._layout.batch(chunk)
        batch.bad.sort()
        self._seen.add(map(_COUNTRY_AND_DATE, batch.incidents))
        self._seen.add((WHOLE, tally.day) for tally in batch.tallies)
        return batch

    def coverage(self) -> list[Coverage]:
        """Return what the rows cover; only after the batches are used up."""
        return self._coverage


@contextmanager
def _collection_paused() -> Iterator[None]:
    """Pause cyclic garbage collection: a chunk makes 100,000 tuples and no cycle.

    Left on, it walks them again and again and takes half the time of a pull.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
