"""Reminders: which channels are told again of an alert that goes on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from enum import StrEnum

from alerts.routing import takes
from core.alerts import Alert, AlertState
from core.clock import unstamp
from core.settings import RouteSettings, WatchSettings

_SLACK = 0.05
"""Of an interval: a run that begins a little earlier than a week after the last one reminds too."""


class Reason(StrEnum):
    """Why a channel is reminded, or why not."""

    DUE = "due"
    NOT_ASKED_FOR = "not_asked_for"
    NOT_FIRING = "not_firing"
    NEVER_TOLD = "never_told"
    TOO_EARLY = "too_early"


def reminder(alert: Alert, told_at: str | None, every: int | None, now: str) -> Reason:
    """Return whether a channel that was last told at a stamp is reminded now; `every` is days."""
    if every is None:
        return Reason.NOT_ASKED_FOR
    if alert.state is not AlertState.FIRING:
        return Reason.NOT_FIRING
    if told_at is None:
        return Reason.NEVER_TOLD
    wait = timedelta(days=every) * (1 - _SLACK)
    return Reason.DUE if unstamp(now) - unstamp(told_at) >= wait else Reason.TOO_EARLY


def reminded(
    alert: Alert,
    watch: WatchSettings | None,
    routes: Iterable[RouteSettings],
    told: Mapping[str, str],
    now: str,
) -> tuple[str, ...]:
    """Return the channels that are reminded now, by the routes that take the alert."""
    found: dict[str, None] = {}
    for route in routes:
        if not takes(route.match, alert, watch):
            continue
        for channel in route.channels:
            due = reminder(alert, told.get(channel), route.remind_every, now)
            if due is Reason.DUE:
                found[channel] = None
    return tuple(found)
