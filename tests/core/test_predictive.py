"""Forecast distributions against the same distribution written out count by count."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import nbinom

from core.predictive import EXACT, Predictive, _reached, support_grid
from core.series import FloatArray

TOPS = st.sampled_from([1, 2, 9, 254, 255, 256, 300, 1_000, 5_000])
SEEDS = st.integers(0, 2**32 - 1)
many = settings(max_examples=60, deadline=None, derandomize=True)


def random_predictive(
    top: int, seed: int, shape: tuple[int, int] = (2, 3), correlation: float = 0.0
) -> Predictive:
    """Return distributions with lumps, gaps and long tails."""
    rng = np.random.default_rng(seed)
    support = support_grid(top)
    weights = rng.random((*shape, len(support))) ** rng.integers(1, 30)
    weights[rng.random(weights.shape) < rng.random()] = 0.0
    weights[..., rng.integers(len(support))] += 0.1
    cdf = np.minimum(np.cumsum(weights / weights.sum(axis=-1, keepdims=True), axis=-1), 1.0)
    cdf[..., -1] = 1.0
    dependence = np.full((shape[1], shape[1]), correlation)
    np.fill_diagonal(dependence, 1.0)
    return Predictive(support, cdf, dependence, np.arange(shape[0]))


def written_out(predictive: Predictive) -> FloatArray:
    """Return (series, horizons, counts): the mass of every single count."""
    steps = np.diff(predictive.support, prepend=-1)
    return np.repeat(predictive.masses() / steps, steps, axis=-1)


@pytest.mark.parametrize("top", [0, 1, 2.5, 254, 255, 256, 10_000, 1e7])
def test_the_grid_is_exact_for_small_counts_and_reaches_its_top(top: float) -> None:
    grid = support_grid(top)
    assert grid[0] == 0
    assert grid[-1] >= max(top, 1)
    np.testing.assert_array_equal(grid[:EXACT], np.arange(len(grid[:EXACT])))
    wide = np.diff(grid) > 1
    assert np.all(np.diff(grid)[wide] <= 0.02 * grid[:-1][wide])
    assert len(grid) < 1_000


@many
@given(TOPS, SEEDS)
def test_probabilities_and_means_are_those_of_the_counts(top: int, seed: int) -> None:
    predictive = random_predictive(top, seed)
    pmf = written_out(predictive)
    counts = np.arange(pmf.shape[-1])
    np.testing.assert_allclose(predictive.mean(), pmf @ counts)
    for n in {-1, 0, 1, top // 3, top // 2 + 1, top - 1, top, top + 1, 10**9}:
        at_most = pmf[..., counts <= n].sum(axis=-1)
        np.testing.assert_allclose(predictive.at_most(n), at_most, atol=1e-9)
        np.testing.assert_allclose(predictive.probability_at_least(n + 1), 1 - at_most, atol=1e-9)
        np.testing.assert_allclose(predictive.pmf(n), pmf[..., counts == n].sum(axis=-1), atol=1e-9)


@many
@given(TOPS, SEEDS)
def test_at_most_takes_a_number_per_series_or_per_cell(top: int, seed: int) -> None:
    predictive = random_predictive(top, seed)
    rng = np.random.default_rng(seed)
    cells = rng.integers(-1, top + 3, size=(2, 3))
    expected = [
        [predictive.at_most(int(n))[s, h] for h, n in enumerate(row)] for s, row in enumerate(cells)
    ]
    np.testing.assert_array_equal(predictive.at_most(cells), expected)
    per_series = predictive.at_most(cells[:, 0])
    np.testing.assert_array_equal(per_series[0], predictive.at_most(int(cells[0, 0]))[0])
    np.testing.assert_array_equal(per_series[1], predictive.at_most(int(cells[1, 0]))[1])


@many
@given(TOPS, SEEDS, st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_a_quantile_is_the_smallest_count_that_reaches_its_level(
    top: int, seed: int, levels: list[float]
) -> None:
    predictive = random_predictive(top, seed)
    cumulative = np.cumsum(written_out(predictive), axis=-1)
    for i, level in enumerate(levels):
        found = predictive.quantile(levels)[..., i]
        reached = np.take_along_axis(cumulative, found[..., None], axis=-1)[..., 0]
        before = np.take_along_axis(cumulative, np.maximum(found - 1, 0)[..., None], axis=-1)[
            ..., 0
        ]
        assert np.all(reached >= level - 1e-9)
        assert np.all((found == 0) | (before < level + 1e-9))


@many
@given(TOPS, SEEDS)
def test_quantiles_never_cross(top: int, seed: int) -> None:
    levels = np.linspace(0, 1, 41)
    assert np.all(np.diff(random_predictive(top, seed).quantile(levels), axis=-1) >= 0)


@many
@given(TOPS, SEEDS, st.integers(0, 2))
def test_a_window_of_one_horizon_is_exact(top: int, seed: int, horizon: int) -> None:
    predictive = random_predictive(top, seed, correlation=0.5)
    wanted = np.array([1, top // 2 + 1])
    exact = predictive.probability_at_least(wanted)[:, horizon]
    np.testing.assert_array_equal(predictive.any_at_least(wanted, horizon, horizon), exact)
    np.testing.assert_array_equal(predictive.total_at_least(wanted, horizon, horizon), exact)


@many
@given(TOPS, SEEDS, st.sampled_from([0.0, 0.4, 0.9]))
def test_windows_agree_with_their_own_draws(top: int, seed: int, correlation: float) -> None:
    predictive = random_predictive(top, seed, correlation=correlation)
    wanted = np.array([max(1, top // 4), top // 2 + 1])
    for s in range(2):
        draws = predictive.draws(s, 1, 2)
        assert predictive.any_at_least(wanted, 1, 2)[s] == np.mean(draws.max(axis=1) >= wanted[s])
        assert predictive.total_at_least(wanted, 1, 2)[s] == np.mean(draws.sum(axis=1) >= wanted[s])


@many
@given(st.sampled_from([1, 5, 40, 300]), SEEDS)
def test_independent_windows_are_products_and_convolutions(top: int, seed: int) -> None:
    predictive = random_predictive(top, seed)
    pmf = written_out(predictive)
    n = top // 2 + 1
    none = np.prod(predictive.at_most(n - 1)[:, 0:2], axis=1)
    np.testing.assert_allclose(predictive.any_at_least(n, 0, 1), 1 - none, atol=0.04)
    total = [np.convolve(rows[0], rows[1])[n:].sum() for rows in pmf]
    np.testing.assert_allclose(predictive.total_at_least(n, 0, 1), total, atol=0.04)


def test_horizons_that_move_together_make_any_less_likely_and_extremes_of_the_total_more() -> None:
    support = support_grid(20)
    cdf = np.broadcast_to(np.minimum((support + 1) / 11, 1.0), (1, 2, len(support)))
    alone, together = (
        Predictive(support, cdf, np.array([[1.0, r], [r, 1.0]])) for r in (0.0, 0.999)
    )
    assert alone.any_at_least(6, 0, 1)[0] == pytest.approx(1 - (6 / 11) ** 2, abs=0.03)
    assert together.any_at_least(6, 0, 1)[0] == pytest.approx(5 / 11, abs=0.03)
    assert alone.total_at_least(19, 0, 1)[0] == pytest.approx(3 / 121, abs=0.02)
    assert together.total_at_least(19, 0, 1)[0] == pytest.approx(1 / 11, abs=0.03)


@many
@given(TOPS, SEEDS)
def test_paths_are_the_same_in_any_block_and_for_any_number_of_series(top: int, seed: int) -> None:
    predictive = random_predictive(top, seed, correlation=0.5)
    paths = predictive.paths(20, seed=3)
    assert paths.shape == (2, 20, 3)
    assert np.all(paths >= 0)
    np.testing.assert_array_equal(predictive.rows(1, 2).paths(20, seed=3)[0], paths[1])
    np.testing.assert_array_equal(predictive.paths(20, seed=3), paths)


def test_paths_follow_margins_and_dependence() -> None:
    predictive = random_predictive(1_000, 5, correlation=0.8)
    paths = predictive.paths(20_000, seed=1)
    spread = paths.std(axis=1) / np.sqrt(20_000)
    assert np.all(np.abs(paths.mean(axis=1) - predictive.mean()) < 6 * spread + 1e-9)
    assert np.corrcoef(paths[0, :, 0], paths[0, :, 1])[0, 1] > 0.5
    assert np.any(predictive.paths(20, seed=2) != predictive.paths(20, seed=3))


def test_series_without_seeds_draw_alike_and_seeds_set_them_apart() -> None:
    seeded = random_predictive(300, 9)
    same = Predictive(seeded.support, np.repeat(seeded.cdf[:1], 2, axis=0), seeded.dependence)
    apart = Predictive(same.support, same.cdf, same.dependence, np.array([1, 2]))
    np.testing.assert_array_equal(*same.paths(50, seed=1))
    assert np.any(apart.paths(50, seed=1)[0] != apart.paths(50, seed=1)[1])


@pytest.mark.parametrize(
    ("support", "cdf"),
    [
        ([1, 2], [0.5, 1.0]),
        ([0, 0], [0.5, 1.0]),
        ([0, 1], [0.5, 0.9]),
        ([0, 1], [-0.1, 1.0]),
        ([0, 1, 2], [0.6, 0.5, 1.0]),
        ([0, 1], [np.nan, 1.0]),
        ([0, 1], [0.5, np.inf]),
    ],
)
def test_what_is_no_distribution_is_refused(support: list[int], cdf: list[float]) -> None:
    with pytest.raises(ValueError, match=r"must (rise|be finite|not fall)"):
        Predictive(np.array(support), np.array([[cdf]]), np.eye(1))


def test_totals_of_small_and_of_huge_counts_are_those_of_the_draws() -> None:
    means = np.array(
        [[0.3, 4.0, 9.0], [40.0, 300.0, 2000.0], [2.0, 5000.0, 0.1], [900.0, 1.0, 1.0]]
    )
    support = support_grid(20_000)
    cdf = nbinom.cdf(support, 2.0, 2.0 / (2.0 + means[..., None]))
    cdf[..., -1] = 1.0
    tied = 0.5 ** np.abs(np.subtract.outer(np.arange(3), np.arange(3)))
    predictive = Predictive(support, np.minimum(cdf, 1.0), tied)
    wanted = np.array([[5, 20], [900, 4000], [100, 6000], [1, 2000]])
    found = predictive.total_at_least(wanted, 0, 2)
    for s in range(4):
        totals = predictive.draws(s, 0, 2).sum(axis=1)
        assert found[s].tolist() == [np.mean(totals >= n) for n in wanted[s]]
    np.testing.assert_array_equal(predictive.total_at_least(wanted[:, 1], 0, 2), found[:, 1])


def test_totals_of_very_many_horizons_do_not_overflow() -> None:
    support = support_grid(250)
    cdf = np.zeros((1, 180, len(support)))
    cdf[..., 250:] = 1.0
    predictive = Predictive(support, cdf, np.eye(180))
    assert predictive.total_at_least(np.array([[45_000, 45_001]]), 0, 179).tolist() == [[1.0, 0.0]]


@given(st.lists(st.floats(0, 1), min_size=1, max_size=60), st.integers(1, 400))
@settings(derandomize=True, deadline=None)
def test_a_level_has_the_place_that_a_search_finds_whatever_the_law(
    levels: list[float], points: int
) -> None:
    asked = np.array([*levels, 0.0, 0.5, 1.0, np.nextafter(1.0, 0.0)])
    rough = np.sort(np.random.default_rng(points).beta(0.05, 0.05, points))
    for cdf in (rough / max(rough[-1], 1e-12), np.linspace(1 / points, 1, points), np.sort(asked)):
        np.testing.assert_array_equal(_reached(cdf, asked), np.searchsorted(cdf, asked))
