"""Rates with the number they rest on and their 95 % interval.

The intervals take alerts as independent of each other. Alerts of one outbreak are not, so that
the truth is a little less certain than they say.

SciPy's statistics, 60 MB, are loaded when the first interval is asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

Rate = dict[str, Any]
"""`value`, `n`, `low_95`, `high_95`; None where nothing can be said."""
LEVEL = 0.95


def share(hits: int, of: int) -> Rate:
    """Return hits ÷ of, with the score interval.

    Source: Wilson, "Probable inference" (JASA 22, 1927), as SciPy computes it.
    """
    if not of:
        return _rate(None, 0, None, None)
    from scipy.stats import binomtest  # noqa: PLC0415 - slow to load, and often no case

    ends = binomtest(hits, of).proportion_ci(LEVEL, method="wilson")
    return _rate(hits / of, of, ends.low, ends.high)


def pace(events: int, exposure: float) -> Rate:
    """Return events per unit of exposure, with the exact interval of a Poisson mean.

    Source: Garwood, "Fiducial limits for the Poisson distribution" (Biometrika 28, 1936).
    """
    if exposure <= 0:
        return _rate(None, events, None, None)
    from scipy.stats import chi2  # noqa: PLC0415 - slow to load, and often no case

    tail = (1 - LEVEL) / 2
    low = chi2.ppf(tail, 2 * events) / 2 if events else 0.0
    high = chi2.ppf(1 - tail, 2 * events + 2) / 2
    return _rate(events / exposure, events, low / exposure, high / exposure)


def middle(values: Sequence[int]) -> Rate:
    """Return the median, with the interval between order statistics.

    Source: Conover, "Practical Nonparametric Statistics" (1999), section 3.2, as SciPy computes
    it. Too few values have no interval.
    """
    if not len(values):
        return _rate(None, 0, None, None)
    from scipy.stats import quantile_test  # noqa: PLC0415 - slow to load, and often no case

    ends = quantile_test(np.asarray(values, dtype=np.float64), p=0.5).confidence_interval(LEVEL)
    low, high = (None if np.isnan(end) else float(end) for end in (ends.low, ends.high))
    return _rate(float(np.median(values)), len(values), low, high)


def _rate(value: float | None, n: int, low: float | None, high: float | None) -> Rate:
    ends = (None if end is None else float(end) for end in (low, high))
    return dict(zip(("value", "n", "low_95", "high_95"), (value, n, *ends), strict=True))
