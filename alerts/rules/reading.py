"""What kinds of rules share: the past of a block, readings level by level, facts of a finding."""

from __future__ import annotations

from collections.abc import Sequence, Set
from typing import NamedTuple

import numpy as np

from alerts.evidence import RunNote
from alerts.facts import LevelReading
from alerts.rules.thresholds import Past, Span, thresholds, words
from core.alerts import Json, Reading
from core.forecasts import WatchResult
from core.regions import RegionKey, label
from core.rule_settings import Level, Rule
from core.series import FloatArray, IntArray
from core.settings import SEVERITIES


class Look(NamedTuple):
    """Some rows of a block as a rule looks at them; levels from least to most severe."""

    levels: list[Level]
    past: Past
    span: Span

    def lines(self) -> list[IntArray]:
        """Return per level (rows,) the counts that it rings for."""
        return [thresholds(level.at_least, self.past, self.span) for level in self.levels]

    def told(self, place: int, read: Sequence[Reading]) -> tuple[LevelReading, ...]:
        """Return the readings of one row as a message tells them."""
        row = self.past.row(place)
        return tuple(
            as_told(reading, words(level.at_least, row, self.span))
            for level, reading in zip(self.levels, read, strict=True)
        )


def as_told(reading: Reading, follows: str) -> LevelReading:
    """Return a reading as a message tells it; `follows` says in words what its threshold does."""
    return LevelReading(
        severity=reading.severity,
        threshold=reading.threshold,
        follows=follows,
        needed=reading.needed,
        probability=reading.probability,
    )


def found_by(rule: Rule, region: RegionKey, run: RunNote) -> Json:
    """Return the keys of FindingFacts that are the same for every kind: rule, place and run."""
    return {
        "place": label(region),
        "region": region,
        "watch": rule.watch,
        "rule": rule.name,
        "cutoff": run.cutoff,
        "label": run.label,
        "overdue": run.overdue,
        "action": rule.action,
        "owner": rule.owner,
        "sources": run.sources,
        "filters": run.filters,
    }


def may_tell(
    run: RunNote | None, region: RegionKey, read: Sequence[Reading], open_regions: Set[RegionKey]
) -> bool:
    """Return whether a message may be made of a reading: facts cost more than probabilities."""
    return run is not None and (region in open_regions or any(one.crossed for one in read))


def by_severity(levels: Sequence[Level]) -> list[Level]:
    """Return levels from least to most severe."""
    return sorted(levels, key=lambda level: SEVERITIES.index(level.severity))


def past_of(result: WatchResult, rows: IntArray) -> Past:
    """Return the past of some rows that end in the same period."""
    panel = result.outlook.panel
    known = [result.standings[row].baseline for row in rows.tolist()]
    baselines = np.array([np.nan if one is None else one for one in known], dtype=np.float64)
    return Past(panel.period, int(panel.ends[rows[0]]), panel.counts[rows], baselines)


def readings(
    levels: Sequence[Level], lines: Sequence[IntArray], chances: Sequence[FloatArray]
) -> list[tuple[Reading, ...]]:
    """Return per row one reading for each level; `lines` and `chances` are one array per level."""
    columns = [
        [
            Reading(level.severity, n, level.probability, chance)
            for n, chance in zip(line.tolist(), np.clip(p, 0.0, 1.0).tolist(), strict=True)
        ]
        for level, line, p in zip(levels, lines, chances, strict=True)
    ]
    return list(zip(*columns, strict=True))
