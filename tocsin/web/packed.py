"""Rows of a table as the process that answers holds them: packed, beside what chooses them.

A row is some hundred objects, and thousands of rows are a million: Python would look through them
all again and again for what may be thrown away, while every question waits. Packed they are as
many bytes, sent as they are to who asks for JSON, and unpacked for the rows of one page.
"""

from __future__ import annotations

import json
from typing import NamedTuple

from core.text import fold
from tocsin.forecast_table import Row, likeliest, running, threat


class Gist(NamedTuple):
    """What rows are searched, filtered, sorted and drawn by; None where a row has no value.

    Attributes:
        region, total, iso3: of the row.
        folded: the form in which the region's name is searched.
        state: that of the region's alert, "" for none.
        probability: the highest of any level of any rule.
        threat: the place in the order of threat.
        expected: the count of the running period.
        tempo, baseline: counts per period.
        level: the period in which the level began.
        change: of the expected count since the run before.
        skill: the ratio of scores, less is better.
        age: of the data, in days.
        through: last day that the data cover.
    """

    region: str
    folded: str
    total: bool
    iso3: str | None
    state: str
    probability: float | None
    threat: tuple[float, float, str]
    expected: float | None
    tempo: int | None
    baseline: float | None
    level: str | None
    change: float | None
    skill: float | None
    age: int
    through: str


class Packed(NamedTuple):
    """A row: its gist, and all of it as JSON."""

    gist: Gist
    json: bytes

    def row(self) -> Row:
        """Return the row; it takes some forty microseconds."""
        found: Row = json.loads(self.json)
        return found


def packed(row: Row) -> Packed:
    """Return a row of the forecast table, packed."""
    return Packed(_gist(row), json.dumps(row, ensure_ascii=False).encode())


def _gist(row: Row) -> Gist:
    change, level, step = row["change_since_last_run"], row["level_since"], running(row)
    return Gist(
        region=row["region"],
        folded=fold(row["region"]),
        total=row["total"],
        iso3=row["iso3"],
        state=row["alert"]["state"] if row["alert"] else "",
        probability=likeliest(row),
        threat=threat(row),
        expected=step["mean"] if step else None,
        tempo=row["tempo"]["count"],
        baseline=row["baseline"]["mean"],
        level=level["period"] if level else None,
        change=change["difference"] if change else None,
        skill=row["skill"]["crps_ratio"],
        age=row["data_age_days"],
        through=row["data_as_of"],
    )
