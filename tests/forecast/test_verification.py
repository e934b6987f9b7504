"""What forecasts that came due are marked by, and what they are measured against."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import poisson

from core.predictive import support_grid
from core.series import FloatArray, Panel
from forecast.models import NAIVE
from forecast.models.base import shared_support
from forecast.verification import benchmarks, marks


def test_benchmarks_are_distributions_of_every_naive_model(
    panel: Callable[..., Panel], wandering: Callable[..., FloatArray]
) -> None:
    made = panel(wandering(30, 40))
    support = shared_support(made.counts)
    found = benchmarks(made, support)
    assert tuple(found) == NAIVE
    for name, cdf in found.items():
        assert cdf.shape == (30, len(support)), name
        assert np.all(np.diff(cdf, axis=1) >= 0), name
        assert np.all(cdf[:, -1] == 1), name
    last_year = made.counts[:, -12:]
    for k in (0, 3, 9):
        assert found["conflictology"][:, k] == pytest.approx((last_year <= k).mean(axis=1))
    assert np.all(found["zero"] == 1)


def test_gaps_and_short_histories_have_benchmarks_too(panel: Callable[..., Panel]) -> None:
    nan = float("nan")
    made = panel([[nan, nan, 4.0], [1.0, nan, 0.0], [nan, nan, 900.0]])
    for cdf in benchmarks(made, shared_support(made.counts)).values():
        assert np.all(np.isfinite(cdf))
        assert np.all(cdf[:, -1] == 1)


@pytest.mark.parametrize(
    ("came", "held"), [(10, 50), (14, 80), (15, 90), (16, 95), (4, 95), (3, 0), (40, 0)]
)
def test_the_narrowest_interval_that_held_the_count_is_named(came: int, held: int) -> None:
    support = support_grid(100)
    cdf = poisson.cdf(support, 10.0)
    cdf[-1] = 1.0
    found = marks(cdf[None], support, np.array([float(came)]))
    assert found.held.tolist() == [held]


@settings(derandomize=True, max_examples=200, deadline=None)
@given(st.floats(0, 2000), st.integers(0, 100_000))
def test_marks_are_numbers_whatever_came(mean: float, came: int) -> None:
    support = support_grid(3000)
    cdf = np.minimum(poisson.cdf(support, mean), 1.0)
    cdf[-1] = 1.0
    found = marks(cdf[None], support, np.array([float(came)]))
    assert np.isfinite(found.crps[0])
    assert found.crps[0] >= 0
    assert np.log(1e-6) <= found.log_score[0] <= 0
    assert found.held[0] in {0, 50, 80, 90, 95}
