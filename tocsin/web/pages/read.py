"""The forecast table as pages read it."""

from __future__ import annotations

from fastapi import Request

from core.settings import WatchSettings
from tocsin.web.problems import NotFoundError
from tocsin.web.table import Newest
from tocsin.web.tables import Tables


def newest_of(request: Request, watch: WatchSettings) -> Newest:
    """Return the table of a watch's newest run, with what is drawn behind it.

    Raises:
        NotFoundError: before its first run.
        StorageError: when the database cannot be used.
        FailedError: when the table cannot be made, or is not made soon.
    """
    tables: Tables = request.app.state.tables
    found = tables.newest(watch)
    if found is None:
        raise NotFoundError(f"watch {watch.name}", "has no run yet", "'tocsin run' makes one")
    return found
