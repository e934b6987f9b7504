"""What every export of a watch is asked, and the configuration that it is asked of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import NamedTuple

from core.clock import Clock, SystemClock
from core.settings import WatchSettings
from tocsin.config import Config, load
from tocsin.outward import require_shareable


class Found(NamedTuple):
    """The configuration, the watch, and the clock that tells today."""

    config: Config
    watch: WatchSettings
    clock: Clock


@dataclass(frozen=True)
class Asked:
    """An export of a watch, as the command line asks for it.

    Attributes:
        path: the configuration file.
        database: the database, None for the configured one.
        watch: the name of the watch.
        as_of: the day to read the store as of, None for now.
        outside: whether the file is to be handed on.
        raw: whether cells of a CSV file are left as they are, even if they start a formula.
    """

    path: Path
    database: Path | None
    watch: str
    as_of: date | None = None
    outside: bool = False
    raw: bool = False

    def found(self) -> Found:
        """Read the configuration and find the watch.

        Raises:
            ConfigError: when the configuration cannot be meant, or has no such watch.
            InputError: when the watch may not be handed on.
        """
        config = load(self.path)
        watch = config.watch_named(self.watch)
        if self.outside:
            require_shareable(config, watch)
        return Found(config, watch, SystemClock())
