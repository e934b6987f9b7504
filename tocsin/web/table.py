"""A watch's forecast table as pages and API read it: rows in any order, searched, encoded."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from tocsin.forecast_table import Row, Sheet
from tocsin.web.backdrop import Backdrop
from tocsin.web.bubbles import Drawing
from tocsin.web.places import Places

Key = tuple[float | str, ...]


class Order(NamedTuple):
    """Rows in the order of their keys, row by row the same."""

    rows: list[Row]
    keys: list[Key]


@dataclass(frozen=True)
class Table:
    """One watch's table, by one run.

    Attributes:
        sheet: its rows, the most threatened region first.
        version: names everything it was made of.
        encoded: its rows as JSON, by region: encoding them costs more than sending them.
        folded: the form in which a region's name is searched, by region.
    """

    sheet: Sheet
    version: str
    encoded: Mapping[str, str]
    folded: Mapping[str, str]
    _orders: dict[str, Order] = field(default_factory=dict)

    def order(self, name: str, key: Callable[[Row], Key]) -> Order:
        """Return all rows in an order, sorted once, with their keys."""
        if name not in self._orders:
            rows = sorted(self.rows, key=key)
            self._orders[name] = Order(rows, [key(row) for row in rows])
        return self._orders[name]

    @property
    def rows(self) -> Sequence[Row]:
        """Return its rows, most threatened region first."""
        return self.sheet.rows

    @cached_property
    def by_region(self) -> dict[str, Row]:
        """Return its rows by region."""
        return {row["region"]: row for row in self.rows}


class Ground(NamedTuple):
    """What pages draw behind the newest table of a watch, and where its regions are."""

    backdrop: Backdrop
    places: Places


class Newest(NamedTuple):
    """The table of a watch's newest run. All is made before it is shown: nobody waits for it.

    `map` is the drawing of all regions, None where it is not drawn yet.
    """

    table: Table
    ground: Ground
    map: Drawing | None = None
