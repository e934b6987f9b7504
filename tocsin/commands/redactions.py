"""`tocsin redact --list`: the log of what was erased on purpose."""

from __future__ import annotations

import sys
from pathlib import Path

from core.clock import SystemClock
from storage.database import open_database
from storage.erasures import erasures
from tocsin import listing
from tocsin.config import load

_COLUMNS = {
    "number": "no.",
    "at": "at",
    "feed": "feed",
    "columns": "columns",
    "incidents": "incidents",
    "versions": "versions",
    "elsewhere": "elsewhere",
    "person": "by",
    "reason": "reason",
}


def listed(path: Path, database: Path | None, *, form: str, raw: bool) -> list[str]:
    """Print the redactions, newest first.

    Raises:
        StorageError: when there is no database, or it cannot be read.
    """
    config = load(path)
    with open_database(database or config.database, mode="read", clock=SystemClock()) as found:
        rows = [one._asdict() for one in erasures(found)]
    if form != "json":
        rows = [{**row, "columns": ", ".join(row["columns"])} for row in rows]
    listing.write(rows, _COLUMNS, form, sys.stdout, raw=raw, empty="nothing was redacted")
    return []
