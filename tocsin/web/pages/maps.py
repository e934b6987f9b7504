"""The map: the regions of a watch as bubbles over the outline of the world, and as a list."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import HTMLResponse

from charts.world import CREDIT
from charts.world.view import WIDTH
from tocsin.forecast_table import likeliest
from tocsin.table_columns import percent
from tocsin.web.access import Viewer
from tocsin.web.bubbles import LINKED, STEPS, Drawing, drawing, shade_of
from tocsin.web.desk import Desk, desk_of, viewer_of
from tocsin.web.kept import Kept
from tocsin.web.pages.about import about_table
from tocsin.web.pages.overview import SIZES, Asked, asked_of, chosen
from tocsin.web.pages.read import newest_of
from tocsin.web.pages.site import address, page
from tocsin.web.places import places_for

router = APIRouter(include_in_schema=False)
_DRAWN: Kept[Drawing] = Kept(32)
"""Drawings by what is shown: thousands of bubbles take a tenth of a second."""


@router.get("/watches/{name}/map")
def map_of(
    request: Request,
    name: str,
    desk: Annotated[Desk, Depends(desk_of)],
    viewer: Annotated[Viewer, Depends(viewer_of)],
    asked: Annotated[Asked, Depends(asked_of)],
) -> HTMLResponse:
    """Return the map of a watch; its regions stand in the order of threat."""
    watch = desk.watch(viewer, name)
    table, ground, whole = newest_of(request, watch)
    places = places_for(viewer, desk.config.feeds_of(watch), ground.places)
    asked = replace(asked, sort="threat", down=False)
    found = chosen(table.regions, asked)
    asked = replace(asked, page=found.page)
    whole = whole if found.matching == len(table.regions) and not places.rounded else None
    shown = (desk.database, table.version, places.rounded, asked.q, asked.alert, asked.least)
    return page(
        request,
        "map.html.j2",
        about_table(table),
        watch=watch,
        head=table.head,
        asked=asked,
        found=found,
        drawn=whole or _DRAWN.get(shown, lambda: drawing(found.fitting, places.known)),
        rounded=places.rounded,
        width=WIDTH,
        linked=LINKED,
        shades=[(shade_of(0.0), f"under {percent(STEPS[0])}"), *_shades()],
        credit=CREDIT,
        likeliest=likeliest,
        shade_of=shade_of,
        sizes=SIZES,
        as_table=address(request.url.path.removesuffix("/map"), **asked.told()),
        link=lambda **changed: address(request.url.path, **asked.told(**changed)),
    )


def _shades() -> list[tuple[str, str]]:
    """Return the class of every shade but the palest, and from which probability it is used."""
    return [(shade_of(step), f"from {percent(step)}") for step in STEPS]
