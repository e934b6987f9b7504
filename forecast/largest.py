"""The largest of many numbers, found by the vector.

A running maximum is one long chain of waits, since compilers may not turn it round; sixteen side
by side are not, and take a quarter of the time.
"""

from __future__ import annotations

from core.series import FloatArray
from forecast.compiled import inner

LANES = 16
_NOTHING = -1e300


@inner
def largest(values: FloatArray, lanes: FloatArray) -> float:
    """Return the largest of (any,) values, -1e300 without any; `lanes` is (LANES,) scratch."""
    whole = len(values) // LANES * LANES
    for lane in range(LANES):
        lanes[lane] = _NOTHING
    for start in range(0, whole, LANES):
        for lane in range(LANES):
            value = values[start + lane]
            lanes[lane] = max(lanes[lane], value)
    best = _NOTHING
    for place in range(whole, len(values)):
        best = max(best, values[place])
    for lane in range(LANES // 2):
        other = lanes[lane + LANES // 2]
        lanes[lane] = max(lanes[lane], other)
    for lane in range(LANES // 2):
        best = max(best, lanes[lane])
    return best
