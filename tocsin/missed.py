"""Crossings of the rules' lines in the periods that live runs forecast, and who was warned.

Rules are read as they stood in the first run of each period, on the forecasts of that run: whoever
changes a rule, or what a watch counts, changes nothing of what it warned of or missed before. Only
rules on forecasts are asked: the others ring for what has come already. Counts are those reported
so far of complete periods: a late report may add a crossing, on the day on which it becomes known.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from alerts.missed import Crossing, Heard, Line, Spell, compared, crossings, heard
from core.quantities import quantity
from core.regions import RegionKey, label
from core.settings import WatchSettings
from storage.came import Came, CountedRow
from tocsin.record.skill import window
from tocsin.rules_then import LinesThen, RulesThen, Shape
from tocsin.stores import Stores

Row = dict[str, Any]


@dataclass(frozen=True)
class Crossings:
    """What crossed the lines of one watch, from a day on; None: as far as its scores look back.

    `known_since` is a stamp: crossings whose last outcome was known before it are left out.
    """

    stores: Stores
    watch: WatchSettings
    since: date | None
    known_since: str = ""

    def rows(self) -> list[Row]:
        """Return every crossing with what people had heard, newest first; keys are a promise."""
        found = [
            row
            for counted in Came(self.stores.database).counted(self.watch.name)
            for row in _Counted(self, counted).rows()
        ]
        return sorted(
            found, key=lambda row: (row["from"], row["rule"], row["region"]), reverse=True
        )


@dataclass(frozen=True)
class _Counted:
    """The crossings of one way of counting: a watch that counts otherwise begins anew."""

    asked: Crossings
    counted: CountedRow

    def rows(self) -> Iterator[Row]:
        then = RulesThen(self.asked.stores, self.asked.watch.name, self.counted.name)
        for rule in then.names:
            spells = self._spells(rule)
            for lines in then.lines(rule):
                yield from self._of(lines, spells)

    def _spells(self, rule: str) -> Mapping[RegionKey, list[Spell]]:
        found: dict[RegionKey, list[Spell]] = defaultdict(list)
        for row in Came(self.asked.stores.database).spells(self.asked.watch.name, rule):
            found[row.region].append(Spell(row.alert_id, row.fired, row.ended))
        return found

    @cached_property
    def _came(self) -> Mapping[RegionKey, dict[int, tuple[int, str]]]:
        """Return region → period → the count, and since when it is known."""
        period, since = self.counted.period, self.asked.since
        first = period.of(since) if since else window(period, self.counted.last)
        first = max(first - 1, self.counted.first)
        found: dict[RegionKey, dict[int, tuple[int, str]]] = defaultdict(dict)
        came = Came(self.asked.stores.database)
        for row in came.outcomes(self.asked.watch.name, self.counted.name, first):
            found[row.region][row.period] = row.observed, row.known_at
        return found

    def _of(self, lines: LinesThen, spells: Mapping[RegionKey, list[Spell]]) -> Iterator[Row]:
        shape, since = lines.shape, self.asked.known_since
        for region, came in self._came.items():
            counts = {period: count for period, (count, _) in came.items()}
            values = compared(counts, shape.aggregate, shape.within)
            known = {
                first: max(came[period][1] for period in range(first, first + shape.reach + 1))
                for first in values
            }
            fresh = {period for period, at in known.items() if at >= since}
            for one in crossings(values, _read(lines, region, values, fresh), lines.first):
                known_at = max(known[period] for period in range(one.first, one.last + 1))
                if known_at >= since:
                    yield self._row(lines, region, one, known_at, spells.get(region, ()))

    def _row(
        self,
        lines: LinesThen,
        region: RegionKey,
        found: Crossing,
        known_at: str,
        spells: Sequence[Spell],
    ) -> Row:
        period, unit, shape = self.counted.period, self.counted.unit, lines.shape
        begins, ends = period.start(found.first), period.end(found.last + shape.reach)
        told, alert = heard(begins, ends, spells)
        return {
            "watch": self.asked.watch.name,
            "rule": lines.rule,
            "region": label(region),
            "severity": found.severity,
            "from": begins.isoformat(),
            "to": ends.isoformat(),
            "count": found.most,
            "at_least": found.threshold,
            "unit": unit,
            "heard": told.value,
            "alert": alert,
            "known_at": known_at,
            "words": f"{label(region)}: {quantity(found.most, unit)} in a {_span(shape, period)} "
            f"of {begins} to {ends}, {found.threshold:,} or more is {found.severity} "
            f"({lines.rule}); {_SAID[told]}",
        }


def _span(shape: Shape, period: object) -> str:
    return quantity(shape.within, f"{period}s") if shape.reach else str(period)


def _read(
    lines: LinesThen, region: RegionKey, values: Mapping[int, int], fresh: Set[int]
) -> dict[int, Sequence[Line]]:
    """Return the lines of periods that may be part of a crossing with a fresh period in it.

    Forecasts are read for these alone.
    """
    above = {
        period
        for period, value in values.items()
        if (least := lines.least(period, region)) and value >= min(line.threshold for line in least)
    }
    return {period: lines.of(period, region) for period in _with_neighbours(above & fresh, above)}


def _with_neighbours(some: Set[int], above: Set[int]) -> set[int]:
    """Return periods with all those of `above` that adjoin them without a gap."""
    found = set(some)
    for step in (-1, 1):
        for period in some:
            while (period := period + step) in above and period not in found:
                found.add(period)
    return found


def unheard(rows: Sequence[Row]) -> list[Row]:
    """Return the crossings that nobody was warned of before they began."""
    return [row for row in rows if row["heard"] != Heard.WARNED]


_SAID = {
    Heard.WARNED: "warned of",
    Heard.RANG_LATE: "an alert rang only after it had begun",
    Heard.NOT_WARNED: "no alert was firing",
}
