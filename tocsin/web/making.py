"""Making a table of pages and API from the store, piece by piece.

Thousands of regions take seconds of a processor, in which requests would wait for the interpreter:
their table is made in a process of its own and comes through a pipe. Its pieces are so small that
taking one in holds up nobody.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import NamedTuple

from core.settings import WatchSettings
from core.text import fold
from storage.reading import RunRow
from tocsin.apart import Apart, Tell
from tocsin.config import Config
from tocsin.forecast_table import Row, Sheet
from tocsin.sheets import sheet_of
from tocsin.stores import Stores
from tocsin.web.backdrop import backdrop_of
from tocsin.web.bubbles import Drawing, drawing
from tocsin.web.desk import Desk
from tocsin.web.places import places_of
from tocsin.web.table import Ground, Table

MANY = 500
"""Regions from which on a process is started: its start costs as much as a table of so many."""
DEADLINE_SECONDS = 300
_NICE = 5
"""A run and the pages come first, where there is an older table to show meanwhile."""
_TOGETHER = 50
"""Rows of a piece: two milliseconds to take in."""


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
    """Some rows, each with its JSON and the form in which its region's name is searched."""

    rows: Sequence[Row]
    encoded: Sequence[str]
    folded: Sequence[str]


Piece = Rows | Ground | Sheet | Drawing


@dataclass
class Made:
    """The pieces of a table, put together."""

    rows: list[Row] = field(default_factory=list)
    encoded: dict[str, str] = field(default_factory=dict)
    folded: dict[str, str] = field(default_factory=dict)
    ground: Ground | None = None
    map: Drawing | None = None
    sheet: Sheet | None = None

    def take(self, piece: Piece) -> None:
        """Add a piece."""
        if isinstance(piece, Rows):
            self.rows += piece.rows
            regions = [row["region"] for row in piece.rows]
            self.encoded.update(zip(regions, piece.encoded, strict=True))
            self.folded.update(zip(regions, piece.folded, strict=True))
        elif isinstance(piece, Ground):
            self.ground = piece
        elif isinstance(piece, Drawing):
            self.map = piece
        else:
            self.sheet = piece

    def table(self, version: str) -> Table:
        """Return the table; all of its pieces are here."""
        assert self.sheet, "the sheet is the last piece"
        sheet = replace(self.sheet, rows=tuple(self.rows))
        return Table(sheet, version, self.encoded, self.folded)


def make(desk: Desk, stores: Stores, wanted: Wanted, is_stopping: Callable[[], bool]) -> Made:
    """Make a table: here if it is small, else in a process of its own.

    Raises:
        StorageError: when the database cannot be used.
        FailedError: when the process fails, or takes longer than DEADLINE_SECONDS.
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
        tell(drawing(whole.table("").sheet.regions, whole.ground.places.known))


def pieces_of(config: Config, stores: Stores, wanted: Wanted) -> Iterator[Piece]:
    """Yield the pieces of a table, its sheet without rows last.

    Raises:
        StorageError: when the database cannot be used.
    """
    watch, run = wanted.watch, wanted.run
    sheet = sheet_of(
        *(stores.reader, config, watch, run, wanted.today),
        asked_now=wanted.newest,
        incidents=stores.incidents,
    )
    for start in range(0, len(sheet.rows), _TOGETHER):
        yield _rows(sheet.rows[start : start + _TOGETHER])
    if wanted.ground:
        yield Ground(backdrop_of(stores, watch, run), places_of(stores, watch, run))
    yield replace(sheet, rows=())


def _rows(rows: Sequence[Row]) -> Rows:
    encoded = [json.dumps(row, ensure_ascii=False) for row in rows]
    return Rows(rows, encoded, [fold(row["region"]) for row in rows])
