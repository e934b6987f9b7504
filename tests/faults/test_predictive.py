"""Row 31, impossible predictives: negative, crossing, NaN, or not summing to one."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.forecasts import Outlook
from core.periods import Period
from core.series import FloatArray, Panel
from forecast.engine import forecast
from forecast.models import COSTLY, MODELS

CHEAP = tuple(name for name in MODELS if name not in COSTLY)
LEVELS = (0.001, 0.05, 0.25, 0.5, 0.75, 0.95, 0.999)


def zeros(draw: np.random.Generator, columns: int) -> FloatArray:
    return np.zeros(columns)


def one_point(draw: np.random.Generator, columns: int) -> FloatArray:
    counts = np.full(columns, np.nan)
    counts[-1] = draw.integers(0, 50)
    return counts


def constant(draw: np.random.Generator, columns: int) -> FloatArray:
    return np.full(columns, float(draw.choice([1, 3, 255, 256, 10**5, 10**9])))


def spike(draw: np.random.Generator, columns: int) -> FloatArray:
    counts = np.zeros(columns)
    counts[draw.integers(columns)] = draw.choice([1, 300, 10**6, 10**9])
    return counts


def billions(draw: np.random.Generator, columns: int) -> FloatArray:
    return draw.integers(0, 10**9, columns, endpoint=True).astype(float)


def gaps(draw: np.random.Generator, columns: int) -> FloatArray:
    counts = draw.poisson(3, columns).astype(float)
    counts[draw.random(columns) < draw.random()] = np.nan
    return counts


def unknown(draw: np.random.Generator, columns: int) -> FloatArray:
    return np.full(columns, np.nan)


def step(draw: np.random.Generator, columns: int) -> FloatArray:
    rates = np.where(np.arange(columns) < draw.integers(columns), 0.1, 10 ** draw.uniform(0, 5))
    return draw.poisson(rates).astype(float)


def heavy(draw: np.random.Generator, columns: int) -> FloatArray:
    return np.floor(draw.pareto(0.7, columns)).clip(0, 1e9)


def fractional(draw: np.random.Generator, columns: int) -> FloatArray:
    return np.round(draw.gamma(0.5, 10.0, columns), 2)


KINDS = (zeros, one_point, constant, spike, billions, gaps, unknown, step, heavy, fractional)


def panel_of(series: int, columns: int, seed: int, period: Period) -> Panel:
    draw = np.random.default_rng(seed)
    rows = [KINDS[draw.integers(len(KINDS))](draw, columns) for _ in range(series)]
    keys = tuple((str(number),) for number in range(series))
    return Panel(keys, period, np.stack(rows), np.full(series, 24_000), np.zeros((series, 0)))


def violations(outlook: Outlook) -> int:
    """Count the cells with anything impossible in them."""
    found = outlook.predictive
    cdf, quantiles = found.cdf, found.quantile(LEVELS)
    bad = ~np.isfinite(cdf).all(axis=2) | (cdf < 0).any(axis=2) | (cdf[..., -1] != 1)
    bad |= (np.diff(cdf, axis=2) < 0).any(axis=2) | (np.abs(found.masses().sum(axis=2) - 1) > 1e-9)
    bad |= (quantiles < 0).any(axis=2) | (np.diff(quantiles, axis=2) < 0).any(axis=2)
    bad |= ~np.isfinite(found.mean()) | (np.abs(outlook.weights.sum(axis=2) - 1) > 1e-9)
    return int(bad.any(axis=1).sum())


def test_ten_thousand_hostile_series_get_no_impossible_predictive() -> None:
    cases = violated = 0

    @settings(
        derandomize=True, max_examples=130, deadline=None, database=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(
        st.integers(80, 100), st.integers(1, 40), st.integers(1, 3),
        st.integers(0, 10**6), st.sampled_from(list(Period)),
    )  # fmt: skip
    def check(series: int, columns: int, steps: int, seed: int, period: Period) -> None:
        nonlocal cases, violated
        panel = panel_of(series, columns, seed, period)
        outlooks = list(forecast(panel, steps, CHEAP, block=64))
        bad = sum(violations(outlook) for outlook in outlooks)
        cases, violated = cases + series, violated + bad
        assert bad == 0

    check()
    assert cases >= 10_000
    print(f"\nrow 31: {cases} hostile series, {violated} violations")


@pytest.mark.parametrize(
    ("columns", "steps"), [(20_000, 1), (2_000, 60), (300, 60), (1, 60), (2, 1)]
)
def test_one_to_twenty_thousand_points_and_sixty_steps_are_answered(
    columns: int, steps: int
) -> None:
    series = 4 if columns < 10_000 else 2  # the time grows with their number alone
    panel = panel_of(series, columns, seed=columns + steps, period=Period.DAY)
    for outlook in forecast(panel, steps, CHEAP):
        assert violations(outlook) == 0
        assert outlook.predictive.shape == (series, steps)


def test_counts_of_a_hundred_thousand_a_period_do_not_overflow() -> None:
    draw = np.random.default_rng(11)
    counts = np.stack([draw.poisson(10.0**power, 120) for power in range(6)]).astype(float)
    keys = tuple((str(number),) for number in range(len(counts)))
    panel = Panel(keys, Period.MONTH, counts, np.full(len(counts), 24_000), np.zeros((6, 0)))
    (outlook,) = forecast(panel, 6, ("dynamic-count", "conflictology"))
    assert violations(outlook) == 0
    means, medians = outlook.predictive.mean(), outlook.predictive.quantile([0.5])[..., 0]
    assert np.allclose(means[1:], counts.mean(axis=1)[1:, None], rtol=0.15)
    assert np.allclose(medians[2:], counts.mean(axis=1)[2:, None], rtol=0.1)


@pytest.mark.parametrize("period", Period)
def test_every_member_alone_gives_nothing_impossible(period: Period) -> None:
    panel = panel_of(60, 30, seed=3, period=period)
    for name in MODELS if period is Period.MONTH else CHEAP:
        for outlook in forecast(panel, 4, (name,)):
            assert violations(outlook) == 0, name


def test_joint_paths_of_hostile_series_are_counts() -> None:
    panel = panel_of(30, 30, seed=5, period=Period.WEEK)
    for outlook in forecast(panel, 8, ("dynamic-count", "conflictology")):
        paths = outlook.predictive.paths(20, seed=1)
        assert paths.min() >= 0
        assert paths.max() <= outlook.predictive.support[-1]
