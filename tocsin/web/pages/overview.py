"""The overview: every region of a watch, one row each; sorted, filtered, shared by its address."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request
from pydantic import Field
from starlette.responses import HTMLResponse

from core.text import fold
from tocsin.forecast_table import Row, likeliest, running
from tocsin.web.access import Viewer
from tocsin.web.desk import Desk, desk_of, viewer_of
from tocsin.web.packed import Gist, Packed
from tocsin.web.pages.about import about_table
from tocsin.web.pages.asked import BLANK_IS_NONE
from tocsin.web.pages.read import newest_of
from tocsin.web.pages.site import address, page
from tocsin.web.pages.spark import spark

router = APIRouter(include_in_schema=False)
SIZES = (25, 50, 100)
"""Rows on a page; a hundred of them are under 300 kB."""
Sort = Literal[
    "threat",
    "region",
    "tempo",
    "baseline",
    "level",
    "forecast",
    "probability",
    "change",
    "skill",
    "age",
]
States = Literal["any", "open", "firing", "pending", "none"]


@dataclass(frozen=True)
class Asked:
    """Which rows, in which order: all of it stands in the address."""

    q: str = ""
    alert: States = "any"
    least: int = 0
    sort: Sort = "threat"
    down: bool = False
    size: int = 50
    page: int = 1

    def sorted_by(self, key: Sort) -> dict[str, Any]:
        """Return what the heading of a column asks for: it turns the order round, from page 1."""
        down = not self.down if key == self.sort else key not in ("region", "threat")
        return self.told(sort=key, down=down, page=1)

    def told(self, **changed: object) -> dict[str, Any]:
        """Return what an address says of this with something changed; defaults are left out."""
        plain = asdict(Asked())
        wanted = {**asdict(self), **changed}
        return {
            key: int(value) if isinstance(value, bool) else value
            for key, value in wanted.items()
            if value != plain[key]
        }


@dataclass(frozen=True)
class Found:
    """The rows asked for, in order, and those of one page; `total` rows are there."""

    fitting: Sequence[Packed]
    rows: Sequence[Row]
    total: int
    page: int
    pages: int

    @property
    def matching(self) -> int:
        """Return how many regions fit."""
        return len(self.fitting)


def asked_of(
    q: Annotated[str, Query(max_length=200)] = "",
    alert: States = "any",
    least: Annotated[Annotated[int, Field(ge=0, le=100)] | None, BLANK_IS_NONE, Query()] = None,
    sort: Sort = "threat",
    down: bool = False,
    size: Annotated[int, Query(ge=1, le=SIZES[-1])] = 50,
    number: Annotated[int, Query(alias="page", ge=1, le=1_000_000)] = 1,
) -> Asked:
    """Return what an address asks for; a FastAPI dependency."""
    return Asked(q, alert, least or 0, sort, down, size, number)


def chosen(rows: Sequence[Packed], asked: Asked) -> Found:
    """Return the page of rows that is asked for; a page beyond the last is the last."""
    wanted = fold(asked.q)
    named = [one for one in rows if wanted in one.gist.folded] if wanted else rows
    ordered = _ordered([one for one in named if _fits(one.gist, asked)], asked)
    pages = max(1, math.ceil(len(ordered) / asked.size))
    number = min(asked.page, pages)
    start = (number - 1) * asked.size
    shown = [one.row() for one in ordered[start : start + asked.size]]
    return Found(ordered, shown, len(rows), number, pages)


def _fits(gist: Gist, asked: Asked) -> bool:
    state = gist.state or "none"
    if asked.alert == "open" and state == "none":
        return False
    if asked.alert in ("firing", "pending", "none") and state != asked.alert:
        return False
    return not asked.least or (gist.probability or 0.0) * 100 >= asked.least


_KEYS: Mapping[str, Callable[[Gist], Any]] = {
    "region": lambda gist: gist.folded,
    "tempo": lambda gist: gist.tempo,
    "baseline": lambda gist: gist.baseline,
    "level": lambda gist: gist.level,
    "forecast": lambda gist: gist.expected,
    "probability": lambda gist: gist.probability,
    "change": lambda gist: gist.change,
    "skill": lambda gist: gist.skill,
    "age": lambda gist: gist.age,
}
"""What a column is sorted by; the table itself stands in the order of threat."""


def _ordered(rows: Sequence[Packed], asked: Asked) -> Sequence[Packed]:
    """Return rows in their order; those without a value stand last in either direction."""
    if asked.sort == "threat":
        return list(reversed(rows)) if asked.down else rows
    key = _KEYS[asked.sort]
    known = [(value, one) for one in rows if (value := key(one.gist)) is not None]
    known.sort(key=lambda pair: pair[0], reverse=asked.down)
    return [*(one for _, one in known), *(one for one in rows if key(one.gist) is None)]


@router.get("/watches/{name}")
def overview(
    request: Request,
    name: str,
    desk: Annotated[Desk, Depends(desk_of)],
    viewer: Annotated[Viewer, Depends(viewer_of)],
    asked: Annotated[Asked, Depends(asked_of)],
) -> HTMLResponse:
    """Return the overview of a watch."""
    watch = desk.watch(viewer, name)
    table = newest_of(request, watch).table
    found = chosen(table.rows, asked)
    asked = replace(asked, page=found.page)
    return page(
        request,
        "overview.html.j2",
        about_table(table),
        watch=watch,
        table=table,
        asked=asked,
        found=found,
        sparks=[spark(row) for row in found.rows],
        running=running,
        likeliest=likeliest,
        sizes=SIZES,
        on_map=address(f"{request.url.path}/map", **asked.told(page=1)),
        link=lambda **changed: address(request.url.path, **asked.told(**changed)),
        sorting=lambda key: address(request.url.path, **asked.sorted_by(key)),
    )
