"""`tocsin backtest`: the engine's scores on a COUNTS file, beside the naive models'."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from core.periods import Period
from forecast.backtest import backtest as score
from forecast.models.base import Progress, silent
from tocsin.counts_file import read_counts

COLUMNS = (
    "crps", "log_score", "ignorance", "interval_score_90",
    "coverage_50", "coverage_80", "coverage_90", "coverage_95", "seconds",
)  # fmt: skip


def backtest(
    counts: Path,
    period: Period,
    horizon: int,
    origins: int,
    every: int,
    models: Sequence[str],
    *,
    form: str,
) -> list[str]:
    """Print scores per model: overall as text and CSV, per series too as JSON.

    Returns which series were refused, and why.
    """
    file = read_counts(counts, period, None)
    with _progress() as progress:
        scores = score(file.panel, horizon, origins, every, models, progress).as_json()
    {"json": _json, "csv": _csv, "text": _text}[form](scores)
    return list(file.refused)


@contextmanager
def _progress() -> Iterator[Progress]:
    """Show how a costly member gets on where somebody is looking; say nothing in a pipe."""
    if not sys.stderr.isatty():
        yield silent
        return
    from rich.console import Console  # noqa: PLC0415 - only for people

    with Console(stderr=True).status("backtest") as status:
        yield lambda what, done, of: status.update(f"{what}: {done:,} of {of:,}")


def _json(scores: dict[str, Any]) -> None:
    json.dump(scores, sys.stdout, ensure_ascii=False)
    sys.stdout.write("\n")


def _csv(scores: dict[str, Any]) -> None:
    print(",".join(("model", *COLUMNS)))
    for name, found in scores["models"].items():
        print(",".join([name, *(_cell(found["overall"][column], ".6g", "") for column in COLUMNS)]))


def _text(scores: dict[str, Any]) -> None:
    print(f"{'model':<16}" + "".join(f"{column.replace('_', ' '):>18}" for column in COLUMNS))
    for name, found in scores["models"].items():
        cells = (_cell(found["overall"][column], ".4f", "–") for column in COLUMNS)
        print(f"{name:<16}" + "".join(f"{cell:>18}" for cell in cells))


def _cell(score: float | None, form: str, missing: str) -> str:
    """Return a score as it is shown; a member that never answered has none."""
    return missing if score is None else format(score, form)
