"""Gathers what a change since the run before is explained by: old data, today's program.

The run before is made again from what it knew, and from the same periods as they are known now;
where nothing but the periods is new, its own stored numbers say it and nothing is computed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple

import numpy as np

from core.calendars import Calendar
from core.explanations import Change
from core.forecasts import WatchResult
from core.regions import RegionKey
from core.settings import WatchSettings
from forecast.delays import Learned
from forecast.ensemble import FALLBACKS
from forecast.explain import (
    Expected,
    Series,
    Stretch,
    Views,
    new_periods,
    revised_periods,
    same_counts,
    split,
)
from forecast.models import COSTLY
from forecast.series import Built, build
from storage.reading import RunRow
from tocsin import __version__
from tocsin.config import Config
from tocsin.forecasting import learned_delay, outlooks
from tocsin.record.counted import counted_of
from tocsin.stores import Stores


@dataclass(frozen=True)
class Today:
    """A watch as this run sees it."""

    watch: WatchSettings
    built: Built
    learned: Learned
    cutoff: date
    calendars: tuple[Calendar, ...] = ()


class Comparison:
    """Explains the changes of a watch since the run before, a block of regions at a time."""

    def __init__(
        self,
        before: RunRow,
        causes: tuple[str, ...],
        stored: Mapping[RegionKey, Mapping[int, float]],
        series: tuple[Series, Series],
        views: Views,
    ) -> None:
        """Take the run before, what it `stored`, the series then and those redone, and the views.

        `causes` say what about the program is not as it was.
        """
        self._before, self._causes, self._stored = before, causes, stored
        self._then, self._redone = series
        self._views = views

    def changes(self, result: WatchResult) -> tuple[Change | None, ...]:
        """Return the change of every series of a block; None where nothing was expected before."""
        panel, means = result.outlook.panel, result.outlook.predictive.mean()
        found: list[Change | None] = []
        for place, key in enumerate(panel.keys):
            step = result.running - int(panel.ends[place]) - 1
            before = self._stored.get(key, {}).get(result.running)
            if before is None or not 0 <= step < means.shape[1]:
                found.append(None)
                continue
            now = Stretch(panel.counts[place], int(panel.ends[place]))
            found.append(
                self._change(key, result.running, (before, float(means[place, step])), now)
            )
        return tuple(found)

    def _change(
        self, key: RegionKey, running: int, expected: tuple[float, float], now: Stretch
    ) -> Change:
        parts = split(key, *expected, self._views)
        change = Change(
            self._before.run_id, self._before.cutoff, running, expected[0], *parts,
            causes=self._causes,
        )  # fmt: skip
        then = self._then.get(key)
        if then is None:
            return change
        revised, in_all = revised_periods(then, self._redone.get(key))
        return change._replace(
            new_periods=new_periods(now, then.end, self._stored[key]),
            revised_periods=revised,
            revised_in_all=in_all,
        )


def compared(config: Config, stores: Stores, today: Today) -> Comparison | None:
    """Return the comparison with the newest live run before, None when there is none to make.

    There is none when that run counted something else.
    """
    watch = today.watch
    before = stores.reader.live_run(watch.name, today.cutoff)
    if before is None:
        return None
    if stores.reader.counted(before.run_id, watch.name) != counted_of(config, watch):
        return None
    past = _past(config, stores, watch, before)
    stored = _stored(stores, before, watch, today.built.running)
    causes = _causes(config, watch, before)
    series = Series(past.then.panel), Series(past.redone.panel)
    return Comparison(before, causes, stored, series, _views(past, today, causes, stored))


class _Past(NamedTuple):
    """The data of the run before: as it knew them, and the same periods as known today."""

    then: Built
    learned: Learned
    redone: Built


def _past(config: Config, stores: Stores, watch: WatchSettings, before: RunRow) -> _Past:
    incidents, day = stores.incidents, before.cutoff
    known = max(before.started_at, before.watermark)
    coverage = incidents.coverage(watch.feeds, known)
    then, redone = (
        build(incidents.cells(watch, day, as_of), coverage, watch, day) for as_of in (known, None)
    )
    return _Past(then, learned_delay(config, incidents, watch, day, known), redone)


def _stored(
    stores: Stores, before: RunRow, watch: WatchSettings, running: int
) -> dict[RegionKey, dict[int, float]]:
    """Return per region and period until the running one what the run before expected."""
    found: dict[RegionKey, dict[int, float]] = {}
    for key, period, mean in stores.reader.expected(before.run_id, watch.name, running):
        found.setdefault(key, {})[period] = mean
    return found


def _causes(config: Config, watch: WatchSettings, before: RunRow) -> tuple[str, ...]:
    """Return what makes today's program another one than that of the run before."""
    causes = {
        "version": before.version != __version__,
        "configuration": before.config_hash != config.digest,
        "prophet": bool(COSTLY & set(watch.models)),
    }
    return tuple(name for name, given in causes.items() if given)


def _views(
    past: _Past,
    today: Today,
    causes: tuple[str, ...],
    stored: Mapping[RegionKey, Mapping[int, float]],
) -> Views:
    """Return the expectations that changes are split by; only those not yet known are computed."""
    running = today.built.running
    beyond = _beyond_parts(past.then, stored, running)

    def expected(built: Built, learned: Learned) -> Expected:
        return _expected(replace(today, built=built, learned=learned), running, beyond)

    then: Expected = {key: means[running] for key, means in stored.items() if running in means}
    if causes:
        then = expected(past.then, past.learned)
    late = past.learned.delay is not None
    settled = expected(_settled(past.then), past.learned) if late else then
    same = not late and today.learned.delay is None
    if same and same_counts(past.then.panel, past.redone.panel):
        redone = settled
    else:
        redone = expected(_settled(past.redone), today.learned)
    now = expected(today.built, today.learned) if "prophet" in causes else None
    return Views(then, settled, redone, now)


def _settled(built: Built) -> Built:
    """Return the series without their open periods."""
    return replace(built, panel=replace(built.panel, opened=built.panel.opened[:, :0]))


def _beyond_parts(
    then: Built, stored: Mapping[RegionKey, Mapping[int, float]], period: int
) -> dict[RegionKey, float]:
    """Return by how much the stored total of a period is off the sum of its regions.

    It is the noise of the drawn paths. Totals that are only compared with it are not drawn: they
    are the sums of their regions, off by as much.
    """
    found = {}
    for key, parts in _totals(then):
        drawn, *exact = (stored.get(one, {}).get(period) for one in (key, *parts))
        known = [mean for mean in exact if mean is not None]
        if drawn is not None and len(known) == len(parts):
            found[key] = drawn - sum(known)
    return found


def _totals(built: Built) -> Iterator[tuple[RegionKey, list[RegionKey]]]:
    """Yield the totals of a watch with the regions that each is the sum of."""
    keys = built.panel.keys
    for key, parts in zip(keys[built.regions :], built.parts, strict=True):
        yield key, [keys[part] for part in parts]


def _expected(
    today: Today, period: int, beyond: Mapping[RegionKey, float]
) -> dict[RegionKey, float]:
    """Return what the members that cost little expect of a period, by region and total."""
    watch, built = today.watch, today.built
    cheap = tuple(name for name in watch.models if name not in COSTLY) or FALLBACKS[:1]
    asked = watch.model_copy(update={"models": cheap})
    found: dict[RegionKey, float] = {}
    for result in outlooks(asked, "", built.without_totals(), today.learned, today.calendars):
        panel, means = result.outlook.panel, result.outlook.predictive.mean()
        steps = period - panel.ends - 1
        for row in np.flatnonzero((steps >= 0) & (steps < means.shape[1])):
            found[panel.keys[row]] = float(means[row, steps[row]])
    for key, parts in _totals(built):
        if all(part in found for part in parts):
            found[key] = sum(found[part] for part in parts) + beyond.get(key, 0.0)
    return found
