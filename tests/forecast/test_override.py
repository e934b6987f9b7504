"""The law that an analyst's number implies."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import nbinom, poisson

from core.predictive import support_grid
from core.series import FloatArray
from forecast.override import implied

GRID = support_grid(250)


def negative_binomial(mean: float, size: float) -> FloatArray:
    law = np.asarray(nbinom.cdf(GRID, size, size / (size + mean)))
    law[-1] = 1.0
    return law


def test_it_has_the_analysts_mean_and_the_models_dispersion() -> None:
    grid, law = implied(9.0, negative_binomial(4.0, 2.0), GRID)
    mass = np.diff(law, prepend=0.0)
    mean = float(mass @ grid)
    assert mean == pytest.approx(9.0, rel=1e-3)
    assert float(mass @ (grid - mean) ** 2) == pytest.approx(9.0 + 81.0 / 2.0, rel=0.01)


def test_the_models_own_mean_gives_the_models_own_law() -> None:
    model = negative_binomial(4.0, 2.0)
    grid, law = implied(4.0, model, GRID)
    assert law == pytest.approx(model[: len(grid)], abs=1e-3)


def test_a_model_no_wider_than_poissons_gives_poissons() -> None:
    grid, law = implied(7.0, np.minimum(poisson.cdf(GRID, 4.0) + 1e-12, 1.0), GRID)
    assert law == pytest.approx(poisson.cdf(grid, 7.0), abs=1e-2)


def test_who_expects_none_is_sure_of_it() -> None:
    _, law = implied(0.0, negative_binomial(4.0, 2.0), GRID)
    assert set(law.tolist()) == {1.0}


def test_a_number_beyond_the_models_grid_is_not_cut_to_it() -> None:
    grid, law = implied(5_000.0, negative_binomial(1.0, 20.0), GRID)
    assert float(np.diff(law, prepend=0.0) @ grid) == pytest.approx(5_000.0, rel=0.02)


@settings(derandomize=True, deadline=None)
@given(st.floats(0, 1e6), st.floats(0.0, 200.0), st.floats(0.01, 100.0))
def test_it_is_always_a_law(value: float, mean: float, size: float) -> None:
    grid, law = implied(value, negative_binomial(max(mean, 1e-9), size), GRID)
    assert len(grid) == len(law)
    assert np.isfinite(law).all()
    assert (np.diff(law) >= 0).all()
    assert 0.0 <= law[0] <= law[-1] == 1.0
