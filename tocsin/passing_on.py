"""Passing alerts on that nobody acknowledged in time: by the service, or by whoever starts next."""

from __future__ import annotations

from alerts.ledger import Plan
from alerts.messages import TYPES
from alerts.unacknowledged import pass_on
from core.clock import Clock, stamp
from storage.alerts import Alerts
from storage.database import Database
from storage.installation import held
from storage.people import People
from storage.unheard import UnheardAlerts

_RINGS = [reason for reason, kind in TYPES.items() if kind in {"alert.firing", "alert.escalated"}]
"""Steps that ring: from each of them on, somebody has the time of `ack_within`."""


def pass_on_unacknowledged(plan: Plan, database: Database, clock: Clock) -> int:
    """Put messages to the channels of `then` into the outbox; return how many were told.

    Once for each step that rang. A copy that must not send makes none.
    """
    if not any(route.ack_within for route in plan.routes) or held(database) is not None:
        return 0
    now = stamp(clock.now())
    unheard = UnheardAlerts(database)
    firing = unheard.firing(_RINGS, now)
    silences = People(database).silences_after(now)
    made = pass_on(firing, plan, silences, Alerts(database).held(now), now)
    if made.passed_on:
        unheard.keep(made.passed_on, made.deliveries, now)
    return len(made.passed_on)
