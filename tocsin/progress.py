"""How long work gets on: on a terminal a line that changes, in a pipe nothing."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def told_on_a_terminal() -> Iterator[Callable[[str], None]]:
    """Give what shows a line of progress on standard error."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console  # noqa: PLC0415 - only for people

    with Console(stderr=True).status("…") as status:
        yield status.update
