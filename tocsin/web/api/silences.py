"""`/silences`: no messages of some alerts for a while."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from pydantic import Field
from starlette.responses import Response

from core.clock import stamp
from core.errors import InputError
from core.people import Silence
from tocsin.acting import Acting, muted_by
from tocsin.web.access import Viewer
from tocsin.web.api.alerts import Written, author_of
from tocsin.web.api.answers import JSON, Form, Listing, listed
from tocsin.web.api.asked import LISTS, PAGE, DeskAsked, ViewerAsking, answers
from tocsin.web.desk import Desk
from tocsin.web.problems import NotFoundError

router = APIRouter(tags=["alerts"])


class NewSilence(Written):
    """Which alerts nobody needs to be told of, until when, and why."""

    match: dict[str, str] = Field(
        min_length=1,
        max_length=5,
        description="alert, watch, rule, region or country → glob; all must match.",
    )
    severities: list[str] = Field(default=[], max_length=5)
    until: str = Field(max_length=20, description='A day ("2026-12-24") or a length ("36h").')
    reason: str = Field(min_length=1, max_length=2_000)


@router.get("/silences", responses=answers(*LISTS, about="Those in force.", schema=PAGE))
def silences(
    request: Request, desk: DeskAsked, viewer: ViewerAsking, form: Form = None
) -> Response:
    """List the silences in force."""
    with desk.reading() as stores:
        found = stores.people.silences_after(stamp(desk.clock.now()))
    items = [_row(one) for one in found if _concerns(desk, viewer, one)]
    return listed(request, Listing(items, name="silences"), form)


@router.post(
    "/silences",
    status_code=201,
    responses=answers(JSON, about="The silence, and how many open alerts it mutes.", code=201),
)
def silence(desk: DeskAsked, viewer: ViewerAsking, body: NewSilence) -> dict[str, Any]:
    """Silence some alerts; escalations are told all the same unless named. For operators."""
    if not desk.sees_all(viewer) and not desk.shows(viewer, body.match.get("watch", "")):
        raise InputError("match", "names no watch of yours", 'add "watch" with its name')
    with desk.writing() as stores:
        acting = Acting(stores, author_of(viewer, body.by), desk.clock.now())
        made = acting.silence(body.match, body.severities, body.until, body.reason)
        return {**_row(made), "mutes": muted_by(desk.config, stores, made)}


@router.delete("/silences/{number}", responses=answers(JSON, about="The silence, which has ended."))
def unsilence(
    desk: DeskAsked, viewer: ViewerAsking, number: Annotated[int, Path(ge=1, lt=2**63)]
) -> dict[str, Any]:
    """Lift a silence: the next run tells what still fires. For operators."""
    with desk.writing() as stores:
        known = stores.people.silences_after(stamp(desk.clock.now()))
        if not any(one.number == number and _concerns(desk, viewer, one) for one in known):
            raise NotFoundError("silence", f"no silence {number} is in force")
        return _row(Acting(stores, viewer.name, desk.clock.now()).unsilence(number))


def _concerns(desk: Desk, viewer: Viewer, silence: Silence) -> bool:
    """Return whether a silence is a viewer's to see: of their watch, or they see all watches."""
    return desk.sees_all(viewer) or desk.shows(viewer, silence.match.get("watch", ""))


def _row(one: Silence) -> dict[str, Any]:
    return {
        "silence": one.number,
        "match": one.match,
        "severities": list(one.severities),
        "made_at": one.made_at,
        "until": one.until,
        "by": one.by,
        "reason": one.reason,
        "ended_at": one.ended_at,
        "ended_by": one.ended_by,
    }
