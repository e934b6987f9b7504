"""The page that a signed link in a mail opens: it shows its alerts, and acknowledges when asked to.

Opening it changes nothing: mail scanners follow links. The link itself is on no page and in no
log; what it did is in the alerts' stories.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import HTMLResponse, Response

from alerts.messages import compose
from alerts.rendering import banner, rows
from alerts.tickets import PATH, Refused, Ticket, Tickets
from core.clock import stamp
from core.people import Action, ActionKind
from core.regions import label
from tocsin import by_people
from tocsin.stores import Stores
from tocsin.web.ack_links import Shown, Told, Use, told_by
from tocsin.web.desk import Desk, desk_of
from tocsin.web.pages.forms import fields_of
from tocsin.web.pages.site import bare_page

router = APIRouter(include_in_schema=False)
_FIRST = ("Where", "When", "How likely", "Expected", "Why", "Said", "To do", "Data")
"""Rows of the message that somebody who acknowledges should see again."""
_BRIEF = ("What", "When", "How likely")
"""Those of each, where they are several."""
_NO_LINK = {
    Refused.FORGED: (403, "This link is not one of ours, or was changed or cut on its way."),
    Refused.EXPIRED: (410, "This link has ended."),
}
_DESK = Annotated[Desk, Depends(desk_of)]


@router.api_route(PATH, methods=["GET", "HEAD"])
def show(request: Request, desk: _DESK, link: str = "") -> Response:
    """Show the alerts of a link, who acknowledged them, and a button."""
    ticket = _ticket(request, desk, link)
    if isinstance(ticket, Refused):
        return _refusal(*_NO_LINK[ticket])
    with desk.reading() as stores:
        told = told_by(stores, ticket, stamp(desk.clock.now()))
    return _page(ticket, told, 200) if told else _refusal(*Use.UNKNOWN.value)


@router.post(PATH)
def acknowledge(
    request: Request,
    desk: _DESK,
    form: Annotated[dict[str, str], Depends(fields_of)],
    link: str = "",
) -> Response:
    """Acknowledge the alerts of a link, each once; of those that need it no more, say why."""
    ticket = _ticket(request, desk, link)
    if isinstance(ticket, Refused):
        return _refusal(*_NO_LINK[ticket])
    note = form.get("note", "")
    if len(note) > by_people.MOST_TEXT:
        return _refusal(400, "The note is too long.")
    with desk.writing() as stores:
        now = stamp(desk.clock.now())
        told = told_by(stores, ticket, now)
        if told is None:
            return _refusal(*Use.UNKNOWN.value)
        free = [one for one in told.alerts if one.use is Use.FREE]
        done = sum(_keep(stores, one, told.who, note, now) for one in free)
        after = told_by(stores, ticket, now) or told
    return _page(ticket, after, 200 if done else after.alerts[0].use.status, done)


def _ticket(request: Request, desk: Desk, link: str) -> Ticket | Refused:
    tickets: Tickets | None = request.app.state.tickets
    return tickets.read(link, desk.clock.now()) if tickets else Refused.FORGED


def _keep(stores: Stores, one: Shown, who: str, note: str, now: str) -> bool:
    text = by_people.text("note", note, required=False)
    action = Action(one.alert.alert_id, now, who, ActionKind.ACKNOWLEDGED, text)
    return stores.people.acknowledge_once(action, one.event.at)


def _page(ticket: Ticket, told: Told, status: int, done: int | None = None) -> HTMLResponse:
    """Return the page; `done` says how many a press of the button has acknowledged."""
    alone = len(told.alerts) == 1
    return _bare(
        status,
        done=done,
        who=told.who,
        ends=ticket.ends,
        free=sum(one.use is Use.FREE for one in told.alerts),
        alerts=[_told(one, alone=alone) for one in told.alerts],
        fault="",
    )


def _told(one: Shown, *, alone: bool) -> dict[str, Any]:
    """Return an alert as the page tells it: one alone with the facts that lead to a decision."""
    message = compose(one.alert, one.event, "alert.firing")
    told = dict(rows(message))
    return {
        "place": label(one.alert.region),
        "severity": one.alert.severity,
        "state": one.alert.state.value,
        "use": one.use,
        "by": one.by,
        "banner": banner(message),
        "facts": [(name, told[name]) for name in (_FIRST if alone else _BRIEF) if name in told],
    }


def _refusal(status: int, words: str) -> HTMLResponse:
    return _bare(status, fault=words)


def _bare(status: int, **shown: Any) -> HTMLResponse:
    page = bare_page("ack_link.html.j2", status, **shown)
    page.headers["x-robots-tag"] = "noindex, nofollow"
    return page
