"""`python -m forecast` compiles the engine's loops, so that the first run need not wait for it.

What Numba compiles it keeps beside the source; where that cannot be written, in the user's cache.
"""

from __future__ import annotations

import numpy as np

from core.periods import Period
from core.series import Panel
from forecast.engine import forecast


def compile_loops() -> None:
    """Forecast one short series with the count models."""
    counts = np.arange(48, dtype=np.float64)[None, :] % 5
    none_open = np.full((1, 0), np.nan)
    panel = Panel((("",),), Period.MONTH, counts, np.full(1, 24_000), none_open)
    for outlook in forecast(panel, 2, ("dynamic-count", "conflictology")):
        outlook.predictive.mean()


if __name__ == "__main__":
    compile_loops()
