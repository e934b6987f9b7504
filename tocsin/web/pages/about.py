"""What pages say of their numbers: label, age, sources."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

from fastapi import Request

from core.settings import WatchSettings
from tocsin.forecast_table import Row, Sheet
from tocsin.web.pages.site import About
from tocsin.web.tables import Tables


def about_sheet(sheet: Sheet) -> About:
    """Return what is said of a watch's table: the age of its oldest data."""
    return about_sheets([sheet])


def about_sheets(sheets: Sequence[Sheet]) -> About:
    """Return what is said of several: the age of the oldest, every source and reason once."""
    rows = [sheet.oldest for sheet in sheets if sheet.oldest]
    oldest = min(rows, key=lambda row: str(row["data_as_of"]), default=None)
    return About(
        label="; ".join(dict.fromkeys(sheet.run.label for sheet in sheets if sheet.run.label)),
        through=date.fromisoformat(oldest["data_as_of"]) if oldest else None,
        age=oldest["data_age_days"] if oldest else None,
        sources=tuple(dict.fromkeys(source for sheet in sheets for source in sheet.sources)),
        degraded=tuple(dict.fromkeys(reason for sheet in sheets for reason in sheet.run.reasons)),
    )


def about_region(sheet: Sheet, row: Row) -> About:
    """Return what is said of one region: the age of its own data."""
    return replace(
        about_sheet(sheet),
        through=date.fromisoformat(row["data_as_of"]),
        age=row["data_age_days"],
    )


def about_watches(request: Request, watches: Iterable[WatchSettings]) -> About:
    """Return what is said of the newest runs of some watches."""
    tables: Tables = request.app.state.tables
    found = (tables.of(watch) for watch in watches)
    return about_sheets([table.sheet for table in found if table])
