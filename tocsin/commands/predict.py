"""`tocsin predict`: forecasts of a COUNTS file as a hubverse model-output table."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from core.errors import InputError
from core.forecasts import Outlook
from core.joint import DRAWS
from core.periods import Period
from core.predictive import Predictive
from core.quantities import quantity
from core.regions import label
from core.series import FloatArray, IntArray, Panel
from forecast.engine import forecast
from forecast.hierarchy import Totals, law_of
from tocsin.counts_file import CountsFile, read_counts
from tocsin.exports.distributions import Wanted, rows
from tocsin.output_file import replacing

if TYPE_CHECKING:
    import pandas as pd


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
    totals: bool = False


def predict(request: Request) -> list[str]:
    """Write the forecasts of a COUNTS file; return what failed on the way and what was refused.

    Raises:
        InputError: for the file, or an output that is that file, or neither .csv nor .parquet.
    """
    with replacing(request.out) as partial:
        file = read_counts(request.counts, request.period, request.until)
        if request.out.exists() and request.out.samefile(request.counts):
            raise InputError(str(request.out), "is the file of counts", "name another output")
        panel, reasons = file.panel, list(file.refused)
        if file.unseen:
            reasons += _unseen(request, file)
        blocks = _noting(forecast(panel, request.horizon, request.models), reasons)
        write = _write_parquet if request.out.suffix == ".parquet" else _write_csv
        write(partial, _tables(blocks, request))
    return reasons


def _tables(outlooks: Iterator[Outlook], request: Request) -> Iterator[pd.DataFrame]:
    """Yield the rows of the regions block by block, then those of their totals, if asked for."""
    if not request.totals:
        yield from (table(outlook.panel, outlook.predictive, request) for outlook in outlooks)
        return
    sampled = request.output_type == "sample"
    totals = Totals(request.samples if sampled else DRAWS, request.seed)
    for outlook in totals.passing(outlooks):
        last = outlook.panel
        yield table(last, outlook.predictive, request)
    keys, paths = totals.paths()
    ends = np.full(len(keys), int(last.ends[0]), dtype=np.int64)
    blank = np.full((len(keys), 0), np.nan)
    panel = Panel(keys, last.period, blank, ends, blank)
    yield table(panel, law_of(paths), request, paths if sampled else None)


def _unseen(request: Request, file: CountsFile) -> list[str]:
    """Say that periods without a row count as zero: it is `--until` that vouches for them.

    A silence of all regions that is longer than any in the file before is a reason to doubt that.
    """
    periods = quantity(file.unseen, f"{request.period}s")
    line = f"{request.counts}: {periods} up to {request.until} without a row, counted as zero"
    before = _longest_silence(file.panel.counts[:, : -file.unseen])
    if file.unseen <= before:
        print(f"note: {line}", file=sys.stderr)
        return []
    longest = quantity(before, f"{request.period}s")
    return [f"{line}; the longest silence before was {longest}: is the file complete so far?"]


def _longest_silence(counts: FloatArray) -> int:
    """Return for how many periods in a row no region of (regions, periods) had any count."""
    runs = groupby(np.any(counts > 0, axis=0).tolist())
    return max((len(list(run)) for seen, run in runs if not seen), default=0)


def _noting(blocks: Iterator[Outlook], reasons: list[str]) -> Iterator[Outlook]:
    """Pass blocks on and gather their reasons."""
    for outlook in blocks:
        reasons += outlook.reasons
        yield outlook


def table(
    panel: Panel, predictive: Predictive, request: Request, paths: IntArray | None = None
) -> pd.DataFrame:
    """Return the rows of one block in the hubverse columns, sorted by region and horizon.

    Samples are `paths`, (series, samples, horizons), or else drawn from the distributions.
    """
    import pandas as pd  # noqa: PLC0415 - imported with the work

    wanted = Wanted(request.output_type, request.samples, request.seed, request.at_least)
    frame = rows(predictive, wanted, paths)
    series, step = frame["series"].to_numpy(), frame["step"].to_numpy()
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
