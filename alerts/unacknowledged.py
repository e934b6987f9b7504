"""Alerts that nobody acknowledged in time: who is told then. Pure, and once for every step."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum

from alerts import muting
from alerts.dispatch import News, dispatch
from alerts.ledger import Plan
from alerts.lifecycle import Reason as StepReason
from alerts.routing import country_of, takes
from core.acknowledgements import PassedOn, Unheard
from core.alerts import AlertState, Held, NewDelivery, Remark, RemarkKind
from core.clock import unstamp
from core.durations import in_words
from core.people import Silence
from core.settings import RouteSettings


class Reason(StrEnum):
    """Why an alert is passed on by a route, or why not."""

    OVERDUE = "overdue"
    NOT_ASKED_FOR = "not_asked_for"
    NOT_FIRING = "not_firing"
    ACKNOWLEDGED = "acknowledged"
    SILENCED = "silenced"
    NOT_TOLD = "not_told"
    TOO_EARLY = "too_early"


@dataclass(frozen=True)
class Passing:
    """What is kept and sent in one transaction."""

    passed_on: tuple[PassedOn, ...] = ()
    deliveries: tuple[NewDelivery, ...] = ()


def overdue(unheard: Unheard, route: RouteSettings, silenced: bool, now: str) -> Reason:
    """Return whether a route that takes an alert passes it on at a stamp."""
    if route.ack_within is None:
        return Reason.NOT_ASKED_FOR
    if unheard.alert.state is not AlertState.FIRING:
        return Reason.NOT_FIRING
    if unheard.acknowledged:
        return Reason.ACKNOWLEDGED
    if silenced:
        return Reason.SILENCED
    told = [unheard.told[name] for name in route.channels if name in unheard.told]
    if not told:
        return Reason.NOT_TOLD
    late = unstamp(now) - unstamp(min(told)) >= timedelta(seconds=route.ack_within)
    return Reason.OVERDUE if late else Reason.TOO_EARLY


def pass_on(
    unheard: Sequence[Unheard],
    plan: Plan,
    silences: Iterable[Silence],
    waiting: Mapping[str, Held],
    now: str,
) -> Passing:
    """Return what is told at a stamp, and to whom, because nobody acknowledged in time.

    Quiet hours and groups are as for any message. `waiting` is as in `dispatch`.
    """
    silences = list(silences)
    passed: list[PassedOn] = []
    news: list[News] = []
    for one in unheard:
        found = _by_route(one, plan, silences, now)
        passed += found
        news += [_news(one, step) for step in found]
    alerts = [one.alert for one in unheard]
    told = dispatch(news, alerts, plan.telling(), waiting, now)
    return Passing(tuple(passed), tuple(told.deliveries))


def _by_route(one: Unheard, plan: Plan, silences: Sequence[Silence], now: str) -> list[PassedOn]:
    """Return the channels that are told, each once, in the order of the routes."""
    alert, watch = one.alert, plan.watch_of(one.alert)
    country = country_of(alert, watch)
    reason = StepReason(one.event.reason)
    silenced = muting.silenced_by(silences, alert, country, now, reason) is not None
    found: dict[str, PassedOn] = {}
    for route in plan.routes:
        due = takes(route.match, alert, watch) and overdue(one, route, silenced, now)
        if due is Reason.OVERDUE:
            words = _words(route)
            for name in route.then:
                if name not in one.passed_on:
                    step = (one.event.alert_id, one.event.sequence)
                    found.setdefault(name, PassedOn(*step, name, now, words))
    return list(found.values())


def _words(route: RouteSettings) -> str:
    told = ", ".join(route.channels)
    return f"nobody acknowledged it within {in_words(route.ack_within or 0)} of telling {told}"


def _news(one: Unheard, step: PassedOn) -> News:
    remark = Remark(RemarkKind.UNACKNOWLEDGED, step.words)
    event = replace(one.event, remarks=(*one.event.remarks, remark))
    return News(one.alert, event, "alert.unacknowledged", [step.channel])
