"""A record made afterwards: what today's engine would have forecast at past origins.

It reads today's data by event date. Revisions and late reports are in them that nobody knew then,
so it is no track record, and says so.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import numpy as np

from core.forecasts import INTERVALS, WatchResult
from core.regions import RegionKey
from core.series import FloatArray
from core.settings import WatchSettings
from forecast.delays import Learned
from forecast.models import COSTLY
from forecast.series import Built, build
from forecast.verification import benchmarks, marks
from storage.record import RegionTally, Tally
from storage.scores import POOL
from tocsin.config import Config
from tocsin.forecasting import outlooks
from tocsin.labels import TODAYS_DATA, label_of, unit_of
from tocsin.record.crossings import Came, Crossing, crossings
from tocsin.record.evidence import Choice, Evidence, Told, rules_of
from tocsin.record.skill import BENCHMARK, skill_from
from tocsin.stores import Stores


def hindcast(
    stores: Stores,
    config: Config,
    watch: WatchSettings,
    choice: Choice,
    today: date,
    origins: int,
    told: Told = lambda _done, _of: None,
) -> Evidence:
    """Return what forecasts at the last origins would have earned.

    Members that fit one series at a time are left out: a run asks them once, this would ask them
    at every origin.
    """
    cells = stores.incidents.cells(watch, today, None)
    coverage = stores.incidents.coverage(watch.feeds, None)
    known = build(cells, coverage, watch, today)
    scorer = _Scorer(config, watch, choice, known)
    newest = int(known.panel.ends.max(initial=0))
    for done in range(origins if len(known.panel) else 0):
        told(done, origins)
        end = newest - origins + done
        then = build(cells.until(end), coverage, watch, watch.period.end(end))
        for result in _results(config, watch, then):
            scorer.add(result)
    return scorer.evidence(label_of(config, None, as_known_then=True))


def _results(config: Config, watch: WatchSettings, then: Built) -> Iterator[WatchResult]:
    cheap = tuple(name for name in watch.models if name not in COSTLY) or ("conflictology",)
    asked = watch.model_copy(update={"models": cheap})
    unit, nothing_late = unit_of(config, watch), Learned(None, "")
    for result in outlooks(asked, unit, then, nothing_late, config.calendars):
        outlook = result.outlook
        yield replace(result, benchmarks=benchmarks(outlook.panel, outlook.predictive.support))


class _Scorer:
    """Adds up scores as they come, in the shape in which the store gives them."""

    def __init__(self, config: Config, watch: WatchSettings, choice: Choice, known: Built) -> None:
        self._watch, self._choice, self._rules = watch, choice, rules_of(config, watch)
        self._came = _came(known)
        self._first = choice.first_period(watch, 0) if choice.since else 0
        self._names: dict[RegionKey, int] = {}
        self._sums: dict[tuple[int, int, str], FloatArray] = defaultdict(_nothing)
        self._regions: dict[tuple[int, int, str], FloatArray] = defaultdict(_nothing)
        self._crossings: list[Crossing] = []

    def add(self, result: WatchResult) -> None:
        """Score the forecasts of one origin."""
        panel, predictive, watch = result.outlook.panel, result.outlook.predictive, self._watch
        chosen = [row for row, key in enumerate(panel.keys) if self._choice.takes(key, watch)]
        for step in range(predictive.shape[1]):
            if self._choice.horizon not in {None, step + 1}:
                continue
            due = [
                (row, period, self._came[panel.keys[row], period])
                for row in chosen
                if (period := int(panel.ends[row]) + step + 1) >= max(result.running, self._first)
                and (panel.keys[row], period) in self._came
            ]
            models = {POOL: predictive.cdf[:, step], **result.benchmarks}
            for model, cdf in models.items() if due else ():
                self._score(result, step, model, cdf, due)
        for rule in self._rules:
            found = crossings(rule, result, self._came)
            self._crossings += [one for one in found if self._choice.takes(one.region, watch)]

    def _score(
        self,
        result: WatchResult,
        step: int,
        model: str,
        cdf: FloatArray,
        due: list[tuple[int, int, int]],
    ) -> None:
        rows, periods, counts = (list(column) for column in zip(*due, strict=True))
        found = marks(cdf[rows], result.outlook.predictive.support, np.array(counts, dtype=float))
        inside = (found.held[:, None] > 0) & (found.held[:, None] <= INTERVALS)
        figures = np.column_stack([np.ones(len(rows)), found.crps, found.log_score, inside])
        for row, period, each in zip(rows, periods, figures, strict=True):
            key = result.outlook.panel.keys[row]
            number = self._names.setdefault(key, len(self._names))
            self._sums[step + 1, period, model] += each
            self._regions[number, period, model] += each

    def evidence(self, label: str) -> Evidence:
        """Return all that was scored."""
        tallies = [
            Tally._make((*place, int(each[0]), *each[1:3].tolist(), each[3:].astype(int).tolist()))
            for place, each in self._sums.items()
        ]
        regions = [
            RegionTally(*place, int(each[0]), float(each[1]))
            for place, each in self._regions.items()
            if place[-1] in {POOL, BENCHMARK}
        ]
        names = {number: key for key, number in self._names.items()}
        told = f"backtest, {TODAYS_DATA}"
        return Evidence(
            f"{label}; {told}" if label else told,
            *(tallies, tallies, 0),
            skill_from(regions, names, self._watch),
            self._crossings,
        )


def _nothing() -> FloatArray:
    """Return sums of forecasts, CRPS, log score and what each interval held."""
    return np.zeros(3 + len(INTERVALS))


def _came(known: Built) -> Came:
    panel = known.panel
    first = panel.ends - panel.counts.shape[1] + 1
    row, column = np.nonzero(~np.isnan(panel.counts))
    return {
        (panel.keys[r], int(first[r]) + c): int(panel.counts[r, c])
        for r, c in zip(row.tolist(), column.tolist(), strict=True)
    }
