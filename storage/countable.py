"""What can be counted: the tables of incidents and of counts, in SQL."""

from __future__ import annotations

import json
from dataclasses import dataclass

from core.errors import InputError
from core.periods import Period
from core.settings import CELL, SITE, WatchSettings
from storage.database import Database

INDEX = {
    Period.MONTH: "substr({day}, 1, 4) * 12 + substr({day}, 6, 2) - 1",
    Period.WEEK: "(CAST(julianday({day}) - 1721424.5 AS INTEGER) - 1) / 7",
    Period.DAY: "CAST(julianday({day}) - 1721424.5 AS INTEGER)",
}
"""`core.periods.Period.of` in SQL; 1721424.5 is the Julian day of the day before 0001-01-01."""

CELL_IN_SQL = (
    "(min(CAST((latitude + 90) * 2 AS INTEGER), 359) * 720"
    " + min(CAST((longitude + 180) * 2 AS INTEGER), 719) + 1)"
)
"""`core.cells.cell_of` in SQL; NULL without coordinates."""
NEAR_SITES = (
    f"incidents JOIN site_cells ON site_cell = {CELL_IN_SQL} JOIN sites USING (site)",
    "distance_km(latitude, longitude, site_latitude, site_longitude) <= radius_km",
)
"""An incident once for every site within whose radius it lies, and the condition for that."""
_INCIDENT_COLUMNS = ("country", "admin1", "admin2", "actor", "target", "kind")
PLACES = {CELL: f"CAST({CELL_IN_SQL} AS TEXT)", SITE: SITE}
COARSEST_PRECISION = {Period.MONTH: 5, Period.WEEK: 3, Period.DAY: 3}
"""UCDP's date precision 4 (a month) and 5 (more) say nothing of the day or week."""


@dataclass(frozen=True)
class Countable:
    """A table that can be counted; `measures` say, in SQL, what each of its rows adds."""

    table: str
    number: str
    day: str
    columns: tuple[str, ...]
    measures: dict[str, str]
    precision: bool


INCIDENTS = Countable(
    "incidents",
    "incident_id",
    "date",
    _INCIDENT_COLUMNS,
    {"incidents": "1", "fatalities": "coalesce(fatalities, 0)"},
    precision=True,
)
COUNTS = Countable(
    "counts", "count_id", "day", ("region",), {"incidents": "events"}, precision=False
)


def countable(database: Database, watch: WatchSettings) -> Countable:
    """Return what the watch counts. A watch over feeds without rows counts no incidents.

    Raises:
        InputError: when the watch mixes incidents and counts, or measures what counts lack.
    """
    holding = [
        source
        for source in (INCIDENTS, COUNTS)
        if database.value(
            f"SELECT 1 FROM {source.table} JOIN feeds USING (feed_id) "  # noqa: S608 - own texts
            "WHERE name IN (SELECT value FROM json_each(?)) LIMIT 1",
            [json.dumps(watch.feeds)],
        )
    ]
    if len(holding) > 1:
        problem = "it mixes feeds of incidents with feeds of counts, which cannot be added"
        raise watch_error(watch, problem, "make one watch for each")
    source = holding[0] if holding else INCIDENTS
    if watch.measure not in source.measures:
        problem = f"its feeds give counts, which have no {watch.measure}"
        raise watch_error(watch, problem, 'use measure = "incidents"')
    return source


def watch_error(watch: WatchSettings, problem: str, mend: str) -> InputError:
    """Return the error that names the watch."""
    return InputError(f"watch {watch.name!r}", problem, mend)
