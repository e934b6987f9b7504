"""Commands that look after the database: back it up, put it back, make it send."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tocsin.cli.options import CONFIG, ConfigOption, DatabaseOption, finish

app = typer.Typer()


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(help="Where the copy goes.")],
    config: ConfigOption = CONFIG,
    database: DatabaseOption = None,
) -> None:
    """Copy the database and prove the copy sound.

    The service may work meanwhile.
    """
    from tocsin.commands.upkeep import backup as work  # noqa: PLC0415

    finish(work(config, database, file))


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="A file that backup made.")],
    hold_outbox: Annotated[
        bool, typer.Option("--hold-outbox", help="Send nothing until 'tocsin adopt'.")
    ] = False,
    config: ConfigOption = CONFIG,
    database: DatabaseOption = None,
) -> None:
    """Put a backup in the place of the database.

    What stood there is kept beside it.
    """
    from tocsin.commands.upkeep import restore as work  # noqa: PLC0415

    finish(work(config, database, file, hold_outbox=hold_outbox))


@app.command()
def adopt(
    give_up: Annotated[
        bool, typer.Option("--give-up", help="Give up what waits in the outbox instead of sending.")
    ] = False,
    config: ConfigOption = CONFIG,
    database: DatabaseOption = None,
) -> None:
    """Let a copied or restored database send.

    It becomes an installation of its own.
    """
    from tocsin.commands.upkeep import adopt as work  # noqa: PLC0415

    finish(work(config, database, give_up=give_up))
