"""Forecasts of whole panels: shapes, blocks, fallbacks, reproducibility."""

import zlib
from collections.abc import Callable

import numpy as np
import pytest

from core.errors import InputError
from core.forecasts import Outlook
from core.series import FloatArray, Panel
from forecast.engine import forecast
from forecast.ensemble import Ensemble
from forecast.models.base import Task, shared_support

Make = Callable[..., Panel]
Wander = Callable[..., FloatArray]
MODELS = ("dynamic-count", "conflictology")
NAN = float("nan")


def only(panel: Panel, steps: int = 6, models: tuple[str, ...] = MODELS) -> Outlook:
    (outlook,) = forecast(panel, steps, models)
    return outlook


def test_an_outlook_has_every_series_and_step(panel: Make, wandering: Wander) -> None:
    found = only(panel(wandering(7, 60)))
    assert found.predictive.shape == (7, 6)
    assert found.weights.shape == (7, 6, len(found.members))
    assert np.allclose(found.weights.sum(axis=2), 1)
    assert found.members[:2] == MODELS
    assert found.notes == ("",) * 7


def test_no_series_no_outlook(panel: Make) -> None:
    assert list(forecast(panel(np.zeros((0, 12))), 6, MODELS)) == []


def test_an_unknown_model_is_refused(panel: Make, wandering: Wander) -> None:
    with pytest.raises(InputError, match="no model 'sybil'"):
        only(panel(wandering(2, 20)), models=("sybil",))


def test_a_model_named_twice_counts_once(panel: Make, wandering: Wander) -> None:
    given = panel(wandering(3, 40))
    once, twice = only(given), only(given, models=(*MODELS, *MODELS))
    assert once.predictive.cdf.tobytes() == twice.predictive.cdf.tobytes()


@pytest.mark.parametrize("block", [1, 10, 100])
def test_blocks_of_any_size_give_the_same_bytes(block: int, panel: Make, wandering: Wander) -> None:
    given = panel(wandering(100, 48))
    whole = only(given)
    parts = list(forecast(given, 6, MODELS, block=block))
    assert len(parts) == 100 // block
    for read in (lambda o: o.predictive.cdf, lambda o: o.weights, lambda o: o.predictive.seeds):
        assert b"".join(read(part).tobytes() for part in parts) == read(whole).tobytes()
    assert all(
        p.predictive.dependence.tobytes() == whole.predictive.dependence.tobytes() for p in parts
    )


def test_paths_of_a_region_are_the_same_in_any_block(panel: Make, wandering: Wander) -> None:
    given = panel(wandering(12, 48))
    whole, parts = only(given), list(forecast(given, 6, MODELS, block=5))
    drawn = np.concatenate([part.predictive.paths(50, seed=1) for part in parts])
    assert np.array_equal(drawn, whole.predictive.paths(50, seed=1))


def test_the_seed_of_a_region_is_that_of_its_name(panel: Make, wandering: Wander) -> None:
    found = only(panel(wandering(2, 30)))
    assert found.predictive.seeds.tolist() == [zlib.crc32(b"r0"), zlib.crc32(b"r1")]


def test_a_series_too_short_for_a_member_says_so(panel: Make, wandering: Wander) -> None:
    counts = wandering(4, 40)
    counts[1, :-1] = NAN
    found = only(panel(counts))
    assert found.notes == ("", "too little history for dynamic-count", "", "")
    assert found.weights[1, :, 0].tolist() == [0] * 6
    assert found.weights[1, :, 1].tolist() == pytest.approx([1] * 6)


def test_the_chain_of_fallbacks_ends_in_a_model_that_cannot_fail(
    panel: Make, wandering: Wander
) -> None:
    counts = wandering(3, 40)
    counts[2] = NAN
    found = only(panel(counts))
    assert (
        found.notes[2] == "too little history for dynamic-count, conflictology: history-nb instead"
    )
    assert found.weights[2, 0, found.members.index("history-nb")] == 1
    assert 0 < found.predictive.mean()[2, 0] < 5


def test_one_member_alone_falls_back_on_conflictology_first(panel: Make) -> None:
    found = only(panel([[NAN] * 11 + [3.0], [2.0] * 12]), models=("dynamic-count",))
    assert found.notes[0] == "too little history for dynamic-count: conflictology instead"
    assert found.predictive.cdf[0, 0, 2:4] == pytest.approx([0, 1], abs=0.01)


def test_a_panel_without_a_single_column_is_answered(panel: Make) -> None:
    found = only(panel(np.zeros((2, 0))), steps=3)
    assert found.predictive.shape == (2, 3)


def test_steps_ahead_grow_less_certain(panel: Make, wandering: Wander) -> None:
    found = only(panel(wandering(60, 90)), steps=12)
    width = found.predictive.quantile([0.05, 0.95])
    spread = (width[..., 1] - width[..., 0]).mean(axis=0)
    assert spread[11] > spread[0]


def test_horizons_that_share_a_level_move_together(panel: Make, wandering: Wander) -> None:
    found = only(panel(wandering(60, 90))).predictive
    assert 0.05 < found.dependence[0, 1] < 1
    paths = found.paths(2000, seed=3)
    busy = paths[found.mean()[:, 0].argmax()]
    assert np.corrcoef(busy[:, 0], busy[:, 1])[0, 1] > 0.03


@pytest.mark.parametrize("series", [3, 64, 150])
def test_what_the_sample_said_is_what_its_block_would_have_said(
    series: int, panel: Make, wandering: Wander
) -> None:
    given = panel(wandering(series, 60))
    task = Task(6, 30, shared_support(given.counts))
    ensemble = Ensemble(given, MODELS, task, np.array([60]))
    rows = np.arange(series)[::-1]
    kept, anew = ensemble.pooled(rows), ensemble.pooled(rows, everyone=True)
    assert kept.cdf.tobytes() == anew.cdf.tobytes()
    assert kept.weights.tobytes() == anew.weights.tobytes()
    assert kept.able.tobytes() == anew.able.tobytes()
    assert kept.regime is not None
    assert np.array_equal(kept.regime, anew.regime, equal_nan=True)
    assert [fit.cdf.size for fit in kept.fits] == [0, 0]
    assert anew.fits[0].cdf.shape == anew.cdf.shape


def test_forecasts_that_nobody_takes_are_not_made(panel: Make, wandering: Wander) -> None:
    blocks = forecast(panel(wandering(40, 48)), 6, MODELS, block=4)
    assert next(blocks).panel.keys[0] == ("r0",)
    blocks.close()
    assert list(blocks) == []
