"""The distribution that an analyst's one number implies, so that it can be scored like a model's.

An analyst who writes the count that they expect says nothing of its spread. They are taken to see
it as the model does: a negative binomial with their number as its mean and the model's dispersion,
var = mean + mean² / r (NB2: Cameron and Trivedi, *Regression Analysis of Count Data*, 1998, section
3.3), with r by the moments of the model's own distribution; Poisson where that is no wider.
"""

from __future__ import annotations

import numpy as np
from scipy.stats import nbinom, poisson

from core.predictive import support_grid
from core.series import FloatArray, IntArray

_TAIL = 1e-6
"""What is left beyond the grid; scores are rounded to more than that."""


def implied(mean: float, cdf: FloatArray, support: IntArray) -> tuple[IntArray, FloatArray]:
    """Return an analyst's law: its support and (grid,) cdf, on a grid that reaches far enough.

    Args:
        mean: the count that they expect, 0 or more.
        cdf: (grid,) the model's, ending at 1.
        support: (grid,) whole numbers from 0.
    """
    excess = _excess(cdf, support)
    if mean <= 0.0:
        grid = support_grid(1)
        return grid, np.ones(len(grid))
    size = 1.0 / excess if excess > 0.0 else 0.0
    law = nbinom(size, size / (size + mean)) if size else poisson(mean)
    grid = support_grid(float(law.isf(_TAIL)))
    found = np.maximum.accumulate(np.asarray(law.cdf(grid), dtype=np.float64))
    found[-1] = 1.0
    return grid, found


def _excess(cdf: FloatArray, support: IntArray) -> float:
    """Return 1/r: (variance − mean) / mean² of the model's law, 0 where its mean is."""
    mass = np.diff(cdf, prepend=0.0)
    mean = float(mass @ support)
    variance = float(mass @ (support - mean) ** 2)
    return (variance - mean) / mean**2 if mean > 0.0 else 0.0
