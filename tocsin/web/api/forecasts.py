"""`/watches/{watch}/forecasts`: the table of a run; `/history`: what runs said of one region."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from core.regions import parse
from core.settings import WatchSettings
from storage.lists import LAST, Lists, PastForecast
from tocsin.labels import unit_of
from tocsin.provenance import sources_of
from tocsin.table_output import about, lines
from tocsin.web.api.answers import Form, Listing, listed
from tocsin.web.api.asked import (
    LISTS,
    PAGE,
    DeskAsked,
    Region,
    TableAsked,
    WatchAsked,
    answers,
)
from tocsin.web.api.paging import CursorText, Limit, cursor_at, key_in
from tocsin.web.problems import NotFoundError
from tocsin.web.selection import Selection, page_after
from tocsin.web.table import Table

router = APIRouter(tags=["forecasts"])
Sort = Literal["threat", "region", "tempo", "baseline", "expected", "probability", "change", "age"]
_KEYS = {"threat": (float, float, str), "region": (str,)}
_NUMBER_AND_REGION = (float, str)


@router.get(
    "/watches/{watch}/forecasts", responses=answers(*LISTS, about="The table.", schema=PAGE)
)
def forecasts(
    request: Request,
    table: TableAsked,
    region: Annotated[
        list[str] | None, Query(max_length=100, description="Only these regions.")
    ] = None,
    search: Annotated[str, Query(max_length=200, description="Part of the name.")] = "",
    iso3: Annotated[str, Query(max_length=3, description="Only this country.")] = "",
    alert: Annotated[bool, Query(description="Only where an alert is open.")] = False,
    min_probability: Annotated[
        float, Query(ge=0, le=1, description="Only where a rule's level is at least so likely.")
    ] = 0.0,
    sort: Sort = "threat",
    limit: Limit = 100,
    cursor: CursorText = None,
    form: Form = None,
) -> Response:
    """Show the forecast table of the newest run, or of the newest at a day.

    The keys are those of docs/table.md. CSV and Parquet have one line per region and period.
    """
    wanted = Selection(frozenset(region or ()), search, iso3, alert, min_probability, sort)
    return listed(request, table_page(table, wanted, cursor, limit), form)


def table_page(table: Table, wanted: Selection, after: str | None, limit: int) -> Listing:
    """Return a page of a table.

    Raises:
        InputError: for a cursor of another list or order.
    """
    kind = f"table {wanted.sort}"
    key = key_in(after, kind, _KEYS.get(wanted.sort, _NUMBER_AND_REGION))
    rows, following = page_after(wanted.of(table), key, limit)
    return Listing(
        rows,
        about(table.head),
        cursor_at(kind, following) if following else None,
        table.head.watch,
        encode=lambda one: one.json.decode(),
        flat=lambda: lines(table.head, (one.row() for one in rows)),
    )


@router.get(
    "/watches/{watch}/history",
    responses=answers(*LISTS, about="Forecasts, newest run first.", schema=PAGE),
)
def history(
    request: Request,
    desk: DeskAsked,
    watch: WatchAsked,
    region: Region,
    limit: Annotated[int, Query(ge=1, le=100, description="Runs of one page.")] = 20,
    cursor: CursorText = None,
    form: Form = None,
) -> Response:
    """Show what past runs said of a region, and what happened."""
    key = key_in(cursor, "history", (int,))
    with desk.reading() as stores:
        found = Lists(stores.database).history(
            watch.name, parse(region), limit, key[0] if key else LAST
        )
        sources = sources_of(desk.config, stores.reader, watch, None)
    if not found and key is None:
        raise NotFoundError("region", f"no run has forecast {region!r}")
    head = {
        "watch": watch.name,
        "region": region,
        "unit": unit_of(desk.config, watch),
        "sources": [source.model_dump(mode="json") for source in sources],
    }
    rows = [_past(watch, one) for one in found]
    return listed(request, Listing(rows, head, _after(found, limit), watch.name), form)


def _after(found: list[PastForecast], limit: int) -> str | None:
    runs = {one.run_id for one in found}
    return cursor_at("history", (min(runs),)) if len(runs) == limit else None


def _past(watch: WatchSettings, one: PastForecast) -> dict[str, Any]:
    period = watch.period
    return {
        "run": one.run_id,
        "cutoff": one.cutoff,
        "mode": one.mode,
        "label": one.label,
        "data_as_of": one.data_as_of,
        "horizon": one.horizon,
        "period": period.label(one.period_index),
        "start": period.start(one.period_index).isoformat(),
        "end": period.end(one.period_index).isoformat(),
        "median": one.median,
        "low_90": one.low_90,
        "high_90": one.high_90,
        "mean": round(one.mean, 3),
        "observed": one.observed,
    }
