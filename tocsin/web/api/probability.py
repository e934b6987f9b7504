"""`/watches/{watch}/probability`: P(count ≥ n) for any n, from the stored distribution."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Literal

import numpy as np
from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from core.errors import InputError
from core.quantities import quantity
from core.regions import parse
from storage.reading import Block
from tocsin.table_output import about
from tocsin.web.api.answers import Form, Listing, Row, listed
from tocsin.web.api.asked import (
    LISTS,
    PAGE,
    DeskAsked,
    TableAsked,
    answers,
)
from tocsin.web.problems import NotFoundError

router = APIRouter(tags=["forecasts"])
Aggregate = Literal["any", "total"]
_MOST_COUNT = 10**9


@router.get(
    "/watches/{watch}/probability",
    responses=answers(*LISTS, about="One row per region and threshold.", schema=PAGE),
)
def probability(
    request: Request,
    desk: DeskAsked,
    table: TableAsked,
    region: Annotated[
        list[str], Query(min_length=1, max_length=20, description="Regions of the table.")
    ],
    at_least: Annotated[
        list[Annotated[int, Query(ge=0, le=_MOST_COUNT)]],
        Query(min_length=1, max_length=20, description="Thresholds."),
    ],
    within: Annotated[
        int, Query(ge=1, le=60, description="Periods: the running one and those after it.")
    ] = 1,
    aggregate: Annotated[
        Aggregate, Query(description="Any period of the window, or all of them added up.")
    ] = "any",
    form: Form = None,
) -> Response:
    """Say how likely a region's count reaches a threshold within some periods.

    With each probability come the median and the 90 % interval of what it is about: the largest
    count of the window, or the total.
    """
    run, watch, rows = table.head.run.run_id, table.head.watch, []
    with desk.reading() as stores:
        for name in dict.fromkeys(region):
            block = stores.reader.one(run, watch, parse(name))
            if block is None or name not in table.by_region:
                raise NotFoundError("region", f"run {run} has no forecast of {name!r}")
            beside = _beside(table.by_region[name].row())
            rows += [{**one, **beside} for one in _read(block, name, at_least, within, aggregate)]
    return listed(request, Listing(rows, about(table.head), name=watch), form)


def _read(
    block: Block, name: str, thresholds: Sequence[int], within: int, aggregate: Aggregate
) -> Iterator[Row]:
    """Yield one row per threshold, of a block with one series.

    Raises:
        InputError: when the forecast does not reach so far.
    """
    (series,), predictive = block.series, block.predictive
    first = series.running - series.standing.newest - 1
    last, steps = first + within - 1, predictive.shape[1]
    if not 0 <= first <= last < steps:
        left = max(steps - max(first, 0), 0)
        raise InputError("within", f"the forecast of {name!r} reaches {quantity(left, 'periods')}")
    draws = predictive.draws(0, first, last)
    joint = draws.max(axis=1) if aggregate == "any" else draws.sum(axis=1)
    low, median, high = np.quantile(joint, [0.05, 0.5, 0.95], method="inverted_cdf").tolist()
    reach = predictive.any_at_least if aggregate == "any" else predictive.total_at_least
    for n in thresholds:
        chance = float(np.clip(reach(n, first, last)[0], 0.0, 1.0))
        yield {
            "region": name,
            "unit": series.unit,
            "at_least": n,
            "within": within,
            "aggregate": aggregate,
            "from": series.period.start(series.running).isoformat(),
            "to": series.period.end(series.running + within - 1).isoformat(),
            "probability": round(chance, 4),
            "median": int(median),
            "low_90": int(low),
            "high_90": int(high),
        }


def _beside(row: Row) -> Row:
    """Return what no probability goes without: the data's age, the models, the track record."""
    return {name: row[name] for name in ("data_as_of", "data_age_days", "models", "skill")}
