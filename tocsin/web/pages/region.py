"""One region: what was counted, what is expected, why, and how well that went before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Literal
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, Query, Request
from pydantic import Field
from starlette.responses import HTMLResponse

from core.alerts import Alert
from core.calendars import in_words, known_dates
from core.predictive import Predictive
from core.regions import RegionKey, parse
from core.settings import FeedSettings, WatchSettings
from storage.regional import Behind, PastForecast, Regional
from tocsin.forecast_table import Row, Sheet
from tocsin.record.counted import counted_of
from tocsin.record.skill import window
from tocsin.web.access import Viewer
from tocsin.web.desk import Desk, desk_of, viewer_of
from tocsin.web.pages.about import about_region
from tocsin.web.pages.asked import BLANK_IS_NONE
from tocsin.web.pages.backdrop import Backdrop, backdrop_of
from tocsin.web.pages.fan import Point, fan
from tocsin.web.pages.read import table_of
from tocsin.web.pages.readings import Readings, readings
from tocsin.web.pages.site import address, page
from tocsin.web.problems import NotFoundError
from tocsin.web.tables import Table

router = APIRouter(include_in_schema=False)
Span = Literal["24", "60", "all"]
_SPANS: dict[Span, int] = {"24": 24, "60": 60, "all": 100_000}
_LISTED = 200
"""Incidents on the page; more are counted."""


@dataclass(frozen=True)
class Past:
    """A past forecast beside what came; `observed` is None while that is not known."""

    forecast: PastForecast
    period: str
    observed: int | None

    @property
    def held(self) -> bool | None:
        """Return whether the 90 % interval held what came."""
        if self.observed is None:
            return None
        return self.forecast.q05 <= self.observed <= self.forecast.q95


@dataclass(frozen=True)
class _Facts:
    """What the store says of a region."""

    ahead: Sequence[Row]
    table: Readings | None
    past: Sequence[Past]
    alerts: Sequence[Alert]
    incidents: Sequence[Behind]
    behind: int


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
    table = table_of(request, watch)
    sheet, row = table.sheet, _row(table, region_name)
    key = parse(row["region"])
    backdrop = backdrop_of(desk, watch, sheet.run)
    asked = at_least or _first_threshold(row)
    ahead = min(ahead, watch.horizon - 1)
    shown = [one for one in desk.config.feeds_of(watch) if _may_show(one, viewer)]
    facts = _facts(desk, watch, sheet, row, backdrop, asked, ahead, shown)
    history = backdrop.history(key, watch, _SPANS[span])
    chart = fan(
        history,
        facts.ahead,
        row["expected_when_complete"],
        row["baseline"]["mean"],
        min(asked, _tallest(row, history)),
        _known(desk, watch, key),
    )
    return page(
        request,
        "region.html.j2",
        about_region(sheet, row),
        watch=watch,
        sheet=sheet,
        row=row,
        chart=chart,
        facts=facts,
        asked=asked,
        span=span,
        spans=_SPANS,
        ahead=ahead,
        since=backdrop.since,
        hidden=[one.name for one in desk.config.feeds_of(watch) if one not in shown],
        href=_href,
        link=lambda **changed: address(
            request.url.path,
            **{"name": row["region"], "at_least": at_least, "span": span, "ahead": ahead} | changed,
        ),
    )


def _row(table: Table, region: str) -> Row:
    row = table.by_region.get(region)
    if row is None:
        mend = "its name may have changed, or it has too few events: the overview lists all"
        problem = f"{region!r} is not forecast in watch {table.sheet.watch}"
        raise NotFoundError("region", problem, mend)
    return row


def _known(desk: Desk, watch: WatchSettings, key: RegionKey) -> list[tuple[str, str]]:
    """Return the known dates of a region: the period that each begins in, and its words."""
    dates = known_dates(desk.config.calendars, key, watch.group_by)
    return [(watch.period.label(watch.period.of(one.first)), in_words(one)) for one in dates]


def _first_threshold(row: Row) -> int:
    """Return the count that is read first: the lowest level's, or one over the baseline."""
    lowest = min((level["at_least"] for level in row["rules"]), default=None)
    return int(lowest or (row["baseline"]["mean"] or 0) + 1)


def _tallest(row: Row, history: Sequence[Point]) -> int:
    """Return how high a line may still push up the axis: twice what is counted or forecast."""
    highest = [int(step["high_90"]) for step in row["forecast"]]
    return 2 * max(5, *(point.counted or 0 for point in history), *highest)


def _facts(
    desk: Desk,
    watch: WatchSettings,
    sheet: Sheet,
    row: Row,
    backdrop: Backdrop,
    asked: int,
    ahead: int,
    shown: Sequence[FeedSettings],
) -> _Facts:
    run, key = sheet.run, parse(row["region"])
    numbers = backdrop.incidents(key)
    with desk.reading() as stores:
        block = stores.reader.one(run.run_id, watch.name, key)
        regional = Regional(stores.database)
        since = window(watch, watch.period.of(run.cutoff))
        counted = counted_of(desk.config, watch)
        past = regional.past_forecasts(watch.name, counted, key, ahead, since)
        alerts = regional.alerts(watch.name, key)
        incidents = regional.incidents(
            numbers if row["total"] else numbers[:_LISTED], [one.name for one in shown]
        )[:_LISTED]
    assert block is not None, "the row is of this run"
    steps = _with_quartiles(row["forecast"], block.predictive)
    return _Facts(
        ahead=steps,
        table=_table(steps, block.predictive, asked),
        past=[
            Past(
                one, watch.period.label(one.period_index), backdrop.observed(key, one.period_index)
            )
            for one in past
        ],
        alerts=alerts,
        incidents=incidents,
        behind=len(numbers),
    )


def _with_quartiles(steps: Sequence[Row], predictive: Predictive) -> list[Row]:
    quartiles = predictive.quantile([0.25, 0.75])[0].tolist()
    return [
        {**step, "low_50": quartiles[n][0], "high_50": quartiles[n][1]}
        for n, step in enumerate(steps)
    ]


def _table(steps: Sequence[Row], predictive: Predictive, asked: int) -> Readings | None:
    """Return the readings over the periods that are not over, None where there is none."""
    first = next((n for n, step in enumerate(steps) if step["status"] == "forecast"), None)
    return None if first is None else readings(predictive, first, len(steps) - 1, asked)


def _may_show(feed: FeedSettings, viewer: Viewer) -> bool:
    """Return whether a viewer may see a feed's incidents one by one: `share` is for outside."""
    return feed.share == "rows" or not viewer.outside


def _href(source: str | None) -> str | None:
    """Return the address in an incident's source, if it is nothing but one of the web's."""
    try:
        parts = urlsplit(source or "")
    except ValueError:
        return None
    whole = source and not any(ch.isspace() for ch in source)
    return source if whole and parts.scheme in ("http", "https") and parts.netloc else None
