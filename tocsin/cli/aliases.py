"""`tocsin aliases`: spellings of names."""

from __future__ import annotations

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

app = typer.Typer(help="Spellings of names.", no_args_is_help=True)


@app.command("suggest")
def aliases_suggest(
    config: ConfigOption = CONFIG,
    database: DatabaseOption = None,
    form: FormatOption = Format.TEXT,
    raw: RawOption = False,
) -> None:
    """List spellings in the store that are probably one name; nothing is changed."""
    from tocsin.commands.aliases import suggest as work  # noqa: PLC0415

    finish(work(config, database, form=form.value, raw=raw))
