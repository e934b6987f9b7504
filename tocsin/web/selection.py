"""Which rows of a forecast table are wanted, and in which order."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from core.text import fold
from tocsin.web.packed import Gist, Packed
from tocsin.web.table import Key, Order, Table

SORTS: Mapping[str, Callable[[Gist], Key]] = {
    "threat": lambda gist: gist.threat,
    "region": lambda gist: (gist.region,),
    "tempo": lambda gist: (-(gist.tempo or 0), gist.region),
    "baseline": lambda gist: (-(gist.baseline or 0.0), gist.region),
    "expected": lambda gist: (-(gist.expected or 0.0), gist.region),
    "probability": lambda gist: (-(gist.probability or 0.0), gist.region),
    "change": lambda gist: (-abs(gist.change or 0.0), gist.region),
    "age": lambda gist: (-gist.age, gist.region),
}
"""Name → key: the row that wants a look first has the smallest. All keys end in the region."""


@dataclass(frozen=True)
class Selection:
    """Rows that fit everything given. `search` is part of the region's name in any spelling."""

    regions: frozenset[str] = frozenset()
    search: str = ""
    iso3: str = ""
    alert: bool = False
    probability: float = 0.0
    sort: str = "threat"

    def of(self, table: Table) -> Order:
        """Return the rows of a table that fit, in order."""
        whole = table.order(self.sort, SORTS[self.sort])
        tests = list(self._tests())
        if not tests:
            return whole
        kept = [n for n, one in enumerate(whole.rows) if all(test(one.gist) for test in tests)]
        return Order([whole.rows[n] for n in kept], [whole.keys[n] for n in kept])

    def _tests(self) -> Iterator[Callable[[Gist], bool]]:
        """Yield what a row has to pass, the cheapest first."""
        regions, iso3, wanted = self.regions, self.iso3.upper(), fold(self.search)
        if regions:
            yield lambda gist: gist.region in regions
        if iso3:
            yield lambda gist: gist.iso3 == iso3
        if self.alert:
            yield lambda gist: bool(gist.state)
        if wanted:
            yield lambda gist: wanted in gist.folded
        if self.probability:
            yield lambda gist: (gist.probability or 0.0) >= self.probability


def page_after(
    order: Order, after: Sequence[float | str] | None, limit: int
) -> tuple[list[Packed], Key | None]:
    """Return the rows that come after a key, and the key to go on from, None at the end.

    Rows are found by key and not by number, so that a page goes on rightly in a newer table.
    """
    start = 0 if after is None else bisect_right(order.keys, tuple(after))
    end = start + limit
    more = end < len(order.rows)
    return order.rows[start:end], order.keys[end - 1] if more else None
