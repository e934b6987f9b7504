"""What a configuration may say of feeds, watches, rules, channels and routes.

Each feed kind and each channel kind declares its own further keys beside its code, by
subclassing FeedSettings or ChannelSettings; the kinds of rules stand in core/rule_settings.py. An
unknown key is an error everywhere.
"""

from __future__ import annotations

import hashlib
from datetime import date, time
from itertools import pairwise
from typing import Annotated, Literal, Self, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    ConfigDict,
    Field,
    StringConstraints,
    field_validator,
    model_validator,
)

from core.countries import name_of
from core.durations import Duration
from core.fields import SEVERITIES, Days, Name, Number, Probability, Settings, Severity, Whole
from core.members import MEMBERS
from core.periods import Period
from core.rule_settings import Level, RuleSettings, StaleRuleSettings, TimesBaseline

__all__ = [
    "SEVERITIES",
    "Days",
    "Level",
    "Name",
    "Number",
    "Probability",
    "RuleSettings",
    "Settings",
    "Severity",
    "StaleRuleSettings",
    "TimesBaseline",
    "Whole",
]

Share = Literal["none", "aggregates", "rows"]
"""What may leave the organisation: nothing, counts and forecasts, or incidents row by row."""
CELL, SITE = "cell", "site"
DETAILS = (
    "admin1", "admin2", "actor", "target", "kind", "latitude", "longitude", "source",
)  # fmt: skip
"""Columns of an incident that it can do without; so are all extra columns."""
CARE = frozenset({"licence", "attribution", "share"})
"""Keys of a feed that change what is said of its rows, and none of the rows."""


def _rising(delay: dict[int, float]) -> dict[int, float]:
    """Return a reporting delay in the order of its days.

    Raises:
        ValueError: when more days mean a smaller share.
    """
    days = sorted(delay)
    if any(delay[one] > delay[two] for one, two in pairwise(days)):
        raise ValueError("a longer delay must not mean a smaller share reported")
    return {day: delay[day] for day in days}


Delay = Annotated[
    dict[Annotated[int, Field(ge=0, le=3650)], Annotated[Number, Field(gt=0, le=1)]],
    AfterValidator(_rising),
]


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
    delay: Delay = {}
    """Days after an event → share of the final count that is reported by then."""
    licence: str = ""
    attribution: str = ""
    """Whom to name wherever its numbers are shown."""
    share: Share = "aggregates"
    sensitive: tuple[str, ...] = ()
    """Columns that are dropped when the feed is read: they are stored and shown nowhere."""


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
    models: tuple[str, ...] = Field(default=MEMBERS, min_length=1)
    prophet_budget: Whole = Field(default=200, ge=0)
    """Series that Prophet may be asked about in one run; the busiest come first."""
    minimum_events: Whole = Field(default=1, ge=1)
    """Regions with fewer counted events in all their history are not forecast."""
    precedence: tuple[Name, ...] = ()
    """All its feeds, the most trusted first: a country's period is counted from one of them."""
    home: str | None = None
    """Country of the actors, by name or ISO 3166 code: counted elsewhere, they are abroad."""
    totals: tuple[str, ...] = ()
    """Globs of first names whose regions are added up to one more series; "(all)" adds up all."""

    @property
    def needs(self) -> frozenset[str]:
        """Return the columns that its counts hang on."""
        places = {"latitude", "longitude"} if {CELL, SITE} & set(self.group_by) else set()
        return frozenset({*self.group_by, *self.where, *places})

    @field_validator("home")
    @classmethod
    def _home_by_name(cls, home: str | None) -> str | None:
        return home and (name_of(home) or home)


class Site(Settings):
    """A place that people guard; an event counts for every site within whose radius it lies."""

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
    latitude: Number = Field(ge=-90, le=90)
    longitude: Number = Field(ge=-180, le=180)
    radius_km: Number = Field(gt=0, le=1000)


def _known_zone(zone: str) -> str:
    try:
        ZoneInfo(zone)
    except (ValueError, OSError, ZoneInfoNotFoundError):
        raise ValueError(f"{zone!r} is no time zone that this machine knows") from None
    return zone


Zone = Annotated[str, AfterValidator(_known_zone)]
"""An IANA name, such as "Africa/Lagos"."""


class CalendarSettings(Settings):
    """Known dates: from an iCalendar file, or a country's from the holidays package."""

    name: Name
    path: str | None = None
    """An iCalendar file, relative to the configuration."""
    country: str | None = None
    """A country whose holidays are taken, by name or ISO 3166 code."""
    categories: tuple[str, ...] = ()
    """Kinds of holidays, as the package names them; public ones without it."""
    only: tuple[str, ...] = ("*",)
    """Globs of the names that are taken."""
    countries: tuple[str, ...] = ()
    """Where it holds; without any, in `country`, or everywhere."""
    regions: str = "*"

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if (self.path is None) == (self.country is None):
            raise ValueError("give path or country, one of the two")
        if self.categories and self.country is None:
            raise ValueError("categories are for a country's holidays")
        return self


class QuietHours(Settings):
    """Hours in which a channel is to be left alone, in its own time zone."""

    model_config = ConfigDict(populate_by_name=True)

    start: time = Field(alias="from")
    end: time = Field(alias="to")
    zone: Zone = "UTC"
    breaks_through: Severity = "severe"
    """Alerts of this severity or a higher one are sent all the same."""


Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = get_args(Weekday)


class DigestSettings(Settings):
    """One message a day or week with the forecast table and what happened to alerts."""

    every: Literal["day", "week"]
    at: time
    on: Weekday = "mon"
    """The day of a weekly one."""
    zone: Zone = "UTC"


class ChannelSettings(Settings):
    """Keys that every channel has."""

    name: Name
    kind: str
    internal: bool = False
    """Whether all who read it belong to the organisation: feeds that share nothing may go there."""
    group_over: Whole = Field(default=5, ge=1)
    """More alerts than this of one run come as one message."""
    quiet: QuietHours | None = None
    digest: DigestSettings | None = None
    fallback: Name | None = None
    """The channel that is told what this one does not take."""

    @property
    def fingerprint(self) -> str:
        """Return a digest of all its settings; they hold no secret."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()


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
    remind_every: Days | None = None
    """Days after which it tells again of an alert that fires and that nobody acknowledged."""
    ack_within: Duration | None = None
    """Seconds in which somebody should acknowledge; after them, the channels of `then` are told."""
    then: tuple[Name, ...] = ()

    @property
    def everybody(self) -> tuple[Name, ...]:
        """Return all channels that it may tell."""
        return (*self.channels, *self.then)


class Inhibition(Settings):
    """An alert that fires holds back what would be told of others."""

    source: Match
    target: Match
    equal: tuple[Literal["country", "watch", "rule"], ...] = ("country",)
    """What both alerts must have in common."""


_SUFFIX = r"^[/?&][A-Za-z0-9/?&=._~-]*$"


class HeartbeatSettings(Settings):
    """An outside check that alarms when it hears nothing: a dead man's switch."""

    url: Annotated[str, StringConstraints(pattern=r"^https?://[^\s@]+$")] | None = None
    url_env: str | None = None
    """The environment variable that holds the address, where that is a secret."""
    start: Annotated[str, StringConstraints(pattern=_SUFFIX)] | None = None
    fail: Annotated[str, StringConstraints(pattern=_SUFFIX)] | None = None
    """What is put behind the address when a cycle begins, and when one has failed."""
    reasons: bool = False
    """Whether a failure's body says why it failed, on one line."""
    allow_networks: tuple[str, ...] = ()
    ca_file: str | None = None


class Aliases(Settings):
    """Canonical name → its other spellings, per column."""

    country: dict[str, tuple[str, ...]] = {}
    admin1: dict[str, tuple[str, ...]] = {}
    admin2: dict[str, tuple[str, ...]] = {}
    actor: dict[str, tuple[str, ...]] = {}
    target: dict[str, tuple[str, ...]] = {}
    region: dict[str, tuple[str, ...]] = {}
