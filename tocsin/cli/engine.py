"""Commands that need neither configuration nor database."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from core.errors import InputError
from core.members import MEMBERS
from core.periods import Period
from tocsin.cli.options import Format, FormatOption, day_option, finish, names

app = typer.Typer()
ModelsOption = Annotated[
    str, typer.Option("--models", help="Members of the pool, separated by commas.")
]
MODELS = ",".join(MEMBERS)


class OutputType(StrEnum):
    """What `predict` writes of each distribution."""

    QUANTILE = "quantile"
    SAMPLE = "sample"
    PMF = "pmf"


@app.command()
def predict(
    counts: Annotated[Path, typer.Argument(help="CSV or Parquet: region, date, count.")],
    out: Annotated[Path, typer.Option("-o", "--output", help="A .csv or .parquet file.")],
    period: Annotated[Period, typer.Option(help="The length of a step.")] = Period.MONTH,
    horizon: Annotated[int, typer.Option(min=1, max=60, help="Periods ahead.")] = 6,
    until: Annotated[date | None, day_option("--until", "Use periods until this day.")] = None,
    output_type: Annotated[OutputType, typer.Option(help="What to write.")] = OutputType.QUANTILE,
    samples: Annotated[
        int, typer.Option(min=1, max=100_000, help="Joint paths per region.")
    ] = 1000,
    seed: Annotated[
        int, typer.Option(min=0, help="Of the paths: the same seed, the same paths.")
    ] = 0,
    at_least: Annotated[
        list[int] | None,
        typer.Option(min=1, max=1_000_000_000, help="Also write P(count <= N - 1); repeatable."),
    ] = None,
    totals: Annotated[
        bool, typer.Option("--totals", help="Also write the totals: Nigeria of Nigeria/Borno.")
    ] = False,
    models: ModelsOption = MODELS,
) -> None:
    """Forecast a file of counts.

    It needs no configuration and no database: tocsin predict counts.csv -o forecasts.csv
    """
    from tocsin.commands.predict import Request  # noqa: PLC0415
    from tocsin.commands.predict import predict as work  # noqa: PLC0415

    request = Request(
        counts=counts,
        period=period,
        horizon=horizon,
        until=until,
        output_type=output_type.value,
        samples=samples,
        seed=seed,
        at_least=tuple(dict.fromkeys(at_least or ())),
        models=_members(models),
        out=out,
        totals=totals,
    )
    finish(work(request))


@app.command()
def backtest(
    counts: Annotated[Path, typer.Argument(help="CSV or Parquet: region, date, count.")],
    period: Annotated[Period, typer.Option(help="The length of a step.")] = Period.MONTH,
    horizon: Annotated[int, typer.Option(min=1, max=60, help="Periods ahead.")] = 6,
    origins: Annotated[int, typer.Option(min=1, help="Newest origins to score.")] = 60,
    every: Annotated[int, typer.Option(min=1, help="Score every n-th origin.")] = 1,
    models: ModelsOption = MODELS,
    form: FormatOption = Format.TEXT,
) -> None:
    """Score the engine on a file of counts.

    Against the naive models, at past origins: tocsin backtest counts.csv --origins 24
    """
    from tocsin.commands.backtest import backtest as work  # noqa: PLC0415

    finish(work(counts, period, horizon, origins, every, _members(models), form=form.value))


def _members(text: str) -> tuple[str, ...]:
    members = names(text)
    if not members:
        raise InputError("--models", "names no model", f"use some of {MODELS}")
    return members
