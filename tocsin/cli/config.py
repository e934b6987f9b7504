"""`tocsin config`: questions about the configuration."""

from __future__ import annotations

import typer

from tocsin.cli.options import CONFIG, ConfigOption, finish

app = typer.Typer(help="Check the configuration.", no_args_is_help=True)


@app.command("check")
def config_check(config: ConfigOption = CONFIG) -> None:
    """Read the configuration whole and name the first thing in it that cannot be meant."""
    from tocsin.commands.check import check as work  # noqa: PLC0415

    finish(work(config))
