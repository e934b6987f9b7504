"""`tocsin rules`: what rules ring for."""

from __future__ import annotations

from typing import Annotated

import typer

from tocsin.cli.options import (
    CONFIG,
    ConfigOption,
    DatabaseOption,
    Format,
    FormatOption,
    RawOption,
    finish,
)

app = typer.Typer(help="What rules ring for.", no_args_is_help=True)


@app.command()
def check(
    watch: Annotated[str | None, typer.Option("--watch", help="Only its rules.")] = None,
    config: ConfigOption = CONFIG,
    database: DatabaseOption = None,
    form: FormatOption = Format.TEXT,
    raw: RawOption = False,
) -> None:
    """Show what each rule would do today, from the newest run; nothing is changed."""
    from tocsin.commands.rules_check import check as work  # noqa: PLC0415

    finish(work(config, database, watch, form=form.value, raw=raw))
