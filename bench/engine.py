"""The engine's speed and memory: `python -m bench.engine`.

Monthly counts whose rates differ by series and wander, 120 points, 6 horizons, the full pool of
count models. Wall time says what this machine gave; CPU time what idle cores would.
"""

from __future__ import annotations

import hashlib
import os
import resource
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from core.periods import Period
from core.series import Panel
from forecast.__main__ import compile_loops
from forecast.engine import forecast

MODELS = ("dynamic-count", "conflictology")
COLUMNS, STEPS, PROPHETS = 120, 6, 20
ROUNDS = {500: 3, 5_000: 3, 50_000: 1}
"""Series → how often they are measured; the best counts."""
ALIKE = 600


def wandering(series: int) -> Panel:
    """Return counts with rates from one in years to dozens a month."""
    draw = np.random.default_rng(0)
    drift = np.cumsum(draw.normal(0, 0.15, (series, COLUMNS)), axis=1)
    rates = draw.gamma(0.6, 5.0, (series, 1)) * np.exp(drift)
    counts = draw.poisson(rates).astype(float)
    keys = tuple((str(row),) for row in range(series))
    ends = np.full(series, 2023 * 12 + 11)
    return Panel(keys, Period.MONTH, counts, ends, np.zeros((series, 0)))


def prophet_rate() -> tuple[float, float]:
    """Return series a second, by the clock and by CPU time, of Prophet's defaults in a loop."""
    from bench.prophet import bare_fit  # noqa: PLC0415 - pandas counts in the memory below

    counts = wandering(PROPHETS).counts.tolist()
    bare_fit(counts[0])
    started, cpu = time.perf_counter(), _worked()
    for row in counts:
        bare_fit(row)
    return PROPHETS / (time.perf_counter() - started), PROPHETS / (_worked() - cpu)


def _worked() -> float:
    """Return CPU seconds of this process and of those that it has started and that have ended."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def engine_rate(series: int) -> tuple[float, float]:
    """Return series a second: as they came, and what the CPU time would give on all cores."""
    panel = wandering(series)
    started, cpu = time.perf_counter(), time.process_time()
    for _ in forecast(panel, STEPS, MODELS):
        pass
    took, worked = time.perf_counter() - started, time.process_time() - cpu
    return series / took, (os.cpu_count() or 1) * series / worked


def digest(block: int) -> str:
    """Return a hash of the forecasts of some series, made in blocks of a size."""
    made = hashlib.sha256()
    whole = list(forecast(wandering(ALIKE), STEPS, MODELS, block=block))
    for read in (lambda one: one.predictive.cdf, lambda one: one.weights):
        made.update(np.concatenate([read(outlook) for outlook in whole]).tobytes())
    return made.hexdigest()


def alike() -> int:
    """Return how many different answers blocks, threads and processes give to one question."""
    answers = {digest(100), digest(5_000)}
    with ThreadPoolExecutor(4) as threads:
        answers.update(threads.map(digest, (64, 512, 100, 5_000)))
    command = [sys.executable, "-c", "from bench.engine import digest; print(digest(512))"]
    for _ in range(2):
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        answers.add(done.stdout.strip())
    return len(answers)


def compile_seconds() -> float:
    """Return the CPU seconds of compiling all loops, in a process that has nothing in its cache."""
    command = [sys.executable, "-m", "bench.engine", "compile"]
    with tempfile.TemporaryDirectory() as cache:
        given = {**os.environ, "NUMBA_CACHE_DIR": cache}
        done = subprocess.run(command, env=given, capture_output=True, text=True, check=True)
    return float(done.stdout)


def speed(series: int) -> tuple[float, float]:
    """Print how fast so many series are and the peak of memory; return both rates."""
    found = [engine_rate(series) for _ in range(ROUNDS[series])]
    wall, idle = max(one[0] for one in found), max(one[1] for one in found)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{series:6,} series: {wall:,.0f} a second, {idle:,.0f} by CPU time on "
        f"{os.cpu_count()} cores; peak memory {peak:.0f} MB",
        flush=True,
    )
    return wall, idle


def main() -> None:
    """Print what compiling costs, whether answers are alike, the rates and Prophet's."""
    if sys.argv[1:] == ["compile"]:
        started = time.process_time()
        compile_loops()
        print(time.process_time() - started)
        return
    print(f"compiling the loops: {compile_seconds():.1f} s of CPU time")
    rates = {series: speed(series) for series in ROUNDS}
    print(f"blocks of 64 to 5,000, threads, 3 processes: {alike()} different answers", flush=True)
    try:
        clock, cpu = prophet_rate()
    except ImportError:
        print("prophet is not installed: no ratio", file=sys.stderr)
        return
    print(f"Prophet, one after the other: {clock:.1f} a second, {cpu:.1f} by CPU time on one core")
    for series, (wall, idle) in rates.items():
        print(f"{series:6,} series: {wall / clock:.0f} times, {idle / cpu:.0f} by CPU time")


if __name__ == "__main__":
    main()
