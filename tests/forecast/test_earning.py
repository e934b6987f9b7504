"""Season, neighbours and self-excitation: a share where they earn it, and nowhere else."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from core.series import FloatArray, Panel
from forecast.backtest import backtest
from forecast.engine import forecast
from forecast.ensemble import Ensemble
from forecast.models.base import Task, shared_support
from forecast.pool import earned
from tests.forecast import simulated

Make = Callable[..., Panel]
Wander = Callable[..., FloatArray]
COUNT_MODELS = ("dynamic-count", "conflictology")
EARNING = ("seasonal", "neighbours", "self-exciting")
MODELS = (*COUNT_MODELS, *EARNING)


def weight_of(name: str, panel: Panel, steps: int) -> np.ndarray:
    """Return (steps,) the mean weight of a member in a run."""
    weights = np.concatenate([o.weights for o in forecast(panel, steps, MODELS)])
    return np.asarray(weights[..., MODELS.index(name)].mean(axis=0))


@pytest.mark.parametrize(
    ("name", "panel", "steps", "origins"),
    [
        ("seasonal", simulated.seasonal(1), 6, 24),
        ("neighbours", simulated.led(2), 1, 24),
        ("self-exciting", simulated.exciting(3), 2, 48),
    ],
)
def test_a_strong_effect_earns_weight_and_lowers_the_score(
    name: str, panel: Panel, steps: int, origins: int
) -> None:
    without, found = (
        backtest(panel, steps, origins, 4, models).models["pool"].overall["crps"]
        for models in (COUNT_MODELS, MODELS)
    )
    weight = weight_of(name, panel, steps)
    print(f"{name}: CRPS {without:.3f} to {found:.3f} ({found / without - 1:+.1%}), weight", weight)
    assert found < 0.94 * without
    assert weight[0] > 0.25


def test_where_nothing_is_to_be_earned_the_bytes_are_those_of_the_count_models(
    panel: Make, wandering: Wander
) -> None:
    counts = panel(wandering(60, 90))
    (found,) = forecast(counts, 6, MODELS)
    (plain,) = forecast(counts, 6, COUNT_MODELS)
    assert found.predictive.cdf.tobytes() == plain.predictive.cdf.tobytes()
    assert found.notes == plain.notes
    assert found.weights[..., 2:5].max() == 0


def test_a_member_without_a_share_is_not_asked_for_the_series_outside_of_the_sample(
    panel: Make, wandering: Wander
) -> None:
    counts = panel(wandering(20, 60))
    task = Task(3, 30, shared_support(counts.counts))
    ensemble = Ensemble(counts, MODELS, task, np.array([60]))
    assert [fit.idle for fit in ensemble.pooled(np.arange(3)).fits] == [False] * 2 + [True] * 3
    everyone = ensemble.pooled(np.arange(3), everyone=True)
    assert not any(fit.idle for fit in everyone.fits)
    assert np.array_equal(everyone.cdf, ensemble.pooled(np.arange(3)).cdf)


@pytest.mark.parametrize(
    "whole", [simulated.seasonal(4, series=200), simulated.led(5, pairs=100)], ids=["season", "led"]
)
def test_blocks_do_not_show_in_the_bytes(whole: Panel) -> None:
    large = list(forecast(whole, 2, MODELS, block=5_000))
    small = list(forecast(whole, 2, MODELS, block=33))
    assert large[0].weights[..., 2:5].max() > 0.1
    joined = np.concatenate([outlook.predictive.cdf for outlook in small])
    assert joined.tobytes() == large[0].predictive.cdf.tobytes()


@pytest.mark.parametrize(
    "whole",
    [simulated.seasonal(6), simulated.led(7), simulated.exciting(8, 20, 300)],
    ids=["season", "led", "exciting"],
)
def test_a_past_origin_says_what_a_run_at_that_time_would_have_said(whole: Panel) -> None:
    columns = whole.counts.shape[1]
    then = replace(whole, counts=whole.counts[:, :-9], ends=whole.ends - 9)
    support = shared_support(whole.counts)
    task = Task(3, columns - 9 - 27, support)
    rows = np.arange(5)
    for name in EARNING:
        now = Ensemble(whole, (name,), task, np.array([columns - 9])).pooled(rows)
        past = Ensemble(then, (name,), task, np.array([columns - 9])).pooled(rows)
        assert np.array_equal(now.cdf, past.cdf), name


@pytest.mark.parametrize(
    ("kind", "panel", "subject"),
    [
        ("season", simulated.seasonal(1), "Januaries"),
        ("neighbours", simulated.led(2), ""),
        ("excitement", simulated.exciting(3), ""),
    ],
)
def test_what_moves_a_forecast_is_told_where_it_has_a_share(
    kind: str, panel: Panel, subject: str
) -> None:
    (outlook,) = forecast(panel, 2, MODELS)
    next_period = int(panel.ends[0]) + 1
    told = [
        one
        for series in outlook.effects
        for one in series
        if (one.period, one.kind, one.subject) == (next_period, kind, subject)
    ]
    assert len(told) > len(panel) / 2
    if kind == "season":
        assert np.mean([one.ratio for one in told]) == pytest.approx(1.6, abs=0.2)
    assert all(abs(one.adds) < 5 for one in told)


def test_nothing_is_told_where_nothing_was_earned(panel: Make, wandering: Wander) -> None:
    (outlook,) = forecast(panel(wandering(20, 60)), 2, MODELS)
    assert outlook.effects == ((),) * 20


def test_the_same_actor_elsewhere_is_looked_at_where_actors_are_told_apart() -> None:
    led = simulated.led(2)
    pairs = len(led) // 2
    keys = tuple((f"actor {n % pairs}", f"country {n // pairs}") for n in range(len(led)))
    actors = replace(led, keys=keys, columns=("actor", "country"), places=np.zeros((0, 2)))
    (outlook,) = forecast(actors, 1, MODELS)
    assert "actor" in {one.kind for series in outlook.effects for one in series}


@pytest.mark.filterwarnings("error")
def test_what_nobody_thought_possible_overflows_no_comparison() -> None:
    past = np.full((2, 60, 2, 2), 0.5)
    past[0, ::3, :, 0] = 1e-310
    others = np.array([[[1.0, 0.0], [1.0, 0.0]]])
    assert not earned(past, np.array([60]), others)[0, 1]
