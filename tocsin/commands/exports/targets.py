"""`tocsin export targets`: what came, as the target data of a modelling hub."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from core.clock import SystemClock
from tocsin.config import load
from tocsin.exports.counts import counted
from tocsin.exports.frames import write_table
from tocsin.exports.hub import oracle_output, target_of, time_series
from tocsin.labels import unit_of
from tocsin.outward import require_shareable
from tocsin.provenance import write_beside
from tocsin.stores import opened


def export_targets(
    path: Path,
    database: Path | None,
    watch_name: str,
    hub: Path,
    as_of: date | None,
    *,
    suffix: str,
    outside: bool,
) -> list[str]:
    """Write target-data/time-series and target-data/oracle-output in a hub's folder.

    Raises:
        InputError: when the watch may not be handed on.
    """
    config, clock = load(path), SystemClock()
    watch = config.watch_named(watch_name)
    if outside:
        require_shareable(config, watch)
    with opened(config, database, "read", clock) as stores:
        found = counted(stores, config, watch, as_of, clock.now().date())
    unit = unit_of(config, watch)
    target = target_of(unit, watch.period.value)
    about = {"unit": unit, "cutoff": found.today.isoformat(), "label": found.label}
    for name, frame in (
        ("time-series", time_series(found, target)),
        ("oracle-output", oracle_output(found, target)),
    ):
        out = hub / "target-data" / f"{name}.{suffix}"
        write_table(out, list(frame.columns), frame.to_numpy(dtype=object).tolist(), {})
        beside = write_beside(hub / out.name, watch, found.sources, about)
        print(f"{out}: {len(frame)} rows; {beside} says whom to credit")
    return []
