"""Rules on forecasts: all series of a block at once, without side effects."""

from __future__ import annotations

from collections.abc import Iterator, Set

import numpy as np

from alerts.evidence import Cell, RunNote, Steps, facts_of
from alerts.rules.reading import Look, by_severity, may_tell, past_of, readings
from alerts.rules.thresholds import Span
from core.alerts import Evaluation, Json
from core.forecasts import WatchResult
from core.regions import RegionKey
from core.rule_settings import Level, RuleSettings
from core.series import FloatArray, IntArray


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

    Thresholds that follow the history need all of it in the panel. Facts cost far more than
    probabilities: they are written, when `run` is given, for the regions that cross a level or
    that stand in `open_regions`; elsewhere they are empty.

    Raises:
        ValueError: when the forecast has fewer steps than the rule needs.
    """
    levels, keys = by_severity(rule.levels), result.outlook.panel.keys
    found: dict[int, Evaluation] = {}
    for steps, rows in _windows(rule, result):
        look = _look(rule, levels, result, steps, rows)
        lines = look.lines()
        each = readings(levels, lines, _chances(rule, result, steps, rows, lines))
        through = look.past.period.end(look.past.end)
        for place, row in enumerate(rows.tolist()):
            facts: Json = {}
            if run and may_tell(run, keys[row], each[place], open_regions):
                told = look.told(place, each[place])
                facts = facts_of(Cell(rule, result, row, steps), told, run).model_dump(mode="json")
            found[row] = Evaluation(
                *(result.watch, rule.name, keys[row], each[place], rule.clear_probability),
                data_through=through,
                facts=facts,
                overdue=run.overdue if run else (),
            )
    return [found[row] for row in sorted(found)]


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


def _look(
    rule: RuleSettings, levels: list[Level], result: WatchResult, steps: Steps, rows: IntArray
) -> Look:
    past = past_of(result, rows)
    first = past.end + 1
    return Look(
        levels, past, Span(first + steps.first, first + steps.last, rule.aggregate == "total")
    )


def _chances(
    rule: RuleSettings, result: WatchResult, steps: Steps, rows: IntArray, lines: list[IntArray]
) -> list[FloatArray]:
    """Return per level (rows,) the probability of its threshold."""
    predictive = result.outlook.predictive
    if len(rows) != predictive.shape[0]:
        predictive = predictive.select(rows)
    if rule.aggregate == "any":
        return [predictive.any_at_least(line, *steps) for line in lines]
    return list(predictive.total_at_least(np.stack(lines, axis=1), *steps).T)
