"""The command line: options in, exit code out. Each command imports its work when it is called.

One file per group of commands. Exit codes: 0 fine, 1 failed, 2 bad usage, configuration or input
file, 3 database cannot be used, 4 finished, but degraded (the reasons stand on standard error).
"""

from __future__ import annotations

import errno
import gc
import os
import sys
from typing import cast

import typer

from core.errors import EXIT_FAILED, EXIT_INPUT, TocsinError
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


_UsageError = cast("type[typer.BadParameter]", typer.BadParameter.__base__)
"""What Typer raises for a wrong command, option or argument; only its kinds have public names."""

_INTERRUPTED = 130
"""What shells say of a program that Ctrl-C has ended: 128 and the number of the signal."""


_RARELY = 50_000, 10, 10
"""How often objects are looked through for what may be thrown away, as gc.set_threshold counts.
Importing makes hundreds of thousands of objects that all stay: a command starts a tenth quicker."""


def main() -> None:
    """Run the command line; an error becomes one line and an exit code."""
    gc.set_threshold(*_RARELY)
    try:
        code = app(standalone_mode=False)
        print(end="", flush=True)
        sys.exit(code)
    except TocsinError as error:
        print(f"tocsin: {error.line()}", file=sys.stderr)
        sys.exit(error.exit_code)
    except _UsageError as error:
        print(_usage(error), file=sys.stderr)
        sys.exit(EXIT_INPUT)
    except KeyboardInterrupt:
        sys.exit(_INTERRUPTED)
    except BrokenPipeError:
        # The reader of our output went away (tocsin table | head): nothing is wrong with us.
        sys.stderr.close()
        sys.exit(EXIT_FAILED)
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        print(f"tocsin: {error.strerror}; make room and try again", file=sys.stderr)
        # What standard output still holds cannot be written, nor need it be tried again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(EXIT_FAILED)


def _usage(error: typer.BadParameter) -> str:
    """Return one line on a wrong command, option or argument; or the help where there is none."""
    message = error.format_message().replace("Value error, ", "")
    if message.startswith("Usage:"):
        return message
    command = error.ctx.command_path if error.ctx else "tocsin"
    return f"tocsin: {message.rstrip('.')}; see {command} --help"
