"""Replaying a window in a process of its own: see tocsin/apart.py."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from core.clock import Clock
from tocsin.apart import Apart, Tell
from tocsin.config import Config
from tocsin.lab.window import Window
from tocsin.stores import opened

_NICE = 10
"""A run and the pages come first."""


class Progress(NamedTuple):
    """Origins that were read, and how many there are."""

    done: int
    of: int


class Place(NamedTuple):
    """Where a replay reads: the configuration, the store, and the clock."""

    config: Config
    database: Path
    clock: Clock


def replaying(place: Place, window: Window, seconds: float) -> Apart:
    """Return the work that tells `Progress` and, at the end, the `Replayed` window."""
    mend = "'tocsin rules replay' may take as long as it needs"
    return Apart("replay", _work, (place, window), _NICE, seconds, mend)


def _work(tell: Tell, place: Place, window: Window) -> None:
    from tocsin.lab.replay import replay  # noqa: PLC0415 - the engine, in its own process only

    with opened(place.config, place.database, "read", place.clock) as stores:
        tell(
            replay(
                place.config,
                stores,
                place.clock,
                window,
                lambda done, of: tell(Progress(done, of)),
            )
        )
