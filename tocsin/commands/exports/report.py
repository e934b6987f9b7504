"""`tocsin export report`: one HTML file that tells a whole run."""

from __future__ import annotations

from pathlib import Path

from alerts.sharing import confined_watches
from core.clock import SystemClock
from core.quantities import quantity
from tocsin.config import load
from tocsin.exports.pictures import pictures
from tocsin.output_file import replacing
from tocsin.paper.rendering import render
from tocsin.reporting import reported
from tocsin.stores import opened


def export_report(
    path: Path, database: Path | None, number: int | None, out: Path, *, outside: bool
) -> list[str]:
    """Write the report of a run, or of the newest; to be handed on, without what stays inside.

    Raises:
        InputError: when there is no such run, or nothing of it may be handed on.
    """
    config, clock = load(path), SystemClock()
    inside = confined_watches(config.watches, config.feeds) if outside else {}
    watches = [watch for watch in config.watches if watch.name not in inside]
    today = config.service.as_of or clock.now().date()
    with opened(config, database, "read", clock) as stores:
        found = reported(config, stores, watches, number, today, pictures)
    with replacing(out, (".html", ".htm")) as partial:
        partial.write_text(render(found.paper, "html"), encoding="utf-8")
    print(f"{out}: run {found.run.run_id}, {quantity(found.watches, 'watches')}")
    return []
