"""What a configuration may say of rules: one class per kind, and the thresholds they share.

A threshold is a whole number, or a table that says what it follows in the region's own history;
each such table has a `minimum`, so that no rule rings for one incident where there was none.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Discriminator, Field, Tag

from core.fields import Days, Name, Number, Probability, Settings, Severity, Whole

TOTALS = "totals"
"""Of a rule: it reads what regions add up to, not the regions."""


class Follows(Settings):
    """A threshold that follows the region's history, and is never under `minimum`."""

    minimum: Whole = Field(ge=1)


class TimesBaseline(Follows):
    """So many times the baseline."""

    times_baseline: Number = Field(gt=0)


class TimesLastYear(Follows):
    """So many times the count of the same season last year."""

    times_last_year: Number = Field(gt=0)


class Quantile(Follows):
    """More than in this share of all periods so far."""

    quantile: Number = Field(ge=0.5, lt=1)


class Record(Follows):
    """More than in any period so far."""

    record: Literal[True]


class Chance(Follows):
    """A count that the year before lets expect with at most this probability."""

    chance: Number = Field(ge=1e-6, le=0.2)


_FOLLOWS: dict[str, type[Follows]] = {
    "times_baseline": TimesBaseline,
    "times_last_year": TimesLastYear,
    "quantile": Quantile,
    "record": Record,
    "chance": Chance,
}
"""The key that tells a table from the others → its class."""


def _tag(value: Any) -> str | None:
    """Return which threshold a value is meant as; None where it is none. Errors leave it out."""
    if isinstance(value, Follows):
        return next(f"({key})" for key, kind in _FOLLOWS.items() if isinstance(value, kind))
    if isinstance(value, dict):
        return next((f"({key})" for key in _FOLLOWS if key in value), None)
    return "(number)"


Threshold = Annotated[
    Annotated[Annotated[Whole, Field(ge=1)], Tag("(number)")]
    | Annotated[TimesBaseline, Tag("(times_baseline)")]
    | Annotated[TimesLastYear, Tag("(times_last_year)")]
    | Annotated[Quantile, Tag("(quantile)")]
    | Annotated[Record, Tag("(record)")]
    | Annotated[Chance, Tag("(chance)")],
    Discriminator(
        _tag,
        custom_error_type="threshold",
        custom_error_message=f"needs a whole number, or a table with one of {', '.join(_FOLLOWS)}",
    ),
]


class Level(Settings):
    """One severity of a rule: ring when P(count >= at_least) reaches probability."""

    severity: Severity
    at_least: Threshold
    probability: Probability

    @property
    def least(self) -> int:
        """Return the count below which it never rings, whatever the region's history."""
        return self.at_least if isinstance(self.at_least, int) else self.at_least.minimum


class ObservedLevel(Level):
    """One severity of a rule on what was observed; a count that is final is certain."""

    probability: Annotated[Number, Field(gt=0.05, le=0.9)] = 0.5
    """Where reports still come in: that the final count reaches the threshold."""


class Rule(Settings):
    """Keys that rules of every kind have."""

    name: Name
    watch: Name
    on: str
    action: str = ""
    """What the reader should do, in the owner's words."""
    owner: str = ""
    """Who answers for the rule: a person, a post or a desk."""
    review_by: date | None = None
    """From the day after it, the rule is due for another look."""


class _Prompt(Rule):
    """Rules whose finding needs no second look: one run fires, one clears."""

    @property
    def fire_after(self) -> int:
        """Return the runs in a row that must cross before an alert fires."""
        return 1

    @property
    def clear_after(self) -> int:
        """Return the runs in a row that must be clear before it is resolved."""
        return 1


class _Patient(Rule):
    """Rules on the series of a watch, whose alerts take some runs to fire and to clear."""

    of: Literal["regions", "totals"] = "regions"
    """A line that is meant for a province would ring for every country."""
    region: str = "*"
    """Glob of the regions, or of the totals, that it reads."""
    fire_after: Whole = Field(default=1, ge=1)
    clear_after: Whole = Field(default=2, ge=1)


def _needs_history(levels: Iterable[Level]) -> bool:
    """Return whether a threshold follows more of the past than its baseline."""
    wanted = (level.at_least for level in levels)
    return any(isinstance(one, Follows) and not isinstance(one, TimesBaseline) for one in wanted)


class RuleSettings(_Patient):
    """What to ring for in a forecast."""

    on: Literal["forecast"] = "forecast"
    within: Whole = Field(default=3, ge=1, le=60)
    """Periods: the running one and those after it."""
    aggregate: Literal["any", "total"] = "any"
    levels: tuple[Level, ...] = Field(min_length=1)
    clear_probability: Probability

    @property
    def needs_history(self) -> bool:
        """Return whether it reads more than the forecasts and the baseline."""
        return _needs_history(self.levels)

    @property
    def severities(self) -> tuple[Severity, ...]:
        """Return those of its levels."""
        return tuple(level.severity for level in self.levels)


class ObservedRuleSettings(_Patient):
    """Ring when the newest complete period reaches a threshold, late reports reckoned with."""

    on: Literal["observed"]
    levels: tuple[ObservedLevel, ...] = Field(min_length=1)
    clear_probability: Annotated[Number, Field(gt=0.05, le=0.9)] = 0.35

    @property
    def severities(self) -> tuple[Severity, ...]:
        """Return those of its levels."""
        return tuple(level.severity for level in self.levels)


class Arrival(Settings):
    """An actor's first incidents in a region, after so many periods without any."""

    severity: Severity
    quiet: Whole = Field(ge=1, le=3660)
    at_least: Whole = Field(default=1, ge=1)


class Increase(Settings):
    """So many times the incidents abroad of the same periods a year before."""

    severity: Severity
    times_year_before: Number = Field(gt=1)
    minimum: Whole = Field(ge=1)


def _spread_tag(value: Any) -> str:
    if isinstance(value, BaseModel):
        return "(increase)" if isinstance(value, Increase) else "(arrival)"
    return "(increase)" if isinstance(value, dict) and "times_year_before" in value else "(arrival)"


class SpreadRuleSettings(_Prompt):
    """Ring when an actor turns up where it was not, or does far more abroad than a year before."""

    on: Literal["spread"]
    levels: tuple[
        Annotated[
            Annotated[Arrival, Tag("(arrival)")] | Annotated[Increase, Tag("(increase)")],
            Discriminator(_spread_tag),
        ],
        ...,
    ] = Field(min_length=1)
    over: Whole = Field(default=3, ge=1, le=60)
    """Newest complete periods whose sum is compared with the year before."""

    @property
    def severities(self) -> tuple[Severity, ...]:
        """Return those of its levels."""
        return tuple(level.severity for level in self.levels)


class StaleRuleSettings(_Prompt):
    """Ring when a feed of the watch brings nothing new for longer than its own rhythm."""

    on: Literal["stale"]
    severity: Severity
    after: Days = 21
    """Days of silence, at the least, before it rings."""

    @property
    def severities(self) -> tuple[Severity, ...]:
        """Return its one severity."""
        return (self.severity,)


class SkillRuleSettings(_Patient):
    """Ring when forecasts of a region that came due were off for long."""

    on: Literal["skill"]
    severity: Severity
    over: Whole = Field(default=24, ge=8, le=3660)
    """Newest forecasts, one period ahead, that have come due; fewer say nothing."""
    chance: Number = Field(default=0.01, ge=1e-6, le=0.2)
    """Rings when right intervals would be off so far with at most this probability."""
    worse_by: Number = Field(default=1.1, ge=1)
    """Rings when the error is over so many times that of the last year's distribution."""

    @property
    def severities(self) -> tuple[Severity, ...]:
        """Return its one severity."""
        return (self.severity,)


AnyRule = (
    RuleSettings | ObservedRuleSettings | SpreadRuleSettings | StaleRuleSettings | SkillRuleSettings
)

KINDS: dict[str, type[AnyRule]] = {
    "forecast": RuleSettings,
    "observed": ObservedRuleSettings,
    "spread": SpreadRuleSettings,
    "stale": StaleRuleSettings,
    "skill": SkillRuleSettings,
}
"""What a rule looks at → its settings."""
