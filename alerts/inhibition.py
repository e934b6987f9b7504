"""Inhibition: an alert that fires holds back what would be told of others."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from alerts.routing import country_of, takes
from core.alerts import Alert, AlertState
from core.settings import SEVERITIES, Inhibition, WatchSettings

WatchOf = Callable[[Alert], WatchSettings | None]


def inhibitor(
    alert: Alert, others: Iterable[Alert], inhibitions: Sequence[Inhibition], watch_of: WatchOf
) -> Alert | None:
    """Return the alert that holds back an alert, None when none does.

    It fires, is as severe or more severe, and is not itself held back by that inhibition's own
    target: of two alerts that could hold back each other, neither does.
    """
    firing = [o for o in others if o.state is AlertState.FIRING and o.alert_id != alert.alert_id]
    for rule in inhibitions:
        if not takes(rule.target, alert, watch_of(alert)):
            continue
        if takes(rule.source, alert, watch_of(alert)):
            continue
        for other in firing:
            if _outranks(other, alert) and _holds(rule, other, alert, watch_of):
                return other
    return None


def _outranks(other: Alert, alert: Alert) -> bool:
    return SEVERITIES.index(other.severity) >= SEVERITIES.index(alert.severity)


def _holds(rule: Inhibition, source: Alert, target: Alert, watch_of: WatchOf) -> bool:
    return takes(rule.source, source, watch_of(source)) and all(
        _value(key, source, watch_of) == _value(key, target, watch_of) != "" for key in rule.equal
    )


def _value(key: str, alert: Alert, watch_of: WatchOf) -> str:
    return country_of(alert, watch_of(alert)) if key == "country" else str(getattr(alert, key))
