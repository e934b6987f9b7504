"""Rules read against forecasts: all series of a block at once, without side effects."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence, Set

import numpy as np

from alerts.evidence import Cell, RunNote, Steps, facts_of
from core.alerts import Evaluation, Json, Reading
from core.forecasts import WatchResult
from core.regions import RegionKey
from core.series import IntArray
from core.settings import SEVERITIES, Level, RuleSettings, TimesBaseline

__all__ = ["RunNote", "read", "threshold"]

_ROUNDING = 1e-9
"""So that 1.1 x 10 asks for 11, not for the 12 of its floating-point neighbour."""


def read(
    rule: RuleSettings,
    result: WatchResult,
    run: RunNote | None = None,
    open_regions: Set[RegionKey] = frozenset(),
) -> list[Evaluation]:
    """Return the rule's reading of every series, in their order.

    The window is the running period and the `within` - 1 after it. Periods before the running
    one are "expected, not yet reported" and never ring; a running period that the data already
    cover to its last day is no forecast either. A series without a period left is not read.

    Facts cost far more than probabilities: they are written, when `run` is given, for the
    regions that cross a level or that stand in `open_regions`; elsewhere they are empty.

    Raises:
        ValueError: when the forecast has fewer steps than the rule needs.
    """
    levels = sorted(rule.levels, key=lambda level: SEVERITIES.index(level.severity))
    found: dict[int, Evaluation] = {}
    for steps, rows in _windows(rule, result):
        readings = _readings(rule, levels, result, steps, rows)
        for row, each in zip(rows.tolist(), readings, strict=True):
            facts: Json = {}
            region = result.outlook.panel.keys[row]
            if run and (region in open_regions or any(reading.crossed for reading in each)):
                cell = Cell(rule, result, row, steps)
                facts = facts_of(cell, each, run).model_dump(mode="json")
            overdue = run.overdue if run else ()
            found[row] = _evaluation(rule, result, row, each, facts, overdue)
    return [found[row] for row in sorted(found)]


def threshold(level: Level, baseline: float | None, periods: int) -> int:
    """Return the count that a level rings for.

    `times_baseline = x` is max(minimum, ceil(x * baseline * periods)); the minimum where the
    baseline is unknown. `periods` is 1 for "any period", the window's length for a total.
    """
    wanted = level.at_least
    if not isinstance(wanted, TimesBaseline):
        return wanted
    if baseline is None:
        return wanted.minimum
    scaled = wanted.times_baseline * baseline * periods
    return max(wanted.minimum, math.ceil(scaled - _ROUNDING))


def _windows(rule: RuleSettings, result: WatchResult) -> Iterator[tuple[Steps, IntArray]]:
    """Yield each window with the rows that have it: series may end in different periods."""
    ahead = result.running - result.outlook.panel.ends - 1
    available = result.outlook.predictive.shape[1]
    for running in np.unique(ahead).tolist():
        steps = Steps(max(running, 0), running + rule.within - 1)
        if steps.last < steps.first:
            continue
        if steps.last >= available:
            raise ValueError(f"rule {rule.name} needs {steps.last + 1} steps, not {available}")
        yield steps, np.flatnonzero(ahead == running)


def _readings(
    rule: RuleSettings,
    levels: Sequence[Level],
    result: WatchResult,
    steps: Steps,
    rows: IntArray,
) -> list[tuple[Reading, ...]]:
    """Return per row one reading for each level."""
    predictive = result.outlook.predictive
    if len(rows) != predictive.shape[0]:
        predictive = predictive.select(rows)
    probability = predictive.any_at_least if rule.aggregate == "any" else predictive.total_at_least
    periods = 1 if rule.aggregate == "any" else steps.last - steps.first + 1
    columns = []
    for level in levels:
        wanted = [threshold(level, result.standings[row].baseline, periods) for row in rows]
        chances = np.clip(probability(np.array(wanted), *steps), 0.0, 1.0).tolist()
        columns.append(
            [
                Reading(level.severity, n, level.probability, p)
                for n, p in zip(wanted, chances, strict=True)
            ]
        )
    return list(zip(*columns, strict=True))


def _evaluation(
    rule: RuleSettings,
    result: WatchResult,
    row: int,
    readings: tuple[Reading, ...],
    facts: Json,
    overdue: tuple[str, ...],
) -> Evaluation:
    panel = result.outlook.panel
    return Evaluation(
        watch=result.watch,
        rule=rule.name,
        region=panel.keys[row],
        readings=readings,
        clear_probability=rule.clear_probability,
        data_through=panel.period.end(int(panel.ends[row])),
        facts=facts,
        overdue=overdue,
    )
