"""`tocsin config check`: is everything in the file meant?"""

from __future__ import annotations

from pathlib import Path

from core.clock import SystemClock
from tocsin.config import load
from tocsin.rule_checks import reviews_due


def check(path: Path) -> list[str]:
    """Print what the configuration holds; a fault is raised by loading it."""
    config = load(path)
    print(
        f"{path}: fine. {len(config.feeds)} feed(s), {len(config.watches)} watch(es), "
        f"{len(config.listed_rules)} rule(s), {len(config.channels)} channel(s), "
        f"{len(config.routes)} route(s)."
    )
    for line in reviews_due(config, config.service.as_of or SystemClock().now().date()):
        print(f"{path}: {line}")
    return []
