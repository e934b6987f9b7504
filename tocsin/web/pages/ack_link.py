"""The page that a signed link in a mail opens: it shows the alert, and acknowledges when asked to.

Opening it changes nothing: mail scanners follow links. The link itself is on no page and in no
log; what it did is in the alert's story.
"""

from __future__ import annotations

from typing import Annotated, Any, NamedTuple

from fastapi import APIRouter, Depends, Request
from starlette.responses import HTMLResponse, Response

from alerts.messages import compose
from alerts.rendering import banner, rows
from alerts.tickets import PATH, Refused, Ticket, Tickets
from core.alerts import Alert, AlertEvent
from core.clock import stamp
from core.errors import InputError
from core.people import Action, ActionKind
from core.regions import label
from storage.stories import Stories
from tocsin import by_people
from tocsin.ack_links import Use, use_of
from tocsin.stores import Stores
from tocsin.web.desk import Desk, desk_of
from tocsin.web.pages.forms import fields_of
from tocsin.web.pages.site import bare_page

router = APIRouter(include_in_schema=False)
_FIRST = ("Where", "When", "How likely", "Expected", "Why", "Said", "To do", "Data")
"""Rows of the message that somebody who acknowledges should see again."""
_NO_LINK = {
    Refused.FORGED: (403, "This link is not one of ours, or was changed or cut on its way."),
    Refused.EXPIRED: (410, "This link has ended."),
}
_DESK = Annotated[Desk, Depends(desk_of)]


class _Found(NamedTuple):
    """What a link is for, and whether it may still be used."""

    ticket: Ticket
    alert: Alert
    event: AlertEvent
    use: Use
    by: Action | None


@router.api_route(PATH, methods=["GET", "HEAD"])
def show(request: Request, desk: _DESK, link: str = "") -> Response:
    """Show the alert of a link, who acknowledged it, and a button."""
    ticket = _ticket(request, desk, link)
    if isinstance(ticket, Refused):
        return _refusal(*_NO_LINK[ticket])
    with desk.reading() as stores:
        found = _found(stores, ticket, desk)
    return _page(found) if found else _refusal(*Use.UNKNOWN.value)


@router.post(PATH)
def acknowledge(
    request: Request,
    desk: _DESK,
    form: Annotated[dict[str, str], Depends(fields_of)],
    link: str = "",
) -> Response:
    """Acknowledge the alert of a link, once."""
    ticket = _ticket(request, desk, link)
    if isinstance(ticket, Refused):
        return _refusal(*_NO_LINK[ticket])
    note = form.get("note", "")
    if len(note) > by_people.MOST_TEXT:
        return _refusal(400, "The note is too long.")
    with desk.writing() as stores:
        found = _found(stores, ticket, desk)
        if found is None:
            return _refusal(*Use.UNKNOWN.value)
        if found.use is Use.FREE and _keep(stores, found, desk, note):
            return _page(_found(stores, ticket, desk) or found, done=True)
        return _page(_found(stores, ticket, desk) or found, refused=True)


def _ticket(request: Request, desk: Desk, link: str) -> Ticket | Refused:
    tickets: Tickets | None = request.app.state.tickets
    return tickets.read(link, desk.clock.now()) if tickets else Refused.FORGED


def _found(stores: Stores, ticket: Ticket, desk: Desk) -> _Found | None:
    """Return the alert of a link as it stands now, None where it is not here."""
    stories = Stories(stores.database)
    try:
        alert = stories.find(ticket.alert_id)
    except InputError:
        return None
    events = {event.sequence: event for event in stories.events(alert.alert_id)}
    if alert.alert_id != ticket.alert_id or ticket.sequence not in events:
        return None
    now = stamp(desk.clock.now())
    by = stores.people.acknowledged([alert.alert_id], now).get(alert.alert_id)
    use = use_of(ticket, alert, events.values(), stores.people.actions([alert.alert_id]), by)
    return _Found(ticket, alert, events[ticket.sequence], use, by)


def _keep(stores: Stores, found: _Found, desk: Desk, note: str) -> bool:
    text = by_people.text("note", note, required=False)
    now, who = stamp(desk.clock.now()), found.ticket.author
    action = Action(found.alert.alert_id, now, who, ActionKind.ACKNOWLEDGED, text)
    return stores.people.acknowledge_once(action, found.event.at)


def _page(found: _Found, *, done: bool = False, refused: bool = False) -> HTMLResponse:
    message = compose(found.alert, found.event, "alert.firing")
    told = dict(rows(message))
    return _bare(
        found.use.status if refused else 200,
        done=done,
        use=found.use,
        free=found.use is Use.FREE,
        by=found.by,
        who=found.ticket.author,
        ends=found.ticket.ends,
        severity=found.alert.severity,
        state=found.alert.state.value,
        place=label(found.alert.region),
        banner=banner(message),
        facts=[(name, told[name]) for name in _FIRST if name in told],
        fault="",
    )


def _refusal(status: int, words: str) -> HTMLResponse:
    return _bare(status, fault=words)


def _bare(status: int, **shown: Any) -> HTMLResponse:
    page = bare_page("ack_link.html.j2", status, **shown)
    page.headers["x-robots-tag"] = "noindex, nofollow"
    return page
