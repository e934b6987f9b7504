"""What season, neighbours and self-excitation earn: `python -m bench.members`.

The development set by months and by weeks, each country with and without the members that must
earn their share; then what a run over 5,000 series costs with them.
"""

from __future__ import annotations

import sys
import time

from bench.development import panels, scored
from bench.engine import MODELS, STEPS, wandering
from core.periods import Period
from core.series import Panel
from forecast.backtest import origins_of
from forecast.engine import forecast

NEW = ("seasonal", "neighbours", "self-exciting")
PROTOCOL = {Period.MONTH: (6, 60, 1), Period.WEEK: (8, 104, 4)}
"""Horizons, origins, and every how manyth: those of docs/forecasting.md."""
SERIES = 5_000


def compare(period: Period) -> None:
    """Print per country the pool without and with them, each alone, and its weight."""
    steps, origins, every = PROTOCOL[period]
    print(
        "| country | pool without | with |" + "".join(f" {name} alone | weight |" for name in NEW)
    )
    print("|--|--|--|" + "--|--|" * len(NEW))
    for country, panel in panels(period).items():
        starts = origins_of(panel.counts.shape[1], steps, origins, every)
        without = scored(panel, MODELS, steps, starts).pool
        found = scored(panel, (*MODELS, *NEW), steps, starts)
        alone = found.alone[len(MODELS) :]
        weights = found.weights[:, len(MODELS) :].mean(axis=0)
        each = "".join(f" {a:.4f} | {w:.3f} |" for a, w in zip(alone, weights, strict=True))
        print(f"| {country} | {without:.4f} | {found.pool:.4f} |{each}", flush=True)


def speed() -> None:
    """Print the CPU time of a run without and with them, in turn."""
    panel = wandering(SERIES)
    for _ in range(3):
        base, full = _cpu(panel, MODELS), _cpu(panel, (*MODELS, *NEW))
        print(f"{base:.2f} s of CPU without, {full:.2f} s with: {full / base:.3f} times")


def _cpu(panel: Panel, models: tuple[str, ...]) -> float:
    started = time.process_time()
    for _ in forecast(panel, STEPS, models):
        pass
    return time.process_time() - started


if __name__ == "__main__":
    if sys.argv[1:] == ["speed"]:
        speed()
    else:
        for period in PROTOCOL:
            compare(period)
