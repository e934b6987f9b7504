"""Tables of negative binomials against SciPy's own."""

import numpy as np
import pytest
from scipy.stats import nbinom

from core.predictive import support_grid
from forecast.negative_binomial import (
    LEAST_MEAN,
    binomials,
    grid_for,
    log_binomial,
    mean_rows,
    mixture_cdfs,
    tables,
)

LAWS = tables((0.15, 1.0, 20.0))


def row_of(mean: float) -> int:
    return int(mean_rows(np.array(mean)))


def cdf_of(weights: list[list[float]], rows: list[int], top: int) -> tuple[np.ndarray, np.ndarray]:
    support = support_grid(top)
    out = np.empty(len(support))
    flat, tops = np.array(weights).ravel(), np.array([len(support)])
    mixture_cdfs(flat[None], np.array([rows]), LAWS, grid_for(support, LAWS), tops, out[None])
    return support, out


@pytest.mark.parametrize("mean", [1e-9, 1e-4, 0.03, 1.0, 47.0, 1e6, 9e9])
def test_a_mean_finds_the_nearest_row_within_half_a_percent(mean: float) -> None:
    found = LAWS.means[row_of(mean)]
    assert found == pytest.approx(max(mean, LEAST_MEAN), rel=0.0051)


def test_a_mean_beyond_the_tables_takes_their_last_row() -> None:
    assert row_of(1e30) == len(LAWS.means) - 1


@pytest.mark.parametrize("y", [0, 1, 17, 2047, 2048, 90_000, 10**6 + 1])
@pytest.mark.parametrize("law", [0, 1, 2])
def test_log_masses_agree_with_scipy(y: int, law: int) -> None:
    row = row_of(max(y, 1) * 1.3)
    binomial = binomials(np.array(float(y)), LAWS)
    found = binomial[law] + LAWS.at_zero[row, law] + y * LAWS.per_count[row, law]
    r, mean = LAWS.dispersions[law], LAWS.means[row]
    assert found == pytest.approx(nbinom.logpmf(y, r, r / (r + mean)), abs=2e-6)


def test_the_large_count_formula_joins_the_exact_one() -> None:
    below, above = log_binomial(np.array([10**6, 10**6 + 1]), LAWS.dispersions)
    assert np.allclose(above - below, (LAWS.dispersions - 1) * 1e-6, atol=5e-8)


@pytest.mark.parametrize(("mean", "law", "top"), [(0.5, 0, 60), (12.0, 1, 700), (90.0, 2, 900)])
def test_one_law_on_the_grid_is_scipys_cdf(mean: float, law: int, top: int) -> None:
    row = row_of(mean)
    weights = [[float(i == law) for i in range(3)]]
    support, found = cdf_of(weights, [row], top)
    r, rounded = LAWS.dispersions[law], LAWS.means[row]
    reference = nbinom.cdf(support, r, r / (r + rounded))
    assert np.allclose(found, reference / reference[-1], atol=1e-4)


def test_a_mixture_is_the_weighted_mean_of_its_laws() -> None:
    rows = [row_of(2.0), row_of(9.0)]
    support, both = cdf_of([[0, 0.25, 0], [0, 0.75, 0]], rows, 250)
    parts = [cdf_of([[0, 1.0, 0]], [row], 250)[1] for row in rows]
    assert np.allclose(both, 0.25 * parts[0] + 0.75 * parts[1], atol=1e-9)
    assert both[-1] == 1.0
    assert len(support) == 252


def test_a_billion_neither_overflows_nor_loses_its_mass() -> None:
    row = row_of(1e9)
    support, found = cdf_of([[0, 0, 1.0]], [row], int(64e9))
    assert found[-1] == 1.0
    assert np.all(np.diff(found) >= 0)
    median = support[np.searchsorted(found, 0.5)]
    assert 0.9e9 < median < 1.05e9
