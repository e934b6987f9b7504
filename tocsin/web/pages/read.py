"""The forecast table as pages read it."""

from __future__ import annotations

from fastapi import Request

from core.settings import WatchSettings
from tocsin.web.problems import NotFoundError
from tocsin.web.tables import Table, Tables


def table_of(request: Request, watch: WatchSettings) -> Table:
    """Return the table of a watch's newest run.

    Raises:
        NotFoundError: before its first run.
        StorageError: when the database cannot be used.
    """
    tables: Tables = request.app.state.tables
    found = tables.of(watch)
    if found is None:
        raise NotFoundError(f"watch {watch.name}", "has no run yet", "'tocsin run' makes one")
    return found
