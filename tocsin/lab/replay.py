"""The part of the lab that takes long: every threshold of a window, read over the past years."""

from __future__ import annotations

from collections.abc import Callable

from core.clock import Clock
from core.errors import InputError
from tocsin.config import Config
from tocsin.lab.ladder import ladder_of
from tocsin.lab.window import MOST_QUIET, Replayed, Window, plain_rule
from tocsin.rule_history import track
from tocsin.rule_past import Question, history
from tocsin.stores import Stores

MOST_READINGS = 20_000_000
"""Regions × origins × thresholds that are kept, some 320 MB; more is for the command line."""
Told = Callable[[int, int], None]
"""Is told how many origins are read, and of how many."""


def replay(
    config: Config, stores: Stores, clock: Clock, window: Window, told: Told = lambda *_: None
) -> Replayed:
    """Return the readings of a window, over the stretch that `tocsin rules suggest` takes.

    Raises:
        InputError: there is no past to read, nothing was known then, or it is too much to keep.
    """
    asked = history(
        config,
        stores,
        clock,
        Question(watch=window.watch, known_then=window.known_then, quiet=MOST_QUIET),
    )
    own = [rule for rule in config.rules if rule.watch == window.watch]
    ladder, origins = ladder_of(asked.truth, own), asked.origins
    _require_room(len(asked.truth.panel) * len(origins) * len(ladder))
    done = iter(range(len(origins)))
    found = track(
        asked.past,
        plain_rule(asked.watch, window),
        ladder,
        origins,
        asked.truth,
        MOST_QUIET,
        lambda _: told(next(done), len(origins)),
    )
    known_to = found.period.end(int(asked.truth.panel.ends.max()))
    return Replayed(window, found, tuple(ladder), asked.label, asked.unit, known_to)


def _require_room(readings: int) -> None:
    if readings > MOST_READINGS:
        problem = f"{readings:,} readings are more than the {MOST_READINGS:,} that pages keep"
        raise InputError("lab", problem, "'tocsin rules replay' reads one rule of such a watch")
