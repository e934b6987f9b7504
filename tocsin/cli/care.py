"""`tocsin redact`: what should not be held any longer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

import typer

from core.errors import InputError
from tocsin.cli.options import (
    CONFIG,
    ConfigOption,
    DatabaseOption,
    Format,
    FormatOption,
    RawOption,
    finish,
    names,
)

app = typer.Typer()


@app.command()
def redact(
    feed: Annotated[str, typer.Option("--feed", help="Whose incidents.")] = "",
    reason: Annotated[str, typer.Option("--reason", help="Why; the log keeps it.")] = "",
    person: Annotated[str, typer.Option("--by", help="Who erases; the log keeps it.")] = "",
    ids: Annotated[list[str] | None, typer.Option("--id", help="An incident; repeatable.")] = None,
    where: Annotated[
        list[str] | None,
        typer.Option("--where", help="Or all that match COLUMN=GLOB; repeatable, all must."),
    ] = None,
    columns: Annotated[
        str, typer.Option("--columns", help="Which, with commas; none means all not counted by.")
    ] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do it; without, it is only told.")] = False,
    log: Annotated[bool, typer.Option("--list", help="Only list what was erased so far.")] = False,
    form: FormatOption = Format.TEXT,
    raw: RawOption = False,
    config: ConfigOption = CONFIG,
    database: DatabaseOption = None,
) -> None:
    """Erase texts of incidents for good.

    From every version; counts stay as they are. Without --yes it is only told.
    """
    if log:
        from tocsin.commands.redactions import listed  # noqa: PLC0415

        finish(listed(config, database, form=form, raw=raw))
    _require({"--feed": feed, "--reason": reason, "--by": person})
    from tocsin.commands.redact import Request  # noqa: PLC0415
    from tocsin.commands.redact import redact as work  # noqa: PLC0415

    wanted = dict(_condition(text) for text in where or [])
    request = Request(feed, tuple(ids or ()), wanted, names(columns), person, reason)
    finish(work(config, database, request, yes=yes))


def _require(given: Mapping[str, str]) -> None:
    missing = [option for option, text in given.items() if not text]
    if missing:
        raise InputError(
            "tocsin redact", f"needs {', '.join(missing)}", "give them, or --list to see the log"
        )


def _condition(text: str) -> tuple[str, str]:
    column, equals, glob = text.partition("=")
    if not (column and equals and glob):
        raise InputError("--where", f"{text!r} is not COLUMN=GLOB", "write --where 'target=Dr *'")
    return column, glob
