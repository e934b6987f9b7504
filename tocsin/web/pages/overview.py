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
from tocsin.forecast_table import Row, likeliest
from tocsin.web.access import Viewer
from tocsin.web.desk import Desk, desk_of, viewer_of
from tocsin.web.pages.about import about_sheet
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

    fitting: Sequence[Row]
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


def chosen(rows: Sequence[Row], asked: Asked, folded: Mapping[str, str]) -> Found:
    """Return the page of rows that is asked for; a page beyond the last is the last.

    `folded` has the form in which a region's name is searched and sorted.
    """
    wanted = fold(asked.q)
    named = [row for row in rows if wanted in folded[row["region"]]] if wanted else rows
    ordered = _ordered([row for row in named if _fits(row, asked)], asked, folded)
    pages = max(1, math.ceil(len(ordered) / asked.size))
    number = min(asked.page, pages)
    start = (number - 1) * asked.size
    return Found(ordered, ordered[start : start + asked.size], len(rows), number, pages)


def _fits(row: Row, asked: Asked) -> bool:
    state = row["alert"]["state"] if row["alert"] else "none"
    if asked.alert == "open" and state == "none":
        return False
    if asked.alert in ("firing", "pending", "none") and state != asked.alert:
        return False
    return not asked.least or (likeliest(row) or 0.0) * 100 >= asked.least


def running(row: Row) -> Row | None:
    """Return the forecast of the running period, None where the horizon does not reach it."""
    return next((step for step in row["forecast"] if step["status"] == "forecast"), None)


def _expected(row: Row) -> float | None:
    step = running(row)
    return None if step is None else float(step["mean"])


def _change(row: Row) -> float | None:
    change = row["change_since_last_run"]
    return None if change is None else float(change["difference"])


_KEYS: Mapping[str, Callable[[Row], Any]] = {
    "tempo": lambda row: row["tempo"]["count"],
    "baseline": lambda row: row["baseline"]["mean"],
    "level": lambda row: row["level_since"] and row["level_since"]["period"],
    "forecast": _expected,
    "probability": likeliest,
    "change": _change,
    "skill": lambda row: row["skill"]["crps_ratio"],
    "age": lambda row: row["data_age_days"],
}
"""What a column is sorted by, but for names; the sheet itself stands in the order of threat."""


def _ordered(rows: Sequence[Row], asked: Asked, folded: Mapping[str, str]) -> list[Row]:
    """Return rows in their order; those without a value stand last in either direction."""
    if asked.sort == "threat":
        return list(reversed(rows)) if asked.down else list(rows)
    if asked.sort == "region":
        return sorted(rows, key=lambda row: folded[row["region"]], reverse=asked.down)
    key = _KEYS[asked.sort]
    known = [(value, row) for row in rows if (value := key(row)) is not None]
    known.sort(key=lambda pair: pair[0], reverse=asked.down)
    return [*(row for _, row in known), *(row for row in rows if key(row) is None)]


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
    sheet, found = table.sheet, chosen(table.rows, asked, table.folded)
    asked = replace(asked, page=found.page)
    return page(
        request,
        "overview.html.j2",
        about_sheet(sheet),
        watch=watch,
        sheet=sheet,
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
