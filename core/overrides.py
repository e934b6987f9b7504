"""What an analyst says against a forecast or an alert: kept beside it, never instead of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from core.regions import RegionKey
from core.settings import SEVERITIES, Severity


class OverrideKind(StrEnum):
    """Which way an analyst leans."""

    RAISES = "raises"
    LOWERS = "lowers"
    REJECTS = "rejects"
    CONFIRMS = "confirms"


@dataclass(frozen=True)
class Model:
    """What the model said when it was overridden, to be scored against later.

    Of a forecast: median and 90 % interval of the count. Of an alert: severity and likelihood.
    """

    run: int | None = None
    median: int | None = None
    low_90: int | None = None
    high_90: int | None = None
    severity: Severity | None = None
    probability: float | None = None


@dataclass(frozen=True)
class Override:
    """An analyst's own value for one period of a region, or for one alert.

    Attributes:
        number: names it.
        watch, region: where.
        period: first day of the period; None for an alert.
        alert_id: the alert; None for a period.
        value: the count that the analyst expects; None for an alert, or when they reject.
        severity: the severity that they see; None for a period, or when they reject.
        model: what it stands beside.
        reason, by: why, and who.
        made_at, until: stamps; `until` None: for as long as there is something to stand beside.
        ended_at, ended_by: when and by whom it was taken back, or None.
    """

    number: int
    watch: str
    region: RegionKey
    period: date | None
    alert_id: str | None
    value: int | None
    severity: Severity | None
    model: Model
    reason: str
    by: str
    made_at: str
    until: str | None = None
    ended_at: str | None = None
    ended_by: str | None = None

    @property
    def kind(self) -> OverrideKind:
        """Return which way it leans from what the model said."""
        if self.severity is not None and self.model.severity is not None:
            return _lean(SEVERITIES.index(self.severity), SEVERITIES.index(self.model.severity))
        if self.value is not None and self.model.median is not None:
            return _lean(self.value, self.model.median)
        return OverrideKind.REJECTS

    def in_words(self) -> str:
        """Return it beside the model's value, as tables and messages show it."""
        if self.alert_id is not None:
            what, model = f"the alert{_to(self.severity)}", f"the rule says {self.model.severity}"
        else:
            what = f"{self.period}{_to(self.value)}"
            spread = f"90 % interval {self.model.low_90} to {self.model.high_90}"
            model = f"the model says {self.model.median}, {spread}"
        return f"{self.by} {self.kind} {what} ({model}): {self.reason}"


def _lean(theirs: int, models: int) -> OverrideKind:
    if theirs == models:
        return OverrideKind.CONFIRMS
    return OverrideKind.RAISES if theirs > models else OverrideKind.LOWERS


def _to(value: object) -> str:
    return "" if value is None else f" to {value}"
