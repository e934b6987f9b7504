"""Handover: what is open, what changed since a moment, who did what, and what is silent."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import HTMLResponse

from core.clock import stamp
from core.errors import InputError
from tocsin.handover import SECTIONS
from tocsin.handover import page as handed_over
from tocsin.moments import since_of
from tocsin.web.access import Viewer
from tocsin.web.desk import Desk, desk_of, viewer_of
from tocsin.web.pages.about import about_watches
from tocsin.web.pages.site import page

router = APIRouter(include_in_schema=False)
_DEFAULT = "24h"
_LENGTHS = {"12h": "12 hours", "24h": "24 hours", "3d": "3 days", "7d": "7 days"}


@router.get("/handover")
def handover(
    request: Request,
    desk: Annotated[Desk, Depends(desk_of)],
    viewer: Annotated[Viewer, Depends(viewer_of)],
    since: Annotated[str, Query(max_length=40)] = _DEFAULT,
) -> HTMLResponse:
    """Return the page of `tocsin handover`, of the watches that the viewer sees.

    A moment that cannot be meant is said on the page, which then shows the last day.
    """

    def sees(watch: str) -> bool:
        return desk.shows(viewer, watch) if watch else desk.sees_all(viewer)

    now, fault = desk.clock.now(), ""
    try:
        start = since_of("since", since, now)
    except InputError as error:
        fault, start = error.line(), since_of("since", _DEFAULT, now)
    with desk.reading() as stores:
        found = handed_over(desk.config, stores, start, stamp(now), sees)
    return page(
        request,
        "handover.html.j2",
        about_watches(request, desk.watches(viewer)),
        status=400 if fault else 200,
        found=found,
        sections=SECTIONS,
        asked=since,
        lengths=_LENGTHS,
        fault=fault,
    )
