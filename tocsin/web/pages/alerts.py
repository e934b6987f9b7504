"""Alerts: open and past, each with its story; acknowledge, note, silence."""

from __future__ import annotations

import glob
import math
from collections.abc import Sequence
from typing import Annotated, Any, Literal
from urllib.parse import quote

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from alerts.messages import TYPES, compose
from alerts.rendering import rows as message_rows
from alerts.story import story
from core.alerts import Alert
from core.clock import stamp
from core.errors import InputError
from core.people import Silence
from core.regions import label
from core.settings import SEVERITIES
from core.text import fold
from storage.alert_lists import AlertLists, Wanted
from storage.stories import Stories
from storage.unheard import UnheardAlerts
from tocsin.acting import Acting
from tocsin.commands.alerts.listed import rows_of
from tocsin.stores import Stores
from tocsin.web.access import Viewer
from tocsin.web.desk import Desk, desk_of, viewer_of
from tocsin.web.pages.about import about_watches
from tocsin.web.pages.forms import form_of
from tocsin.web.pages.site import address, page
from tocsin.web.problems import NotFoundError

router = APIRouter(include_in_schema=False)
_SHOWN = 50
_WIDTHS = {
    "alert": "this alert",
    "region": "every alert of this region",
    "rule": "every alert of this rule",
}
"""What a silence made on an alert's page may be about: never more than a watch that is seen."""
_DESK = Annotated[Desk, Depends(desk_of)]
_VIEWER = Annotated[Viewer, Depends(viewer_of)]
_FORM = Annotated[dict[str, str], Depends(form_of)]


@router.get("/alerts")
def alerts(
    request: Request,
    desk: _DESK,
    viewer: _VIEWER,
    state: Literal["open", "all"] = "open",
    severity: Annotated[str, Query(max_length=20)] = "",
    q: Annotated[str, Query(max_length=200)] = "",
    number: Annotated[int, Query(alias="page", ge=1, le=1_000_000)] = 1,
) -> HTMLResponse:
    """Return the list of alerts, the newest change first."""
    now, searched = stamp(desk.clock.now()), fold(q)
    wanted = Wanted(
        open_only=state == "open",
        watch=lambda name: desk.shows(viewer, name),
        region=(lambda name: searched in fold(name)) if searched else None,
        severity=severity or None,
    )
    with desk.reading() as stores:
        lists = AlertLists(stores.database)
        matching = lists.number(wanted)
        pages = max(1, math.ceil(matching / _SHOWN))
        found = lists.page(wanted, _SHOWN, skip=(min(number, pages) - 1) * _SHOWN)
        rows = rows_of(desk.config, stores, found, now)
        silences = _seen(stores.people.silences_after(now), desk, viewer)
    return page(
        request,
        "alerts.html.j2",
        about_watches(request, desk.watches(viewer)),
        rows=rows,
        matching=matching,
        silences=silences,
        severities=SEVERITIES,
        asked={"state": state, "severity": severity, "q": q},
        number=min(number, pages),
        number_of_pages=pages,
        link=lambda **changed: address(
            request.url.path, **{"state": state, "severity": severity, "q": q} | changed
        ),
    )


@router.get("/alerts/{alert_id}")
def alert_page(request: Request, alert_id: str, desk: _DESK, viewer: _VIEWER) -> HTMLResponse:
    """Return one alert with its whole story."""
    return _page_of(request, alert_id, desk, viewer)


@router.get("/alerts/{alert_id}/region")
def region_of_alert(alert_id: str, desk: _DESK, viewer: _VIEWER) -> Response:
    """Lead to the page of an alert's region: links in messages name no place."""
    with desk.reading() as stores:
        alert = _alert(stores, alert_id, desk, viewer)
    page_of_region = f"/watches/{quote(alert.watch)}/region"
    return RedirectResponse(address(page_of_region, name=label(alert.region)), 303)


@router.post("/alerts/{alert_id}/acknowledge")
def acknowledge(
    request: Request, alert_id: str, desk: _DESK, viewer: _VIEWER, form: _FORM
) -> Response:
    """Keep that the viewer knows of an alert."""

    def keep(stores: Stores, alert: Alert) -> None:
        until = form.get("until", "").strip() or None
        now = desk.clock.now()
        Acting(stores, _author(viewer, form), now).acknowledge(alert, until, form.get("note", ""))

    return _done(request, alert_id, desk, viewer, keep)


@router.post("/alerts/{alert_id}/note")
def note(request: Request, alert_id: str, desk: _DESK, viewer: _VIEWER, form: _FORM) -> Response:
    """Add the viewer's note to the story of an alert."""

    def keep(stores: Stores, alert: Alert) -> None:
        Acting(stores, _author(viewer, form), desk.clock.now()).note(alert, form.get("text", ""))

    return _done(request, alert_id, desk, viewer, keep)


@router.post("/alerts/{alert_id}/silence")
def silence(request: Request, alert_id: str, desk: _DESK, viewer: _VIEWER, form: _FORM) -> Response:
    """Silence an alert, or all of its region or its rule, for a while."""

    def keep(stores: Stores, alert: Alert) -> None:
        match = _match(alert, form.get("width", ""))
        acting = Acting(stores, _author(viewer, form), desk.clock.now())
        acting.silence(match, [], form.get("until", ""), form.get("reason", ""))

    return _done(request, alert_id, desk, viewer, keep)


@router.post("/silences/{number}/lift")
def lift(number: int, desk: _DESK, viewer: _VIEWER, form: _FORM) -> Response:
    """Lift a silence: the next run tells what still fires."""
    now = stamp(desk.clock.now())
    with desk.writing() as stores:
        standing = _seen(stores.people.silences_after(now), desk, viewer)
        if number not in {one.number for one in standing}:
            raise NotFoundError("silence", f"no silence {number} is in force", "see /alerts")
        Acting(stores, _author(viewer, form), desk.clock.now()).unsilence(number)
    return RedirectResponse("/alerts", 303)


def _done(request: Request, alert_id: str, desk: Desk, viewer: Viewer, keep: Any) -> Response:
    """Do what a form asks for and show the alert again; a fault stands on top of the page."""
    try:
        with desk.writing() as stores:
            keep(stores, _alert(stores, alert_id, desk, viewer))
    except NotFoundError:
        raise
    except InputError as error:
        fault = f"{error.problem}; {error.mend}" if error.mend else error.problem
        return _page_of(request, alert_id, desk, viewer, fault)
    return RedirectResponse(f"/alerts/{alert_id}", 303)


def _page_of(
    request: Request, alert_id: str, desk: Desk, viewer: Viewer, fault: str = ""
) -> HTMLResponse:
    now = stamp(desk.clock.now())
    with desk.reading() as stores:
        alert = _alert(stores, alert_id, desk, viewer)
        stories = Stories(stores.database)
        (row,) = rows_of(desk.config, stores, [alert], now)
        events = stories.events(alert_id)
        actions = stores.people.actions([alert_id])
        passed = UnheardAlerts(stores.database).passed_on([alert_id])
    last = next((event for event in reversed(events) if event.reason in TYPES), None)
    return page(
        request,
        "alert.html.j2",
        about_watches(request, [one for one in desk.watches(viewer) if one.name == alert.watch]),
        status=400 if fault else 200,
        alert=alert,
        row=row,
        place=label(alert.region),
        told=story(events, actions, passed),
        last=last,
        message=message_rows(compose(alert, last)) if last else [],
        widths=_WIDTHS,
        fault=fault,
    )


def _author(viewer: Viewer, form: dict[str, str]) -> str:
    """Return who acts: somebody without a token, on this machine, may say who they are."""
    return (viewer.way == "local" and form.get("by", "").strip()) or viewer.name


def _alert(stores: Stores, alert_id: str, desk: Desk, viewer: Viewer) -> Alert:
    """Return an alert by its whole id, if the viewer may see its watch."""
    mend = "/alerts?state=all lists them"
    try:
        found = Stories(stores.database).find(alert_id)
    except InputError as error:
        raise NotFoundError("alert", error.problem, mend) from None
    if found.alert_id != alert_id or not desk.shows(viewer, found.watch):
        raise NotFoundError("alert", f"no alert is called {alert_id!r}", mend)
    return found


def _seen(silences: Sequence[Silence], desk: Desk, viewer: Viewer) -> list[Silence]:
    """Return the silences that a viewer may see: of all watches only who sees every watch."""
    if len(desk.watches(viewer)) == len(desk.config.watches):
        return list(silences)
    watches = {watch.name for watch in desk.watches(viewer)}
    return [one for one in silences if one.match.get("watch") in watches]


def _match(alert: Alert, width: str) -> dict[str, str]:
    """Return what a silence of some width matches.

    Raises:
        InputError: for a width that the form does not offer.
    """
    exactly = {
        "alert": {"watch": alert.watch, "alert": alert.alert_id},
        "region": {"watch": alert.watch, "region": label(alert.region)},
        "rule": {"watch": alert.watch, "rule": alert.rule},
    }
    if width not in exactly:
        raise InputError("width", "say what is to be silenced", "choose one of the list")
    return {key: glob.escape(text) for key, text in exactly[width].items()}
