"""Links that acknowledge: their keys, and whether one may still be used."""

from __future__ import annotations

from collections.abc import Iterable

from alerts.channels.channel import Surroundings
from alerts.channels.credentials import Source, read, read_if_set
from alerts.lifecycle import Reason
from alerts.tickets import Ticket, Tickets
from core.alerts import Alert, AlertEvent, AlertState
from core.errors import ConfigError
from core.people import Action, ActionKind
from tocsin.web.decisions import Decision
from tocsin.web.settings import WebSettings

LEAST = 32
"""Characters of a secret: at 4 bits each, 128 bits."""


class Use(Decision):
    """Whether a link may be used: HTTP status, and what its reader is told."""

    FREE = 200, "Nobody has acknowledged this alert."
    UNKNOWN = 404, "This link is of no alert that is known here."
    ENDED = 409, "This alert is over: there is nothing to acknowledge."
    ESCALATED = 409, "This alert has escalated since that mail: use the link of the newest one."
    USED = 409, "This link was used already."
    ACKNOWLEDGED = 409, "Somebody has acknowledged this alert already."


def use_of(
    ticket: Ticket,
    alert: Alert,
    events: Iterable[AlertEvent],
    actions: Iterable[Action],
    in_force: Action | None,
) -> Use:
    """Return whether a link may acknowledge.

    Args:
        ticket: what the link is for.
        alert: the one it names.
        events: its steps.
        actions: what people did to it.
        in_force: the acknowledgement that is in force.
    """
    steps = {event.sequence: event for event in events}
    step = steps.get(ticket.sequence)
    if step is None:
        return Use.UNKNOWN
    if alert.state is not AlertState.FIRING:
        return Use.ENDED
    later = (event for number, event in steps.items() if number > ticket.sequence)
    if any(event.reason == Reason.ESCALATED for event in later):
        return Use.ESCALATED
    if any(_is_by(ticket, action) and action.at >= step.at for action in actions):
        return Use.USED
    return Use.FREE if in_force is None else Use.ACKNOWLEDGED


def _is_by(ticket: Ticket, action: Action) -> bool:
    return action.kind is ActionKind.ACKNOWLEDGED and action.by == ticket.author


def open_tickets(web: WebSettings | None, around: Surroundings) -> Tickets | None:
    """Return what writes and reads links; None where they are not configured.

    Raises:
        ConfigError: when a secret is missing, or so short that it could be guessed.
    """
    if web is None or web.ack_links is None or web.public_url is None:
        return None
    links = web.ack_links
    name, table = "ack_links", "web"
    present = Source(name, "secret", links.secret_env, links.secret_file, table)
    old = links.previous_secret_env, links.previous_secret_file
    before = Source(name, "previous_secret", *old, table)
    found = [read(present, around), read_if_set(before, around)]
    keys = [secret.get_secret_value() for secret in found if secret is not None]
    if any(len(key) < LEAST for key in keys):
        mend = "make one with: python3 -c 'import secrets; print(secrets.token_urlsafe(32))'"
        raise ConfigError(present.where, f"a secret has under {LEAST} characters", mend)
    return Tickets(keys, web.public_url, links.lasts)
