"""The message of an alert's step: one JSON body, the same for every channel and every try.

Its schema is published in message.schema.json. It follows the payload of Standard Webhooks 1.0.0:
`type`, `timestamp`, `data`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import Field

from alerts import why, wording
from alerts.bulletins import DigestData, GroupData, NoticeData
from alerts.facts import Fact, Facts, FindingFacts, LevelReading, PersonFacts, Record, SilenceFacts
from alerts.lifecycle import VERDICTS, Reason
from alerts.links import Links, links_to
from core.alerts import Alert, AlertEvent, AlertState, Json, RemarkKind
from core.rhythm import days
from core.settings import Severity

SCHEMA_FILE = Path(__file__).with_name("message.schema.json")
StepType = Literal[
    "alert.firing",
    "alert.escalated",
    "alert.resolved",
    "alert.retracted",
    "alert.judged",
    "alert.reminder",
    "alert.unacknowledged",
]
MessageType = StepType | Literal["alert.group", "alert.test", "service.notice", "service.digest"]
TYPES: dict[str, StepType] = {
    Reason.CROSSED_ENOUGH_RUNS: "alert.firing",
    Reason.ESCALATED: "alert.escalated",
    Reason.CLEARED: "alert.resolved",
    Reason.RETRACTED: "alert.retracted",
    Reason.RENAMED: "alert.firing",
    Reason.SILENCE_ENDED: "alert.firing",
    Reason.RAISED_BY_HAND: "alert.firing",
    Reason.ENDED_BY_HAND: "alert.resolved",
    **dict.fromkeys(VERDICTS, "alert.judged"),
}
"""The steps that people are told of, and as what."""
RINGING: frozenset[StepType] = frozenset(
    {"alert.firing", "alert.escalated", "alert.reminder", "alert.unacknowledged"}
)
"""What is told of an alert that fires, and that somebody may acknowledge."""


def every_type() -> frozenset[str]:
    """Return all types of messages; `MessageType` is a union of literals."""
    found: set[str] = set()
    left: list[Any] = [MessageType]
    while left:
        for part in get_args(left.pop()):
            found.add(part) if isinstance(part, str) else left.append(part)
    return frozenset(found)


class Likelihood(Fact):
    """The probability as people are told it: rounded to 5 points, and in words."""

    percent: int = Field(ge=5, le=95, multiple_of=5)
    words: str


class Opened(Fact):
    """What the alert opened with; it keeps these to its end."""

    at: str
    threshold: int
    baseline: float | None
    unit: str


class Step(Fact):
    """What a message says of the step of the alert that it tells.

    Attributes:
        alert_id: names the alert; the same in all its messages.
        sequence: which step of the alert this is, from 1.
        reason: the step's name; `reason_in_words` says it.
        clears_when: what would clear the alert, or "" when it is over.
        links: where people read on.
    """

    alert_id: str
    sequence: int = Field(ge=1)
    scope: str
    severity: Severity
    state: AlertState
    reason: Reason
    reason_in_words: str
    clears_when: str
    links: Links = Links()


class MessageData(Step, Facts):
    """The facts of the run, and what they did to the alert.

    Attributes:
        threshold, probability: of the level at `severity`.
        track_record: how often such alerts came true.
        overrides: what analysts say against it, each in words beside the model's value.
    """

    threshold: int = Field(ge=1)
    probability: float = Field(ge=0, le=1)
    likelihood: Likelihood
    opened: Opened
    track_record: str
    overrides: tuple[str, ...]


class SilenceData(Step, SilenceFacts):
    """The facts of a silent feed, and what they did to the alert.

    Attributes:
        feed: the feed.
        meaning: what the silence means for who reads the forecasts, or "" when it is over.
    """

    feed: str
    meaning: str
    opened_at: str


class PersonData(Step, PersonFacts):
    """What a person raised, and what became of the alert."""

    opened_at: str


class FindingData(Step, FindingFacts):
    """What a rule found without a forecast, and what it did to the alert; as in MessageData."""

    threshold: int = Field(ge=1)
    probability: float = Field(ge=0, le=1)
    opened: Opened


class Message(Fact):
    """The body of every delivery; `about` says which kind its data are."""

    type: MessageType
    timestamp: str
    data: Annotated[
        MessageData | SilenceData | PersonData | FindingData | GroupData | NoticeData | DigestData,
        Field(discriminator="about"),
    ]


def compose(
    alert: Alert, event: AlertEvent, kind: StepType | None = None, site: str = ""
) -> Message:
    """Return the message of an alert's step; `kind` says what it is where the step does not.

    `site` is the address of our pages, "" where people cannot reach them.

    Raises:
        KeyError: for a step that nobody is told of by itself.
    """
    kind = kind or TYPES[event.reason]
    data = {
        **event.facts,
        "alert_id": alert.alert_id,
        "sequence": event.sequence,
        "scope": alert.scope,
        "severity": event.severity,
        "state": event.to_state,
        "reason": event.reason,
        "links": links_to(site, alert, event.facts["about"]),
    }
    told = _TELLERS[event.facts["about"]]
    return Message.model_validate(
        {"type": kind, "timestamp": event.at, "data": {**data, **told(alert, event, kind)}}
    )


def _of_a_forecast(alert: Alert, event: AlertEvent, kind: StepType) -> Json:
    facts = Facts.model_validate(event.facts)
    return {
        "reason_in_words": why.whatever_it_is_about(event)
        or why.of_a_forecast(alert, event, kind, facts),
        "threshold": _threshold(alert, event, facts.levels),
        "probability": event.probability,
        "likelihood": {
            "percent": wording.percent(event.probability),
            "words": wording.likelihood(event.probability),
        },
        "opened": _opened(alert),
        "clears_when": why.clears_when(event, facts),
        "track_record": _track_record(facts.record),
        "overrides": why.texts(event, RemarkKind.OVERRIDDEN),
    }


def _of_a_finding(alert: Alert, event: AlertEvent, kind: StepType) -> Json:
    facts = FindingFacts.model_validate(event.facts)
    over = not event.to_state.is_open
    return {
        "reason_in_words": why.whatever_it_is_about(event)
        or why.of_a_finding(alert, event, kind, facts),
        "threshold": _threshold(alert, event, facts.levels),
        "probability": event.probability,
        "opened": _opened(alert),
        "clears_when": "" if over else facts.clears,
    }


def _track_record(record: Record | None) -> str:
    if record is None:
        return "none yet"
    low, high = (wording.share(round(end, 2)) for end in (record.low_95, record.high_95))
    return f"{record.came_true} of {record.judged} came true (95 % interval {low} to {high})"


def _opened(alert: Alert) -> Json:
    return {
        "at": alert.opened_at,
        "threshold": alert.threshold,
        "baseline": alert.baseline,
        "unit": alert.unit,
    }


def _of_a_feed(alert: Alert, event: AlertEvent, _kind: StepType) -> Json:
    facts = SilenceFacts.model_validate(event.facts)
    over = not event.to_state.is_open
    reason = why.whatever_it_is_about(event) or (
        "the feed brought something new"
        if over
        else f"it brought nothing new for {days(facts.days)}, more than {days(facts.limit_days)}"
    )
    return {
        "feed": facts.place,
        "reason_in_words": reason,
        "meaning": ""
        if over
        else f"what you see of watch {facts.watch} may be calm or silence; until there are news, "
        "none of its alerts is cleared",
        "opened_at": alert.opened_at,
        "clears_when": "" if over else "the first pull that brings something new",
    }


def _of_a_person(alert: Alert, event: AlertEvent, _kind: StepType) -> Json:
    facts = PersonFacts.model_validate(event.facts)
    return {
        "reason_in_words": why.whatever_it_is_about(event) or f"{facts.by} raised it by hand",
        "opened_at": alert.opened_at,
        "clears_when": f"a person: tocsin alerts resolve {alert.alert_id}"
        if event.to_state.is_open
        else "",
    }


_TELLERS = {
    "forecast": _of_a_forecast,
    "feed": _of_a_feed,
    "person": _of_a_person,
    **dict.fromkeys(("observed", "spread", "skill"), _of_a_finding),
}


def canonical(body: Json) -> bytes:
    """Return a body's bytes: sorted keys, no spaces, UTF-8, so that a repeat is the same."""
    text = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode("utf-8", errors="replace")


def schema() -> dict[str, Any]:
    """Return the JSON Schema of a body, as message.schema.json publishes it."""
    return Message.model_json_schema(mode="serialization")


def _threshold(alert: Alert, event: AlertEvent, levels: Iterable[LevelReading]) -> int:
    """Return the threshold of the step's level; the alert's own when the rule lost that level."""
    then = (level.threshold for level in levels if level.severity == event.severity)
    return next(then, alert.threshold)
