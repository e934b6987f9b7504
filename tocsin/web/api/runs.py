"""`/runs`: what has run, when, and what was wrong with it."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from storage.lists import LAST, ListedRun, Lists
from tocsin.web.api.answers import Form, Listing, listed
from tocsin.web.api.asked import LISTS, PAGE, DeskAsked, ViewerAsking, answers
from tocsin.web.api.paging import CursorText, Limit, cursor_at, key_in

router = APIRouter(tags=["runs and feeds"])


@router.get("/runs", responses=answers(*LISTS, about="Newest first.", schema=PAGE))
def runs(
    request: Request,
    desk: DeskAsked,
    viewer: ViewerAsking,
    watch: Annotated[str | None, Query(max_length=64, description="Only of this watch.")] = None,
    limit: Limit = 100,
    cursor: CursorText = None,
    form: Form = None,
) -> Response:
    """List published runs; `watches` names those that you may see."""
    wanted = [desk.watch(viewer, watch)] if watch else desk.watches(viewer)
    key = key_in(cursor, "runs", (int,))
    with desk.reading() as stores:
        found = Lists(stores.database).runs(
            [one.name for one in wanted], limit + 1, key[0] if key else LAST
        )
    after = cursor_at("runs", (found[limit - 1].run_id,)) if len(found) > limit else None
    return listed(request, Listing([_row(one) for one in found[:limit]], {}, after, "runs"), form)


def _row(one: ListedRun) -> dict[str, Any]:
    return {
        "run": one.run_id,
        "cutoff": one.cutoff,
        "mode": one.mode,
        "version": one.version,
        "label": one.label,
        "started": one.started_at,
        "finished": one.finished_at,
        "degraded": list(one.reasons),
        "watches": list(one.watches),
    }
