"""The command line: options in, exit code out. Each command imports its work when it is called.

Exit codes: 0 fine, 1 failed, 2 bad usage, configuration or input file, 3 database cannot be
used, 4 finished, but degraded (the reasons stand on standard error).
"""

from __future__ import annotations

import sys
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from core.errors import EXIT_DEGRADED, EXIT_FAILED, InputError, TocsinError
from core.periods import Period

app = typer.Typer(
    name="tocsin",
    help="Forecast the tempo of attacks by region and ring before a threshold is crossed.",
    rich_markup_mode=None,
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
config_app = typer.Typer(help="Check the configuration.", no_args_is_help=True)
export_app = typer.Typer(help="Write what the store holds as files.", no_args_is_help=True)
aliases_app = typer.Typer(help="Spellings of names.", no_args_is_help=True)
app.add_typer(config_app, name="config")
app.add_typer(aliases_app, name="aliases")
app.add_typer(export_app, name="export")


class Format(StrEnum):
    """How a table is printed."""

    TEXT = "text"
    JSON = "json"
    CSV = "csv"


class OutputType(StrEnum):
    """What `predict` writes of each distribution."""

    QUANTILE = "quantile"
    SAMPLE = "sample"
    PMF = "pmf"


ConfigOption = Annotated[Path, typer.Option("--config", help="The configuration file.")]
DatabaseOption = Annotated[
    Path | None, typer.Option("--database", help="Use this database, not the configured one.")
]
AsOfOption = Annotated[
    datetime | None, typer.Option("--as-of", formats=["%Y-%m-%d"], help="As of this day.")
]
FormatOption = Annotated[Format, typer.Option("--format", help="How to print.")]
RawOption = Annotated[
    bool, typer.Option("--raw", help="Leave CSV cells as they are, even if they start a formula.")
]
ModelsOption = Annotated[
    str, typer.Option("--models", help="Members of the pool, separated by commas.")
]
CONFIG = Path("config.toml")
MODELS = "dynamic-count,conflictology"


@app.command()
def run(
    config: ConfigOption = CONFIG,
    database: DatabaseOption = None,
    as_of: AsOfOption = None,
    known_at: Annotated[
        str | None,
        typer.Option("--known-at", help="With --as-of: as known then, not at the end of its day."),
    ] = None,
    deliver: Annotated[bool, typer.Option("--deliver", help="Send a replay's alerts too.")] = False,
    if_due: Annotated[
        bool, typer.Option("--if-due", help="Only if the schedule's newest period has not run.")
    ] = False,
    form: FormatOption = Format.TEXT,
) -> None:
    """Do one cycle: pull, forecast, store, alert, deliver; then print the table."""
    if if_due:
        _run_if_due(config, database, as_of, form)
    from tocsin.asof import Replay  # noqa: PLC0415 - see the module's docstring
    from tocsin.commands.run import run as work  # noqa: PLC0415

    replay = Replay.of(_day(as_of), known_at)
    _finish(work(config, database, replay, deliver=deliver, form=form.value))


def _run_if_due(
    config: Path, database: Path | None, as_of: datetime | None, form: Format
) -> NoReturn:
    from tocsin.commands.run_if_due import run_if_due as work  # noqa: PLC0415

    if as_of:
        raise InputError("--if-due", "a replay with --as-of is never due", "leave one of them out")
    _finish(work(config, database, form=form.value))


@app.command()
def serve(config: ConfigOption = CONFIG, database: DatabaseOption = None) -> None:
    """Run each period of the schedule once and send what is due, until stopped (SIGTERM)."""
    from tocsin.commands.serve import serve as work  # noqa: PLC0415

    _finish(work(config, database))


@app.command()
def pull(
    feeds: Annotated[list[str] | None, typer.Argument(help="Feeds; none means all.")] = None,
    config: ConfigOption = CONFIG,
    database: DatabaseOption = None,
) -> None:
    """Pull feeds into the store without forecasting."""
    from tocsin.commands.pull import pull as work  # noqa: PLC0415

    _finish(work(config, database, feeds or []))


@app.command()
def table(
    watch: Annotated[str | None, typer.Option("--watch", help="Only this watch.")] = None,
    config: ConfigOption = CONFIG,
    database: DatabaseOption = None,
    as_of: AsOfOption = None,
    form: FormatOption = Format.TEXT,
    raw: RawOption = False,
) -> None:
    """Print the forecast table of the newest run."""
    from tocsin.commands.table import table as work  # noqa: PLC0415

    _finish(work(config, database, watch, _day(as_of), form=form.value, raw=raw))


@app.command()
def diff(
    since: Annotated[str, typer.Option("--from", help="A day (its end) or an instant (UTC).")],
    until: Annotated[
        str | None, typer.Option("--to", help="A day (its end) or an instant; none means now.")
    ] = None,
    watch: Annotated[str | None, typer.Option("--watch", help="Only this watch.")] = None,
    config: ConfigOption = CONFIG,
    database: DatabaseOption = None,
    form: FormatOption = Format.TEXT,
    raw: RawOption = False,
) -> None:
    """Say what changed in the store, and which forecasts and alerts it touches."""
    from tocsin.commands.diff import diff as work  # noqa: PLC0415

    _finish(work(config, database, (since, until), watch, form=form.value, raw=raw))


@app.command()
def predict(
    counts: Annotated[Path, typer.Argument(help="CSV or Parquet: region, date, count.")],
    out: Annotated[Path, typer.Option("-o", "--output", help="A .csv or .parquet file.")],
    period: Annotated[Period, typer.Option(help="The length of a step.")] = Period.MONTH,
    horizon: Annotated[int, typer.Option(min=1, max=60, help="Periods ahead.")] = 6,
    until: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Use periods until this day.")
    ] = None,
    output_type: Annotated[OutputType, typer.Option(help="What to write.")] = OutputType.QUANTILE,
    samples: Annotated[int, typer.Option(min=1, max=100_000, help="Joint paths.")] = 1000,
    seed: Annotated[int, typer.Option(min=0, help="Of the paths.")] = 0,
    at_least: Annotated[
        list[int] | None, typer.Option(min=1, help="Also write P(count <= N - 1); repeatable.")
    ] = None,
    models: ModelsOption = MODELS,
) -> None:
    """Forecast a COUNTS file, without configuration or database."""
    from tocsin.commands.predict import Request  # noqa: PLC0415
    from tocsin.commands.predict import predict as work  # noqa: PLC0415

    request = Request(
        counts=counts,
        period=period,
        horizon=horizon,
        until=_day(until),
        output_type=output_type.value,
        samples=samples,
        seed=seed,
        at_least=tuple(at_least or ()),
        models=_names(models),
        out=out,
    )
    _finish(work(request))


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
    """Score the engine on a COUNTS file against the naive models."""
    from tocsin.commands.backtest import backtest as work  # noqa: PLC0415

    _finish(work(counts, period, horizon, origins, every, _names(models), form=form.value))


@app.command()
def doctor(
    config: ConfigOption = CONFIG,
    database: DatabaseOption = None,
    form: FormatOption = Format.TEXT,
) -> None:
    """Say in words whether everything that a run needs is well."""
    from tocsin.commands.doctor import doctor as work  # noqa: PLC0415

    _finish(work(config, database, form=form.value))


@app.command()
def duplicates(
    watch: Annotated[
        str | None, typer.Option("--watch", help="Only the feeds of this watch.")
    ] = None,
    across: Annotated[bool, typer.Option("--across", help="Only pairs of two feeds.")] = False,
    config: ConfigOption = CONFIG,
    database: DatabaseOption = None,
    form: FormatOption = Format.TEXT,
    raw: RawOption = False,
) -> None:
    """List incidents that are likely one event told twice; nothing is merged."""
    from tocsin.commands.duplicates import duplicates as work  # noqa: PLC0415

    _finish(work(config, database, watch, across=across, form=form.value, raw=raw))


@aliases_app.command("suggest")
def aliases_suggest(
    config: ConfigOption = CONFIG,
    database: DatabaseOption = None,
    form: FormatOption = Format.TEXT,
    raw: RawOption = False,
) -> None:
    """List spellings in the store that are probably one name; nothing is changed."""
    from tocsin.commands.aliases import suggest as work  # noqa: PLC0415

    _finish(work(config, database, form=form.value, raw=raw))


@config_app.command("check")
def config_check(config: ConfigOption = CONFIG) -> None:
    """Read the configuration whole and name the first thing in it that cannot be meant."""
    from tocsin.commands.check import check as work  # noqa: PLC0415

    _finish(work(config))


@export_app.command("counts")
def export_counts(
    watch: Annotated[str, typer.Option("--watch", help="Whose counts.")],
    out: Annotated[Path, typer.Option("-o", "--output", help="A .csv or .parquet file.")],
    config: ConfigOption = CONFIG,
    database: DatabaseOption = None,
    as_of: AsOfOption = None,
    raw: RawOption = False,
) -> None:
    """Write a watch's complete periods as a COUNTS file for predict and backtest."""
    from tocsin.commands.export import export_counts as work  # noqa: PLC0415

    _finish(work(config, database, watch, out, _day(as_of), raw=raw))


def _day(moment: datetime | None) -> date | None:
    return None if moment is None else moment.date()


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


def _finish(reasons: list[str]) -> NoReturn:
    """End the command: degraded with its reasons, or fine."""
    for reason in reasons:
        print(f"degraded: {reason}", file=sys.stderr)
    sys.stdout.flush()
    raise typer.Exit(EXIT_DEGRADED if reasons else 0)


def main() -> None:
    """Run the command line; an error becomes one line and an exit code."""
    try:
        app()
    except TocsinError as error:
        print(f"tocsin: {error.line()}", file=sys.stderr)
        sys.exit(error.exit_code)
    except BrokenPipeError:
        # The reader of our output went away (tocsin table | head): nothing is wrong with us.
        sys.stderr.close()
        sys.exit(EXIT_FAILED)
