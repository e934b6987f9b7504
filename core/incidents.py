"""What feeds give and storage keeps: incidents, counts, quarantined rows, coverage."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple, Protocol

from core.errors import FeedError


class Incident(NamedTuple):
    """One recorded event, as a source wrote it: dates ISO text, names cleaned, None unknown.

    `date_precision` follows UCDP: 1 the day, 2 two to six days, 3 a week, 4 a month, 5 more.
    `fatalities` is the best estimate with its `low` and `high`. `kind` is the source's type of
    event. `extra` is a JSON object of further mapped columns. `flags` names oddities that were
    kept, such as "low>best".
    """

    source_id: str
    date: str
    date_end: str
    date_precision: int
    country: str | None
    admin1: str | None
    admin2: str | None
    actor: str | None
    target: str | None
    kind: str | None
    fatalities: int | None
    low: int | None
    high: int | None
    latitude: float | None
    longitude: float | None
    source: str | None
    flags: str | None
    extra: str | None


class Tally(NamedTuple):
    """One count that a source gives without incidents; `day` is any day inside its period."""

    region: str
    day: str
    events: int


class BadRow(NamedTuple):
    """A row that was left out, with the reason; `line` counts the file's lines from 1."""

    line: int
    reason: str
    excerpt: str


@dataclass(frozen=True)
class Batch:
    """Some validated rows of a pull: incidents or tallies, never both."""

    incidents: list[Incident]
    tallies: list[Tally]
    bad: list[BadRow]


@dataclass(frozen=True)
class Coverage:
    """A stretch of days for which a feed's silence means zero.

    `country` "" stands for the feed as a whole. A feed with a gap gives several stretches.
    """

    country: str
    first: date
    through: date


@dataclass(frozen=True)
class Notes:
    """What a pull has to say besides its rows.

    Attributes:
        remarks: how the source was understood, such as which column was taken for what.
        refused: parts of the source, such as files of a folder, that could not be read.
        waiting: parts that are not finished yet and will be read another time.
    """

    remarks: tuple[str, ...] = ()
    refused: tuple[FeedError, ...] = ()
    waiting: tuple[str, ...] = ()

    @property
    def whole(self) -> bool:
        """Whether all of the source was read, so that a row that is gone was deleted there."""
        return not (self.refused or self.waiting)

    def lines(self) -> list[tuple[bool, str]]:
        """Return all of it for people: whether it is well, and a line."""
        well = [(True, line) for line in (*self.remarks, *self.waiting)]
        return [*well, *((False, error.line()) for error in self.refused)]


class Pull(Protocol):
    """One reading of a source, in batches, so that memory does not grow with its size.

    A pull that turns out to be of the wrong kind, cut or too dirty raises FeedError, at the
    latest when the batches are used up; whoever stores the batches then stores none of them.
    """

    digest: str
    """Of the source's bytes and the feed's settings: the same digest means the same rows."""
    origin: str
    """Where it came from, to show: a file name or an address without secrets."""
    accessed: str
    """When it was read (stamp)."""
    bookmark: str
    """What the feed's next pull should be given, so that an unchanged source need not be read
    again; "" for nothing. Known once the batches are used up; only the feed looks into it."""
    notes: Notes
    """What else there is to say; its remarks are known once the batches are used up."""

    def batches(self) -> Iterator[Batch]:
        """Yield the rows, once."""
        ...

    def coverage(self) -> list[Coverage]:
        """Return what the pull covers; only after the batches are used up."""
        ...

    def close(self) -> None:
        """Give back what the pull holds, such as a temporary file."""
        ...


class Feed(Protocol):
    """A source of incidents."""

    def pull(self, today: date, bookmark: str = "") -> Pull:
        """Open the source; rows dated after `today` are bad.

        `bookmark` is that of the feed's last good pull. A source that is as it was then gives a
        pull with the same digest and without rows.

        Raises:
            FeedError: when it cannot be opened or is not of this kind.
        """
        ...
