"""A window of the lab, and what replaying it gives. Loads no engine: pages read it."""

from __future__ import annotations

from datetime import date
from typing import Literal, NamedTuple

from alerts.replay import Track
from core.settings import Level, RuleSettings, WatchSettings

MOST_QUIET = 3
"""Periods below the line before an event that a choice may ask for."""


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
