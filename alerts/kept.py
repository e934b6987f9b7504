"""The count that an open alert opened with, read against today's forecast.

A region's baseline moves and a rule may be changed; an alert is held to its own terms.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import NamedTuple

import numpy as np

from alerts.past import Past
from core.alerts import Alert, Evaluation
from core.forecasts import WatchResult
from core.regions import RegionKey

RuleIn = tuple[str, RegionKey]
"""A rule's name and a region."""


class Terms(NamedTuple):
    """What an alert opened with: a count, over how many periods, in any of them or in total."""

    threshold: int
    aggregate: str
    periods: int


def terms_of(alert: Alert, past: Past) -> Terms | None:
    """Return the terms of an alert about a forecast; None for one about something else."""
    opening = past.opening
    if opening.get("about") != "forecast" or "aggregate" not in opening:
        return None
    return Terms(alert.threshold, opening["aggregate"], opening["window"]["periods"])


def with_kept(
    evaluations: Iterable[Evaluation], result: WatchResult, terms: Mapping[RuleIn, Terms]
) -> Iterator[Evaluation]:
    """Yield evaluations of a block; those of open alerts with the reading of their own terms."""
    rows = {key: row for row, key in enumerate(result.outlook.panel.keys)} if terms else {}
    for evaluation in evaluations:
        kept = terms.get((evaluation.rule, evaluation.region))
        if kept is None or "window" not in evaluation.facts:
            yield evaluation
        else:
            chance = _probability(kept, result, rows[evaluation.region], evaluation)
            yield replace(evaluation, kept=chance)


def _probability(terms: Terms, result: WatchResult, row: int, evaluation: Evaluation) -> float:
    """Return how likely the count is: from where the rule's window starts today, as far as then.

    Where the forecast does not reach as far as it did then, as far as it reaches.
    """
    panel = result.outlook.panel
    predictive = result.outlook.predictive.rows(row, row + 1)
    window_first = date.fromisoformat(evaluation.facts["window"]["first"])
    first = panel.period.of(window_first) - int(panel.ends[row]) - 1
    last = min(first + terms.periods, predictive.shape[1]) - 1
    read = predictive.any_at_least if terms.aggregate == "any" else predictive.total_at_least
    (chance,) = np.clip(read(np.array([terms.threshold]), first, last), 0.0, 1.0).tolist()
    return float(chance)
