"""The 95 % intervals of a brief."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from scipy.stats import binomtest, norm, t

LEVEL = 0.95
BURSTS = 1.5
"""Counts that vary more than so many times as much as independent events would come in bursts."""


class Estimate(NamedTuple):
    """A value with its 95 % interval; None where it has no end, or cannot be said."""

    value: float | None
    low_95: float | None
    high_95: float | None


NOTHING = Estimate(None, None, None)


def rate_ratio(since: int, exposure_since: float, before: int, exposure_before: float) -> Estimate:
    """Return the rate since over the rate before, with its exact interval.

    Given their sum, the later of two Poisson counts is binomial; the Clopper-Pearson interval of
    its share becomes that of the ratio. The value is None, "from none", where none came before,
    and so is the interval's upper end.

    Source: Przyborowski and Wilenski, "Homogeneity of results in testing samples from Poisson
    series" (Biometrika 31, 1940); Lehmann and Romano, "Testing Statistical Hypotheses" (2005),
    section 4.5.
    """
    if since + before == 0 or not exposure_since or not exposure_before:
        return NOTHING
    scale = exposure_before / exposure_since
    ends = binomtest(since, since + before).proportion_ci(LEVEL, method="exact")
    return Estimate(
        since / before * scale if before else None,
        _odds(ends.low, scale),
        _odds(ends.high, scale),
    )


def allowing_for_bursts(since: int, before: int, ratio: float, spread: float) -> Estimate:
    """Return a ratio with the interval of counts whose variance is `spread` times their mean.

    It is the quasi-Poisson interval on the log scale, for two counts that are not 0.

    Source: McCullagh and Nelder (1989), section 6.2.3.
    """
    reach = float(norm.ppf((1 + LEVEL) / 2)) * math.sqrt(spread * (1 / since + 1 / before))
    return Estimate(ratio, ratio * math.exp(-reach), ratio * math.exp(reach))


def _odds(share: float, scale: float) -> float | None:
    return None if share >= 1 else float(share / (1 - share) * scale)


def mean_count(events: int, total: int, squares: int) -> Estimate:
    """Return the mean of some counts, with a quasi-Poisson interval on the log scale.

    The variance is the mean times a dispersion that Pearson's statistic estimates; never less
    than 1, so that few equal counts do not claim to be certain.

    Args:
        events: how many counts.
        total: their sum.
        squares: the sum of their squares.

    Source: McCullagh and Nelder, "Generalized Linear Models" (1989), sections 4.5 and 6.2.3.
    """
    if not events:
        return NOTHING
    mean = total / events
    if events < 2 or not total:
        return Estimate(mean, None, None)
    dispersion = max(1.0, (squares - total * mean) / mean / (events - 1))
    reach = float(t.ppf((1 + LEVEL) / 2, events - 1)) * math.sqrt(dispersion / total)
    return Estimate(mean, mean * math.exp(-reach), mean * math.exp(reach))


def dispersion(stretches: Sequence[Sequence[int]]) -> float | None:
    """Return how many times the variance of monthly counts exceeds that of a Poisson process.

    Each stretch has a level of its own. Under 6 degrees of freedom nothing is said.
    """
    known = [counts for counts in stretches if len(counts) > 1 and any(counts)]
    freedom = sum(len(counts) - 1 for counts in known)
    if freedom < 6:
        return None
    pearson = 0.0
    for counts in known:
        mean = sum(counts) / len(counts)
        pearson += sum((count - mean) ** 2 for count in counts) / mean
    return pearson / freedom
