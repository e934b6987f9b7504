"""What a message tells about one region under one rule, as plain JSON.

Rules write these facts when a run is read, storage keeps them with the alert's event, and a
message is made of them alone: no number of a message is computed anywhere else.
"""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from core.periods import Period
from core.settings import Severity
from core.sources import Source


class Fact(BaseModel):
    """A frozen piece of a message; an unknown key is an error."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, json_schema_serialization_defaults_required=True
    )


class Window(Fact):
    """The days that a rule looks at, both included."""

    first: date
    last: date
    periods: int = Field(ge=1)


class PeriodCount(Fact):
    """A count of one period; None where it is unknown."""

    period: str
    count: int | None


class Level(Fact):
    """Since which period a series runs at its present level, and its mean per period from then on.

    `probability` is that of a change of level having come there.
    """

    period: str
    mean: float = Field(ge=0)
    probability: float = Field(ge=0, le=1)


class WhenComplete(Fact):
    """A period whose reports still come in: what is reported, and its median and 90 % interval.

    `reported` is None where nothing is known of the period.
    """

    period: str
    reported: int | None
    median: int = Field(ge=0)
    low_90: int = Field(ge=0)
    high_90: int = Field(ge=0)


class KnownDate(Fact):
    """An occasion that was known in advance, its first and last day."""

    name: str
    first: date
    last: date


class Baseline(Fact):
    """Mean count per period over a stretch of days, both included."""

    mean: float
    first: date
    last: date


class Expected(Fact):
    """Median and 90 % interval of what the rule compares: the largest period, or the total."""

    of: Literal["period", "largest period", "total"]
    median: int = Field(ge=0)
    low_90: int = Field(ge=0)
    high_90: int = Field(ge=0)


class PeriodForecast(Fact):
    """The forecast of one period: its median, and the central intervals of 50 and 90 %."""

    period: str
    median: int = Field(ge=0)
    low_50: int = Field(ge=0)
    high_50: int = Field(ge=0)
    low_90: int = Field(ge=0)
    high_90: int = Field(ge=0)


class LevelReading(Fact):
    """One level of the rule: the probability of its threshold, and the one that it needs.

    `follows` says what the threshold follows in the region's history; "" when it is fixed.
    """

    severity: Severity
    threshold: int = Field(ge=1)
    follows: str
    needed: float
    probability: float = Field(ge=0, le=1)


class Before(Fact):
    """What the last step of the same alert said, as of its own cut-off."""

    cutoff: date
    expected: Expected
    levels: tuple[LevelReading, ...]


class Record(Fact):
    """How often a rule's alerts came true, of those whose window is over, with 95 % interval."""

    came_true: int = Field(ge=0)
    judged: int = Field(ge=1)
    low_95: float = Field(ge=0, le=1)
    high_95: float = Field(ge=0, le=1)


class ModelWeight(Fact):
    """A model and its mean weight over the window, rounded to 0.01."""

    model: str
    weight: float


class Cited(Fact):
    """An incident as evidence: `id` is its feed's; `source` whom that cites, `core.text.cited`."""

    day: date
    feed: str
    id: str
    source: str


class Behind(Fact):
    """The incidents behind the newest counts.

    Attributes:
        since: the first day looked at; the last is the cut-off.
        count: incidents from then on.
        newest: the newest of those whose feed shares its rows, the newest first.
        withheld: the feeds whose incidents are counted and not shown, as they do not share rows.
    """

    since: date
    count: int = Field(ge=1)
    newest: tuple[Cited, ...]
    withheld: tuple[str, ...]


class Facts(Fact):
    """One region under one rule, as of one run.

    Attributes:
        place: the region, as it is shown everywhere.
        region: the parts of its key.
        earlier: counts of the complete periods before `recent`, oldest first: the chart shows them.
        recent: counts of the newest complete periods, oldest first.
        seen_so_far: counts seen in periods that are not complete.
        expected_when_complete: what late reports are expected to make of the newest periods,
            oldest first; forecasts start from these.
        ahead: the forecast of each period, from the first that is not complete to the window's end.
        known_dates: what falls into the window, in the order of time.
        not_yet_reported: periods that are over but that the data do not cover.
        tempo: count of the newest complete period.
        level_since: the last change of level, where one is more probable than not.
        data_as_of: last day that the data cover.
        cutoff: last day of the data that the run was allowed to see.
        running: the period that holds the run's "now".
        label: what the run is, when it is not an ordinary one: "simulated data", "replay …".
        overdue: feeds of the watch whose news are due; nothing is cleared meanwhile.
        note: why fewer models than configured made the forecast, or "".
        action: what the rule's owner asks the reader to do, or "".
        owner: who answers for the rule, or "".
        clear_after: runs in a row that clear the alert.
        before: what the alert's last step said; None at its first.
        record: of the rule's alerts so far; None where none has been judged.
        behind: the incidents behind the newest counts; None where there are none to name.
        sources: the feeds that were counted, whom to credit, and the day each was read.
        filters: which incidents were counted, in words.
    """

    about: Literal["forecast"]
    place: str
    region: tuple[str, ...]
    watch: str
    rule: str
    unit: str
    period: Period
    aggregate: Literal["any", "total"]
    window: Window
    levels: tuple[LevelReading, ...]
    expected: Expected
    earlier: tuple[PeriodCount, ...] = ()
    recent: tuple[PeriodCount, ...]
    seen_so_far: tuple[PeriodCount, ...]
    expected_when_complete: tuple[WhenComplete, ...]
    ahead: tuple[PeriodForecast, ...] = ()
    known_dates: tuple[KnownDate, ...] = ()
    not_yet_reported: tuple[str, ...]
    tempo: int | None
    baseline: Baseline | None
    level_since: Level | None = None
    data_as_of: date
    cutoff: date
    running: str
    label: str
    overdue: tuple[str, ...]
    models: tuple[ModelWeight, ...]
    note: str
    action: str
    owner: str
    clear_probability: float
    clear_after: int
    before: Before | None = None
    record: Record | None = None
    behind: Behind | None = None
    sources: tuple[Source, ...]
    filters: str


class SilenceFacts(Fact):
    """One feed under a rule on silent feeds, as of one run.

    Attributes:
        place: the feed's name, as it is shown everywhere; `region` is its key.
        since: the day of its last news; of its first pull where it never had any.
        days: from then until the run's today, which is `cutoff`.
        rhythm_days: the longest gap that is usual; None where it is not known.
        limit_days: the silence after which the rule rings.
        unit, label, action, owner, sources: as in Facts.
    """

    about: Literal["feed"]
    place: str
    region: tuple[str, ...]
    watch: str
    rule: str
    unit: Literal["days without news"]
    since: date
    days: int = Field(ge=0)
    rhythm_days: int | None
    limit_days: int = Field(ge=1)
    cutoff: date
    label: str
    action: str
    owner: str
    sources: tuple[Source, ...]


class PersonFacts(Fact):
    """What a person said when they raised an alert by hand.

    Attributes:
        by, words: who, and what they know.
        cutoff: the day on which they said it.
        place, region, watch, rule, label, action: as in Facts.
    """

    about: Literal["person"]
    place: str
    region: tuple[str, ...]
    watch: str
    rule: str
    by: str
    words: str
    cutoff: date
    label: str
    action: str
    sources: tuple[Source, ...]


class FindingFacts(Fact):
    """What a rule found in one region without a forecast, as of one run.

    Attributes:
        place, region, watch, rule, unit, period, label, overdue, action, owner, sources,
            filters: as in Facts.
        window: the days looked at.
        counted: what was found there, in `unit`; None where it is no count.
        completion: of `counted`, where its reports still come in.
        levels: the levels that speak of this region; `probability` is 0 or 1 where it is certain.
        headline: what was found, in a few words: "a first incident of ISKP in Tajikistan".
        clears: what ends the alert.
        earlier, recent, seen_so_far, tempo, baseline, level_since, data_as_of, cutoff, behind: as
            in Facts.
    """

    about: Literal["observed", "spread", "skill"]
    place: str
    region: tuple[str, ...]
    watch: str
    rule: str
    unit: str
    period: Period
    window: Window
    counted: int | None
    completion: WhenComplete | None
    levels: tuple[LevelReading, ...]
    headline: str
    clears: str
    earlier: tuple[PeriodCount, ...] = ()
    recent: tuple[PeriodCount, ...]
    seen_so_far: tuple[PeriodCount, ...]
    tempo: int | None
    baseline: Baseline | None
    level_since: Level | None = None
    data_as_of: date
    cutoff: date
    label: str
    overdue: tuple[str, ...]
    action: str
    owner: str
    behind: Behind | None = None
    sources: tuple[Source, ...]
    filters: str
