"""`tocsin config check`: is everything in the file meant?"""

from __future__ import annotations

from collections.abc import Sized
from pathlib import Path

from core.clock import SystemClock
from core.quantities import quantity
from tocsin.config import load
from tocsin.rule_checks import reviews_due
from tocsin.secrets_here import missing_secrets


def check(path: Path) -> list[str]:
    """Print what the configuration holds; a fault is raised by loading it."""
    config = load(path)
    parts: dict[str, Sized] = {
        "feeds": config.feeds,
        "watches": config.watches,
        "rules": config.listed_rules,
        "channels": config.channels,
        "routes": config.routes,
    }
    counted = ", ".join(quantity(len(found), name) for name, found in parts.items())
    print(f"{path}: fine. {counted}.")
    for about, why in missing_secrets(config):
        print(f"{path}: missing in this shell: {about}: {why}")
    for line in reviews_due(config, config.service.as_of or SystemClock().now().date()):
        print(f"{path}: {line}")
    return []
