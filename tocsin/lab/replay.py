"""The part of the lab that takes long: every threshold of a window, read over the past years."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Literal, NamedTuple

from alerts.replay import Track
from core.clock import Clock
from core.errors import InputError
from core.settings import Level, RuleSettings, WatchSettings
from tocsin.config import Config
from tocsin.lab.ladder import ladder_of
from tocsin.rule_history import track
from tocsin.rule_past import Question, history
from tocsin.stores import Stores

MOST_QUIET = 3
"""Periods below the line before an event that a choice may ask for."""
MOST_READINGS = 20_000_000
"""Regions × origins × thresholds that are kept, some 320 MB; more is for the command line."""
Told = Callable[[int, int], None]
"""Is told how many origins are read, and of how many."""


class Window(NamedTuple):
    """What the readings depend on; thresholds and probabilities are chosen among them.

    Attributes:
        watch: its name.
        within: periods that a reading speaks of, from the running one.
        aggregate: whether any of them or their sum has to reach the threshold.
        of: whether the watch's regions are read or its totals.
        known_then: what the store knew then is read, not today's data.
    """

    watch: str
    within: int = 3
    aggregate: Literal["any", "total"] = "any"
    of: Literal["regions", "totals"] = "regions"
    known_then: bool = False


class Replayed(NamedTuple):
    """A window's readings.

    Attributes:
        window: what was asked.
        track: of the ladder, of every region.
        ladder: the thresholds, in the columns of the track.
        label: which clock it stands on, and what else outputs must say.
        unit: the noun of what is counted.
        known_to: last day of the counts that it is judged by.
    """

    window: Window
    track: Track
    ladder: tuple[Level, ...]
    label: str
    unit: str
    known_to: date

    @property
    def size(self) -> int:
        """Return the bytes of its arrays."""
        found = self.track
        return sum(
            array.nbytes
            for array in (found.lines, found.chances, found.tempo, found.newest, found.came)
        )


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


def plain_rule(watch: WatchSettings, window: Window) -> RuleSettings:
    """Return the rule of a window before anybody chose its threshold."""
    return RuleSettings.model_validate(
        {
            "name": f"{watch.name[:40]}-lab",
            "watch": watch.name,
            "within": window.within,
            "aggregate": window.aggregate,
            "of": window.of,
            "levels": [{"severity": "elevated", "at_least": 1, "probability": 0.5}],
            "clear_probability": 0.35,
        }
    )


def _require_room(readings: int) -> None:
    if readings > MOST_READINGS:
        problem = f"{readings:,} readings are more than the {MOST_READINGS:,} that pages keep"
        raise InputError("lab", problem, "'tocsin rules replay' reads one rule of such a watch")
