"""`/watches`: what is watched, and how its newest run stands."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from core.settings import WatchSettings
from core.sources import filters_of
from tocsin.labels import unit_of
from tocsin.provenance import sources_of
from tocsin.stores import Stores
from tocsin.web.api.answers import JSON, Form, Listing, document, listed, plain
from tocsin.web.api.asked import (
    LISTS,
    PAGE,
    DeskAsked,
    TableAsked,
    ViewerAsking,
    WatchAsked,
    answers,
)
from tocsin.web.api.forecasts import table_page
from tocsin.web.api.paging import CursorText, Limit
from tocsin.web.desk import Desk
from tocsin.web.selection import Selection

router = APIRouter(tags=["watches"])
_OVERVIEW = (
    "region",
    "total",
    "iso3",
    "abroad",
    "unit",
    "tempo",
    "alert",
    "data_as_of",
    "data_age_days",
)


@router.get("/watches", responses=answers(*LISTS, about="The watches.", schema=PAGE))
def watches(request: Request, desk: DeskAsked, viewer: ViewerAsking, form: Form = None) -> Response:
    """List the watches that you may see."""
    with desk.reading() as stores:
        items = [_watch(desk, stores, watch) for watch in desk.watches(viewer)]
    return listed(request, Listing(items, name="watches"), form)


@router.get("/watches/{watch}", responses=answers(JSON, about="A watch."))
def watch(request: Request, desk: DeskAsked, watch: WatchAsked) -> Response:
    """Show one watch."""
    with desk.reading() as stores:
        return document(request, _watch(desk, stores, watch))


@router.get(
    "/watches/{watch}/regions", responses=answers(*LISTS, about="Its regions.", schema=PAGE)
)
def regions(
    request: Request,
    table: TableAsked,
    search: Annotated[str, Query(max_length=200, description="Part of the name.")] = "",
    limit: Limit = 100,
    cursor: CursorText = None,
    form: Form = None,
) -> Response:
    """List the regions of a watch by name, with tempo, alert and age of the data."""
    wanted = Selection(search=search, sort="region")
    page = table_page(table, wanted, cursor, limit)
    rows = (one.row() for one in page.items)
    brief = [{name: row[name] for name in _OVERVIEW} for row in rows]
    return listed(request, replace(page, items=brief, encode=plain, flat=None), form)


def _watch(desk: Desk, stores: Stores, watch: WatchSettings) -> dict[str, Any]:
    run = stores.reader.latest_run(watch.name)
    sources = sources_of(desk.config, stores.reader, watch, None)
    return {
        "watch": watch.name,
        "unit": unit_of(desk.config, watch),
        "period": watch.period.value,
        "horizon": watch.horizon,
        "group_by": list(watch.group_by),
        "filters": filters_of(watch),
        "run": run.run_id if run else None,
        "cutoff": run.cutoff.isoformat() if run else None,
        "finished": run.finished_at if run else None,
        "label": run.label if run else "",
        "degraded": list(run.reasons) if run else [],
        "sources": [source.model_dump(mode="json") for source in sources],
    }
