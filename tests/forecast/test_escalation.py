"""Escalations: forecasts allow for counts that no level of the past foresees."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.periods import Period
from core.predictive import Predictive, support_grid
from core.series import FloatArray, Panel
from forecast.engine import forecast
from forecast.escalation import A_YEAR, FACTORS, SILENT, Escalations

Make = Callable[..., Panel]
MODELS = ("dynamic-count", "conflictology")
GRID = support_grid(64 * 101)


def poisson(mean: float) -> FloatArray:
    """Return (1, 1, grid) the cdf of a Poisson law."""
    draws = np.random.default_rng(1).poisson(mean, 20_000)
    return np.searchsorted(np.sort(draws), GRID, side="right")[None, None] / 20_000


def allowed(cdf: FloatArray, period: Period = Period.MONTH) -> Predictive:
    found = cdf.copy()
    Escalations(GRID, period).allow_for(found)
    return Predictive(GRID, found, np.eye(1))


def test_the_share_of_a_month_is_one_part_in_a_hundred_and_multiplies_counts() -> None:
    before, after = Predictive(GRID, poisson(20), np.eye(1)), allowed(poisson(20))
    assert before.probability_at_least(45)[0, 0] < 1e-3
    assert after.probability_at_least(45)[0, 0] == pytest.approx(0.01 * 2.67 / 3, rel=0.05)
    assert after.probability_at_least(140)[0, 0] == pytest.approx(0.01 / 3, rel=0.15)
    most = A_YEAR / 12 * (np.mean(FACTORS) - 1)
    assert after.mean()[0, 0] == pytest.approx(before.mean()[0, 0] * (1 + most), rel=0.02)


def test_what_was_likely_stays_as_likely() -> None:
    before, after = poisson(20), allowed(poisson(20)).cdf
    assert np.abs(after - before).max() <= A_YEAR / 12
    assert np.all(after <= before + 1e-12), "an escalation makes no count less likely to be reached"


def test_a_day_sees_a_thirtieth_of_the_escalations_of_a_month() -> None:
    beyond = [allowed(poisson(20), p).probability_at_least(60)[0, 0] for p in Period]
    shares = dict(zip(Period, beyond, strict=True))
    assert shares[Period.MONTH] / shares[Period.DAY] == pytest.approx(365 / 12, rel=0.01)


def test_silence_without_end_stays_silent() -> None:
    silent = np.ones((1, 1, len(GRID)))
    assert np.array_equal(allowed(silent).cdf, silent)
    nearly = silent.copy()
    nearly[..., 0] = 1 - 1e-4
    raised = allowed(nearly).probability_at_least(1)[0, 0] / 1e-4
    assert 1 < raised < 1 + A_YEAR / 12 / SILENT


@settings(derandomize=True, deadline=None, max_examples=200)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=40), st.sampled_from(list(Period)))
def test_any_distribution_stays_one(masses: list[float], period: Period) -> None:
    mass = np.zeros(len(GRID))
    mass[np.linspace(0, len(GRID) - 1, len(masses)).astype(int)] = masses
    mass[0] += 1e-9
    cdf = np.minimum(np.cumsum(mass) / mass.sum(), 1.0)[None, None]
    cdf[..., -1] = 1.0
    found = allowed(cdf, period).cdf
    assert np.all(np.diff(found) >= 0)
    assert found.min() >= 0
    assert found[0, 0, -1] == 1


@pytest.mark.parametrize("largest", [1e3, 1e5])
def test_counts_of_a_hundred_thousand_keep_every_part_of_their_mass(
    largest: float, panel: Make
) -> None:
    draw = np.random.default_rng(5)
    steady = draw.poisson(largest, 72)
    wild = draw.negative_binomial(0.3, 0.3 / (0.3 + largest), 72)
    spike = np.zeros(72)
    spike[60] = largest
    (found,) = forecast(panel([steady, wild, spike]), 6, MODELS)
    law, means = found.predictive, found.predictive.mean()
    top = int(law.support[-1])
    print(f"counts of {largest:,.0f}: means {means[:, 0].round(1)}, grid to {top:,}")
    assert np.all(np.isfinite(means))
    assert 0.9 < means[0, 0] / largest < 1.2
    assert 0.2 < means[1, 0] / wild[-12:].mean() < 5
    assert means[2, 0] < largest
    assert top >= 64 * largest, "nothing that could come lies beyond the grid"
    assert np.all(law.at_most(top) == 1)
    assert np.all(law.probability_at_least(top // 2) < 1e-3)
    cuts = [int(largest * share) for share in (0.1, 0.5, 1, 2, 5, 10, 50)]
    tails = np.stack([law.probability_at_least(cut) for cut in cuts])
    assert np.all(np.diff(tails, axis=0) <= 0)
    for cut, tail in zip(cuts, tails, strict=True):
        assert np.allclose(law.at_most(cut - 1) + tail, 1, atol=1e-12)
    quantiles = law.quantile([0.05, 0.5, 0.95, 0.995])
    assert np.all(np.diff(quantiles, axis=-1) >= 0)
    assert 0.8 < quantiles[0, 0, 1] / largest < 1.2
