"""The fan charts of a report: those of the regions that want a look first."""

from __future__ import annotations

from collections.abc import Iterator

from charts.drawing import svg
from charts.fan import alt_text
from charts.fan_spec import spec
from core.regions import parse
from storage.reading import Reader
from tocsin.forecast_table import Sheet
from tocsin.paper.paper import Picture
from tocsin.region_fan import fan_of, with_quartiles

DRAWN = 6
"""Regions of a watch: three rows of charts on a printed page."""


def pictures(reader: Reader, sheet: Sheet) -> list[Picture]:
    """Return the charts of a watch's most threatened regions.

    Raises:
        StorageError: when the database cannot be used.
    """
    return list(_pictures(reader, sheet))


def _pictures(reader: Reader, sheet: Sheet) -> Iterator[Picture]:
    for row in sheet.rows[:DRAWN]:
        block = reader.one(sheet.run.run_id, sheet.watch, parse(row["region"]))
        assert block is not None, "the row is of this run"
        steps = with_quartiles(row["forecast"], block.predictive)
        fan = fan_of(row, steps, sheet.run.label)
        if fan is not None:
            yield Picture(alt_text(fan), svg(spec(fan)))
