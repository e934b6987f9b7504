"""What one run does to all alerts: rules' readings, life-cycle and routing tied together."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from alerts.lifecycle import Moment, Step, reading_at, step
from alerts.messages import compose
from alerts.routing import channels_for
from core.alerts import (
    Alert,
    AlertChanges,
    AlertEvent,
    AlertState,
    Evaluation,
    NewDelivery,
)
from core.regions import RegionKey, label
from core.rule_settings import AnyRule, StaleRuleSettings
from core.settings import RouteSettings, WatchSettings

_Key = tuple[str, str, RegionKey]


@dataclass(frozen=True)
class Plan:
    """The part of the configuration that decides about alerts; channels by name."""

    watches: Sequence[WatchSettings]
    rules: Sequence[AnyRule]
    routes: Sequence[RouteSettings]
    channels: Collection[str]


@dataclass(frozen=True)
class Known:
    """What storage knows of the alerts that are open.

    Attributes:
        alerts: those that are pending or firing.
        sequences: per alert, the number of its newest event.
        told: per alert, the channels that were sent a message of it.
    """

    alerts: Sequence[Alert] = ()
    sequences: Mapping[str, int] | None = None
    told: Mapping[str, Collection[str]] | None = None


@dataclass(frozen=True)
class Decision:
    """The changes to publish with the run, and what its reader should know of them, in words."""

    changes: AlertChanges
    reasons: tuple[str, ...]


def changes(
    evaluations: Iterable[Evaluation], known: Known, plan: Plan, moment: Moment
) -> Decision:
    """Return what a run does to alerts.

    An open alert whose region is not in the run stays as it is: no data is no all-clear.
    """
    open_alerts = {_key(alert): alert for alert in known.alerts}
    seen: set[_Key] = set()
    taken: list[tuple[Evaluation, Alert | None, Step]] = []
    rules = {rule.name: rule for rule in plan.rules}
    for evaluation in evaluations:
        key = _key(evaluation)
        seen.add(key)
        previous = open_alerts.get(key)
        taken.append((evaluation, previous, step(previous, evaluation, rules[key[1]], moment)))
    return _collect(taken, [a for k, a in open_alerts.items() if k not in seen], known, plan)


def delivery_id(alert_id: str, sequence: int, channel: str) -> str:
    """Return the name of a message to a channel: the same for every try, restart and re-run."""
    parts = json.dumps([alert_id, sequence, channel])
    return "msg_" + hashlib.sha256(parts.encode()).hexdigest()[:20]


def _collect(
    taken: Iterable[tuple[Evaluation, Alert | None, Step]],
    missing: Iterable[Alert],
    known: Known,
    plan: Plan,
) -> Decision:
    alerts, events, deliveries = [], [], []
    reasons = [_not_forecast(alert) for alert in missing]
    for evaluation, previous, taken_step in taken:
        if taken_step.alert is None:
            continue
        event = _event(taken_step.alert, evaluation, previous, taken_step, known)
        alerts.append(taken_step.alert)
        events.append(event)
        if taken_step.notify:
            made = list(_deliveries(taken_step.alert, event, known, plan))
            deliveries += made
            reasons += [] if made else [_unrouted(taken_step.alert)]
    return Decision(AlertChanges(tuple(alerts), tuple(events), tuple(deliveries)), tuple(reasons))


def _event(
    alert: Alert, evaluation: Evaluation, previous: Alert | None, taken: Step, known: Known
) -> AlertEvent:
    return AlertEvent(
        alert_id=alert.alert_id,
        sequence=(known.sequences or {}).get(alert.alert_id, 0) + 1,
        at=alert.updated_at,
        from_state=previous.state if previous else None,
        to_state=alert.state,
        severity=alert.severity,
        reason=taken.reason.value,
        probability=reading_at(evaluation, alert.severity).probability,
        facts=evaluation.facts,
    )


def _deliveries(alert: Alert, event: AlertEvent, known: Known, plan: Plan) -> Iterator[NewDelivery]:
    """Yield the messages of a step. Whoever was told of an alert is told of its end."""
    channels = dict.fromkeys(channels_for(plan.routes, alert, _watch_of(alert, plan)))
    if alert.state is AlertState.RESOLVED:
        told = (known.told or {}).get(alert.alert_id, ())
        channels.update(dict.fromkeys(name for name in sorted(told) if name in plan.channels))
    body = compose(alert, event).model_dump(mode="json")
    for channel in channels:
        name = delivery_id(alert.alert_id, event.sequence, channel)
        yield NewDelivery(name, alert.alert_id, event.sequence, channel, body)


def _watch_of(alert: Alert, plan: Plan) -> WatchSettings | None:
    """Return the watch whose region the alert is about; None when it is about a feed."""
    rules = {rule.name: rule for rule in plan.rules}
    if isinstance(rules[alert.rule], StaleRuleSettings):
        return None
    return next(watch for watch in plan.watches if watch.name == alert.watch)


def _key(item: Alert | Evaluation) -> _Key:
    return item.watch, item.rule, item.region


def _not_forecast(alert: Alert) -> str:
    return (
        f"{alert.watch}: alert {alert.alert_id} ({alert.rule}, {label(alert.region)}) stays "
        f"{alert.state}: the rule was not read there in this run"
    )


def _unrouted(alert: Alert) -> str:
    return (
        f"{alert.watch}: alert {alert.alert_id} ({alert.rule}, {label(alert.region)}, "
        f"{alert.severity}) is {alert.state} but no route takes it: nobody is told"
    )
