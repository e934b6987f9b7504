"""Alerts: readings of rules, the state of an episode, its story, and its deliveries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Literal

from core.regions import RegionKey
from core.settings import SEVERITIES, Severity

Json = dict[str, Any]
DeliveryKind = Literal["alert", "group", "notice", "digest", "test"]
"""One step of an alert, several steps, trouble of the service, all of a day or week, a trial."""


class AlertState(StrEnum):
    """The states of an episode: two in which it is open, and four ways to end.

    Resolved: below its line on new data, or ended by a person. Retracted: the source took back
    what it was based on. Superseded: another alert goes on with it. Expired: it never fired, and
    its window went by without its rule being read again.
    """

    PENDING = "pending"
    FIRING = "firing"
    RESOLVED = "resolved"
    RETRACTED = "retracted"
    SUPERSEDED = "superseded"
    EXPIRED = "expired"

    @property
    def is_open(self) -> bool:
        """Return whether the episode goes on."""
        return self in (AlertState.PENDING, AlertState.FIRING)


BY_HAND = "(by hand)"
"""The rule of an alert that a person raised: no rule of a configuration can be called so."""


class RemarkKind(StrEnum):
    """What else there is to say of a step."""

    MUTED = "muted"
    HELD_BACK = "held_back"
    CORRECTED = "corrected"
    LEVEL_SHIFTED = "level_shifted"
    RULE_CHANGED = "rule_changed"
    ACKNOWLEDGEMENT_BROKEN = "acknowledgement_broken"
    SUPERSEDES = "supersedes"
    SUPERSEDED_BY = "superseded_by"
    BY_PERSON = "by_person"
    VERDICT = "verdict"
    OVERRIDDEN = "overridden"
    UNACKNOWLEDGED = "unacknowledged"


@dataclass(frozen=True)
class Remark:
    """A named remark on a step of a story, and its words."""

    kind: RemarkKind
    text: str


@dataclass(frozen=True)
class Reading:
    """One level of a rule in one region: how likely, against how likely it must be."""

    severity: Severity
    threshold: int
    needed: float
    probability: float

    @property
    def crossed(self) -> bool:
        """Return whether the level rings."""
        return self.probability >= self.needed


@dataclass(frozen=True)
class Evaluation:
    """A rule read against one region's forecast.

    Attributes:
        watch, rule, region: which rule where.
        readings: one per level, from least to most severe.
        clear_probability: below it at every level, the run counts towards clearing.
        data_through: last day of the newest complete period.
        facts: what a message tells, as JSON: see alerts/facts.py.
        overdue: feeds of the watch whose news are due: the run is no all-clear.
        kept: where an alert is open, how likely the count is that it opened with.
    """

    watch: str
    rule: str
    region: RegionKey
    readings: tuple[Reading, ...]
    clear_probability: float
    data_through: date
    facts: Json
    overdue: tuple[str, ...] = ()
    kept: float | None = None


@dataclass(frozen=True)
class Alert:
    """One episode of a rule being broken in a region, as it is stored.

    `scope` is that of the run (`core.forecasts.RunKey.scope`). `crossings` and `clears` count
    runs in a row. `data_through` is that of the last run that counted. `threshold`, `baseline`
    and `unit` are those that the episode opened with. `resolved_at` is when it ended, in
    whichever way.
    """

    alert_id: str
    scope: str
    watch: str
    rule: str
    region: RegionKey
    state: AlertState
    severity: Severity
    crossings: int
    clears: int
    data_through: date
    threshold: int
    baseline: float | None
    unit: str
    opened_at: str
    updated_at: str
    resolved_at: str | None = None


def urgency(severity: Severity, probability: float | None) -> tuple[int, float]:
    """Return what alerts are sorted by, the most severe and likeliest first.

    One that has no probability, as a person raised it, counts as certain.
    """
    return -SEVERITIES.index(severity), -(1.0 if probability is None else probability)


SHORT_ID = 11
"""Characters of an id that people are shown: enough to tell 16 million alerts apart, mostly."""


@dataclass(frozen=True)
class AlertEvent:
    """One step of an alert's story. `sequence` counts from 1 within the alert."""

    alert_id: str
    sequence: int
    at: str
    from_state: AlertState | None
    to_state: AlertState
    severity: Severity
    reason: str
    probability: float
    facts: Json
    remarks: Sequence[Remark] = ()


@dataclass(frozen=True)
class Verdict:
    """What became of what an alert warned of: `verdict` names it, `observed` was counted."""

    alert_id: str
    verdict: str
    observed: int | None
    threshold: int
    probability: float
    words: str


@dataclass(frozen=True)
class NewDelivery:
    """A message to put in the outbox; `delivery_id` is stable over retries and restarts.

    Attributes:
        alert_id, sequence: the one step that it tells; None when it tells several, or none.
        steps: those that it tells where they are several.
        due_at: the stamp before which it must not be sent, None for at once.
        revises: a message of before that it takes the place of, if that was not tried yet: it
            then keeps that one's id.
    """

    delivery_id: str
    alert_id: str | None
    sequence: int | None
    channel: str
    body: Json
    kind: DeliveryKind = "alert"
    steps: tuple[tuple[str, int], ...] = ()
    due_at: str | None = None
    revises: str | None = None


@dataclass(frozen=True)
class Held:
    """A message that waits for the end of a channel's quiet hours, and the steps that it tells."""

    delivery_id: str
    steps: tuple[tuple[Alert, AlertEvent], ...]


@dataclass(frozen=True)
class Waiting:
    """A message that waits to be sent, with the steps that it tells; names as in `NewDelivery`."""

    delivery_id: str
    channel: str
    kind: DeliveryKind
    body: Json
    due_at: str | None
    steps: tuple[tuple[Alert, AlertEvent], ...]


@dataclass(frozen=True)
class Delivery:
    """A message claimed from the outbox. `attempt` counts from 1.

    `alert_id` is None where it tells several alerts, or none.
    """

    delivery_id: str
    alert_id: str | None
    channel: str
    body: Json
    created_at: str
    attempt: int
    kind: DeliveryKind = "alert"


@dataclass(frozen=True)
class Attempt:
    """What became of one try to send."""

    at: str
    delivered: bool
    detail: str
    duration_ms: int


@dataclass(frozen=True)
class AlertChanges:
    """What one run does to alerts; published together with the run, or not at all."""

    alerts: tuple[Alert, ...] = ()
    events: tuple[AlertEvent, ...] = ()
    deliveries: tuple[NewDelivery, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
