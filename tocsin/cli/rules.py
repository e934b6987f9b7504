"""`tocsin rules`: what rules ring for today, and what they would have rung."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
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
    names,
)

app = typer.Typer(help="What rules ring for, today and in the past.", no_args_is_help=True)


class ClockName(StrEnum):
    """Whose knowledge a replay uses."""

    EVENT_DATE = "event-date"
    KNOWN_THEN = "known-then"


class Series(StrEnum):
    """What of a watch a rule reads."""

    REGIONS = "regions"
    TOTALS = "totals"


WatchOption = Annotated[str, typer.Option("--watch", help="The watch.")]
ClockOption = Annotated[
    ClockName,
    typer.Option("--clock", help="Today's data cut by event date, or what the store knew then."),
]
QuietOption = Annotated[
    int,
    typer.Option("--quiet", min=0, max=60, help="Periods below the line before an event counts."),
]
ModelsOption = Annotated[
    str | None, typer.Option("--models", help="Instead of the watch's own, separated by commas.")
]


@app.command()
def check(
    watch: Annotated[str | None, typer.Option("--watch", help="Only its rules.")] = None,
    config: ConfigOption = CONFIG,
    database: DatabaseOption = None,
    form: FormatOption = Format.TEXT,
    raw: RawOption = False,
) -> None:
    """Show what each rule would do today. From the newest run; nothing is changed."""
    from tocsin.commands.rules_check import check as work  # noqa: PLC0415

    finish(work(config, database, watch, form=form.value, raw=raw))


@app.command()
def replay(
    watch: WatchOption,
    rule: Annotated[str, typer.Option("--rule", help="A rule on its forecasts.")],
    since: Annotated[date, day_option("--from", "First day of evaluations.")],
    until: Annotated[date, day_option("--to", "Last day of evaluations.")],
    clock: ClockOption = ClockName.EVENT_DATE,
    quiet: QuietOption = 1,
    models: ModelsOption = None,
    config: ConfigOption = CONFIG,
    database: DatabaseOption = None,
    form: FormatOption = Format.TEXT,
    raw: RawOption = False,
) -> None:
    """Say how well a rule would have warned. Hits, misses, false alarms, lead time."""
    from tocsin.commands.rules_replay import replay as work  # noqa: PLC0415
    from tocsin.rule_past import Question  # noqa: PLC0415

    question = Question(
        watch=watch,
        since=since,
        until=until,
        known_then=clock is ClockName.KNOWN_THEN,
        quiet=quiet,
        models=names(models) if models else (),
    )
    finish(work(config, database, question, rule, form=form.value, raw=raw))


@app.command()
def suggest(
    watch: WatchOption,
    alerts_per_month: Annotated[
        float,
        typer.Option("--alerts-per-month", min=0.001, help="How often it should have rung."),
    ],
    since: Annotated[
        date | None,
        day_option("--from", "First day; none: 60 months, 104 weeks, 180 days back."),
    ] = None,
    until: Annotated[
        date | None,
        day_option("--to", "Last day; none: the newest of the data."),
    ] = None,
    of: Annotated[
        Series, typer.Option("--of", help="Lines for the watch's regions, or for its totals.")
    ] = Series.REGIONS,
    models: ModelsOption = None,
    config: ConfigOption = CONFIG,
    database: DatabaseOption = None,
    form: FormatOption = Format.TEXT,
    raw: RawOption = False,
) -> None:
    """Suggest thresholds that would have rung so often. With what they would have rung."""
    from tocsin.commands.rules_suggest import suggest as work  # noqa: PLC0415
    from tocsin.rule_past import Question  # noqa: PLC0415

    question = Question(
        watch=watch,
        since=since,
        until=until,
        models=names(models) if models else (),
    )
    finish(
        work(config, database, question, alerts_per_month, of=of.value, form=form.value, raw=raw)
    )
