"""The first page: every watch, what is open, and how old it all is."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import HTMLResponse

from core.settings import WatchSettings
from tocsin.forecast_table import Sheet
from tocsin.web.access import Viewer
from tocsin.web.desk import Desk, desk_of, viewer_of
from tocsin.web.pages.about import about_sheets
from tocsin.web.pages.read import newest_of
from tocsin.web.pages.site import page
from tocsin.web.pages.spark import spark
from tocsin.web.problems import NotFoundError

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
    about = about_sheets([card["sheet"] for card in cards if card["sheet"]])
    return page(request, "home.html.j2", about, cards=cards)


def _card(request: Request, watch: WatchSettings) -> dict[str, Any]:
    try:
        sheet: Sheet | None = newest_of(request, watch).table.sheet
    except NotFoundError:
        sheet = None
    rows = (*sheet.totals[:_TOTALS], *sheet.regions[:_SHOWN]) if sheet else ()
    return {
        "watch": watch,
        "sheet": sheet,
        "rows": rows,
        "sparks": [spark(row) for row in rows],
        "open": sum(row["alert"] is not None for row in sheet.rows) if sheet else 0,
    }
