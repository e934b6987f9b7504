"""What a rule's levels were said to be likely to do, and what they did."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from alerts import rules
from core.forecasts import WatchResult
from core.regions import RegionKey
from core.settings import RuleSettings

Came = Mapping[tuple[RegionKey, int], int]
"""(region, period) → the count that came; a period that is not complete is missing."""


class Crossing(NamedTuple):
    """One level read in one region: how likely it was said to be, and whether it came.

    `said` is the period in which it was said.
    """

    rule: str
    severity: str
    region: RegionKey
    said: int
    probability: float
    came: bool


def reaches(rule: RuleSettings, result: WatchResult) -> bool:
    """Return whether forecasts reach as far as a rule looks, as it is configured now."""
    last = result.running + rule.within - 1
    return int(result.outlook.panel.ends.min()) + result.outlook.predictive.shape[1] >= last


def crossings(rule: RuleSettings, result: WatchResult, came: Came) -> Iterator[Crossing]:
    """Yield the levels of a rule whose whole window is complete by now.

    A window that has crossed its level before it is complete waits too: taking it at once would
    make the record better than the forecasts. A rule that looks further ahead than the forecasts
    reached reads nothing.
    """
    if not reaches(rule, result):
        return
    panel, last = result.outlook.panel, result.running + rule.within - 1
    for evaluation in rules.read(rule, result):
        end = panel.period.of(evaluation.data_through)
        window = range(max(result.running, end + 1), last + 1)
        counts = [came.get((evaluation.region, period)) for period in window]
        known = [count for count in counts if count is not None]
        if len(known) < len(counts):
            continue
        reached = max(known) if rule.aggregate == "any" else sum(known)
        for reading in evaluation.readings:
            yield Crossing(
                *(rule.name, reading.severity, evaluation.region, result.running),
                *(reading.probability, reached >= reading.threshold),
            )
