"""Crossings of the rules' lines in the periods that live runs forecast, and who was warned.

Rules are read as they are configured now, on the forecasts of the first run of each period. Only
rules on forecasts are asked: the others ring for what has come already.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from alerts import rules
from alerts.missed import Crossing, Heard, Line, Spell, compared, crossings, heard
from alerts.rules.reading import by_severity
from core.regions import RegionKey, label
from core.rule_settings import RuleSettings
from core.settings import WatchSettings
from storage.came import Came
from tocsin.config import Config
from tocsin.labels import unit_of
from tocsin.record.counted import counted_of
from tocsin.record.crossings import reaches
from tocsin.record.skill import window
from tocsin.stored import blocks_of
from tocsin.stores import Stores

Row = dict[str, Any]
_Lines = dict[RegionKey, list[Line]]


@dataclass(frozen=True)
class Crossings:
    """What crossed the lines of one watch, from a day on; None: as far as its scores look back.

    `known_since` is a stamp: crossings whose last outcome was known before it are left out.
    """

    config: Config
    stores: Stores
    watch: WatchSettings
    since: date | None
    known_since: str = ""

    def rows(self) -> list[Row]:
        """Return every crossing with what people had heard, newest first; keys are a promise."""
        found = [row for rule in self._rules for row in self._of(rule)]
        return sorted(
            found, key=lambda row: (row["from"], row["rule"], row["region"]), reverse=True
        )

    @property
    def _rules(self) -> Iterator[RuleSettings]:
        return (rule for rule in self.config.rules if rule.watch == self.watch.name)

    @cached_property
    def _counted(self) -> str:
        return counted_of(self.config, self.watch)

    @cached_property
    def _issues(self) -> Mapping[int, int]:
        return Came(self.stores.database).issues(self.watch.name, self._counted)

    @cached_property
    def _came(self) -> Mapping[RegionKey, dict[int, tuple[int, str]]]:
        """Return region → period → the count, and since when it is known."""
        newest = max(self._issues, default=0)
        first = self.watch.period.of(self.since) if self.since else window(self.watch, newest)
        first = max(first - 1, min(self._issues, default=0))
        found: dict[RegionKey, dict[int, tuple[int, str]]] = defaultdict(dict)
        came = Came(self.stores.database)
        for row in came.outcomes(self.watch.name, self._counted, first):
            found[row.region][row.period] = row.observed, row.known_at
        return found

    def _of(self, rule: RuleSettings) -> Iterator[Row]:
        spells: dict[RegionKey, list[Spell]] = defaultdict(list)
        for row in Came(self.stores.database).spells(self.watch.name, rule.name):
            spells[row.region].append(Spell(row.alert_id, row.fired, row.ended))
        read: dict[int, _Lines] = {}
        for region, came in self._came.items():
            counts = {period: count for period, (count, _) in came.items()}
            values = compared(counts, rule.aggregate, rule.within)
            reach = _reach(rule)
            known = {
                first: max(came[period][1] for period in range(first, first + reach + 1))
                for first in values
            }
            fresh = {period for period, at in known.items() if at >= self.known_since}
            for one in crossings(values, self._lines(rule, region, values, fresh, read)):
                known_at = max(known[period] for period in range(one.first, one.last + 1))
                if known_at >= self.known_since:
                    yield self._row(rule, region, one, known_at, spells[region])

    def _lines(
        self,
        rule: RuleSettings,
        region: RegionKey,
        values: Mapping[int, int],
        fresh: Set[int],
        read: dict[int, _Lines],
    ) -> dict[int, Sequence[Line]]:
        """Return the lines of periods that may be part of a crossing with a fresh period in it.

        Forecasts are read for these alone. The first period of all has none: a rule that was
        first read in it could warn of the next.
        """
        levels = by_severity(rule.levels)
        least = [Line(level.severity, level.least) for level in levels]
        lowest = min(line.threshold for line in least)
        starts = sorted(self._issues)
        found: dict[int, Sequence[Line]] = {}
        above = {period for period, value in values.items() if value >= lowest}
        for period in _with_neighbours(above & fresh, above):
            if period <= starts[0]:
                continue
            run = self._issues[starts[bisect_right(starts, period) - 1]]
            if run not in read:
                read[run] = self._read(rule, run)
            found[period] = read[run].get(region, least)
        return found

    def _read(self, rule: RuleSettings, run: int) -> _Lines:
        return {
            one.region: [Line(r.severity, r.threshold) for r in one.readings]
            for block in blocks_of(self.stores.reader, run, self.watch.name)
            if reaches(rule, block)
            for one in rules.read(rule, block)
        }

    def _row(
        self,
        rule: RuleSettings,
        region: RegionKey,
        found: Crossing,
        known_at: str,
        spells: Sequence[Spell],
    ) -> Row:
        period, unit = self.watch.period, unit_of(self.config, self.watch)
        begins = period.start(found.first)
        reach = _reach(rule)
        ends = period.end(found.last + reach)
        told, alert = heard(begins, ends, spells)
        span = f"{rule.within} {period}s" if reach else str(period)
        return {
            "watch": self.watch.name,
            "rule": rule.name,
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
            "words": f"{label(region)}: {found.most:,} {unit} in a {span} of {begins} to {ends}, "
            f"{found.threshold:,} or more is {found.severity} ({rule.name}); {_SAID[told]}",
        }


def _reach(rule: RuleSettings) -> int:
    """Return how many periods after a period belong to what the rule compares there."""
    return rule.within - 1 if rule.aggregate == "total" else 0


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
