"""Whether the forecasts of a watch, and of each of its regions, have beaten last 12.

One place for everybody who says so: the table, messages, rules and pages.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from core.periods import Period
from core.regions import RegionKey, is_total
from core.series import FloatArray
from core.settings import WatchSettings
from forecast.skill import NO_SKILL, Skill, skills
from storage.reading import RunRow
from storage.record import Asked, Record, RegionTally
from storage.scores import POOL
from tocsin.config import Config
from tocsin.record.counted import counted_of

BENCHMARK = "conflictology"
"""The distribution of the last 12 months, 52 weeks or 365 days."""
_YEARS = 2


@dataclass(frozen=True)
class WatchSkill:
    """The skill of a watch as a whole, and of each region of which a forecast was scored."""

    overall: Skill
    regions: Mapping[RegionKey, Skill]

    def of(self, region: RegionKey) -> Skill:
        """Return the skill of a region: none, where nothing of it was scored."""
        return self.regions.get(region, NO_SKILL)


def window(period: Period, running: int) -> int:
    """Return the first period of the two years that a track record looks back over."""
    return running - _YEARS * period.year_length


def skill_of(
    record: Record, config: Config, watch: WatchSettings, run: RunRow | None = None
) -> WatchSkill:
    """Return the skill of a watch over the last two years, from its own published forecasts.

    Args:
        record: of the database.
        config: that the watch is of.
        watch: whose forecasts.
        run: whose knowledge counts, and from whose cut-off is looked back; None: the newest.
    """
    newest = run.run_id if run else record.newest_run()
    cutoff = run.cutoff if run else record.cutoff(newest)
    if cutoff is None:
        return WatchSkill(NO_SKILL, {})
    running = watch.period.of(cutoff)
    asked = Asked(
        *(watch.name, counted_of(config, watch), newest, window(watch.period, running)),
        until=running,
    )
    names, regions = record.names(watch.name), record.regions(asked, (POOL, BENCHMARK))
    return skill_from(regions, names, watch)


def skill_from(
    tallies: Iterable[RegionTally], names: Mapping[int, RegionKey], watch: WatchSettings
) -> WatchSkill:
    """Return the skill that CRPS by region and period amount to.

    Args:
        tallies: of the pool and of the benchmark.
        names: region by series number.
        watch: whose; its totals say nothing of it as a whole that its regions do not say.
    """
    rows = list(tallies)
    if not rows:
        return WatchSkill(NO_SKILL, {})
    series, row = np.unique([one.series for one in rows], return_inverse=True)
    periods, column = np.unique([one.period for one in rows], return_inverse=True)
    sums = {model: np.zeros((len(series), len(periods))) for model in (POOL, BENCHMARK)}
    forecasts = np.zeros((len(series), len(periods)))
    for one, r, c in zip(rows, row.tolist(), column.tolist(), strict=True):
        sums[one.model][r, c] = one.crps
        if one.model == POOL:
            forecasts[r, c] = one.forecasts
    keys = [names[number] for number in series.tolist()]
    ours, theirs, steps = sums[POOL], sums[BENCHMARK], watch.horizon
    totals = [is_total(key, watch.group_by) for key in keys]
    alike = np.array([total == all(totals) for total in totals])
    return WatchSkill(
        _overall(ours[alike], theirs[alike], forecasts[alike], steps),
        dict(zip(keys, skills(ours, theirs, forecasts, steps), strict=True)),
    )


def _overall(ours: FloatArray, theirs: FloatArray, forecasts: FloatArray, steps: int) -> Skill:
    rows = [one.sum(axis=0)[None] for one in (ours, theirs, forecasts)]
    return skills(rows[0], rows[1], rows[2], steps)[0]
