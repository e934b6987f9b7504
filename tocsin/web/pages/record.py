"""The track record: how good the forecasts of a watch were, against the naive models."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from pydantic import Field
from starlette.responses import HTMLResponse

from tocsin.record.document import Row
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
    region: Annotated[str, Query(max_length=1_000)] = "",
    since: Annotated[date | None, BLANK_IS_NONE, Query()] = None,
    totals: Annotated[bool, Query()] = False,
) -> HTMLResponse:
    """Return the track record of a watch, of the first one where none is named."""
    seen = desk.watches(viewer)
    if not seen:
        raise NotFoundError("record", "there is no watch for you to see")
    chosen = desk.watch(viewer, watch or seen[0].name)
    choice = Choice(region or "*", horizon, since, totals)
    found = records.of(chosen, choice)
    return page(
        request,
        "record.html.j2",
        about_watches(request, [chosen]),
        watch=chosen,
        record=found,
        regions=found["regions"][:_REGIONS],
        choice=choice,
        narrowed=choice != Choice(),
        **_weights(found["members"]),
    )


def _weights(members: Sequence[Row]) -> dict[str, Any]:
    """Return weight by model and step, and the nearest and the farthest step."""
    steps = sorted({one["horizon"] for one in members})
    weights: dict[str, dict[int, float]] = defaultdict(dict)
    for one in members:
        weights[one["model"]][one["horizon"]] = one["weight"]
    return {"members": weights, "steps": list(dict.fromkeys((*steps[:1], *steps[-1:])))}
