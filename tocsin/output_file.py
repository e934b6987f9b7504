"""Output files that are whole or not there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.errors import InputError


@contextmanager
def replacing(out: Path) -> Iterator[Path]:
    """Give a file beside `out` to write to, and put it in its place when all went well.

    Raises:
        InputError: when `out` is neither .csv nor .parquet, or cannot be written.
    """
    if out.suffix not in {".csv", ".parquet"}:
        raise InputError(str(out), "is neither .csv nor .parquet", "name the output so")
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
        partial.unlink(missing_ok=True)
