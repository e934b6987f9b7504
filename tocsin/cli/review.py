"""Commands that show what is stored."""

from __future__ import annotations

from typing import Annotated

import typer

from tocsin.cli.options import (
    CONFIG,
    AsOfOption,
    ConfigOption,
    DatabaseOption,
    Format,
    FormatOption,
    RawOption,
    day,
    finish,
)

app = typer.Typer()


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

    finish(work(config, database, watch, day(as_of), form=form.value, raw=raw))


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

    finish(work(config, database, (since, until), watch, form=form.value, raw=raw))


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

    finish(work(config, database, watch, across=across, form=form.value, raw=raw))


@app.command()
def doctor(
    config: ConfigOption = CONFIG,
    database: DatabaseOption = None,
    form: FormatOption = Format.TEXT,
) -> None:
    """Say in words whether everything that a run needs is well."""
    from tocsin.commands.doctor import doctor as work  # noqa: PLC0415

    finish(work(config, database, form=form.value))
