"""The command that shows how good forecasts were."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer

from tocsin.cli.options import (
    CONFIG,
    ConfigOption,
    DatabaseOption,
    Format,
    FormatOption,
    RawOption,
    day_option,
    finish,
)

app = typer.Typer()


@app.command()
def scores(
    watch: Annotated[str | None, typer.Option("--watch", help="Only this watch.")] = None,
    region: Annotated[str, typer.Option("--region", help="Only regions of this glob.")] = "*",
    horizon: Annotated[
        int | None, typer.Option("--horizon", min=1, help="Only this horizon.")
    ] = None,
    since: Annotated[
        date | None,
        day_option("--since", "Periods from this day on, not of 2 years."),
    ] = None,
    totals: Annotated[
        bool, typer.Option("--totals", help="Of what regions add up to, not of the regions.")
    ] = False,
    backtest: Annotated[
        bool,
        typer.Option("--backtest", help="What the models would have earned, with today's data."),
    ] = False,
    origins: Annotated[
        int, typer.Option("--origins", min=1, help="Past origins of the backtest.")
    ] = 24,
    config: ConfigOption = CONFIG,
    database: DatabaseOption = None,
    form: FormatOption = Format.TEXT,
    raw: RawOption = False,
) -> None:
    """Show how good the forecasts were.

    Scores, skill against naive models, coverage, and reliability of the rules' chances.
    """
    from tocsin.commands.scores import scores as work  # noqa: PLC0415
    from tocsin.record.evidence import Choice  # noqa: PLC0415

    choice = Choice(region, horizon, since, totals)
    made = origins if backtest else None
    finish(work(config, database, watch, choice, made, form=form.value, raw=raw))
