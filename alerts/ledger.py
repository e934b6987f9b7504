"""What was decided about alerts so far: steps entered, as events and messages.

Every step of every alert comes through here, whoever takes it, so that silences, routes, names
and sequence numbers are the same for all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from alerts import muting
from alerts.dispatch import News, Rules, dispatch
from alerts.lifecycle import VERDICTS, Moment, Reason, Step
from alerts.past import Past, with_before
from alerts.reminders import reminded
from alerts.routing import country_of
from alerts.verdicts import Judged
from core.alerts import (
    Alert,
    AlertChanges,
    AlertEvent,
    AlertState,
    Held,
    Json,
    Remark,
    RemarkKind,
    Verdict,
)
from core.overrides import Override
from core.people import Action, Silence
from core.regions import label
from core.rule_settings import AnyRule, StaleRuleSettings
from core.settings import (
    Aliases,
    ChannelSettings,
    Inhibition,
    RouteSettings,
    Severity,
    WatchSettings,
)


@dataclass(frozen=True)
class Plan:
    """The part of the configuration that decides about alerts."""

    watches: Sequence[WatchSettings]
    rules: Sequence[AnyRule]
    routes: Sequence[RouteSettings]
    channels: Sequence[ChannelSettings]
    inhibitions: Sequence[Inhibition] = ()
    aliases: Aliases = field(default_factory=Aliases)
    site: str = ""
    """Address of our pages, "" where people cannot reach them."""

    def watch_of(self, alert: Alert) -> WatchSettings | None:
        """Return the watch whose region an alert is about; None for a feed, or when it is gone."""
        rule = next((rule for rule in self.rules if rule.name == alert.rule), None)
        if isinstance(rule, StaleRuleSettings):
            return None
        return next((watch for watch in self.watches if watch.name == alert.watch), None)

    def telling(self) -> Rules:
        """Return what it says of telling people."""
        channels = {channel.name: channel for channel in self.channels}
        return Rules(self.routes, channels, self.inhibitions, self.watch_of, self.site)


@dataclass(frozen=True)
class Known:
    """What storage knows of the alerts that are open.

    Attributes:
        alerts: those that are pending or firing.
        sequences: per alert, the number of its newest event.
        told: per alert, the channels that a message of it was made for, and the newest's stamp.
        past: per alert, what it opened with and saw last.
        silences: those in force, and those that ended lately.
        acknowledged: per alert, the acknowledgement in force.
        overrides: those of analysts that are in force.
        held: per channel, the message that waits for the end of its quiet hours.
    """

    alerts: Sequence[Alert] = ()
    sequences: Mapping[str, int] | None = None
    told: Mapping[str, Mapping[str, str]] | None = None
    past: Mapping[str, Past] = field(default_factory=dict)
    silences: Sequence[Silence] = ()
    acknowledged: Mapping[str, Action] = field(default_factory=dict)
    overrides: Sequence[Override] = ()
    held: Mapping[str, Held] = field(default_factory=dict)


@dataclass(frozen=True)
class Decision:
    """The changes to publish with the run, and what its reader should know of them, in words."""

    changes: AlertChanges
    reasons: tuple[str, ...]


class Seen(NamedTuple):
    """What a step was decided on: the state before, the likelihood, the facts, and remarks.

    `severity` is of the level that it is about, where that is not the alert's by now.
    """

    before: AlertState | None
    probability: float
    facts: Json
    remarks: Sequence[Remark] = ()
    severity: Severity | None = None


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
        self._news: list[News] = []
        self._muted: set[str] = set()
        self._verdicts: list[Verdict] = []

    def decision(self) -> Decision:
        """Return all that was entered, and the messages that come of it."""
        self._tell_again()
        before = (alert for alert in self.known.alerts if alert.alert_id not in self._alerts)
        alerts = [alert for alert in (*self._alerts.values(), *before) if alert.state.is_open]
        told = dispatch(self._news, alerts, self.plan.telling(), self.known.held, self.moment.at)
        events = (
            _noted(event, told.held_back.get((event.alert_id, event.sequence), ()))
            for event in self._events
        )
        made = (tuple(self._alerts.values()), tuple(events), tuple(told.deliveries))
        reasons = (*self.reasons, *map(_unrouted, told.unrouted))
        return Decision(AlertChanges(*made, tuple(self._verdicts)), reasons)

    def judge(self, found: Judged) -> None:
        """Enter the verdict on an alert, as one more step of its story and its closing message."""
        warned = found.warned
        alert = self._alerts.get(warned.alert.alert_id, warned.alert)
        if alert.state in (AlertState.RETRACTED, AlertState.SUPERSEDED):
            return
        chance = warned.probability
        remark = Remark(RemarkKind.VERDICT, found.words)
        seen = Seen(alert.state, chance, warned.facts, (remark,), warned.severity)
        self.enter(Step(found.reason, alert, notify=True), seen)
        name = (alert.alert_id, found.reason.value)
        row = Verdict(*name, found.observed, found.threshold, chance, found.words)
        self._verdicts.append(row)

    def past_of(self, alert: Alert) -> Past:
        """Return what an alert opened with and saw last."""
        return self.past.get(alert.alert_id, Past())

    def country_of(self, alert: Alert) -> str:
        """Return an alert's country, "" where it has none."""
        return country_of(alert, self.plan.watch_of(alert))

    def enter(self, taken: Step, seen: Seen) -> None:
        """Add the event of a step, and that it is news unless somebody muted it."""
        alert, remarks = taken.alert, list(seen.remarks)
        assert alert is not None
        tells = taken.notify
        if tells:
            remarks += self._overridden(alert, seen.facts)
        if tells and (muted := self._muted_by(alert, taken.reason)):
            remarks.append(Remark(RemarkKind.MUTED, f"no message: {muted}"))
            self._muted.add(alert.alert_id)
            tells = False
        event = self._event(alert, taken.reason, seen._replace(remarks=remarks))
        self._alerts[alert.alert_id] = alert
        self._events.append(event)
        told = tuple(self.told.get(alert.alert_id, ()))
        if tells and (told or alert.state.is_open):  # nobody hears the end of what nobody heard of
            new = taken.reason is Reason.CROSSED_ENOUGH_RUNS
            self._news.append(News(alert, event, told=told, new=new))

    def _tell_again(self) -> None:
        """Add what nobody was told of yet, and the reminders that are due, of alerts that fire."""
        said = self._muted | {news.alert.alert_id for news in self._news}
        newest = {event.alert_id: event for event in self._events}
        for name, alert in self._alerts.items():
            # Both repeat, like the end of a silence: nothing for who said "I know".
            if (
                name in said
                or alert.state is not AlertState.FIRING
                or self._muted_by(alert, Reason.SILENCE_ENDED)
            ):
                continue
            told, event = self.told.get(name, {}), newest[name]
            if not told:
                self._news.append(News(alert, event, "alert.firing", new=True))
                continue
            watch = self.plan.watch_of(alert)
            channels = reminded(alert, watch, self.plan.routes, told, self.moment.at)
            if channels:
                self._news.append(News(alert, event, "alert.reminder", channels))

    def _event(self, alert: Alert, reason: Reason, seen: Seen) -> AlertEvent:
        number = self._sequences[alert.alert_id] = self._sequences.get(alert.alert_id, 0) + 1
        return AlertEvent(
            alert_id=alert.alert_id,
            sequence=number,
            at=self.moment.at,
            from_state=seen.before,
            to_state=alert.state,
            severity=seen.severity or alert.severity,
            reason=reason.value,
            probability=seen.probability,
            facts=seen.facts
            if reason in VERDICTS  # they are of the day on which it fired
            else with_before(self.past_of(alert), seen.facts),
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

    def _muted_by(self, alert: Alert, reason: Reason) -> str:
        acknowledged = self.known.acknowledged.get(alert.alert_id)
        heard = (self.country_of(alert), self.known.silences, acknowledged, self.moment.at)
        return muting.hearing(alert, reason, *heard).words


def _noted(event: AlertEvent, held_back: Sequence[str]) -> AlertEvent:
    remarks = (Remark(RemarkKind.HELD_BACK, reason) for reason in held_back)
    return replace(event, remarks=(*event.remarks, *remarks)) if held_back else event


def _unrouted(alert: Alert) -> str:
    return (
        f"{alert.watch}: alert {alert.alert_id} ({alert.rule}, {label(alert.region)}, "
        f"{alert.severity}) is {alert.state} but no route takes it: nobody is told"
    )
