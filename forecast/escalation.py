"""Escalations: a small share of every forecast is the forecast itself, stretched.

No level of the past foresees a war that breaks out, and what the members thought all but impossible
came several times as often as they said. So a share of the pool, one part in a hundred for months,
is the pool with its counts multiplied by 2.5, 5 and 10: a contaminated law (Huber, "Robust
estimation of a location parameter", Annals of Mathematical Statistics 35, 1964) whose wide part
follows the forecast, so that it says more of a war than of a quiet province.

A count j of the pool stands for the numbers above j − 1, up to j; stretched by c it covers those
above c·j − c, shifted so that the first is still above −1. Silence is stretched as well, because
the first attack in a year is seldom the only one; but the share of a forecast that expects nothing
at all goes to zero with the chance of any event, so that thousands of silent regions stay silent.
"""

from __future__ import annotations

import numpy as np

from core.periods import Period
from core.series import AnyArray, FloatArray, IntArray
from forecast.compiled import compiled_fast

A_YEAR = 0.12
"""Escalations that a region is thought to see in a year: the shorter a period, the smaller the
share of its forecast."""
FACTORS = (2.5, 5.0, 10.0)
SILENT = 0.02
"""Chance of any event at which a forecast has half of its share.

All three were chosen on twelve sets of real counts: docs/forecasting.md, "Escalations".
"""


class Escalations:
    """Escalations on one grid."""

    def __init__(self, support: IntArray, period: Period) -> None:
        """Find where the stretched laws of a grid are read.

        Args:
            support: (grid,) rising from 0.
            period: what a step is.
        """
        self._below, self._part = _places(support)
        self._share = A_YEAR / period.year_length

    def allow_for(self, cdf: FloatArray) -> None:
        """Mix every forecast with what it becomes when its counts are multiplied, in place.

        What is stretched beyond the grid counts as its last step.

        Args:
            cdf: (…, grid) contiguous, proportional to P(count <= support); ends at 1 afterwards.
        """
        laws, scratch = cdf.reshape(-1, cdf.shape[-1]), np.empty(cdf.shape[-1] + 1)
        _stretch(laws, self._below, self._part, self._share, SILENT, scratch)


@compiled_fast
def _stretch(
    cdf: FloatArray,
    below: IntArray,
    part: FloatArray,
    share: float,
    silent: float,
    law: FloatArray,
) -> None:
    """Mix (rows, grid) cdfs with themselves, read at (factors, grid) earlier places.

    A place is `part` of the way from the point `below` of the law, whose first point, (grid + 1,)
    scratch, stands for what is less than any count.
    """
    factors, points = below.shape
    law[0] = 0.0
    for row in range(len(cdf)):
        whole = cdf[row, points - 1]
        for g in range(points):
            law[g + 1] = cdf[row, g] / whole
        active = law[points] - law[1] if law[points] > law[1] else 0.0
        taken, reached, g = share * active / (active + silent), 0.0, 0
        while g < points and law[below[factors - 1, g]] < 1.0:
            read = 0.0
            for c in range(factors):
                low = law[below[c, g]]
                read += low + (law[below[c, g] + 1] - low) * part[c, g]
            mixed = (1 - taken) * law[g + 1] + taken / factors * read
            reached = min(max(mixed, reached), 1.0)  # rounding alone could make it fall
            cdf[row, g] = reached
            g += 1
        for end in range(g, points):  # all that would be read is 1
            cdf[row, end] = 1.0
        cdf[row, points - 1] = 1.0


def _places(support: IntArray) -> tuple[AnyArray, FloatArray]:
    """Return (factors, grid) where each stretched law is read: the point below and the part.

    The first point of a law is the one before its first count.
    """
    points = np.concatenate(([-1], support)).astype(np.float64)
    wanted = (support + 1) / np.array(FACTORS)[:, None] - 1
    below = np.searchsorted(points, wanted, side="right") - 1
    part = (wanted - points[below]) / (points[below + 1] - points[below])
    return below.astype(np.uint32), np.asarray(part)
