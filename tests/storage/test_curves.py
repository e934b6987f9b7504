"""Distributions as bytes: small, and the same to 1/65,535."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from core.predictive import Predictive, support_grid
from storage.curves import check_support, decode, encode

UNIT = 1 / 65_535


def negative_binomial(mean: float, size: float, top: int) -> np.ndarray:
    cdf = stats.nbinom.cdf(support_grid(top), size, size / (size + mean))
    cdf[-1] = 1.0
    return cdf


@settings(derandomize=True, deadline=None, max_examples=200)
@given(
    top=st.sampled_from([1, 2, 5, 40, 254, 255, 256, 300, 5_000, 80_000]),
    rows=st.integers(1, 5),
    seed=st.integers(0, 2**32 - 1),
    spread=st.floats(0.001, 30),
)
def test_any_distribution_comes_back_to_half_a_unit(
    top: int, rows: int, seed: int, spread: float
) -> None:
    random = np.random.default_rng(seed)
    grid = support_grid(top)
    mass = random.gamma(spread, 1.0, (rows, len(grid))) + 1e-300
    cdf = np.minimum(np.cumsum(mass, axis=1) / mass.sum(axis=1, keepdims=True), 1.0)
    cdf[:, -1] = 1.0
    support, found = decode(encode(cdf))
    width = len(support)
    assert np.array_equal(support, grid[:width])
    assert np.abs(found - cdf[:, :width]).max() <= UNIT / 2 + 1e-12
    assert np.all(1 - cdf[:, width - 1 :] <= UNIT / 2 + 1e-12)
    assert np.abs(np.diff(found, prepend=0) - np.diff(cdf[:, :width], prepend=0)).max() <= 2 * UNIT
    Predictive(support, found[:, None, :], np.eye(1))


def test_what_was_read_back_is_stored_the_same_again() -> None:
    cdf = np.stack([negative_binomial(2, 1.5, 300), negative_binomial(90, 3, 300)])
    first = encode(cdf)
    assert encode(decode(first)[1]) == first


def test_certainty_of_zero_costs_nothing() -> None:
    assert encode(np.ones((1, 5))) == [b""]
    support, cdf = decode([b"", b""])
    assert support.tolist() == [0, 1]
    assert cdf.tolist() == [[1, 1], [1, 1]]


def test_no_curves_at_all_are_read_as_none() -> None:
    support, cdf = decode([])
    assert cdf.shape == (0, len(support))
    assert encode(np.ones((0, 5))) == []


def test_an_ordinary_series_costs_at_most_sixty_bytes() -> None:
    sizes = {m: len(encode(negative_binomial(m, 1.5, 400)[None])[0]) for m in (0.2, 2, 20)}
    print(f"bytes of a curve by mean: {sizes}")
    assert sizes[2] <= 60


def test_a_support_off_the_shared_grid_is_refused() -> None:
    cdf = np.array([[[0.5, 1.0]]])
    check_support(Predictive(np.array([0, 1]), cdf, np.eye(1)))
    with pytest.raises(ValueError, match="shared grid"):
        check_support(Predictive(np.array([0, 2]), cdf, np.eye(1)))
