"""Options that several commands share, and how a command ends."""

from __future__ import annotations

import sys
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from core.errors import EXIT_DEGRADED

_FIRST, _LAST = date(1900, 1, 1), date(2199, 12, 31)
"""A day outside these is a slip of the keyboard."""


class Format(StrEnum):
    """How a table is printed."""

    TEXT = "text"
    JSON = "json"
    CSV = "csv"


def day_option(name: str, text: str) -> Any:
    """Return an option that takes a day; `text` is its help."""
    return typer.Option(name, parser=_day, metavar="YYYY-MM-DD", help=text)


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no day; write 2024-01-31") from None
    if not _FIRST <= day <= _LAST:
        raise typer.BadParameter(f"{text!r} is not between {_FIRST} and {_LAST}")
    return day


ConfigOption = Annotated[Path, typer.Option("--config", help="The configuration file.")]
DatabaseOption = Annotated[
    Path | None, typer.Option("--database", help="Use this database, not the configured one.")
]
AsOfOption = Annotated[date | None, day_option("--as-of", "As of this day.")]
FormatOption = Annotated[Format, typer.Option("--format", help="How to print.")]
RawOption = Annotated[
    bool, typer.Option("--raw", help="Leave CSV cells as they are, even if they start a formula.")
]
OutsideOption = Annotated[
    bool,
    typer.Option("--outside", help="A copy to hand on: only what the feeds' share allows."),
]
CONFIG = Path("config.toml")


def names(text: str) -> tuple[str, ...]:
    """Return the names of a list with commas."""
    return tuple(name.strip() for name in text.split(",") if name.strip())


def finish(reasons: list[str]) -> NoReturn:
    """End the command: degraded with its reasons, or fine."""
    for reason in reasons:
        print(f"degraded: {reason}", file=sys.stderr)
    sys.stdout.flush()
    raise typer.Exit(EXIT_DEGRADED if reasons else 0)
