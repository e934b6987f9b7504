"""What a fan chart of one region shows: counts, what late reports will add, the forecast.

Plain facts without a drawing library, so that a small process can hold them and hand them on.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from core.periods import Period
from core.text import clean

Count = Annotated[int, Field(ge=0, le=10**12)]
Mean = Annotated[float, Field(ge=0, le=1e12, allow_inf_nan=False)]
Text = Annotated[str, AfterValidator(lambda text: clean(text, 200))]
"""One line without control characters; names come from outside."""


class Shown(BaseModel):
    """A frozen piece of a chart; an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Span(Shown):
    """A period: its first and last day and the label that people know it by."""

    first: date
    last: date
    label: Text

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.last < self.first:
            raise ValueError("a period must not end before it starts")
        return self


class Counted(Span):
    """The count of a complete period; None where it is unknown, which is not zero."""

    count: Count | None


class Incomplete(Span):
    """A period whose reports still come in.

    Attributes:
        reported: counted so far, None where nothing is known.
        median, low_90, high_90: what the count is expected to be in the end, if that is known.
    """

    reported: Count | None
    median: Count | None = None
    low_90: Count | None = None
    high_90: Count | None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        known = [one is not None for one in (self.median, self.low_90, self.high_90)]
        if len(set(known)) > 1:
            raise ValueError("an expected count needs its median and both ends of its interval")
        return self


class Forecast(Span):
    """The forecast of one period: median, and the central intervals that hold 50 and 90 %."""

    median: Count
    low_50: Count
    high_50: Count
    low_90: Count
    high_90: Count

    @model_validator(mode="after")
    def _order(self) -> Self:
        levels = [self.low_90, self.low_50, self.median, self.high_50, self.high_90]
        if levels != sorted(levels):
            raise ValueError("the quantiles of a forecast must not cross")
        return self


class Line(Shown):
    """A level to compare counts of one period with: a threshold, with what it is called."""

    label: Text
    count: Count


class LevelSince(Shown):
    """The mean per period since a change of level that was found in the counts."""

    first: date
    mean: Mean


class Mark(Shown):
    """Days to point at, with what they are called: an election, a feast, an alert's first day."""

    first: date
    last: date
    label: Text


class Fan(Shown):
    """One region's chart.

    Attributes:
        title: the region, as it is shown everywhere.
        unit: what is counted, "deadly events".
        per: the length of a period.
        counted: complete periods, oldest first.
        incomplete: the newest periods, whose reports still come in.
        forecast: periods ahead, oldest first.
        thresholds: of one period's count.
        baseline: mean per period, None where it is unknown.
        level_since: the newest change of level, where one is known.
        marks: days to point at; those outside of the chart are not drawn.
        note: said under the title: the label of a replay or a simulation.
    """

    title: Text
    unit: Text
    per: Period
    counted: tuple[Counted, ...] = ()
    incomplete: tuple[Incomplete, ...] = ()
    forecast: tuple[Forecast, ...] = ()
    thresholds: tuple[Line, ...] = ()
    baseline: Mean | None = None
    level_since: LevelSince | None = None
    marks: tuple[Mark, ...] = ()
    note: Text = ""

    @model_validator(mode="after")
    def _check(self) -> Self:
        if not (self.counted or self.forecast):
            raise ValueError("a fan chart needs counts or a forecast")
        return self


def alt_text(fan: Fan) -> str:
    """Return the chart in words, for those who do not see it."""
    parts = [
        f"Chart of {fan.title}: {fan.unit} per {fan.per}",
        fan.note,
        _counts(fan.counted),
        _late(fan.incomplete),
        _ahead(fan.forecast),
        _levels(fan),
        _marks(fan),
    ]
    return ". ".join(part for part in parts if part) + "."


def _counts(counted: Sequence[Counted]) -> str:
    known = [(one.count, one.label) for one in counted if one.count is not None]
    if not known:
        return "No complete counts"
    low, high = min(count for count, _ in known), max(count for count, _ in known)
    newest, when = known[-1]
    unknown = len(counted) - len(known)
    gaps = f", {unknown} unknown" if unknown else ""
    return f"Counts {_stretch(counted)}: {low:,} to {high:,}{gaps}; newest {newest:,} in {when}"


def _late(incomplete: Sequence[Incomplete]) -> str:
    told = []
    for one in incomplete:
        seen = "unknown" if one.reported is None else f"{one.reported:,}"
        line = f"{one.label} still incomplete with {seen} so far"
        if one.median is not None and one.low_90 is not None and one.high_90 is not None:
            line += f", {one.median:,} expected (90 % interval {one.low_90:,} to {one.high_90:,})"
        told.append(line)
    return "; ".join(told)


def _ahead(forecast: Sequence[Forecast]) -> str:
    if not forecast:
        return ""
    medians = sorted({one.median for one in forecast})
    low, high = min(one.low_90 for one in forecast), max(one.high_90 for one in forecast)
    middle = (
        f"{min(medians):,}" if len(set(medians)) == 1 else f"{min(medians):,} to {max(medians):,}"
    )
    return f"Forecast {_stretch(forecast)}: median {middle}, 90 % interval {low:,} to {high:,}"


def _levels(fan: Fan) -> str:
    told = [f"{line.label} {line.count:,}" for line in fan.thresholds]
    if fan.baseline is not None:
        told.append(f"baseline {fan.baseline:,.1f}")
    if fan.level_since is not None:
        told.append(f"level since {fan.level_since.first} {fan.level_since.mean:,.1f}")
    return f"Lines: {', '.join(told)}" if told else ""


def shown_marks(fan: Fan) -> list[Mark]:
    """Return the marks that touch a period of the chart."""
    spans = [*fan.counted, *fan.incomplete, *fan.forecast]
    first, last = min(one.first for one in spans), max(one.last for one in spans)
    return [one for one in fan.marks if one.first <= last and one.last >= first]


def _marks(fan: Fan) -> str:
    told = [
        f"{one.label} {one.first}" + (f" to {one.last}" if one.last > one.first else "")
        for one in shown_marks(fan)
    ]
    return f"Marks: {', '.join(told)}" if told else ""


def _stretch(spans: Sequence[Span]) -> str:
    first, last = spans[0].label, spans[-1].label
    return first if first == last else f"{first} to {last}"
