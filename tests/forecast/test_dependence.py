"""The correlation of horizons and of regions: found where it is, safe where nothing is known."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtr

from core.predictive import support_grid
from core.series import FloatArray
from forecast.dependence import between, correlation, mid_pit, prior_correlation


def test_the_mid_pit_is_the_middle_of_the_step() -> None:
    support = support_grid(3)
    cdf = np.array([0.2, 0.5, 0.9, 1.0, 1.0])[: len(support)]
    came = np.array([0.0, 2.0, 50.0, np.nan])
    found = mid_pit(np.tile(cdf, (4, 1)), support, came)
    assert found[:3].tolist() == pytest.approx([0.1, 0.7, 1.0])
    assert np.isnan(found[3])


def test_without_paths_the_prior_stands() -> None:
    assert np.allclose(correlation(np.empty((0, 4))), prior_correlation(4))
    assert np.allclose(correlation(np.full((9, 4), np.nan)), prior_correlation(4))


def test_neighbours_share_a_level_but_not_their_noise() -> None:
    prior = prior_correlation(6)
    assert np.diag(prior).tolist() == [1.0] * 6
    assert np.diag(prior, 1).tolist() == pytest.approx([0.425] * 5)
    assert np.diag(prior, 5).tolist() == pytest.approx([0.5 * 0.85**5])
    np.linalg.cholesky(prior_correlation(60))


@pytest.mark.parametrize("true", [0.0, 0.8])
def test_many_paths_show_their_correlation(true: float) -> None:
    wanted = np.full((3, 3), true) + (1 - true) * np.eye(3)
    normal = np.random.default_rng(4).multivariate_normal(np.zeros(3), wanted, size=20_000)
    assert np.allclose(correlation(ndtr(normal)), wanted, atol=0.03)


@settings(derandomize=True, max_examples=150, deadline=None)
@given(st.integers(1, 60), st.integers(0, 80), st.integers(0, 10_000))
def test_it_is_always_a_positive_definite_correlation(steps: int, paths: int, seed: int) -> None:
    draw = np.random.default_rng(seed)
    pits = draw.choice(
        [0.0, 1e-12, 0.3, 1.0, np.nan], size=(paths, steps), p=[0.3, 0.2, 0.2, 0.25, 0.05]
    )
    found = correlation(pits)
    assert np.allclose(np.diag(found), 1)
    assert np.array_equal(found, found.T)
    np.linalg.cholesky(found)


def grouped(true: float, groups: int, regions: int, origins: int) -> FloatArray:
    """Return (series, origins, 3) PITs of groups whose regions have a factor in common."""
    draw = np.random.default_rng(8)
    common = draw.standard_normal((groups, 1, origins, 3))
    own = draw.standard_normal((groups, regions, origins, 3))
    scores = np.sqrt(true) * common + np.sqrt(1 - true) * own
    return np.asarray(ndtr(scores).reshape(groups * regions, origins, 3))


@pytest.mark.parametrize("true", [0.0, 0.3, 0.8])
def test_many_origins_show_what_regions_have_in_common(true: float) -> None:
    pits = grouped(true, 4, 6, 400)
    assert between(pits, np.repeat(np.arange(4), 6)) == pytest.approx(true, abs=0.04)


def test_regions_of_different_groups_are_not_compared() -> None:
    pits = grouped(0.8, 1, 6, 400)
    assert between(pits, np.arange(6)) == pytest.approx(0.1)


def test_without_origins_or_partners_regions_have_the_prior_in_common() -> None:
    assert between(np.empty((5, 0, 3)), np.zeros(5)) == pytest.approx(0.1)
    assert between(np.full((5, 4, 3), np.nan), np.zeros(5)) == pytest.approx(0.1)
    assert between(grouped(0.8, 1, 1, 50), np.zeros(1)) == pytest.approx(0.1)


def test_few_origins_move_the_prior_a_little_and_unknown_counts_say_nothing() -> None:
    pits = grouped(0.8, 1, 6, 4)
    found = between(pits, np.zeros(6))
    assert 0.1 < found < 0.5
    holed = np.concatenate([pits, np.full((3, 4, 3), np.nan)])
    assert between(holed, np.zeros(9)) == pytest.approx(found)


@settings(derandomize=True, max_examples=100, deadline=None)
@given(st.integers(1, 9), st.integers(0, 5), st.integers(1, 6), st.integers(0, 10_000))
def test_what_regions_have_in_common_is_always_a_usable_share(
    series: int, origins: int, steps: int, seed: int
) -> None:
    draw = np.random.default_rng(seed)
    pits = draw.choice([0.0, 1e-12, 0.5, 1.0, np.nan], size=(series, origins, steps))
    assert 0.0 <= between(pits, draw.integers(0, 3, series)) <= 0.9
