"""Output files that are whole or not there."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from core.errors import InputError

TABLES = (".csv", ".parquet")
"""What a table is written as."""


@contextmanager
def replacing(out: Path, suffixes: Collection[str] = TABLES) -> Iterator[Path]:
    """Give a file beside `out` to write to, and put it in its place when all went well.

    `suffixes` are the endings that are taken; none means any.

    Raises:
        InputError: when `out` ends otherwise, or cannot be written.
    """
    if suffixes and out.suffix not in suffixes:
        *others, last = suffixes
        named = f"{', '.join(others)} nor {last}" if others else last
        problem = f"is neither {named}" if others else f"is no {last}"
        raise InputError(str(out), problem, "name the output so")
    partial = out.with_name(f".{out.name}.part")
    try:
        yield partial
        partial.replace(out)
    except OSError as error:
        reason = error.strerror or str(error)
        raise InputError(
            str(out), f"cannot be written ({reason})", "choose another place"
        ) from None
    finally:
        with suppress(OSError):  # as of a name that is too long: the error above says so
            partial.unlink()
