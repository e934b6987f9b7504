"""`tocsin deliveries`: messages and their channels."""

from __future__ import annotations

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
    finish,
)

app = typer.Typer(help="Messages and their channels.", no_args_is_help=True)
ChannelOption = Annotated[str | None, typer.Option("--channel", help="Only this channel.")]


class State(StrEnum):
    """How a message stands."""

    PENDING = "pending"
    DELIVERED = "delivered"
    DEAD = "dead"


@app.command("list")
def deliveries_list(
    state: Annotated[State | None, typer.Option("--state", help="Only these.")] = None,
    channel: ChannelOption = None,
    limit: Annotated[int, typer.Option(min=1, help="The newest so many.")] = 100,
    config: ConfigOption = CONFIG,
    database: DatabaseOption = None,
    form: FormatOption = Format.TEXT,
    raw: RawOption = False,
) -> None:
    """List messages, newest first, with the answer to the last try."""
    from tocsin.commands.deliveries import listed as work  # noqa: PLC0415

    asked = (state.value if state else None, channel, limit)
    finish(work(config, database, asked, form=form.value, raw=raw))


@app.command("replay")
def deliveries_replay(
    ids: Annotated[list[str] | None, typer.Argument(help="Messages, by their ids.")] = None,
    dead: Annotated[bool, typer.Option("--dead", help="All that were given up.")] = False,
    channel: ChannelOption = None,
    config: ConfigOption = CONFIG,
    database: DatabaseOption = None,
) -> None:
    """Make messages due again. The service or the next run sends them, ids and bodies the same."""
    from tocsin.commands.deliveries import replay as work  # noqa: PLC0415

    finish(work(config, database, ids or [], dead=dead, channel=channel))


@app.command("test")
def deliveries_test(
    channel: Annotated[str, typer.Argument(help="The channel to try.")],
    config: ConfigOption = CONFIG,
    database: DatabaseOption = None,
) -> None:
    """Send a trial message the way that alerts go. Says what the receiver answered."""
    from tocsin.commands.deliveries import test as work  # noqa: PLC0415

    finish(work(config, database, channel))


@app.command("enable")
def deliveries_enable(
    channel: Annotated[str, typer.Argument(help="The channel that was disabled.")],
    config: ConfigOption = CONFIG,
    database: DatabaseOption = None,
) -> None:
    """Send to a channel again that its receiver's refusal has disabled."""
    from tocsin.commands.deliveries import enable as work  # noqa: PLC0415

    finish(work(config, database, channel))
