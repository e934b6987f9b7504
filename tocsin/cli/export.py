"""`tocsin export`: what the store holds, as files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tocsin.cli.options import (
    CONFIG,
    AsOfOption,
    ConfigOption,
    DatabaseOption,
    OutsideOption,
    RawOption,
    day,
    finish,
)

app = typer.Typer(help="Write what the store holds as files.", no_args_is_help=True)


@app.command("counts")
def export_counts(
    watch: Annotated[str, typer.Option("--watch", help="Whose counts.")],
    out: Annotated[Path, typer.Option("-o", "--output", help="A .csv or .parquet file.")],
    config: ConfigOption = CONFIG,
    database: DatabaseOption = None,
    as_of: AsOfOption = None,
    raw: RawOption = False,
    outside: OutsideOption = False,
) -> None:
    """Write a watch's complete periods as a COUNTS file for predict and backtest."""
    from tocsin.commands.export import export_counts as work  # noqa: PLC0415

    finish(work(config, database, watch, out, day(as_of), raw=raw, outside=outside))
