"""The process in which a window is replayed, so that pages go on being served.

Started fresh, never forked: no thread and no connection is inherited. It tells of its progress by
a pipe, and ends with what it found or with one line on why not.
"""

from __future__ import annotations

import multiprocessing
import os
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import NamedTuple

from core.clock import Clock
from core.errors import TocsinError
from tocsin.config import load
from tocsin.lab.replay import Replayed, Window, replay
from tocsin.stores import opened

_NICE = 10
"""A run and the pages come first."""


class Progress(NamedTuple):
    """Origins that were read, and how many there are."""

    done: int
    of: int


class Failed(NamedTuple):
    """Why there is no answer, in one line."""

    line: str


Message = Progress | Failed | Replayed


class Place(NamedTuple):
    """Where a replay reads: the configuration's file, the store, and the clock."""

    config: Path
    database: Path
    clock: Clock


def started(place: Place, window: Window) -> tuple[BaseProcess, Connection]:
    """Start to replay a window; messages come through the connection."""
    fresh = multiprocessing.get_context("spawn")
    ours, theirs = fresh.Pipe(duplex=False)
    process = fresh.Process(target=_work, args=(place, window, theirs), daemon=True)
    process.start()
    theirs.close()
    return process, ours


def _work(place: Place, window: Window, told: Connection) -> None:
    os.nice(_NICE)
    config = load(place.config)
    try:
        with opened(config, place.database, "read", place.clock) as stores:
            found = replay(
                config,
                stores,
                place.clock,
                window,
                lambda done, of: told.send(Progress(done, of)),
            )
    except TocsinError as error:
        told.send(Failed(error.line()))
    else:
        told.send(found)
