"""What a configuration may say of feeds, watches, rules, channels and routes.

Each feed kind and each channel kind declares its own further keys beside its code, by
subclassing FeedSettings or ChannelSettings; an unknown key is an error everywhere.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, Strict, StringConstraints

from core.periods import Period

Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$")]
Severity = Literal["advisory", "elevated", "high", "severe", "extreme"]
SEVERITIES: tuple[Severity, ...] = ("advisory", "elevated", "high", "severe", "extreme")
"""From least to most."""
Whole = Annotated[int, Strict()]
"""No "4" and no true: a quoted number or a yes is a slip of the hand."""
Number = Annotated[float, Strict()]
Probability = Annotated[Number, Field(gt=0, lt=1)]
GROUPINGS = ("country", "admin1", "admin2", "actor", "target", "kind", "region")
"""Columns that have a name of their own; a mapped extra column may be grouped by too."""


class Settings(BaseModel):
    """A frozen table of the configuration in which an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class FeedSettings(Settings):
    """Keys that every feed has."""

    name: Name
    kind: str
    mode: Literal["snapshot", "append"] = "snapshot"
    covered_through: Literal["release", "last-event", "pull"] | date = "last-event"
    gaps: tuple[tuple[date, date], ...] = ()
    """Stretches, both days included, in which the source was not collecting."""
    noun: str = "incidents"
    max_bad_share: Number = Field(default=0.2, ge=0, le=1)
    max_loss_share: Number = Field(default=0.2, ge=0, le=1)
    """Over this share of rows gone from a snapshot the pull is refused whole."""


class WatchSettings(Settings):
    """A set of series: which incidents, grouped by what, counted per which period."""

    name: Name
    feeds: tuple[Name, ...] = Field(min_length=1)
    group_by: tuple[str, ...] = Field(min_length=1)
    where: dict[str, str | tuple[str, ...]] = {}
    """Column → glob or globs; all columns must match, any glob of a column may."""
    measure: Literal["incidents", "fatalities"] = "incidents"
    period: Period = Period.MONTH
    horizon: Whole = Field(default=6, ge=1, le=60)
    models: tuple[str, ...] = Field(default=("dynamic-count", "conflictology"), min_length=1)
    prophet_budget: Whole = Field(default=200, ge=0)
    """Series that Prophet may be asked about in one run; the busiest come first."""
    minimum_events: Whole = Field(default=1, ge=1)
    """Regions with fewer counted events in all their history are not forecast."""


class TimesBaseline(Settings):
    """A threshold that follows the region: max(minimum, ceil(times_baseline x baseline))."""

    times_baseline: Number = Field(gt=0)
    minimum: Whole = Field(ge=1)


class Level(Settings):
    """One severity of a rule: ring when P(count >= at_least) reaches probability."""

    severity: Severity
    at_least: Annotated[Whole, Field(ge=1)] | TimesBaseline
    probability: Probability


class RuleSettings(Settings):
    """What to ring for."""

    name: Name
    watch: Name
    on: Literal["forecast"] = "forecast"
    within: Whole = Field(default=3, ge=1, le=60)
    """Periods: the running one and those after it."""
    aggregate: Literal["any", "total"] = "any"
    levels: tuple[Level, ...] = Field(min_length=1)
    clear_probability: Probability
    fire_after: Whole = Field(default=1, ge=1)
    clear_after: Whole = Field(default=2, ge=1)
    action: str = ""
    """What the reader should do, in the owner's words."""


class ChannelSettings(Settings):
    """Keys that every channel has."""

    name: Name
    kind: str


class Match(Settings):
    """What a route takes; a key that is left out takes everything."""

    severity: tuple[Severity, ...] = SEVERITIES
    region: str = "*"
    country: str = "*"
    watch: str = "*"
    rule: str = "*"


class RouteSettings(Settings):
    """Which alerts go to which channels."""

    match: Match = Match()
    channels: tuple[Name, ...] = Field(min_length=1)


class Aliases(Settings):
    """Canonical name → its other spellings, per column."""

    country: dict[str, tuple[str, ...]] = {}
    admin1: dict[str, tuple[str, ...]] = {}
    admin2: dict[str, tuple[str, ...]] = {}
    actor: dict[str, tuple[str, ...]] = {}
    target: dict[str, tuple[str, ...]] = {}
    region: dict[str, tuple[str, ...]] = {}
