"""One reading of a file: digest, batches, quarantine and coverage, the same for every kind."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Protocol

from core.clock import at_date, stamp
from core.incidents import Batch, Coverage
from feeds.files import FileSettings, SourceFile
from feeds.quarantine import Chunk, Quarantine
from feeds.records import Table
from feeds.spans import Days, Seen


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
        """Return what is covered, given the first and last day held per country."""
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

    def batches(self) -> Iterator[Batch]:
        """Yield the rows, once; raise FeedError at the end when too many were bad."""
        table = Table(self._source, self._settings.separator)
        quarantine = Quarantine(self.origin, self._settings.max_bad_share)
        bound = False
        for header, chunk in table.chunks():
            if not bound:
                self._layout.bind(header)
                bound = True
            batch = self._layout.batch(chunk)
            quarantine.count(batch)
            self._seen.add((one.country or "", one.date) for one in batch.incidents)
            self._seen.add(("", tally.day) for tally in batch.tallies)
            yield batch
        quarantine.judge()

    def coverage(self) -> list[Coverage]:
        """Return what the rows cover; only after the batches are used up."""
        return self._layout.coverage(self._seen.days())
