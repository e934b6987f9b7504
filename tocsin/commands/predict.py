"""`tocsin predict`: forecasts of a COUNTS file as a hubverse model-output table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from core.forecasts import Outlook
from core.periods import Period
from core.predictive import Predictive
from core.regions import label
from forecast.engine import forecast
from tocsin.counts_file import read_panel
from tocsin.output_file import replacing

if TYPE_CHECKING:
    import pandas as pd

LEVELS = (0.01, 0.025, *(round(0.05 * step, 2) for step in range(1, 20)), 0.975, 0.99)
"""The quantile levels of the hubverse convention."""
_TAIL = 1e-4
_LONGEST_PMF = 20_000


@dataclass(frozen=True)
class Request:
    """What `predict` was asked for."""

    counts: Path
    period: Period
    horizon: int
    until: date | None
    output_type: str
    samples: int
    seed: int
    at_least: tuple[int, ...]
    models: tuple[str, ...]
    out: Path


def predict(request: Request) -> list[str]:
    """Write the forecasts of a COUNTS file; return what failed on the way.

    Raises:
        InputError: for the file, or an output name that is neither .csv nor .parquet.
    """
    reasons: list[str] = []
    with replacing(request.out) as partial:
        panel = read_panel(request.counts, request.period, request.until)
        blocks = _noting(forecast(panel, request.horizon, request.models), reasons)
        write = _write_parquet if request.out.suffix == ".parquet" else _write_csv
        write(partial, (table(outlook, request) for outlook in blocks))
    return reasons


def _noting(blocks: Iterator[Outlook], reasons: list[str]) -> Iterator[Outlook]:
    """Pass blocks on and gather their reasons."""
    for outlook in blocks:
        reasons += outlook.reasons
        yield outlook


def table(outlook: Outlook, request: Request) -> pd.DataFrame:
    """Return the rows of one block in the hubverse columns, sorted by region and horizon."""
    import pandas as pd  # noqa: PLC0415 - imported with the work

    parts = [_cells(outlook.predictive, request), *_thresholds(outlook.predictive, request)]
    frame = pd.concat(parts, ignore_index=True).sort_values(["series", "step"], kind="stable")
    series, step = frame["series"].to_numpy(), frame["step"].to_numpy()
    panel = outlook.panel
    names = np.array([label(key) for key in panel.keys], dtype=object)
    end = int(panel.ends[0])
    targets = np.array(
        [str(panel.period.end(end + h)) for h in range(request.horizon + 1)], dtype=object
    )
    return pd.DataFrame(
        {
            "reference_date": targets[0],
            "region": names[series],
            "horizon": step + 1,
            "target_end_date": targets[step + 1],
            "output_type": frame["output_type"].to_numpy(),
            "output_type_id": frame["output_type_id"].to_numpy(),
            "value": frame["value"].to_numpy(),
        }
    )


def _cells(predictive: Predictive, request: Request) -> pd.DataFrame:
    if request.output_type == "quantile":
        return _block("quantile", [f"{q:g}" for q in LEVELS], predictive.quantile(LEVELS))
    if request.output_type == "sample":
        drawn = predictive.paths(request.samples, request.seed).transpose(0, 2, 1)
        return _block("sample", [str(n) for n in range(request.samples)], drawn)
    return _pmf(predictive)


def _thresholds(predictive: Predictive, request: Request) -> Iterator[pd.DataFrame]:
    for n in request.at_least:
        yield _block("cdf", [str(n - 1)], predictive.at_most(n - 1)[..., None])


def _block(kind: str, ids: Sequence[str], values: np.ndarray[Any, Any]) -> pd.DataFrame:
    """Return rows for (series, steps, ids) values."""
    import pandas as pd  # noqa: PLC0415

    series, steps, width = values.shape
    return pd.DataFrame(
        {
            "series": np.repeat(np.arange(series), steps * width),
            "step": np.tile(np.repeat(np.arange(steps), width), series),
            "output_type": kind,
            "output_type_id": np.tile(np.array(ids, dtype=object), series * steps),
            "value": values.reshape(-1).astype(np.float64),
        }
    )


def _pmf(predictive: Predictive) -> pd.DataFrame:
    """Return P(count = k) for k below the tail, and the tail row "K+", per series and step."""
    import pandas as pd  # noqa: PLC0415

    tops = np.minimum(predictive.quantile([1 - _TAIL])[..., 0] + 1, _LONGEST_PMF)
    below = np.stack([predictive.at_most(k) for k in range(int(tops.max()))], axis=-1)
    masses = np.diff(below, axis=-1, prepend=0.0)
    parts = []
    for s, h in np.ndindex(*tops.shape):
        top = int(tops[s, h])
        ids = [str(k) for k in range(top)] + [f"{top}+"]
        values = np.append(masses[s, h, :top], 1.0 - below[s, h, top - 1])
        parts.append(_block("pmf", ids, values[None, None, :]).assign(series=s, step=h))
    return pd.concat(parts, ignore_index=True)


def _write_csv(path: Path, blocks: Iterator[pd.DataFrame]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        for number, frame in enumerate(blocks):
            frame.to_csv(file, index=False, header=number == 0, float_format="%.10g")


def _write_parquet(path: Path, blocks: Iterator[pd.DataFrame]) -> None:
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.parquet as pq  # noqa: PLC0415

    first = pa.Table.from_pandas(next(blocks), preserve_index=False)
    with pq.ParquetWriter(path, first.schema) as writer:
        writer.write_table(first)
        for frame in blocks:
            writer.write_table(pa.Table.from_pandas(frame, preserve_index=False))
