"""Skill: whether forecasts beat a benchmark, with an interval that knows how few they are.

Scores of one month are wrong together, and so are those of neighbouring months, which share most
of their forecasts' knowledge. Whole stretches of periods are therefore drawn again, never single
forecasts: the circular block bootstrap of Politis and Romano ("A circular block-resampling
procedure for stationary data", in LePage and Billard, Exploring the Limits of Bootstrap, 1992).
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

import numpy as np

from core.series import FloatArray

LEAST_PERIODS = 12
"""Scored periods under which nothing is said: a year of months, four blocks of three."""
_DRAWS = 1000
_SEED = 20_221_001
_SURE = 0.9
"""Mass of the interval that must lie on one side of "as good" before a verdict is given."""
_SHARE, _COUNTS = 0.02, 0.005
"""Smaller differences, in shares of the benchmark's CRPS or in counts, are none to anybody."""
_AT_ONCE = 512


class Verdict(StrEnum):
    """What is said of a record, measured against a benchmark."""

    BETTER = "better"
    EQUAL = "about as good"
    WORSE = "worse"
    TOO_FEW = "too few to say"


class Ratio(NamedTuple):
    """Mean CRPS over the benchmark's, and the ends of its interval; None where none can be said.

    There is no ratio without its interval. An end alone is None where it has no bound: in some of
    the drawn records the benchmark made no error at all.
    """

    value: float | None
    low: float | None
    high: float | None


class Skill(NamedTuple):
    """A record against the last year's distribution. Under 1, `ratio` says it is better.

    `forecasts` counts those that were scored, `periods` the different ones that they forecast.
    """

    verdict: Verdict
    ratio: Ratio
    forecasts: int
    periods: int


NO_RATIO = Ratio(None, None, None)
NO_SKILL = Skill(Verdict.TOO_FEW, NO_RATIO, 0, 0)


def ratio(ours: FloatArray, theirs: FloatArray, steps: int, mass: float = 0.9) -> Ratio:
    """Return the ratio of two models' summed scores with its interval.

    Args:
        ours: (periods,) summed CRPS, in the order of time.
        theirs: the benchmark's, of the same cases.
        steps: periods that one forecast reaches ahead.
        mass: of the interval.

    Returns:
        none under LEAST_PERIODS, and none where the benchmark made no error.
    """
    value = _over(ours.sum(), theirs.sum())
    if len(ours) < LEAST_PERIODS or value is None:
        return NO_RATIO
    weights = _weights(len(ours), steps)
    over = _ends((weights @ ours)[:, None], (weights @ theirs)[:, None], mass)[:, 0]
    return Ratio(value, *_finite(over))


def skills(ours: FloatArray, theirs: FloatArray, forecasts: FloatArray, steps: int) -> list[Skill]:
    """Return the skill of each of many series.

    Args:
        ours: (series, periods) summed CRPS, in the order of time; 0 where nothing was scored.
        theirs: the benchmark's, of the same cases.
        forecasts: (series, periods) how many they are.
        steps: periods that one forecast reaches ahead.
    """
    found: list[Skill] = []
    weights = _weights(ours.shape[1], steps) if ours.shape[1] else np.zeros((_DRAWS, 0))
    for start in range(0, len(ours), _AT_ONCE):
        part = slice(start, start + _AT_ONCE)
        sums = weights @ ours[part].T, weights @ theirs[part].T
        apart = np.quantile(sums[0] - sums[1], [(1 - _SURE) / 2, (1 + _SURE) / 2], axis=0)
        over = _ends(*sums, _SURE)
        for row in range(len(ours[part])):
            total = ours[start + row].sum(), theirs[start + row].sum()
            counts = forecasts[start + row]
            sizes = int(counts.sum()), int(np.count_nonzero(counts))
            found.append(_skill(total, apart[:, row], over[:, row], *sizes))
    return found


def _skill(
    total: tuple[float, float], apart: FloatArray, over: FloatArray, forecasts: int, periods: int
) -> Skill:
    if periods < LEAST_PERIODS:
        return Skill(Verdict.TOO_FEW, NO_RATIO, forecasts, periods)
    value = _over(*total)
    told = NO_RATIO if value is None else Ratio(value, *_finite(over))
    difference = total[0] - total[1]
    verdict = Verdict.EQUAL
    if abs(difference) >= max(_SHARE * total[1], _COUNTS * forecasts):
        if difference > 0 and apart[0] > 0:
            verdict = Verdict.WORSE
        elif difference < 0 and apart[1] < 0:
            verdict = Verdict.BETTER
    return Skill(verdict, told, forecasts, periods)


def _ends(ours: FloatArray, theirs: FloatArray, mass: float) -> FloatArray:
    """Return (2, series) ends of the ratios of (draws, series) sums; two sums of none are equal."""
    endless = np.where(ours > 0, np.inf, 1.0)
    drawn = np.divide(ours, theirs, out=endless, where=theirs > 0)
    ends = [(1 - mass) / 2, (1 + mass) / 2]
    return np.asarray(np.quantile(drawn, ends, axis=0, method="inverted_cdf"))


def _finite(ends: FloatArray) -> tuple[float | None, ...]:
    return tuple(end if np.isfinite(end) else None for end in ends.tolist())


def _over(ours: float, theirs: float) -> float | None:
    return float(ours / theirs) if theirs > 0 else None


def _weights(periods: int, steps: int) -> FloatArray:
    """Return (draws, periods) how often each period is drawn, in blocks around the circle.

    A block is as long as a forecast reaches, so that forecasts with the same origin stay together,
    but at most a quarter of the record; at least the cube root of the record, the order that Hall,
    Horowitz and Jing (Biometrika 82, 1995) find best for a variance.
    """
    length = max(min(max(steps, round(periods ** (1 / 3))), periods // 4), 1)
    blocks = -(-periods // length)
    starts = np.random.default_rng(_SEED).integers(0, periods, (_DRAWS, blocks))
    drawn = (starts[:, :, None] + np.arange(length)).reshape(_DRAWS, -1)[:, :periods] % periods
    weights = np.zeros((_DRAWS, periods))
    np.add.at(weights, (np.arange(_DRAWS)[:, None], drawn), 1.0)
    return weights


def shares(
    came: FloatArray, said: FloatArray, steps: int, mass: float = 0.95
) -> tuple[float, float] | None:
    """Return the interval of a share, from (periods,) how many came true of how many were said.

    None under LEAST_PERIODS. The wider, at each end, of the block bootstrap's interval and of
    Wilson's (JASA 22, 1927): the first knows that cases of one time go together, the second that
    none of n is not never.
    """
    some = said > 0
    came, said = came[some], said[some]
    if len(said) < LEAST_PERIODS:
        return None
    weights = _weights(len(said), steps)
    drawn = (weights @ came) / np.maximum(weights @ said, 1.0)
    low, high = np.quantile(drawn, [(1 - mass) / 2, (1 + mass) / 2]).tolist()
    wilson = _wilson(float(came.sum()), float(said.sum()))
    return min(low, wilson[0]), max(high, wilson[1])


def _wilson(came: float, said: float) -> tuple[float, float]:
    z = 1.959964
    middle = (came + z * z / 2) / (said + z * z)
    half = z / (said + z * z) * np.sqrt(came * (said - came) / said + z * z / 4)
    return max(float(middle - half), 0.0), min(float(middle + half), 1.0)
