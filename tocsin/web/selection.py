"""Which rows of a forecast table are wanted, and in which order."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from core.text import fold
from tocsin.forecast_table import Row, likeliest, threat
from tocsin.web.table import Key, Order, Table


def expected(row: Row) -> float:
    """Return the expected count of the first period that is a forecast."""
    steps = (step["mean"] for step in row["forecast"] if step["status"] == "forecast")
    return float(next(steps, 0.0))


def _change(row: Row) -> float:
    change = row["change_since_last_run"]
    return -abs(change["difference"]) if change else 0.0


SORTS: Mapping[str, Callable[[Row], Key]] = {
    "threat": threat,
    "region": lambda row: (row["region"],),
    "tempo": lambda row: (-(row["tempo"]["count"] or 0), row["region"]),
    "baseline": lambda row: (-(row["baseline"]["mean"] or 0.0), row["region"]),
    "expected": lambda row: (-expected(row), row["region"]),
    "probability": lambda row: (-(likeliest(row) or 0.0), row["region"]),
    "change": lambda row: (_change(row), row["region"]),
    "age": lambda row: (-row["data_age_days"], row["region"]),
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
        tests = list(self._tests(table))
        if not tests:
            return whole
        kept = [n for n, row in enumerate(whole.rows) if all(test(row) for test in tests)]
        return Order([whole.rows[n] for n in kept], [whole.keys[n] for n in kept])

    def _tests(self, table: Table) -> Iterator[Callable[[Row], bool]]:
        """Yield what a row has to pass, the cheapest first."""
        regions, iso3, wanted = self.regions, self.iso3.upper(), fold(self.search)
        if regions:
            yield lambda row: row["region"] in regions
        if iso3:
            yield lambda row: row["iso3"] == iso3
        if self.alert:
            yield lambda row: row["alert"] is not None
        if wanted:
            yield lambda row: wanted in table.folded[row["region"]]
        if self.probability:
            yield lambda row: (likeliest(row) or 0.0) >= self.probability


def page_after(
    order: Order, after: Sequence[float | str] | None, limit: int
) -> tuple[list[Row], Key | None]:
    """Return the rows that come after a key, and the key to go on from, None at the end.

    Rows are found by key and not by number, so that a page goes on rightly in a newer table.
    """
    start = 0 if after is None else bisect_right(order.keys, tuple(after))
    end = start + limit
    more = end < len(order.rows)
    return order.rows[start:end], order.keys[end - 1] if more else None
