"""What pages say of their numbers: label, age, sources."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

from fastapi import Request

from core.settings import WatchSettings
from tocsin.forecast_table import Row
from tocsin.web.pages.site import About
from tocsin.web.table import Table
from tocsin.web.tables import Tables


def about_table(table: Table) -> About:
    """Return what is said of a watch's table: the age of its oldest data."""
    return about_tables([table])


def about_tables(tables: Sequence[Table]) -> About:
    """Return what is said of several: the age of the oldest, every source and reason once."""
    gists = [table.oldest for table in tables if table.oldest]
    oldest = min(gists, key=lambda gist: gist.through, default=None)
    heads = [table.head for table in tables]
    return About(
        label="; ".join(dict.fromkeys(head.run.label for head in heads if head.run.label)),
        through=date.fromisoformat(oldest.through) if oldest else None,
        age=oldest.age if oldest else None,
        sources=tuple(dict.fromkeys(source for head in heads for source in head.sources)),
        degraded=tuple(dict.fromkeys(reason for head in heads for reason in head.run.reasons)),
    )


def about_region(table: Table, row: Row) -> About:
    """Return what is said of one region: the age of its own data."""
    return replace(
        about_table(table),
        through=date.fromisoformat(row["data_as_of"]),
        age=row["data_age_days"],
    )


def about_watches(request: Request, watches: Iterable[WatchSettings]) -> About:
    """Return what is said of the newest runs of some watches."""
    tables: Tables = request.app.state.tables
    found = (tables.of(watch) for watch in watches)
    return about_tables([table for table in found if table])
