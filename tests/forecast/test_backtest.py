"""Backtest: the protocol, the naive models, and no peeking."""

import json
from collections.abc import Callable

import numpy as np
import pytest

from core.errors import InputError
from core.periods import Period
from core.series import FloatArray, Panel
from forecast.backtest import backtest, origins_of
from forecast.engine import forecast
from forecast.ensemble import Ensemble
from forecast.models.base import Task, shared_support
from forecast.pool import WINDOW

Make = Callable[..., Panel]
Wander = Callable[..., FloatArray]
MODELS = ("dynamic-count", "conflictology")
FIGURES = {
    "crps", "log_score", "ignorance", "interval_score_90",
    "coverage_50", "coverage_80", "coverage_90", "coverage_95", "seconds",
}  # fmt: skip


@pytest.mark.parametrize(
    ("columns", "origins", "every", "expected"),
    [
        (120, 4, 1, [111, 112, 113, 114]),
        (120, 8, 4, [107, 111]),
        (45, 60, 1, [22, 23, *range(24, 40)]),
        (96, 60, 1, list(range(36, 91))),
    ],
)
def test_origins_are_the_last_that_leave_the_horizon_ahead(
    columns: int, origins: int, every: int, expected: list[int]
) -> None:
    assert origins_of(columns, 6, origins, every).tolist() == expected


def test_every_model_is_scored_overall_and_by_region(panel: Make, wandering: Wander) -> None:
    found = backtest(panel(wandering(3, 60)), 3, 12, 2, MODELS).as_json()["models"]
    assert set(found) == {"pool", *MODELS, "zero", "last", "history-nb"}
    for scored in found.values():
        assert set(scored["overall"]) == FIGURES
        assert set(scored["series"]) == {"r0", "r1", "r2"}
        assert all(set(figures) == FIGURES for figures in scored["series"].values())
    json.dumps(found, allow_nan=False)


def test_the_overall_score_is_the_mean_over_the_series(panel: Make, wandering: Wander) -> None:
    pool = backtest(panel(wandering(5, 60)), 3, 12, 1, MODELS).models["pool"]
    mean = np.mean([figures["crps"] for figures in pool.series.values()])
    assert pool.overall["crps"] == pytest.approx(mean)


def test_the_zero_model_scores_the_mean_count(panel: Make, wandering: Wander) -> None:
    counts = wandering(3, 60)
    found = backtest(panel(counts), 3, 12, 1, MODELS).models["zero"].overall
    cases = np.stack([counts[:, o : o + 3] for o in range(46, 58)])
    assert found["crps"] == pytest.approx(cases.mean())


def test_unknown_counts_are_not_scored(panel: Make, wandering: Wander) -> None:
    counts = wandering(2, 60)
    counts[0, 50:] = np.nan
    found = backtest(panel(counts), 3, 8, 1, MODELS).models
    assert {k for k, score in found["pool"].series["r0"].items() if score is not None} == {
        "seconds"
    }
    assert found["pool"].overall["crps"] == found["pool"].series["r1"]["crps"]


def test_blocks_of_series_keep_their_regions_apart(panel: Make, wandering: Wander) -> None:
    counts = wandering(40, 48)
    whole = backtest(panel(counts), 2, 3, 1, ("conflictology",)).models["last"]
    one = backtest(panel(counts[37:38]), 2, 3, 1, ("conflictology",)).models["last"]
    assert whole.series["r37"]["crps"] == one.series["r0"]["crps"]


def test_a_panel_that_is_too_short_is_refused(panel: Make) -> None:
    with pytest.raises(InputError, match="6 complete periods leave no origin with 6 ahead"):
        backtest(panel(np.ones((1, 6))), 6, 3, 1, MODELS)


@pytest.mark.parametrize("period", [Period.MONTH, Period.WEEK])
def test_a_past_origin_forecasts_exactly_what_a_run_then_would_have(
    period: Period, panel: Make, wandering: Wander
) -> None:
    counts = wandering(6, 90)
    given = panel(counts, period)
    origins = origins_of(90, 4, 12, 3)
    task = Task(4, max(int(origins[0]) - WINDOW - 4, 0), shared_support(counts))
    past = Ensemble(given, MODELS, task, origins).pooled(np.arange(6))
    for slot, origin in enumerate(origins):
        (then,) = forecast(panel(counts[:, :origin], period), 4, MODELS)
        points = len(then.predictive.support)
        assert past.cdf[:, slot, :, :points].tobytes() == then.predictive.cdf.tobytes()
        assert np.all(past.cdf[:, slot, :, points:] == 1)


def test_changing_the_future_does_not_change_a_past_forecast(
    panel: Make, wandering: Wander
) -> None:
    counts = wandering(6, 90)
    changed = counts.copy()
    changed[:, 60:] = np.random.default_rng(1).permutation(counts[:, 60:].ravel()).reshape(6, 30)
    at = np.array([50, 60])
    cdfs = []
    for matrix in (counts, changed):
        task = Task(4, 0, shared_support(np.hstack([counts, changed])))
        cdfs.append(Ensemble(panel(matrix), MODELS, task, at).pooled(np.arange(6)).cdf)
    assert cdfs[0].tobytes() == cdfs[1].tobytes()
