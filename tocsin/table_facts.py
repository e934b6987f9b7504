"""What the rows of a long table have in common, seen in one pass: each is unpacked only once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from tocsin.forecast_table import Row

SPARK = 12
"""Periods in the small chart of a region."""


@dataclass
class Facts:
    """What is said under a table, and which of its columns have something to say.

    Attributes:
        models: names of the models, as they come up.
        through: the days to which data are complete.
        ahead: the periods from the running one, of the row that has most of them.
        known_dates: in words, by when they are.
        analysts: values of analysts, in words.
        shifted: whether a level has changed since a known period.
        partly: whether something is reported of a period that is not complete.
        uncovered: whether no source covers a period of a small chart.
        scored: whether forecasts have come due.
    """

    models: dict[str, None] = field(default_factory=dict)
    through: set[str] = field(default_factory=set)
    ahead: list[str] = field(default_factory=list)
    known_dates: dict[str, str] = field(default_factory=dict)
    analysts: list[str] = field(default_factory=list)
    shifted: bool = False
    partly: bool = False
    uncovered: bool = False
    scored: bool = False

    def see(self, row: Row) -> None:
        """Add what a row says."""
        self.models |= dict.fromkeys(one["model"] for one in row["models"])
        self.through.add(row["data_as_of"])
        self.ahead = max(self.ahead, [step["period"] for step in ahead(row)], key=len)
        self.known_dates |= {
            one["first"] + one["words"]: one["words"] for one in row["known_dates"]
        }
        self.analysts += [
            f"Analyst: {row['region']}: {step['override']['words']}."
            for step in row["forecast"]
            if step.get("override")
        ]
        self.shifted = self.shifted or bool(row["level_since"])
        self.partly = self.partly or bool(so_far(row))
        charted = row["recent"][-SPARK:]
        self.uncovered = self.uncovered or any(point["count"] is None for point in charted)
        self.scored = self.scored or bool(row["skill"]["forecasts"])


def facts_of(rows: Iterable[Row]) -> Facts:
    """Return the facts of some rows."""
    found = Facts()
    for row in rows:
        found.see(row)
    return found


def ahead(row: Row) -> list[Row]:
    """Return the periods from the running one: the same for all rows, however old their data."""
    return [step for step in row["forecast"] if step["status"] == "forecast"]


def so_far(row: Row) -> str:
    """Return "2024-06: 9 → 12 (10–15)": what is reported, and expected when complete.

    Of the newest complete period, if its reports still come in, and of the newest open one.
    """
    tempo, shown = row["tempo"]["period"], []
    expected = {one["period"]: one for one in row["expected_when_complete"]}
    newest = row["reported_so_far"][-1:]
    for point in (row["tempo"], *newest):
        period, reported = point["period"], f"{point['period']}: {point['count']}"
        if one := expected.get(period):
            shown.append(f"{reported} → {one['median']} ({one['low_90']}–{one['high_90']})")
        elif period != tempo:
            shown.append(reported)
    return "  ".join(shown)
