"""Commands that do a cycle, or a part of one."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from core.errors import InputError
from tocsin.cli.options import (
    CONFIG,
    AsOfOption,
    ConfigOption,
    DatabaseOption,
    Format,
    FormatOption,
    finish,
)

app = typer.Typer()


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
    """Do one cycle and print the table.

    Pull, forecast, store, alert, deliver; all of it becomes visible at once, or nothing does.
    """
    if if_due:
        _run_if_due(config, database, as_of, form)
    from tocsin.asof import Replay  # noqa: PLC0415 - see the module's docstring
    from tocsin.commands.run import run as work  # noqa: PLC0415

    replay = Replay.of(as_of, known_at)
    finish(work(config, database, replay, deliver=deliver, form=form.value))


def _run_if_due(config: Path, database: Path | None, as_of: date | None, form: Format) -> NoReturn:
    from tocsin.commands.run_if_due import run_if_due as work  # noqa: PLC0415

    if as_of:
        raise InputError("--if-due", "a replay with --as-of is never due", "leave one of them out")
    finish(work(config, database, form=form.value))


@app.command()
def serve(config: ConfigOption = CONFIG, database: DatabaseOption = None) -> None:
    """Keep the schedule and send what is due.

    Each period of the schedule is run once, until the service is stopped (SIGTERM).
    """
    from tocsin.commands.serve import serve as work  # noqa: PLC0415

    finish(work(config, database))


@app.command()
def pull(
    feeds: Annotated[list[str] | None, typer.Argument(help="Feeds; none means all.")] = None,
    config: ConfigOption = CONFIG,
    database: DatabaseOption = None,
) -> None:
    """Pull feeds into the store without forecasting."""
    from tocsin.commands.pull import pull as work  # noqa: PLC0415

    finish(work(config, database, feeds or []))
