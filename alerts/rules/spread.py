"""Rules on spread: an actor where it was not, or far more of it abroad than a year before.

They read what was counted, not forecasts: a first incident rings on the run that sees it, in a
period that is not complete yet, and also in a country of which the watch has no series so far.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from alerts.evidence import RunNote
from alerts.facts import FindingFacts, PeriodCount, Window
from alerts.rules.reading import as_told, found_by, may_tell
from core.alerts import Evaluation, Json, Reading
from core.periods import Period
from core.quantities import quantity
from core.regions import ABROAD, UNKNOWN, RegionKey, label
from core.rule_settings import Arrival, Increase, SpreadRuleSettings
from core.series import Cells, FloatArray
from core.settings import SEVERITIES, Severity, WatchSettings

_CERTAIN, _CLEAR = 1.0, 0.5
_RECENT = 12
_ROUNDING = 1e-9


@dataclass(frozen=True)
class Sightings:
    """What a watch has counted, with the periods that are not complete.

    Attributes:
        watch: its settings; it groups by actor.
        unit: the noun of what is counted.
        cells: the counts, sparse.
        ends: the newest complete period of each region that has a series.
        running: index of the period that holds "now".
    """

    watch: WatchSettings
    unit: str
    cells: Cells
    ends: Mapping[RegionKey, int]
    running: int


class _Region(NamedTuple):
    """One region: `counts` are those of periods `first` to the running one; `end` is complete."""

    key: RegionKey
    first: int
    end: int
    counts: FloatArray

    def total(self, first: int, last: int) -> int:
        """Return the count of periods first to last."""
        return int(self.counts[max(first - self.first, 0) : max(last - self.first + 1, 0)].sum())


class _Found(NamedTuple):
    """A level in one region: its reading, what it follows, and the finding in words."""

    reading: Reading
    follows: str
    headline: str
    counted: int
    window: tuple[int, int]
    clears: str


def read(
    rule: SpreadRuleSettings,
    seen: Sightings,
    run: RunNote,
    open_regions: Set[RegionKey] = frozenset(),
) -> list[Evaluation]:
    """Return the rule's reading of every region that one of its levels speaks of.

    Arrivals are read in every region but the actors' home and those without a country; increases
    in an actor's sum of all countries but home. A level whose past the data do not reach back to
    is not crossed.
    """
    evaluations = []
    levels = sorted(rule.levels, key=lambda level: SEVERITIES.index(level.severity))
    for region in _regions(seen):
        found = [one for level in levels if (one := _look(level, rule, seen, region))]
        if not found:
            continue
        readings = tuple(one.reading for one in found)
        facts: Json = {}
        if may_tell(run, region.key, readings, open_regions):
            facts = _facts(rule, seen, region, found, run)
        through = seen.watch.period.end(region.end)
        evaluations.append(
            Evaluation(
                *(rule.watch, rule.name, region.key, readings, _CLEAR, through, facts),
                overdue=run.overdue,
            )
        )
    return evaluations


def _regions(seen: Sightings) -> Iterator[_Region]:
    """Yield every region that was ever counted; those without a series end as the newest do."""
    cells = seen.cells
    if not seen.ends or not len(cells.period):
        return
    latest, first = max(seen.ends.values()), int(cells.period.min())
    order = np.argsort(cells.region, kind="stable")
    bounds = np.searchsorted(cells.region[order], np.arange(len(cells.keys) + 1))
    for number, key in enumerate(cells.keys):
        part = order[bounds[number] : bounds[number + 1]]
        counts = np.zeros(max(seen.running - first + 1, 0))
        inside = cells.period[part] <= seen.running
        counts[cells.period[part][inside] - first] = cells.count[part][inside]
        yield _Region(key, first, seen.ends.get(key, latest), counts)


def _look(
    level: Arrival | Increase, rule: SpreadRuleSettings, seen: Sightings, region: _Region
) -> _Found | None:
    """Return what a level finds in a region; None when it does not speak of it."""
    watch = seen.watch
    country = region.key[watch.group_by.index("country")] if "country" in watch.group_by else ""
    if isinstance(level, Increase):
        return _increase(level, rule.over, seen, region) if country == ABROAD else None
    if UNKNOWN in region.key or country in {ABROAD, watch.home}:
        return None
    return _arrival(level, seen, region)


def _arrival(level: Arrival, seen: Sightings, region: _Region) -> _Found:
    """Look from the newest complete period on, and at the quiet before it."""
    period = seen.watch.period
    before = region.total(region.end - level.quiet, region.end - 1)
    quiet = before == 0 and region.first <= region.end - level.quiet
    count = region.total(region.end, seen.running)
    actor, place = _names(seen.watch, region.key)
    return _Found(
        _certain(level.severity, level.at_least, quiet and count >= level.at_least),
        f"after {_periods(level.quiet, period)} without any",
        f"{actor} {'is new in' if count else 'in'} {place}: {quantity(count, seen.unit)} "
        f"since {period.label(region.end)}",
        count,
        (region.end, seen.running),
        f"a newly complete {period}, after which it is new no longer",
    )


def _increase(level: Increase, over: int, seen: Sightings, region: _Region) -> _Found:
    """Compare the newest complete periods with the same ones a year before."""
    period, year = seen.watch.period, seen.watch.period.year_length
    first, last = region.end - over + 1, region.end
    before, count = region.total(first - year, last - year), region.total(first, last)
    line = max(level.minimum, math.ceil(level.times_year_before * before - _ROUNDING))
    known = region.first <= first - year
    actor, _ = _names(seen.watch, region.key)
    then, now = _span(period, first - year, last - year), _span(period, first, last)
    return _Found(
        _certain(level.severity, line, known and count >= line),
        f"{level.times_year_before:g} times the {before:,} of {then}, at least {level.minimum:,}",
        f"{actor} abroad: {quantity(count, seen.unit)} in {now}, {before:,} in {then}",
        count,
        (first, last),
        f"a newly complete {period} with which the sum of {over} is under the threshold",
    )


def _certain(severity: Severity, threshold: int, crossed: bool) -> Reading:
    return Reading(severity, threshold, _CERTAIN, _CERTAIN if crossed else 0.0)


def _names(watch: WatchSettings, key: RegionKey) -> tuple[str, str]:
    """Return the actor, and the rest of the key as a place."""
    at = watch.group_by.index("actor")
    return key[at], label(key[:at] + key[at + 1 :])


def _periods(count: int, period: Period) -> str:
    return quantity(count, f"{period}s")


def _span(period: Period, first: int, last: int) -> str:
    one, other = period.label(first), period.label(last)
    return one if one == other else f"{one} to {other}"


def _facts(
    rule: SpreadRuleSettings, seen: Sightings, region: _Region, found: list[_Found], run: RunNote
) -> Json:
    """Return the facts; the most severe level that is crossed says what was found."""
    period = seen.watch.period
    told = next((one for one in reversed(found) if one.reading.crossed), found[0])
    first, last = told.window
    window = Window(first=period.start(first), last=period.end(last), periods=last - first + 1)
    facts = FindingFacts(
        **found_by(rule, region.key, run),
        about="spread",
        unit=seen.unit,
        period=period,
        window=window,
        counted=told.counted,
        completion=None,
        levels=tuple(as_told(one.reading, one.follows) for one in found),
        headline=told.headline,
        clears=told.clears,
        recent=tuple(_counts(region, period, region.end - _RECENT + 1, region.end)),
        seen_so_far=tuple(_counts(region, period, region.end + 1, seen.running)),
        tempo=region.total(region.end, region.end),
        baseline=None,
        data_as_of=period.end(region.end),
    )
    return facts.model_dump(mode="json")


def _counts(region: _Region, period: Period, first: int, last: int) -> Iterator[PeriodCount]:
    for index in range(max(first, region.first), last + 1):
        yield PeriodCount(period=period.label(index), count=region.total(index, index))
