"""Were analysts right? What they said against a forecast or an alert, scored beside it.

The count of a period: CRPS, the analyst's number as the law that `forecast.override` says. An
alert: Brier score; who rejects or lowers one says that it will not come true, who raises or
confirms it that it will. Of one person's overrides of one thing only the last is scored; what says
no number against a count is not. All that a score is made of was kept when it was said and when the
outcome came in: a configuration that is changed later changes none.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from core.overrides import Override, OverrideKind
from core.regions import RegionKey, label
from core.settings import WatchSettings
from storage.came import Came
from storage.overrides import Overrides
from storage.stories import Stories
from tocsin.stores import Stores

Row = dict[str, Any]
_SAYS_NO = (OverrideKind.REJECTS, OverrideKind.LOWERS)
_OUTCOMES = {"came_true": 1, "did_not_come_true": 0}


class _Scores(NamedTuple):
    """What came, and the scores of analyst and model; log scores are of counts only."""

    kind: str
    came: int
    analyst: float
    model: float
    analyst_log: float | None = None
    model_log: float | None = None


class OverrideRecord:
    """The overrides of one watch whose outcome is known."""

    def __init__(self, stores: Stores, watch: WatchSettings) -> None:
        """Read nothing yet."""
        self._stores, self._watch = stores, watch
        self._came: dict[str, dict[tuple[RegionKey, int], int]] = {}

    def rows(self) -> list[Row]:
        """Return one row per override that can be scored, oldest first; keys are a promise."""
        return [_row(one, scores) for one in self._last() if (scores := self._scored(one))]

    def _last(self) -> Iterator[Override]:
        """Yield the last override of each person and thing."""
        every = Overrides(self._stores.database).all()
        mine = [one for one in every if one.watch == self._watch.name]
        last = {(one.by, one.region, one.period, one.alert_id): one for one in mine}
        yield from sorted(last.values(), key=lambda one: one.number)

    def _scored(self, one: Override) -> _Scores | None:
        return self._of_alert(one) if one.alert_id else self._of_count(one)

    def _of_alert(self, one: Override) -> _Scores | None:
        came = _OUTCOMES.get(self._verdicts.get(one.alert_id or "", ""))
        if came is None or one.model.probability is None:
            return None
        said = 0.0 if one.kind in _SAYS_NO else 1.0
        return _Scores("Brier", came, (said - came) ** 2, (one.model.probability - came) ** 2)

    def _of_count(self, one: Override) -> _Scores | None:
        run, day = one.model.run, one.period
        if one.value is None or run is None or day is None:
            return None
        block = self._stores.reader.one(run, self._watch.name, one.region)
        if block is None:
            return None
        period = block.series[0].period.of(day)
        came = self._came_of(run).get((one.region, period))
        if came is None:
            return None
        steps = [step.period_index for step in block.series[0].horizons]
        model, support = block.predictive.cdf[0, steps.index(period)], block.predictive.support
        from forecast.override import implied  # noqa: PLC0415 - the engine, when it is asked
        from forecast.verification import marks  # noqa: PLC0415

        law = implied(one.value, model, support)
        analyst, models = (
            marks(cdf[None, :], grid, np.array([float(came)]))
            for grid, cdf in (law, (support, model))
        )
        crps = (float(analyst.crps[0]), float(models.crps[0]))
        return _Scores("CRPS", came, *crps, float(analyst.log_score[0]), float(models.log_score[0]))

    def _came_of(self, run: int) -> dict[tuple[RegionKey, int], int]:
        """Return what came of what a run counted, whatever its watch counts by now."""
        counted = self._stores.reader.counted(run, self._watch.name)
        if counted not in self._came:
            rows = Came(self._stores.database).outcomes(self._watch.name, counted, 0)
            self._came[counted] = {(row.region, row.period): row.observed for row in rows}
        return self._came[counted]

    @cached_property
    def _verdicts(self) -> dict[str, str]:
        given = Stories(self._stores.database).verdicts_since("")
        return {one["alert"]: one["verdict"] for one in given}


def _row(one: Override, scores: _Scores) -> Row:
    difference = scores.analyst - scores.model
    better = "as good" if difference == 0.0 else "analyst" if difference < 0.0 else "model"
    return {
        "override": one.number,
        "watch": one.watch,
        "region": label(one.region),
        "about": one.alert_id or (one.period and one.period.isoformat()),
        "by": one.by,
        "kind": one.kind.value,
        "analyst": one.severity if one.alert_id else one.value,
        "model": one.model.probability if one.alert_id else one.model.median,
        "came": scores.came,
        "score": scores.kind,
        "analyst_score": round(scores.analyst, 4),
        "model_score": round(scores.model, 4),
        "analyst_log_score": _rounded(scores.analyst_log),
        "model_log_score": _rounded(scores.model_log),
        "better": better,
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def summary(rows: Sequence[Row]) -> Row:
    """Return how often the analysts were nearer than the model, with Wilson's 95 % interval."""
    from alerts.rates import share  # noqa: PLC0415 - SciPy's statistics, only where they are asked

    better = sum(row["better"] == "analyst" for row in rows)
    as_good = sum(row["better"] == "as good" for row in rows)
    rate = share(better, len(rows))
    return {
        "scored": len(rows),
        "better": better,
        "as_good": as_good,
        "low_95": _rounded(rate["low_95"]),
        "high_95": _rounded(rate["high_95"]),
        "words": _words(len(rows), better, as_good, rate),
    }


def _words(scored: int, better: int, as_good: int, rate: Row) -> str:
    if not scored:
        return "no override has come due yet"
    even = f", as good in {as_good}" if as_good else ""
    return (
        f"overrides were better than the model in {better} of {scored} "
        f"(95 % interval {100 * rate['low_95']:.0f} to {100 * rate['high_95']:.0f} %){even}"
    )
