"""What was decided about alerts so far: steps entered, as events and messages.

Every step of every alert comes through here, whoever takes it, so that silences, routes, names
and sequence numbers are the same for all.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from alerts import muting
from alerts.lifecycle import VERDICTS, Moment, Reason, Step
from alerts.messages import compose
from alerts.past import Past
from alerts.routing import AnyRule, channels_for
from alerts.verdicts import Judged
from core.alerts import (
    Alert,
    AlertChanges,
    AlertEvent,
    AlertState,
    Json,
    NewDelivery,
    Remark,
    RemarkKind,
    Verdict,
)
from core.overrides import Override
from core.people import Action, Silence
from core.regions import label
from core.settings import Aliases, RouteSettings, StaleRuleSettings, WatchSettings


@dataclass(frozen=True)
class Plan:
    """The part of the configuration that decides about alerts; channels by name."""

    watches: Sequence[WatchSettings]
    rules: Sequence[AnyRule]
    routes: Sequence[RouteSettings]
    channels: Collection[str]
    aliases: Aliases = field(default_factory=Aliases)

    def watch_of(self, alert: Alert) -> WatchSettings | None:
        """Return the watch whose region an alert is about; None for a feed, or when it is gone."""
        rule = next((rule for rule in self.rules if rule.name == alert.rule), None)
        if isinstance(rule, StaleRuleSettings):
            return None
        return next((watch for watch in self.watches if watch.name == alert.watch), None)


@dataclass(frozen=True)
class Known:
    """What storage knows of the alerts that are open.

    Attributes:
        alerts: those that are pending or firing.
        sequences: per alert, the number of its newest event.
        told: per alert, the channels that were sent a message of it.
        past: per alert, what it opened with and saw last.
        silences: those in force, and those that ended lately.
        acknowledged: per alert, the acknowledgement in force.
        overrides: those of analysts that are in force.
    """

    alerts: Sequence[Alert] = ()
    sequences: Mapping[str, int] | None = None
    told: Mapping[str, Collection[str]] | None = None
    past: Mapping[str, Past] = field(default_factory=dict)
    silences: Sequence[Silence] = ()
    acknowledged: Mapping[str, Action] = field(default_factory=dict)
    overrides: Sequence[Override] = ()


@dataclass(frozen=True)
class Decision:
    """The changes to publish with the run, and what its reader should know of them, in words."""

    changes: AlertChanges
    reasons: tuple[str, ...]


_TOLD_ALL = (Reason.RENAMED, *VERDICTS)
"""Steps of which everybody hears who was told of the alert, like its end."""


class Seen(NamedTuple):
    """What a step was decided on: the state before, the likelihood, the facts, and remarks."""

    before: AlertState | None
    probability: float
    facts: Json
    remarks: Sequence[Remark] = ()


class Ledger:
    """The changes of one run, or of one person."""

    def __init__(self, known: Known, plan: Plan, moment: Moment) -> None:
        """Start with what storage knows."""
        self.known, self.plan, self.moment = known, plan, moment
        self.told = dict(known.told or {})
        self.past = dict(known.past)
        self.reasons: list[str] = []
        self._sequences = dict(known.sequences or {})
        self._alerts: dict[str, Alert] = {}
        self._events: list[AlertEvent] = []
        self._deliveries: list[NewDelivery] = []
        self._verdicts: list[Verdict] = []

    def decision(self) -> Decision:
        """Return all that was entered."""
        made = (tuple(self._alerts.values()), tuple(self._events), tuple(self._deliveries))
        return Decision(AlertChanges(*made, tuple(self._verdicts)), tuple(self.reasons))

    def judge(self, found: Judged) -> None:
        """Enter the verdict on an alert, as one more step of its story and its closing message."""
        warned = found.warned
        alert = self._alerts.get(warned.alert.alert_id, warned.alert)
        if alert.state in (AlertState.RETRACTED, AlertState.SUPERSEDED):
            return
        chance = warned.probability
        remark = Remark(RemarkKind.VERDICT, found.words)
        seen = Seen(alert.state, chance, warned.facts, (remark,))
        self.enter(Step(found.reason, alert, notify=True), seen)
        name = (alert.alert_id, found.reason.value)
        row = Verdict(*name, found.observed, found.threshold, chance, found.words)
        self._verdicts.append(row)

    def past_of(self, alert: Alert) -> Past:
        """Return what an alert opened with and saw last."""
        return self.past.get(alert.alert_id, Past())

    def country_of(self, alert: Alert) -> str:
        """Return an alert's country, "" where it has none."""
        return muting.country_of(alert, self.plan.watch_of(alert))

    def enter(self, taken: Step, seen: Seen) -> None:
        """Add the event of a step, and its messages unless somebody muted them."""
        alert, remarks = taken.alert, list(seen.remarks)
        assert alert is not None
        tells = taken.notify
        if tells:
            remarks += self._overridden(alert, seen.facts)
        if tells and (muted := self._muted(alert, taken.reason)):
            remarks.append(Remark(RemarkKind.MUTED, f"no message: {muted}"))
            tells = False
        event = self._event(alert, taken.reason, seen._replace(remarks=remarks))
        self._alerts[alert.alert_id] = alert
        self._events.append(event)
        if tells:
            made = list(self._messages(alert, event))
            self._deliveries += made
            self.reasons += [] if made else [_unrouted(alert)]

    def _event(self, alert: Alert, reason: Reason, seen: Seen) -> AlertEvent:
        number = self._sequences[alert.alert_id] = self._sequences.get(alert.alert_id, 0) + 1
        return AlertEvent(
            alert_id=alert.alert_id,
            sequence=number,
            at=self.moment.at,
            from_state=seen.before,
            to_state=alert.state,
            severity=alert.severity,
            reason=reason.value,
            probability=seen.probability,
            facts=seen.facts,
            remarks=tuple(seen.remarks),
        )

    def _overridden(self, alert: Alert, facts: Json) -> list[Remark]:
        """Return what analysts say against the alert, or against a forecast in its window."""
        window = facts.get("window", {"first": "", "last": ""})
        found = []
        for one in self.known.overrides:
            day = one.period.isoformat() if one.period else None
            meant = one.alert_id == alert.alert_id or (
                (one.watch, one.region) == (alert.watch, alert.region)
                and day is not None
                and window["first"] <= day <= window["last"]
            )
            if meant:
                found.append(Remark(RemarkKind.OVERRIDDEN, one.in_words()))
        return found

    def _muted(self, alert: Alert, reason: Reason) -> str:
        acknowledged = self.known.acknowledged.get(alert.alert_id)
        heard = (self.country_of(alert), self.known.silences, acknowledged, self.moment.at)
        return muting.hearing(alert, reason, *heard).words

    def _messages(self, alert: Alert, event: AlertEvent) -> Iterator[NewDelivery]:
        """Yield the messages of a step. Whoever was told of an alert is told of its end."""
        routed = channels_for(self.plan.routes, alert, self.plan.watch_of(alert))
        channels = dict.fromkeys(routed)
        if not alert.state.is_open or event.reason in _TOLD_ALL:
            told = self.told.get(alert.alert_id, ())
            channels.update(dict.fromkeys(n for n in sorted(told) if n in self.plan.channels))
        body = compose(alert, event).model_dump(mode="json")
        for channel in channels:
            name = delivery_id(alert.alert_id, event.sequence, channel)
            yield NewDelivery(name, alert.alert_id, event.sequence, channel, body)


def delivery_id(alert_id: str, sequence: int, channel: str) -> str:
    """Return the name of a message to a channel: the same for every try, restart and re-run."""
    parts = json.dumps([alert_id, sequence, channel])
    return "msg_" + hashlib.sha256(parts.encode()).hexdigest()[:20]


def _unrouted(alert: Alert) -> str:
    return (
        f"{alert.watch}: alert {alert.alert_id} ({alert.rule}, {label(alert.region)}, "
        f"{alert.severity}) is {alert.state} but no route takes it: nobody is told"
    )
