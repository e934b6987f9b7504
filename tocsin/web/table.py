"""A watch's forecast table as pages and API read it: packed rows in any order."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from tocsin.forecast_table import Head
from tocsin.web.backdrop import Backdrop
from tocsin.web.bubbles import Drawing
from tocsin.web.packed import Gist, Packed
from tocsin.web.places import Places

Key = tuple[float | str, ...]


class Order(NamedTuple):
    """Rows in the order of their keys, row by row the same."""

    rows: list[Packed]
    keys: list[Key]


@dataclass(frozen=True)
class Table:
    """One watch's table, by one run.

    Attributes:
        head: what is said of it as a whole.
        version: names everything it was made of.
        rows: totals, then regions, the most threatened first.
    """

    head: Head
    version: str
    rows: Sequence[Packed]
    _orders: dict[str, Order] = field(default_factory=dict)

    def order(self, name: str, key: Callable[[Gist], Key]) -> Order:
        """Return all rows in an order, sorted once, with their keys."""
        if name not in self._orders:
            rows = sorted(self.rows, key=lambda one: key(one.gist))
            self._orders[name] = Order(rows, [key(one.gist) for one in rows])
        return self._orders[name]

    @cached_property
    def by_region(self) -> Mapping[str, Packed]:
        """Return its rows by region."""
        return {one.gist.region: one for one in self.rows}

    @cached_property
    def regions(self) -> Sequence[Packed]:
        """Return the rows of regions."""
        return [one for one in self.rows if not one.gist.total]

    @cached_property
    def totals(self) -> Sequence[Packed]:
        """Return the rows of totals, which hold what regions count already."""
        return [one for one in self.rows if one.gist.total]

    @cached_property
    def oldest(self) -> Gist | None:
        """Return what is known of a row whose data are the oldest, None in an empty table."""
        return min((one.gist for one in self.rows), key=lambda gist: gist.through, default=None)


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
