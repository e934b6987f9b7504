"""Draws that all series of a run share: uniform margins, joined over the horizons.

A Gaussian copula says how much the horizons have in common (Nelsen, "An Introduction to Copulas",
2nd ed., section 2.3). Since every series takes the same draws, what can be computed of them once,
such as their order per horizon, is; and the difference between two runs holds no sampling noise.
"""

from __future__ import annotations

from functools import cache, lru_cache
from math import erfc, sqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.series import FloatArray, IntArray

DRAWS = 4096
_SEED = 20_211_001
_WORD = 64


class SharedDraws:
    """DRAWS joint draws over the horizons of one dependence matrix.

    Attributes:
        uniforms: (DRAWS, horizons) between 0 and 1.
        order, rank, rising: of a horizon: its draws by size, their places, their uniforms.
    """

    def __init__(self, dependence: FloatArray) -> None:
        """Draw them; `dependence` is (horizons, horizons), a correlation of normal scores."""
        self.uniforms = _normal_cdf(_scores(dependence, DRAWS, [_SEED], None))
        self.order = cache(self._order)
        self.rank = cache(self._rank)
        self.rising = cache(self._rising)
        self._later = cache(self._sets)

    def any_above(self, below: FloatArray, first: int) -> FloatArray:
        """Return (series,) the share of draws that exceed `below` in some horizon.

        Args:
            below: (series, window) probabilities; column 0 is horizon `first`.
            first: a horizon, from 0.
        """
        reached = np.zeros((len(below), DRAWS // _WORD), dtype=np.uint64)
        for place in range(below.shape[1]):
            passed = np.searchsorted(self.rising(first + place), below[:, place], side="right")
            reached |= self._later(first + place)[passed]
        counted = np.bitwise_count(reached).sum(axis=1, dtype=np.int64)
        return np.asarray(counted / DRAWS)

    def _order(self, horizon: int) -> IntArray:
        """Return the draws in rising order of a horizon's uniforms."""
        return np.argsort(self.uniforms[:, horizon], kind="stable")

    def _rank(self, horizon: int) -> IntArray:
        """Return for every draw its place in that order."""
        return np.argsort(self.order(horizon), kind="stable")

    def _rising(self, horizon: int) -> FloatArray:
        """Return a horizon's uniforms in that order."""
        return np.asarray(self.uniforms[self.order(horizon), horizon])

    def _sets(self, horizon: int) -> NDArray[np.uint64]:
        """Return (DRAWS + 1, words): for every rank, the set of draws from it on, bit by bit."""
        sets = np.zeros((DRAWS + 1, DRAWS // _WORD), dtype=np.uint64)
        draw = np.arange(DRAWS, dtype=np.uint64)
        sets[self.rank(horizon), draw // _WORD] = np.left_shift(
            np.uint64(1), draw % np.uint64(_WORD)
        )
        return np.bitwise_or.accumulate(sets[::-1], axis=0)[::-1]


@lru_cache(maxsize=2)
def _shared(values: bytes, horizons: int) -> SharedDraws:
    return SharedDraws(np.frombuffer(values, dtype=np.float64).reshape(horizons, horizons))


def shared(dependence: FloatArray) -> SharedDraws:
    """Return the draws of a dependence matrix: the same whenever it is the same."""
    values = np.ascontiguousarray(dependence, dtype=np.float64)
    return _shared(values.tobytes(), len(values))


class Factor(NamedTuple):
    """What series have in common: the correlation of their normal scores, and a seed they share."""

    correlation: float
    seed: list[int]


def uniforms(
    dependence: FloatArray, n: int, seed: list[int], factor: Factor | None = None
) -> FloatArray:
    """Return (n, horizons) draws with uniform margins, joined by the Gaussian copula.

    With a factor, series that share it have correlated draws at every horizon, and each keeps
    its own dependence over the horizons (the one-factor copula of Oh and Patton, "Modeling
    dependence in high dimensions with factor copulas", JBES 35, 2017, with normal laws).
    """
    from scipy.special import ndtr  # noqa: PLC0415 - whoever draws paths of series has it loaded

    return np.asarray(ndtr(_scores(dependence, n, seed, factor)))


def _scores(dependence: FloatArray, n: int, seed: list[int], factor: Factor | None) -> FloatArray:
    """Return (n, horizons) normal scores of such draws."""
    shape = (n, len(dependence))
    normal = np.random.default_rng(seed).standard_normal(shape)
    if factor is not None and factor.correlation > 0:
        normal *= sqrt(1 - factor.correlation)
        normal += sqrt(factor.correlation) * _common(shape, tuple(factor.seed))
    return np.asarray(normal @ np.linalg.cholesky(dependence).T)


@lru_cache(maxsize=4)
def _common(shape: tuple[int, int], seed: tuple[int, ...]) -> FloatArray:
    """Return the draws that the series of one group share; regions of a group come in a row."""
    drawn = np.random.default_rng(seed).standard_normal(shape)
    drawn.setflags(write=False)
    return drawn


def _normal_cdf(scores: FloatArray) -> FloatArray:
    """Return P(Z <= score) for draws made once: a table waits less for this than for SciPy."""
    flat = [0.5 * erfc(-score) for score in (scores.ravel() / sqrt(2.0)).tolist()]
    return np.array(flat).reshape(scores.shape)
