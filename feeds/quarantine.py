"""Rows that are left out: why, how many may be, and when there are too many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.errors import FeedError
from core.incidents import BadRow, Batch
from core.text import clean

Rows = list[list[str]]


@dataclass(frozen=True)
class Chunk:
    """Rows as wide as the header; `lines[i]` is the file's line on which row i starts.

    `bad` are rows that could not be read.
    """

    lines: Sequence[int]
    rows: Rows
    bad: list[BadRow]


def bad_row(line: int, reason: str, cells: Sequence[str]) -> BadRow:
    """Return a quarantined row with its start as an excerpt."""
    return BadRow(line, reason, clean(",".join(cells)[:800], 200))


class Refusals:
    """Why rows of a chunk are refused; the first reason of a row stands."""

    def __init__(self) -> None:
        """Start with none."""
        self.reasons: dict[int, str] = {}

    def take(self, column: str, texts: Sequence[str], reasons: Mapping[str, str]) -> None:
        """Refuse the rows whose text in this column has a reason."""
        if reasons:
            for row, text in enumerate(texts):
                if text in reasons:
                    self.reasons.setdefault(row, f"{column} {reasons[text]}")

    def split(self, chunk: Chunk) -> tuple[list[int], list[BadRow]]:
        """Return the rows that are kept, and the others as bad rows; blank ones vanish."""
        bad = [
            bad_row(chunk.lines[row], reason, chunk.rows[row])
            for row, reason in sorted(self.reasons.items())
            if any(map(str.strip, chunk.rows[row]))
        ]
        return [row for row in range(len(chunk.rows)) if row not in self.reasons], bad


class Quarantine:
    """Counts good and bad rows of a pull, and refuses the pull when too many are bad."""

    def __init__(self, origin: str, max_bad_share: float) -> None:
        """Take the file's name and the share of bad rows that is allowed."""
        self._origin, self._allowed = origin, max_bad_share
        self._good = self._bad = 0
        self._first: BadRow | None = None

    def count(self, batch: Batch) -> None:
        """Count a batch."""
        self._good += len(batch.incidents) + len(batch.tallies)
        self._bad += len(batch.bad)
        for bad in batch.bad[:1]:
            self._first = self._first or bad

    def judge(self) -> None:
        """Refuse a pull without one good row, or with more bad rows than allowed.

        Raises:
            FeedError: naming the first bad row.
        """
        rows = self._good + self._bad
        if not rows:
            raise FeedError(self._origin, "no row stands under the header", "check its download")
        share = self._bad / rows
        if self._first and (self._good == 0 or share > self._allowed):
            many = f"{self._bad:,} of {rows:,} rows are bad"
            many += f", over the {self._allowed:.0%} allowed" if share > self._allowed else ""
            example = f"the first is line {self._first.line}: {self._first.reason}"
            mend = "correct the columns or the dates setting, or raise max_bad_share"
            raise FeedError(self._origin, f"{many} ({example})", mend)
