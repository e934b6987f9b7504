"""The outbreak test rings about as often by chance as it says, and no past outbreak blinds it."""

import numpy as np
import pytest

from alerts.rules.exceedance import exceedance

NAN = np.nan


@pytest.mark.parametrize("mean", [0.3, 2.0, 20.0, 400.0])
@pytest.mark.parametrize("chance", [0.05, 0.01])
def test_counts_as_before_reach_the_line_about_as_seldom_as_asked(
    mean: float, chance: float
) -> None:
    rng = np.random.default_rng(3)
    reference, new = rng.poisson(mean, (20_000, 12)), rng.poisson(mean, 20_000)
    alarms = np.mean(new >= exceedance(reference.astype(float), chance))
    assert alarms <= 1.6 * chance


def test_clustered_counts_ring_little_more_often_than_asked() -> None:
    rng = np.random.default_rng(5)
    rate = rng.gamma(2.0, 2.5, (20_000, 53))
    counts = rng.poisson(rate).astype(float)
    alarms = np.mean(counts[:, -1] >= exceedance(counts[:, :-1], 0.01))
    assert alarms < 0.025


def test_a_threefold_month_is_found() -> None:
    rng = np.random.default_rng(4)
    reference, new = rng.poisson(8.0, (5_000, 12)), rng.poisson(24.0, 5_000)
    assert np.mean(new >= exceedance(reference.astype(float), 0.01)) > 0.9


def test_scattered_counts_need_more() -> None:
    even = np.full((1, 12), 6.0)
    scattered = np.array([[0, 14, 1, 12, 0, 11, 2, 13, 0, 9, 1, 9]], dtype=float)
    assert exceedance(scattered, 0.01)[0] > exceedance(even, 0.01)[0] + 5


def test_a_past_outbreak_weighs_less_than_its_count() -> None:
    quiet = np.tile([2.0, 3, 1, 2, 4, 2, 3, 2, 1, 3, 2, 2], (1, 1))
    struck = quiet.copy()
    struck[0, 5] = 40.0
    assert exceedance(struck, 0.01)[0] <= exceedance(quiet, 0.01)[0] + 10 < 40


@pytest.mark.parametrize(("periods", "factor"), [(1, 1), (3, 3)])
def test_a_sum_of_periods_has_a_line_of_its_own(periods: int, factor: int) -> None:
    line = exceedance(np.full((1, 52), 10.0), 0.05, periods)[0]
    assert factor * 10 < line < factor * 20


def test_too_little_history_has_no_line() -> None:
    half = np.array([[NAN] * 6 + [1.0] * 6, [NAN] * 7 + [1.0] * 5, [NAN] * 12])
    assert np.isnan(exceedance(half, 0.01)).tolist() == [False, True, True]
    assert np.isnan(exceedance(np.zeros((2, 0)), 0.01)).all()


def test_sums_of_masses_and_the_power_threshold_meet() -> None:
    below, above = (exceedance(np.full((1, 365), m), 0.01)[0] for m in (198.0, 202.0))
    assert 0 < above - below < 12
