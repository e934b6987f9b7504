"""Panels that the tests of this room share."""

from collections.abc import Callable

import numpy as np
import pytest

from core.periods import Period
from core.series import FloatArray, Panel


@pytest.fixture(scope="session")
def panel() -> Callable[..., Panel]:
    """Make a panel of regions r0, r1, … whose last column is December 2023."""

    def make(counts: FloatArray | list[list[float]], period: Period = Period.MONTH) -> Panel:
        matrix = np.atleast_2d(np.asarray(counts, dtype=np.float64))
        keys = tuple((f"r{number}",) for number in range(len(matrix)))
        ends = np.full(len(matrix), 2023 * 12 + 11, dtype=np.int64)
        return Panel(keys, period, matrix, ends, np.zeros((len(matrix), 0)))

    return make


@pytest.fixture(scope="session")
def wandering() -> Callable[..., FloatArray]:
    """Make counts whose rates differ by series and wander over time."""

    def make(series: int, columns: int, seed: int = 7) -> FloatArray:
        draw = np.random.default_rng(seed)
        drift = np.cumsum(draw.normal(0, 0.15, (series, columns)), axis=1)
        rates = draw.gamma(0.6, 5.0, (series, 1)) * np.exp(drift)
        return draw.poisson(rates).astype(np.float64)

    return make
