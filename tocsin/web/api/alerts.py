"""`/alerts`: open and past ones with their stories, and what operators may do to them."""

from __future__ import annotations

from dataclasses import asdict
from fnmatch import fnmatchcase
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from alerts.story import story
from core.alerts import Alert
from core.clock import stamp
from core.errors import InputError
from storage.alert_lists import After, AlertLists, Wanted
from storage.stories import Stories
from storage.unheard import UnheardAlerts
from tocsin.acting import Acting
from tocsin.commands.alerts.listed import rows_of
from tocsin.provenance import sources_of
from tocsin.stores import Stores
from tocsin.web.access import Viewer
from tocsin.web.api.answers import JSON, Form, Listing, document, listed
from tocsin.web.api.asked import LISTS, PAGE, DeskAsked, ViewerAsking, answers
from tocsin.web.api.paging import CursorText, Limit, cursor_at, key_in
from tocsin.web.desk import Desk
from tocsin.web.problems import NotFoundError

router = APIRouter(tags=["alerts"])
AlertId = Annotated[str, Path(max_length=64, description="The alert's whole id.")]
_WORDS = frozenset({"short", "since", "standing", "muted"})
LONGEST = 2_000


class Written(BaseModel):
    """What a person writes. `by` is for requests from this machine that come without a token."""

    model_config = ConfigDict(extra="forbid")
    by: str | None = Field(default=None, max_length=100)


class Acknowledgement(Written):
    """Somebody knows of the alert: no reminders, until it escalates or the time ends."""

    until: str | None = Field(
        default=None, max_length=20, description='A day ("2026-12-24") or a length ("36h").'
    )
    note: str = Field(default="", max_length=LONGEST)


class Note(Written):
    """A note in the alert's story."""

    text: str = Field(min_length=1, max_length=LONGEST)


@router.get("/alerts", responses=answers(*LISTS, about="Newest change first.", schema=PAGE))
def alerts(
    request: Request,
    desk: DeskAsked,
    viewer: ViewerAsking,
    state: Annotated[Literal["open", "all"], Query(description="Past ones too?")] = "open",
    watch: Annotated[str | None, Query(max_length=64)] = None,
    rule: Annotated[str | None, Query(max_length=64)] = None,
    region: Annotated[str | None, Query(max_length=1_000, description="Glob.")] = None,
    severity: Annotated[str | None, Query(max_length=20)] = None,
    limit: Limit = 100,
    cursor: CursorText = None,
    form: Form = None,
) -> Response:
    """List alerts: those that are open, or all of them."""
    wanted = Wanted(
        open_only=state == "open",
        watch=lambda name: watch in (None, name) and desk.shows(viewer, name),
        region=(lambda name: fnmatchcase(name, region)) if region else None,
        rule=rule,
        severity=severity,
    )
    key = key_in(cursor, f"alerts {state}", (str, str))
    with desk.reading() as stores:
        found = AlertLists(stores.database).page(wanted, limit + 1, After(*key) if key else None)
        rows = rows_of(desk.config, stores, found[:limit], stamp(desk.clock.now()))
    last = found[limit - 1] if len(found) > limit else None
    after = cursor_at(f"alerts {state}", (last.updated_at, last.alert_id)) if last else None
    return listed(request, Listing(list(map(_plain, rows)), {}, after, "alerts"), form)


@router.get("/alerts/{alert}", responses=answers(JSON, about="The alert and its story."))
def alert(request: Request, desk: DeskAsked, viewer: ViewerAsking, alert: AlertId) -> Response:
    """Show one alert and all that happened to it."""
    with desk.reading() as stores:
        return document(request, told_of(desk, stores, alert_of(desk, stores, viewer, alert)))


@router.post(
    "/alerts/{alert}/acknowledgements",
    status_code=201,
    responses=answers(JSON, about="The alert and its story.", code=201),
)
def acknowledge(
    desk: DeskAsked, viewer: ViewerAsking, alert: AlertId, body: Acknowledgement
) -> dict[str, Any]:
    """Acknowledge an open alert: no reminders, unless it escalates. For operators."""
    with desk.writing() as stores:
        found = alert_of(desk, stores, viewer, alert)
        acting = Acting(stores, author_of(viewer, body.by), desk.clock.now())
        acting.acknowledge(found, body.until, body.note)
        return told_of(desk, stores, found)


@router.post(
    "/alerts/{alert}/notes",
    status_code=201,
    responses=answers(JSON, about="The alert and its story.", code=201),
)
def note(desk: DeskAsked, viewer: ViewerAsking, alert: AlertId, body: Note) -> dict[str, Any]:
    """Add a note to an alert's story. For operators."""
    with desk.writing() as stores:
        found = alert_of(desk, stores, viewer, alert)
        Acting(stores, author_of(viewer, body.by), desk.clock.now()).note(found, body.text)
        return told_of(desk, stores, found)


def author_of(viewer: Viewer, by: str | None) -> str:
    """Return who a write is kept under: whoever was let in, and on this machine whom they name.

    Raises:
        InputError: when somebody with a name of their own gives another.
    """
    if by is None or by == viewer.name:
        return viewer.name
    if viewer.way != "local":
        raise InputError("by", f"you are {viewer.name!r}", "leave it out")
    return by


def alert_of(desk: Desk, stores: Stores, viewer: Viewer, alert_id: str) -> Alert:
    """Return an alert that the viewer may see, by its whole id.

    Raises:
        NotFoundError: when there is none.
    """
    mend = "/api/v1/alerts?state=all lists them"
    missing = NotFoundError("alert", f"no alert is called {alert_id!r}", mend)
    try:
        alert = Stories(stores.database).find(alert_id)
    except InputError:
        raise missing from None
    if alert.alert_id != alert_id or not desk.shows(viewer, alert.watch):
        raise missing
    return alert


def told_of(desk: Desk, stores: Stores, alert: Alert) -> dict[str, Any]:
    """Return an alert with all that happened to it, as the API says it."""
    (row,) = rows_of(desk.config, stores, [alert], stamp(desk.clock.now()))
    events = Stories(stores.database).events(alert.alert_id)
    actions = stores.people.actions([alert.alert_id])
    passed = UnheardAlerts(stores.database).passed_on([alert.alert_id])
    watches = [watch for watch in desk.config.watches if watch.name == alert.watch]
    sources = [
        source
        for watch in watches
        for source in sources_of(desk.config, stores.reader, watch, None)
    ]
    return {
        **_plain(row),
        "story": [line._asdict() for line in story(events, actions, passed)],
        "events": [asdict(event) for event in events],
        "actions": [asdict(action) for action in actions],
        "passed_on": [asdict(one) for one in passed],
        "sources": [source.model_dump(mode="json") for source in sources],
    }


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    """Return what JSON says of an alert, without what only a terminal shows."""
    return {key: value for key, value in row.items() if key not in _WORDS}
