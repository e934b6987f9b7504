"""Options that several commands share, and how a command ends."""

from __future__ import annotations

import sys
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from core.errors import EXIT_DEGRADED


class Format(StrEnum):
    """How a table is printed."""

    TEXT = "text"
    JSON = "json"
    CSV = "csv"


ConfigOption = Annotated[Path, typer.Option("--config", help="The configuration file.")]
DatabaseOption = Annotated[
    Path | None, typer.Option("--database", help="Use this database, not the configured one.")
]
AsOfOption = Annotated[
    datetime | None, typer.Option("--as-of", formats=["%Y-%m-%d"], help="As of this day.")
]
FormatOption = Annotated[Format, typer.Option("--format", help="How to print.")]
RawOption = Annotated[
    bool, typer.Option("--raw", help="Leave CSV cells as they are, even if they start a formula.")
]
OutsideOption = Annotated[
    bool,
    typer.Option("--outside", help="A copy to hand on: only what the feeds' share allows."),
]
CONFIG = Path("config.toml")


def day(moment: datetime | None) -> date | None:
    """Return the day of a moment that Typer has parsed."""
    return None if moment is None else moment.date()


def names(text: str) -> tuple[str, ...]:
    """Return the names of a list with commas."""
    return tuple(name.strip() for name in text.split(",") if name.strip())


def finish(reasons: list[str]) -> NoReturn:
    """End the command: degraded with its reasons, or fine."""
    for reason in reasons:
        print(f"degraded: {reason}", file=sys.stderr)
    sys.stdout.flush()
    raise typer.Exit(EXIT_DEGRADED if reasons else 0)
