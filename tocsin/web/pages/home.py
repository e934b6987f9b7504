"""The first page: every watch, what is open, and how old it all is."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import HTMLResponse

from core.settings import WatchSettings
from tocsin.web.access import Viewer
from tocsin.web.desk import Desk, desk_of, viewer_of
from tocsin.web.pages.about import about_tables
from tocsin.web.pages.read import newest_of
from tocsin.web.pages.site import page
from tocsin.web.pages.spark import spark
from tocsin.web.problems import NotFoundError
from tocsin.web.table import Table

router = APIRouter(include_in_schema=False)
_SHOWN, _TOTALS = 5, 3
"""Regions per watch: the most threatened."""


@router.get("/")
def home(
    request: Request,
    desk: Annotated[Desk, Depends(desk_of)],
    viewer: Annotated[Viewer, Depends(viewer_of)],
) -> HTMLResponse:
    """Return the first page."""
    cards = [_card(request, watch) for watch in desk.watches(viewer)]
    about = about_tables([card["table"] for card in cards if card["table"]])
    return page(request, "home.html.j2", about, cards=cards)


def _card(request: Request, watch: WatchSettings) -> dict[str, Any]:
    try:
        table: Table | None = newest_of(request, watch).table
    except NotFoundError:
        table = None
    first = (*table.totals[:_TOTALS], *table.regions[:_SHOWN]) if table else ()
    rows = [one.row() for one in first]
    return {
        "watch": watch,
        "table": table,
        "rows": rows,
        "sparks": [spark(row) for row in rows],
        "open": sum(bool(one.gist.state) for one in table.rows) if table else 0,
    }
