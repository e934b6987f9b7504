"""Making a table of pages and API from the store, piece by piece.

Thousands of regions take seconds of a processor, in which requests would wait for the interpreter:
their table is made in a process of its own and comes through a pipe. Its pieces are so small that
taking one in holds up nobody.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from core.settings import WatchSettings
from storage.reading import RunRow
from tocsin.apart import Apart, Tell
from tocsin.config import Config
from tocsin.forecast_table import Head
from tocsin.sheets import sheet_of
from tocsin.stores import Stores
from tocsin.web.backdrop import backdrop_of
from tocsin.web.bubbles import Drawing, drawing
from tocsin.web.desk import Desk
from tocsin.web.packed import Packed, packed
from tocsin.web.places import places_of
from tocsin.web.table import Ground, Table

MANY = 500
"""Regions from which on a process is started: its start costs as much as a table of so many."""
DEADLINE_SECONDS = 300
"""Between two pieces, after which a table is given up."""
_NICE = 10
"""A run and the pages come first, where there is an older table to show meanwhile."""
_TOGETHER = 200
"""Rows of a piece: a millisecond to take in."""


class Wanted(NamedTuple):
    """A table to make.

    Attributes:
        watch, run: which.
        today: from which the age of the data is counted.
        newest: whether what people said since is set beside it.
        ground: whether counts and places are to come with it.
        hurry: whether somebody waits for it.
    """

    watch: WatchSettings
    run: RunRow
    today: date
    newest: bool
    ground: bool
    hurry: bool


class Rows(NamedTuple):
    """Some rows, in their order."""

    rows: Sequence[Packed]


Piece = Rows | Ground | Head | Drawing


@dataclass
class Made:
    """The pieces of a table, put together."""

    rows: list[Packed] = field(default_factory=list)
    ground: Ground | None = None
    map: Drawing | None = None
    head: Head | None = None

    def take(self, piece: Piece) -> None:
        """Add a piece."""
        if isinstance(piece, Rows):
            self.rows += piece.rows
        elif isinstance(piece, Ground):
            self.ground = piece
        elif isinstance(piece, Drawing):
            self.map = piece
        else:
            self.head = piece

    def table(self, version: str) -> Table:
        """Return the table; all of its pieces are here."""
        assert self.head, "it is always told"
        return Table(self.head, version, self.rows)


def make(desk: Desk, stores: Stores, wanted: Wanted, is_stopping: Callable[[], bool]) -> Made:
    """Make a table: here if it is small, else in a process of its own.

    Raises:
        StorageError: when the database cannot be used.
        FailedError: when the process fails, or is silent for DEADLINE_SECONDS.
    """
    made = Made()
    for piece in _pieces(desk, stores, wanted, is_stopping):
        made.take(piece)
    return made


def _pieces(
    desk: Desk, stores: Stores, wanted: Wanted, is_stopping: Callable[[], bool]
) -> Iterator[Piece]:
    if stores.reader.size(wanted.run.run_id, wanted.watch.name) < MANY:
        return pieces_of(desk.config, stores, wanted)
    name, nice = f"the table of watch {wanted.watch.name}", 0 if wanted.hurry else _NICE
    return Apart(name, _tell, (desk, wanted), nice, DEADLINE_SECONDS).told(is_stopping)


def _tell(tell: Tell, desk: Desk, wanted: Wanted) -> None:
    """Tell the pieces, in the process of their own, and the map that would take pages long."""
    whole = Made()
    with desk.unhurried() as stores:
        for piece in pieces_of(desk.config, stores, wanted):
            tell(piece)
            whole.take(piece)
    if whole.ground:
        tell(drawing(whole.table("").regions, whole.ground.places.known))


def pieces_of(config: Config, stores: Stores, wanted: Wanted) -> Iterator[Piece]:
    """Yield the pieces of a table.

    Raises:
        StorageError: when the database cannot be used.
    """
    watch, run = wanted.watch, wanted.run
    sheet = sheet_of(
        *(stores.reader, config, watch, run, wanted.today),
        asked_now=wanted.newest,
        incidents=stores.incidents,
    )
    yield sheet.head
    for start in range(0, len(sheet.rows), _TOGETHER):
        yield Rows([packed(row) for row in sheet.rows[start : start + _TOGETHER]])
    if wanted.ground:
        yield Ground(backdrop_of(stores, watch, run), places_of(stores, watch, run))
