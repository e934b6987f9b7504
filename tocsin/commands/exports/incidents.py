"""`tocsin export incidents`: the incidents that a watch counts, one by one."""

from __future__ import annotations

from pathlib import Path

from core.errors import InputError
from core.sources import credits_of
from storage.inquiry import INCIDENT_COLUMNS, Inquiry
from tocsin.asof import read_at
from tocsin.commands.exports.asked import Asked
from tocsin.config import Config
from tocsin.exports.frames import write_table
from tocsin.labels import label_of, unit_of
from tocsin.outward import sharing_rows
from tocsin.provenance import sources_of, write_beside
from tocsin.stores import opened


def export_incidents(asked: Asked, out: Path) -> list[str]:
    """Write the incidents that a watch counts, as they were known on a day.

    Raises:
        InputError: when the watch counts no incidents, or one of its feeds does not share rows
            and the file is to be handed on.
    """
    config, watch, clock = asked.found()
    if asked.outside:
        _require_rows(config, watch.feeds)
    as_of = asked.as_of
    today = as_of or config.service.as_of or clock.now().date()
    with opened(config, asked.database, "read", clock) as stores:
        known_at = read_at(stores.incidents, config, as_of) if as_of else None
        coverage = stores.incidents.coverage(watch.feeds, known_at)
        inquiry = Inquiry(stores.database, watch, today, known_at, coverage)
        if not inquiry.has_deaths:
            problem = "its feeds give counts, not incidents"
            raise InputError(f"watch {watch.name!r}", problem, "'tocsin export counts' writes them")
        rows = inquiry.incidents().rows
        sources = sources_of(config, stores.reader, watch, known_at)
    said = label_of(config, as_of, as_known_then=known_at is not None)
    about = {"unit": unit_of(config, watch), "cutoff": today.isoformat(), "label": said}
    credited = {f"source {n}": line for n, line in enumerate(credits_of(sources), 1)}
    write_table(out, INCIDENT_COLUMNS, rows, {**about, **credited}, raw=asked.raw)
    beside = write_beside(out, watch, sources, about)
    print(f"{out}: {len(rows)} incidents; {beside.name} says whom to credit")
    return []


def _require_rows(config: Config, feeds: tuple[str, ...]) -> None:
    for feed in feeds:
        if feed not in sharing_rows(config):
            problem = f'feed {feed!r} does not share rows (share = "rows")'
            raise InputError("--outside", problem, "keep this file inside: leave --outside out")
