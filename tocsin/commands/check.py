"""`tocsin config check`: is everything in the file meant?"""

from __future__ import annotations

from pathlib import Path

from tocsin.config import load


def check(path: Path) -> list[str]:
    """Print what the configuration holds; a fault is raised by loading it."""
    config = load(path)
    print(
        f"{path}: fine. {len(config.feeds)} feed(s), {len(config.watches)} watch(es), "
        f"{len(config.rules)} rule(s), {len(config.channels)} channel(s), "
        f"{len(config.routes)} route(s)."
    )
    return []
