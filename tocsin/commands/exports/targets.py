"""`tocsin export targets`: what came, as the target data of a modelling hub."""

from __future__ import annotations

from pathlib import Path

from tocsin.commands.exports.asked import Asked
from tocsin.exports.counts import counted
from tocsin.exports.frames import write_table
from tocsin.exports.hub import oracle_output, target_of, time_series
from tocsin.labels import unit_of
from tocsin.provenance import write_beside
from tocsin.stores import opened


def export_targets(asked: Asked, hub: Path, *, suffix: str) -> list[str]:
    """Write target-data/time-series and target-data/oracle-output in a hub's folder.

    Raises:
        InputError: when the watch may not be handed on.
    """
    config, watch, clock = asked.found()
    with opened(config, asked.database, "read", clock) as stores:
        found = counted(stores, config, watch, asked.as_of, clock.now().date())
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
