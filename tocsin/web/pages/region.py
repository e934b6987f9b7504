"""One region: what was counted, what is expected, why, and how well that went before."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal, NamedTuple
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, Query, Request
from pydantic import Field
from starlette.responses import HTMLResponse

from core.calendars import in_words, known_dates
from core.clock import stamp
from core.regions import RegionKey, parse
from core.settings import WatchSettings
from tocsin.forecast_table import Row, likeliest
from tocsin.web.access import Viewer
from tocsin.web.backdrop import Point
from tocsin.web.desk import Desk, desk_of, viewer_of
from tocsin.web.pages.about import about_region
from tocsin.web.pages.asked import BLANK_IS_NONE
from tocsin.web.pages.fan import Earlier, Lines, fan
from tocsin.web.pages.read import newest_of
from tocsin.web.pages.region_facts import Asked, Past, facts_of
from tocsin.web.pages.site import address, page
from tocsin.web.places import Places, may_show, places_for
from tocsin.web.problems import NotFoundError
from tocsin.web.table import Table

router = APIRouter(include_in_schema=False)
Span = Literal["24", "60", "all"]
_SPANS: dict[Span, int] = {"24": 24, "60": 60, "all": 100_000}
_NEIGHBOURS = 6


class Neighbour(NamedTuple):
    """A region near by: kilometres from centre to centre, and its row."""

    km: float
    row: Row


@router.get("/watches/{name}/region")
def region(
    request: Request,
    name: str,
    desk: Annotated[Desk, Depends(desk_of)],
    viewer: Annotated[Viewer, Depends(viewer_of)],
    region_name: Annotated[str, Query(alias="name", max_length=2000)],
    at_least: Annotated[
        Annotated[int, Field(ge=1, le=1_000_000)] | None, BLANK_IS_NONE, Query()
    ] = None,
    span: Span = "60",
    ahead: Annotated[int, Query(ge=0, le=60)] = 0,
) -> HTMLResponse:
    """Return the page of a region."""
    watch = desk.watch(viewer, name)
    table, (backdrop, known), _ = newest_of(request, watch)
    row = _row(table, region_name)
    feeds = desk.config.feeds_of(watch)
    shown = [one for one in feeds if may_show(one, viewer)]
    threshold = at_least or _first_threshold(row)
    ahead = min(ahead, watch.horizon - 1)
    facts = facts_of(desk, backdrop, Asked(watch, table.head, row, threshold, ahead, shown))
    history = backdrop.history(parse(row["region"]), watch, _SPANS[span])
    places = places_for(viewer, feeds, known)
    return page(
        request,
        "region.html.j2",
        about_region(table, row),
        watch=watch,
        head=table.head,
        row=row,
        chart=fan(
            history,
            facts.ahead,
            row["expected_when_complete"],
            _lines(row, threshold, history),
            _known(desk, watch, parse(row["region"])),
            [_earlier(one) for one in facts.past],
        ),
        facts=facts,
        neighbours=_neighbours(table, places, row),
        rounded=places.rounded,
        likeliest=likeliest,
        now=stamp(desk.clock.now()),
        asked=threshold,
        span=span,
        spans=_SPANS,
        ahead=ahead,
        since=backdrop.since,
        hidden=[one.name for one in feeds if one not in shown],
        href=_href,
        link=lambda **changed: address(
            request.url.path,
            **{"name": row["region"], "at_least": at_least, "span": span, "ahead": ahead} | changed,
        ),
    )


def _row(table: Table, region: str) -> Row:
    found = table.by_region.get(region)
    if found is None:
        mend = "its name may have changed, or it has too few events: the overview lists all"
        problem = f"{region!r} is not forecast in watch {table.head.watch}"
        raise NotFoundError("region", problem, mend)
    return found.row()


def _known(desk: Desk, watch: WatchSettings, key: RegionKey) -> list[tuple[str, str]]:
    """Return the known dates of a region: the period that each begins in, and its words."""
    dates = known_dates(desk.config.calendars, key, watch.group_by)
    return [(watch.period.label(watch.period.of(one.first)), in_words(one)) for one in dates]


def _earlier(past: Past) -> Earlier:
    made = past.forecast
    return Earlier(past.period, made.q05, made.q50, made.q95)


def _first_threshold(row: Row) -> int:
    """Return the count that is read first: the lowest level's, or one over the baseline."""
    lowest = min((level["at_least"] for level in row["rules"]), default=None)
    return int(lowest or (row["baseline"]["mean"] or 0) + 1)


def _lines(row: Row, threshold: int, history: Sequence[Point]) -> Lines:
    """Return the lines of the chart; a threshold pushes the axis up to twice what is drawn."""
    highest = [int(step["high_90"]) for step in row["forecast"]]
    tallest = 2 * max(5, *(point.counted or 0 for point in history), *highest)
    since = row["level_since"]
    return Lines(
        threshold=min(threshold, tallest),
        baseline=row["baseline"]["mean"],
        level=since and since["mean"],
        since=since and since["period"],
    )


def _neighbours(table: Table, places: Places, row: Row) -> list[Neighbour]:
    """Return the nearest regions that are forecast."""
    near = places.nearest(row["region"], table.by_region.keys(), _NEIGHBOURS)
    return [Neighbour(km, table.by_region[region].row()) for region, km in near]


def _href(source: str | None) -> str | None:
    """Return the address in an incident's source, if it is nothing but one of the web's."""
    try:
        parts = urlsplit(source or "")
    except ValueError:
        return None
    whole = source and not any(ch.isspace() for ch in source)
    return source if whole and parts.scheme in ("http", "https") and parts.netloc else None
