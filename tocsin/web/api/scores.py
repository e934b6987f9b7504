"""`/watches/{watch}/scores`: how good the forecasts were of which the outcome is known."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from tocsin.record.evidence import Choice
from tocsin.web.api.answers import JSON, document
from tocsin.web.api.asked import WatchAsked, answers
from tocsin.web.records import records_of

router = APIRouter(tags=["scores"])


@router.get("/watches/{watch}/scores", responses=answers(JSON, about="The track record."))
def scores(
    request: Request,
    watch: WatchAsked,
    region: Annotated[str, Query(min_length=1, max_length=1_000, description="Glob.")] = "*",
    horizon: Annotated[int | None, Query(ge=1, le=60)] = None,
    since: Annotated[
        date | None, Query(description="Periods from this day on; by default two years.")
    ] = None,
    totals: Annotated[
        bool, Query(description="Of what regions add up to, not of the regions.")
    ] = False,
) -> Response:
    """Show the track record of a watch; the keys are those of docs/scores.md."""
    choice = Choice(region, horizon, since, totals)
    return document(request, records_of(request).of(watch, choice))
