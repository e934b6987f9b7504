"""What a track record is made of: a watch's own scored forecasts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase

from core.regions import RegionKey, is_total, label
from core.settings import RuleSettings, WatchSettings
from storage.record import Asked, MemberShare, Tally
from storage.scores import POOL
from tocsin.config import Config
from tocsin.labels import label_of
from tocsin.record.counted import counted_of
from tocsin.record.crossings import Came, Crossing, crossings
from tocsin.record.overrides import OverrideRecord, Row
from tocsin.record.skill import BENCHMARK, WatchSkill, skill_from, window
from tocsin.record.warned import warned
from tocsin.stored import blocks_of
from tocsin.stores import Stores

Told = Callable[[int, int], None]
"""Is told how many origins of a backtest are done, and of how many."""


@dataclass(frozen=True)
class Choice:
    """Which part of a record is asked for: regions by glob, one horizon, periods from a day on.

    `totals` asks for what regions add up to instead of for them: both would count events twice.
    """

    region: str = "*"
    horizon: int | None = None
    since: date | None = None
    totals: bool = False

    def takes(self, key: RegionKey, watch: WatchSettings) -> bool:
        """Return whether a region of a watch is asked for."""
        total = is_total(key, watch.group_by)
        return total == self.totals and fnmatchcase(label(key), self.region)

    def first_period(self, watch: WatchSettings, running: int) -> int:
        """Return the first period that counts: by default that of two years ago."""
        return watch.period.of(self.since) if self.since else window(watch.period, running)


@dataclass(frozen=True)
class Evidence:
    """Scores and crossings, whoever made them.

    `first` are the scores by the outcomes as they were first seen; `revised` counts the outcomes
    that are known otherwise now. `label` says what this record is not, "" for an ordinary one.
    `warned`, `overrides` and `members`, the weights in the newest run, are of live runs only.
    """

    label: str
    tallies: Sequence[Tally]
    first: Sequence[Tally]
    revised: int
    skill: WatchSkill
    crossings: Sequence[Crossing]
    warned: Sequence[Row] = ()
    overrides: Sequence[Row] = ()
    members: Sequence[MemberShare] = ()


def own_record(
    stores: Stores, config: Config, watch: WatchSettings, choice: Choice, today: date
) -> Evidence:
    """Return what the published live runs of a watch have earned."""
    record, counted = stores.reader.record, counted_of(config, watch)
    names = record.names(watch.name)
    asked = Asked(
        *(watch.name, counted, record.newest_run()),
        since=choice.first_period(watch, watch.period.of(today)),
        horizon=choice.horizon,
        series=[number for number, key in names.items() if choice.takes(key, watch)],
    )
    regions = record.regions(asked, (POOL, BENCHMARK))
    return Evidence(
        label_of(config, None, as_known_then=True),
        record.tallies(asked),
        record.tallies(asked._replace(first=True)),
        record.revised(asked),
        skill_from(regions, names, watch),
        list(_crossings(stores, rules_of(config, watch), asked, names)),
        warned(config, stores, watch, choice.region, choice.since),
        [
            row
            for row in OverrideRecord(stores, watch).rows()
            if fnmatchcase(row["region"], choice.region)
        ],
        record.members(asked),
    )


def rules_of(config: Config, watch: WatchSettings) -> list[RuleSettings]:
    """Return the rules on a watch's forecasts."""
    return [rule for rule in config.rules if rule.watch == watch.name]


def _crossings(
    stores: Stores, rules: Sequence[RuleSettings], asked: Asked, names: dict[int, RegionKey]
) -> Iterator[Crossing]:
    """Yield what the rules, as they are configured now, read in the scored forecasts."""
    wanted = {names[number] for number in asked.series or ()}
    came = _came(stores, asked, names)
    for run in stores.reader.record.issues(asked.watch, asked.counted, asked.since):
        for result in blocks_of(stores.reader, run, asked.watch) if rules else ():
            for rule in rules:
                found = crossings(rule, result, came)
                yield from (one for one in found if one.region in wanted)


def _came(stores: Stores, asked: Asked, names: dict[int, RegionKey]) -> Came:
    known = stores.scores.outcomes(asked.watch, asked.counted, asked.since)
    cells = zip(*(column.tolist() for column in known[:3]), strict=True)
    return {(names[series], period): count for series, period, count in cells}
