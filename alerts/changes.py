"""What one run does to all alerts: rules' readings, life-cycle and routing tied together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from alerts.dispatch import News, Rules, dispatch
from alerts.lifecycle import Moment, Reason, Step, reading_at, step
from alerts.reminders import reminded
from alerts.routing import AnyRule
from core.alerts import (
    Alert,
    AlertChanges,
    AlertEvent,
    AlertState,
    Evaluation,
    Held,
)
from core.regions import RegionKey, label
from core.settings import (
    ChannelSettings,
    Inhibition,
    RouteSettings,
    StaleRuleSettings,
    WatchSettings,
)

_Key = tuple[str, str, RegionKey]


@dataclass(frozen=True)
class Plan:
    """The part of the configuration that decides about alerts."""

    watches: Sequence[WatchSettings]
    rules: Sequence[AnyRule]
    routes: Sequence[RouteSettings]
    channels: Sequence[ChannelSettings]
    inhibitions: Sequence[Inhibition] = ()


@dataclass(frozen=True)
class Known:
    """What storage knows of the alerts that are open.

    Attributes:
        alerts: those that are pending or firing.
        sequences: per alert, the number of its newest event.
        told: per alert, the channels that a message of it was made for, and the newest's stamp.
        held: per channel, the message that waits for the end of its quiet hours.
    """

    alerts: Sequence[Alert] = ()
    sequences: Mapping[str, int] | None = None
    told: Mapping[str, Mapping[str, str]] | None = None
    held: Mapping[str, Held] | None = None


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
    missing = [alert for key, alert in open_alerts.items() if key not in seen]
    return _collect(taken, missing, known, plan, moment.at)


def _collect(
    taken: Iterable[tuple[Evaluation, Alert | None, Step]],
    missing: Sequence[Alert],
    known: Known,
    plan: Plan,
    at: str,
) -> Decision:
    alerts, events = [], []
    news: list[News] = []
    for evaluation, previous, taken_step in taken:
        if taken_step.alert is None:
            continue
        event = _event(taken_step.alert, evaluation, previous, taken_step, known)
        alerts.append(taken_step.alert)
        events.append(event)
        news += _news(taken_step, event, known, plan)
    told = dispatch(news, [*alerts, *missing], _rules(plan), known.held or {}, at)
    reasons = [*map(_not_forecast, missing), *map(_unrouted, told.unrouted)]
    noted = tuple(_noted(event, told.held_back) for event in events)
    made = AlertChanges(tuple(alerts), noted, tuple(told.deliveries))
    return Decision(made, tuple(reasons))


def _news(taken: Step, event: AlertEvent, known: Known, plan: Plan) -> list[News]:
    """Return what people are told of a step: itself, what was held back, or that it goes on."""
    alert = taken.alert
    assert alert, "a step that has an event has an alert"
    told = (known.told or {}).get(alert.alert_id, {})
    if alert.state is AlertState.RESOLVED and not told:
        return []  # nobody ever heard of it
    if taken.notify:
        first = taken.reason is Reason.CROSSED_ENOUGH_RUNS
        return [News(alert, event, told=tuple(told), new=first)]
    if alert.state is not AlertState.FIRING:
        return []
    if not told:
        return [News(alert, event, "alert.firing", new=True)]
    channels = reminded(alert, _watch_of(alert, plan), plan.routes, told, event.at)
    return [News(alert, event, "alert.reminder", channels)] if channels else []


def _rules(plan: Plan) -> Rules:
    channels = {channel.name: channel for channel in plan.channels}
    return Rules(plan.routes, channels, plan.inhibitions, lambda alert: _watch_of(alert, plan))


def _noted(event: AlertEvent, held_back: Mapping[tuple[str, int], Sequence[str]]) -> AlertEvent:
    reasons = held_back.get((event.alert_id, event.sequence))
    return replace(event, held_back="; ".join(reasons)) if reasons else event


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
