"""`tocsin export forecasts`: a run's forecasts of a watch as a file of a modelling hub."""

from __future__ import annotations

from pathlib import Path

from core.errors import InputError
from tocsin.commands.exports.asked import Asked
from tocsin.exports.distributions import Wanted
from tocsin.exports.frames import write_table
from tocsin.exports.hub import MODEL_COLUMNS, joined, model_file, model_output, reference_date
from tocsin.provenance import sources_of_run, write_beside
from tocsin.stored import results
from tocsin.stores import opened


def export_forecasts(
    asked: Asked, hub: Path, team: str, wanted: Wanted, *, suffix: str
) -> list[str]:
    """Write model-output/TEAM-tocsin/DATE-TEAM-tocsin.csv or .parquet in a hub's folder.

    Raises:
        InputError: when the watch has no run, or may not be handed on.
    """
    config, watch, clock = asked.found()
    with opened(config, asked.database, "read", clock) as stores:
        run = stores.reader.latest_run(watch.name, asked.as_of)
        if run is None:
            raise InputError(f"watch {watch.name}", "has no run yet", "'tocsin run' makes one")
        # A hub adds regions up itself: a total among them would be counted twice.
        frames, through, round_of = [], [], ""
        for block in results(stores.reader, run, watch.name):
            if not block.total:
                frames.append(model_output(block, watch.horizon, wanted))
                through.append(min(one.data_as_of for one in block.standings))
                round_of = reference_date(block)
        sources = sources_of_run(config, stores.reader, watch, run)
    frame = joined(frames)
    out = model_file(hub, team, round_of, suffix)
    rows = frame.to_numpy(dtype=object).tolist()
    # Beside the hub's folders: a hub's validation takes every file in them for a model's.
    about = {
        "run": run.run_id,
        "cutoff": run.cutoff.isoformat(),
        "data_as_of": min(through).isoformat(),
        "label": run.label,
    }
    write_table(out, MODEL_COLUMNS, rows, {})
    beside = write_beside(hub / out.name, watch, sources, about)
    print(f"{out}: {len(rows)} rows; {beside} says whom to credit")
    return []
