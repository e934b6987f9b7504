"""One forecast distribution as a few dozen bytes, and back.

A curve is the survival function P(count > support[g]) at the points of the shared grid
(`core.predictive.support_grid`), in 65,535ths, rounded, as little-endian 16-bit numbers, up to
the last one that is not zero. No grid is stored: its points follow from how many there are. A
probability is off by at most half of 1/65,535, a mass by at most 1/65,535, and what would survive
with less than half of 1/65,535 is cut.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

import numpy as np

from core.predictive import Predictive, support_grid
from core.series import FloatArray, IntArray

_WHOLE = 65_535


def encode(cdf: FloatArray) -> list[bytes]:
    """Return one curve per row of `cdf` (rows, grid): not falling, ending at 1."""
    survival = np.rint((1.0 - cdf) * _WHOLE).astype("<u2")
    alive = survival > 0
    ends = np.cumsum(alive.sum(axis=1)) * survival.itemsize
    joined = survival[alive].tobytes()
    starts = [0, *ends.tolist()]
    return [joined[start:end] for start, end in pairwise(starts)]


def decode(curves: Sequence[bytes]) -> tuple[IntArray, FloatArray]:
    """Return (support, cdf) of curves: (grid,) and (curves, grid) on the longest one's grid."""
    lengths = np.array([len(curve) // 2 for curve in curves], dtype=np.int64)
    grid = _grid(max(2, int(lengths.max(initial=0)) + 1))
    survival = np.zeros((len(curves), len(grid)))
    survival[np.arange(len(grid)) < lengths[:, None]] = np.frombuffer(b"".join(curves), "<u2")
    return grid, 1.0 - survival / _WHOLE


def check_support(predictive: Predictive) -> None:
    """Refuse a predictive whose support is not a start of the shared grid.

    Raises:
        ValueError: when its curves could not be read back.
    """
    if not np.array_equal(predictive.support, _grid(len(predictive.support))):
        raise ValueError("the support must be a start of the shared grid")


@lru_cache(maxsize=16)
def _grid(length: int) -> IntArray:
    """Return the first points of the shared grid, of which every shorter one is a start."""
    top = length - 2
    grid = support_grid(top)
    while len(grid) < length:
        top *= 2
        grid = support_grid(top)
    return grid[:length]
