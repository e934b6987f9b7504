"""The engine's speed and memory: `python -m bench.engine`.

Monthly counts whose rates differ by series and wander, 120 points, 6 horizons, the full pool of
count models. Wall time says what this machine gave; CPU time what idle cores would.
"""

from __future__ import annotations

import os
import resource
import sys
import time

import numpy as np

from core.periods import Period
from core.series import Panel
from forecast.engine import forecast

MODELS = ("dynamic-count", "conflictology")
COLUMNS, STEPS, PROPHETS = 120, 6, 20


def wandering(series: int) -> Panel:
    """Return counts with rates from one in years to dozens a month."""
    draw = np.random.default_rng(0)
    drift = np.cumsum(draw.normal(0, 0.15, (series, COLUMNS)), axis=1)
    rates = draw.gamma(0.6, 5.0, (series, 1)) * np.exp(drift)
    counts = draw.poisson(rates).astype(float)
    keys = tuple((str(row),) for row in range(series))
    ends = np.full(series, 2023 * 12 + 11)
    return Panel(keys, Period.MONTH, counts, ends, np.zeros((series, 0)))


def prophet_rate() -> float:
    """Return how many series a second Prophet's defaults fit and predict, one after the other."""
    from bench.prophet import bare_fit  # noqa: PLC0415 - pandas counts in the memory below

    counts = wandering(PROPHETS).counts.tolist()
    bare_fit(counts[0])
    started = time.perf_counter()
    for row in counts:
        bare_fit(row)
    return PROPHETS / (time.perf_counter() - started)


def engine_rate(series: int) -> tuple[float, float]:
    """Return series a second: as they came, and what the CPU time would give on all cores."""
    panel = wandering(series)
    started, cpu = time.perf_counter(), time.process_time()
    for _ in forecast(panel, STEPS, MODELS):
        pass
    took, worked = time.perf_counter() - started, time.process_time() - cpu
    return series / took, (os.cpu_count() or 1) * series / worked


def main() -> None:
    """Print the rates, the peak memory, and the ratio to Prophet where it is installed."""
    engine_rate(10)
    rates = {}
    for series in (500, 5_000):
        rates[series], idle = max(engine_rate(series) for _ in range(3))
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(
            f"{series:6,} series: {rates[series]:7,.0f} a second "
            f"({idle:,.0f} by CPU time on {os.cpu_count()} cores), peak memory {peak:.0f} MB",
            flush=True,
        )
    try:
        bare = prophet_rate()
    except ImportError:
        print("prophet is not installed: no ratio", file=sys.stderr)
        return
    ratios = ", ".join(f"{rate / bare:.0f} times ({n:,} series)" for n, rate in rates.items())
    print(f"Prophet, one process: {bare:.1f} a second; the engine is faster {ratios}")


if __name__ == "__main__":
    main()
