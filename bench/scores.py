"""How long a run takes to score what has come due: 5,000 regions, six issues, five models.

`python -m bench.scores` stages and publishes six months of forecasts of wandering counts, lets the
sixth month come in, and scores it; the memory is that of the whole process.
"""

from __future__ import annotations

import resource
import tempfile
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from time import perf_counter

import numpy as np

from core.alerts import AlertChanges
from core.forecasts import Outlook, RunKey, WatchResult
from core.periods import Period
from core.predictive import Predictive
from core.series import FloatArray, Panel, Standing
from core.settings import WatchSettings
from forecast.models.base import shared_support
from forecast.series import Built
from forecast.verification import benchmarks
from storage.database import open_database
from storage.record import Asked, Record
from storage.runs import Runs
from storage.scores import POOL, Scores
from tocsin.record.due import score_due
from tocsin.record.skill import BENCHMARK, skill_from

REGIONS, COLUMNS, HORIZONS, BLOCK = 5_000, 120, 6, 512
END = Period.MONTH.of(date(2022, 12, 1))
NOW = datetime(2023, 1, 2, tzinfo=UTC)
WATCH = WatchSettings(name="provinces", feeds=("world",), group_by=("admin1",))


def wandering() -> FloatArray:
    """Return (regions, columns) counts whose rates differ by region and wander."""
    draw = np.random.default_rng(7)
    drift = np.cumsum(draw.normal(0, 0.15, (REGIONS, COLUMNS + HORIZONS)), axis=1)
    rates = draw.gamma(0.6, 5.0, (REGIONS, 1)) * np.exp(drift)
    return np.minimum(draw.poisson(rates), 5_000).astype(np.float64)


def built(counts: FloatArray, end: int) -> Built:
    """Return the series as of the month after `end`."""
    keys = tuple((f"Province {n}",) for n in range(len(counts)))
    ends = np.full(len(counts), end)
    panel = Panel(keys, Period.MONTH, counts, ends, np.zeros((len(counts), 0)))
    day = Period.MONTH.end(end)
    standing = Standing((1,), end, 1, 1.0, end - 12, end - 1, day)
    steps = np.full(len(counts), HORIZONS)
    return Built(panel, (standing,) * len(counts), steps, end + 1, {})


def results(made: Built) -> Iterator[WatchResult]:
    """Yield blocks whose pool is the history's negative binomial: its making is not timed."""
    support = shared_support(made.panel.counts)
    for start in range(0, len(made.panel), BLOCK):
        panel = made.panel.rows(start, start + BLOCK)
        naive = benchmarks(panel, support)
        cdf = np.repeat(naive["history-nb"][:, None], HORIZONS, axis=1)
        cdf = np.minimum(np.maximum.accumulate(cdf, axis=-1), 1.0)
        cdf[..., -1] = 1.0
        predictive = Predictive(support, cdf, np.eye(HORIZONS))
        weights = np.ones((len(panel), HORIZONS, 1))
        outlook = Outlook(panel, predictive, ("history-nb",), weights, ("",) * len(panel))
        standings = tuple(map(made.standing, range(start, start + len(panel))))
        yield WatchResult(
            *(WATCH.name, "attacks", outlook, standings, made.running), benchmarks=naive
        )


def main() -> None:
    """Print seconds and memory."""
    counts = wandering()
    with tempfile.TemporaryDirectory() as folder:
        with open_database(Path(folder) / "tocsin.db", mode="own") as database:
            runs, store = Runs(database), Scores(database)
            for month in range(HORIZONS + 1):
                made = built(counts[:, : COLUMNS + month], END + month)
                key = RunKey("c0ffee", made.standing(0).data_as_of, f"{month}")
                run = runs.begin(key, NOW, "bench", "")
                started = perf_counter()
                for result in results(made):
                    runs.stage(run, result)
                staged, started = perf_counter() - started, perf_counter()
                scored = score_due(store, run, WATCH, made, "")
                took = perf_counter() - started
                runs.publish(run, AlertChanges(), (), NOW)
            started = perf_counter()
            asked = Asked(WATCH.name, "", run)
            record = Record(database)
            tallies = record.regions(asked, (POOL, BENCHMARK))
            found = skill_from(tallies, record.names(WATCH.name), WATCH)
            read = perf_counter() - started
        size = (Path(folder) / "tocsin.db").stat().st_size / 1e6
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{REGIONS} regions x {HORIZONS} issues: {scored} scores in {took:.1f} s "
        f"({staged:.1f} s to make and stage the forecasts); peak {peak:.0f} MB, "
        f"{HORIZONS + 1} months are {size:.0f} MB; skill of {len(found.regions)} regions from "
        f"{found.overall.forecasts} forecasts in {read:.1f} s"
    )


if __name__ == "__main__":
    main()
