"""How well the forecasts of a region did that have come due: what rules and pages ask of scores."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from core.periods import Period
from core.regions import RegionKey


@dataclass(frozen=True)
class Skill:
    """The newest forecasts of a region that came due, each made one period ahead.

    Attributes:
        region: its key.
        unit: the noun of what is counted.
        period: the length of a step.
        first, through: first and last day of the periods that were scored.
        due: how many forecasts.
        covered: how many of their 90 % intervals held the count.
        crps: mean continuous ranked probability score of the forecasts, in counts.
        reference_crps: the same of the last year's distribution (conflictology).
    """

    region: RegionKey
    unit: str
    period: Period
    first: date
    through: date
    due: int
    covered: int
    crps: float
    reference_crps: float
