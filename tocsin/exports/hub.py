"""Forecasts and counts as the files of a modelling hub.

Source: the hubverse's documentation ("Model output", "Target data"), hubverse.io: one file per
round and model, `model-output/TEAM-MODEL/ROUND-TEAM-MODEL.csv`, whose task columns come before
`output_type`, `output_type_id` and `value`; `target-data/time-series.csv` and
`target-data/oracle-output.csv`, which have the columns of the same tasks.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from core.errors import InputError
from core.forecasts import WatchResult
from core.regions import label
from tocsin.exports.counts import Counted
from tocsin.exports.distributions import Wanted, rows

if TYPE_CHECKING:
    import pandas as pd

MODEL_COLUMNS = (
    *("reference_date", "target", "region", "horizon", "target_end_date"),
    *("output_type", "output_type_id", "value"),
)
SERIES_COLUMNS = ("as_of", "target_end_date", "target", "region", "observation")
ORACLE_COLUMNS = (
    *("target_end_date", "target", "region", "output_type", "output_type_id", "oracle_value"),
)
MODEL = "tocsin"
_TEAM = re.compile(r"[A-Za-z0-9_]{1,16}")
_POINTWISE = ("quantile", "sample")
"""Output types that are judged against the count itself."""


def target_of(unit: str, period: str) -> str:
    """Return the target's name: what is counted, per which period."""
    return f"{unit} per {period}"


def model_file(hub: Path, team: str, reference_date: str, suffix: str) -> Path:
    """Return where a round's file of a team belongs.

    Raises:
        InputError: when no team can be called so.
    """
    if not _TEAM.fullmatch(team):
        problem = f"{team!r} is no name of a team"
        raise InputError("--team", problem, "use up to 16 letters, digits and underscores")
    name = f"{team}-{MODEL}"
    return hub / "model-output" / name / f"{reference_date}-{name}.{suffix}"


def reference_date(result: WatchResult) -> str:
    """Return the last day before the period that held "now": horizon 1 is that period."""
    return result.outlook.panel.period.end(result.running - 1).isoformat()


def model_output(result: WatchResult, horizon: int, wanted: Wanted) -> pd.DataFrame:
    """Return one block's rows; periods over but not covered have horizons of 0 and less.

    Args:
        result: a stored block.
        horizon: the watch's; further steps are left out.
        wanted: which output types.
    """
    import pandas as pd  # noqa: PLC0415 - imported with the work

    panel, last = result.outlook.panel, result.running - 1
    frame = rows(result.outlook.predictive, wanted)
    series = frame["series"].to_numpy()
    period = panel.ends[series] + frame["step"].to_numpy() + 1
    names = np.array([label(key) for key in panel.keys], dtype=object)
    ends = {int(p): panel.period.end(int(p)).isoformat() for p in np.unique(period)}
    made = pd.DataFrame(
        {
            "reference_date": reference_date(result),
            "target": target_of(result.unit, panel.period.value),
            "region": names[series],
            "horizon": period - last,
            "target_end_date": [ends[int(p)] for p in period],
            **{name: frame[name].to_numpy() for name in ("output_type", "output_type_id", "value")},
        },
        columns=list(MODEL_COLUMNS),
    )
    return made[made["horizon"] <= horizon]


def time_series(found: Counted, target: str) -> pd.DataFrame:
    """Return the counts as observations, of the version that was known on a day."""
    import pandas as pd  # noqa: PLC0415

    as_of = found.today.isoformat()
    told = [(as_of, row.last.isoformat(), target, row.region, row.events) for row in found.rows]
    return pd.DataFrame(told, columns=list(SERIES_COLUMNS))


def oracle_output(found: Counted, target: str) -> pd.DataFrame:
    """Return what an oracle would have forecast: the count, whatever the quantile or the path."""
    import pandas as pd  # noqa: PLC0415

    told = [
        (row.last.isoformat(), target, row.region, kind, None, row.events)
        for row in found.rows
        for kind in _POINTWISE
    ]
    return pd.DataFrame(told, columns=list(ORACLE_COLUMNS))


def joined(blocks: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return the rows of all blocks of a watch."""
    import pandas as pd  # noqa: PLC0415

    return pd.concat(blocks, ignore_index=True)
