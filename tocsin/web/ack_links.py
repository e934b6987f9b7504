"""What a link that acknowledges is for, and whether it may still be used."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from alerts.lifecycle import Reason
from alerts.tickets import Ticket, steps_shown
from core.alerts import Alert, AlertEvent, AlertState
from core.people import Action, ActionKind
from storage.deliveries import Deliveries
from storage.stories import Stories
from tocsin.stores import Stores
from tocsin.web.decisions import Decision


class Use(Decision):
    """Whether a link may be used: HTTP status, and what its reader is told."""

    FREE = 200, "Nobody has acknowledged this alert."
    UNKNOWN = 404, "This link is of no alert that is known here."
    ENDED = 409, "This alert is over: there is nothing to acknowledge."
    ESCALATED = 409, "This alert has escalated since that mail: use the link of the newest one."
    USED = 409, "This link was used already."
    ACKNOWLEDGED = 409, "Somebody has acknowledged this alert already."


class Shown(NamedTuple):
    """An alert that a message shows, its step there, whether its link may still be used, and why.

    `by` is the acknowledgement in force.
    """

    alert: Alert
    event: AlertEvent
    use: Use
    by: Action | None


class Told(NamedTuple):
    """What a link is for: who uses it, as stories name them, and the alerts as they stand now."""

    who: str
    alerts: list[Shown]


def told_by(stores: Stores, ticket: Ticket, now: str) -> Told | None:
    """Return what the message of a link shows; None where nothing of it is known here."""
    sent = Deliveries(stores.database).sent(ticket.delivery_id)
    if sent is None:
        return None
    channel, body = sent
    who = f"a reader of channel {channel} (by link)"
    found = [_shown(stores, *step, who, now) for step in steps_shown(body)]
    alerts = [one for one in found if one is not None]
    return Told(who, alerts) if alerts else None


def _shown(stores: Stores, alert_id: str, sequence: int, who: str, now: str) -> Shown | None:
    """Return an alert of a message as it stands now, None where it is not here."""
    stories, people = Stories(stores.database), stores.people
    events = {event.sequence: event for event in stories.events(alert_id)}
    if sequence not in events:
        return None
    alert = stories.find(alert_id)
    by = people.acknowledged([alert_id], now).get(alert_id)
    use = use_of(events[sequence], who, alert, events.values(), people.actions([alert_id]), by)
    return Shown(alert, events[sequence], use, by)


def use_of(
    step: AlertEvent,
    who: str,
    alert: Alert,
    events: Iterable[AlertEvent],
    actions: Iterable[Action],
    in_force: Action | None,
) -> Use:
    """Return whether a link may acknowledge an alert.

    Args:
        step: the one that its message shows.
        who: whoever uses it, as stories name them.
        alert: the step's.
        events: its steps.
        actions: what people did to it.
        in_force: the acknowledgement that is in force.
    """
    if alert.state is not AlertState.FIRING:
        return Use.ENDED
    later = (event for event in events if event.sequence > step.sequence)
    if any(event.reason == Reason.ESCALATED for event in later):
        return Use.ESCALATED
    if any(_is_by(who, action) and action.at >= step.at for action in actions):
        return Use.USED
    return Use.FREE if in_force is None else Use.ACKNOWLEDGED


def _is_by(who: str, action: Action) -> bool:
    return action.kind is ActionKind.ACKNOWLEDGED and action.by == who
