"""Which rows of a forecast table are wanted, and in which order."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from core.text import fold
from tocsin.forecast_table import Row, threat
from tocsin.web.tables import Table

Key = tuple[float | str, ...]


def likeliest(row: Row) -> float:
    """Return the probability of the rule's level that is likeliest to be reached."""
    return float(max((level["probability"] for level in row["rules"]), default=0.0))


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
    "probability": lambda row: (-likeliest(row), row["region"]),
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

    def takes(self, row: Row) -> bool:
        """Return whether a row fits."""
        return (
            (not self.regions or row["region"] in self.regions)
            and (not self.iso3 or row["iso3"] == self.iso3.upper())
            and (not self.alert or row["alert"] is not None)
            and (not self.probability or likeliest(row) >= self.probability)
            and (not self.search or fold(self.search) in fold(row["region"]))
        )

    def of(self, table: Table) -> list[Row]:
        """Return the rows of a table that fit, in order."""
        return sorted((row for row in table.rows if self.takes(row)), key=SORTS[self.sort])


def page_after(
    rows: Sequence[Row], sort: str, after: Sequence[float | str] | None, limit: int
) -> tuple[list[Row], Key | None]:
    """Return the rows that come after a key, and the key to go on from, None at the end.

    Rows are found by key and not by number, so that a page goes on rightly in a newer table.
    """
    key = SORTS[sort]
    start = 0 if after is None else bisect_right(rows, tuple(after), key=key)
    found = list(rows[start : start + limit])
    more = start + limit < len(rows)
    return found, key(found[-1]) if more else None
