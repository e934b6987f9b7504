"""The track record: how good the forecasts of a watch were, against the naive models."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from pydantic import Field
from starlette.responses import HTMLResponse

from tocsin.record.evidence import Choice
from tocsin.web.access import Viewer
from tocsin.web.desk import Desk, desk_of, viewer_of
from tocsin.web.pages.about import about_watches
from tocsin.web.pages.asked import BLANK_IS_NONE
from tocsin.web.pages.site import page
from tocsin.web.problems import NotFoundError
from tocsin.web.records import Records, records_of

router = APIRouter(include_in_schema=False)
_REGIONS = 100
"""Regions on the page: the worst, who need a look."""


@router.get("/record")
def record(
    request: Request,
    desk: Annotated[Desk, Depends(desk_of)],
    viewer: Annotated[Viewer, Depends(viewer_of)],
    records: Annotated[Records, Depends(records_of)],
    watch: Annotated[str, Query(max_length=64)] = "",
    horizon: Annotated[Annotated[int, Field(ge=1, le=60)] | None, BLANK_IS_NONE, Query()] = None,
) -> HTMLResponse:
    """Return the track record of a watch, of the first one where none is named."""
    seen = desk.watches(viewer)
    if not seen:
        raise NotFoundError("record", "there is no watch for you to see")
    chosen = desk.watch(viewer, watch or seen[0].name)
    found = records.of(chosen, Choice(horizon=horizon))
    return page(
        request,
        "record.html.j2",
        about_watches(request, [chosen]),
        watch=chosen,
        record=found,
        regions=found["regions"][:_REGIONS],
        horizon=horizon,
    )
