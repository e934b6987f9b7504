"""The command line: options in, exit code out. Each command imports its work when it is called.

One file per group of commands. Exit codes: 0 fine, 1 failed, 2 bad usage, configuration or input
file, 3 database cannot be used, 4 finished, but degraded (the reasons stand on standard error).
"""

from __future__ import annotations

import sys

import typer

from core.errors import EXIT_FAILED, TocsinError
from tocsin.cli import (
    alerts,
    aliases,
    brief,
    care,
    config,
    cycle,
    deliveries,
    engine,
    export,
    overrides,
    review,
    rules,
    scores,
    upkeep,
)

app = typer.Typer(
    name="tocsin",
    help="Forecast the tempo of attacks by region and ring before a threshold is crossed.",
    rich_markup_mode=None,
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
for commands in (cycle, review, scores, brief, engine, care, upkeep):
    app.registered_commands += commands.app.registered_commands
for group in (alerts, overrides, config, aliases, export, rules, deliveries):
    app.add_typer(group.app, name=group.__name__.rpartition(".")[2])


def main() -> None:
    """Run the command line; an error becomes one line and an exit code."""
    try:
        app()
    except TocsinError as error:
        print(f"tocsin: {error.line()}", file=sys.stderr)
        sys.exit(error.exit_code)
    except BrokenPipeError:
        # The reader of our output went away (tocsin table | head): nothing is wrong with us.
        sys.stderr.close()
        sys.exit(EXIT_FAILED)
