"""A sheet of the forecast table made by hand, for tests of its outputs."""

from datetime import date

import numpy as np

from core.forecasts import Outlook, WatchResult
from core.periods import Period
from core.predictive import Predictive, support_grid
from core.regions import RegionKey
from core.series import Panel, Standing
from core.settings import Level, RuleSettings, WatchSettings
from storage.reading import RunRow
from tocsin.forecast_table import Beside, Sheet, rows_of

WATCH = WatchSettings(name="provinces", feeds=("f",), group_by=("admin1",), horizon=2)
RULE = RuleSettings(
    name="tempo",
    watch="provinces",
    within=2,
    levels=(Level(severity="severe", at_least=3, probability=0.5),),
    clear_probability=0.2,
)
OCTOBER = Period.MONTH.of(date(2022, 10, 1))
RUN = RunRow(
    7, date(2022, 10, 1), "w", "live", "0.1.0", "", "s", "2022-10-01T06:00:00.000000Z", (), "h"
)


def poisson_like(means: list[list[float]]) -> Predictive:
    """Return geometric laws with these means, (series, steps)."""
    support = support_grid(400)
    mean = np.array(means)[..., None]
    cdf = 1 - (mean / (1 + mean)) ** (support + 1)
    cdf[..., -1] = 1.0
    steps = cdf.shape[1]
    return Predictive(support, cdf, np.eye(steps) * 0.5 + 0.5)


def result(
    keys: list[RegionKey], means: list[list[float]], newest: int = OCTOBER - 1
) -> WatchResult:
    count = len(keys)
    panel = Panel(
        tuple(keys),
        Period.MONTH,
        np.ones((count, 3)),
        np.full(count, newest),
        np.full((count, 1), np.nan),
    )
    standing = Standing(
        (None, 2, 4), newest, 4, 1.5, newest - 12, newest - 1, Period.MONTH.end(newest), (None,)
    )
    weights = np.tile([0.75, 0.25], (count, len(means[0]), 1))
    members = ("dynamic-count", "conflictology")
    outlook = Outlook(panel, poisson_like(means), members, weights, ("",) * count)
    return WatchResult("provinces", "attacks", outlook, (standing,) * count, OCTOBER)


def sheet(names: list[str], label: str = "", reasons: tuple[str, ...] = ()) -> Sheet:
    made = result([(name,) for name in names], [[2.0, 3.0]] * len(names))
    rows = rows_of(made, Beside(WATCH, [RULE], date(2022, 10, 3)))
    run = RUN._replace(label=label, reasons=reasons)
    return Sheet("provinces", Period.MONTH, run, "attacks", rows=tuple(rows))
