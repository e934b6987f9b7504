"""The chart of the lab: per region what came, the line, when it would have rung, what it missed.

Plain SVG geometry in pixels of the drawing; the template draws it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from alerts.replay import Episode, Policy, Track, episodes
from alerts.skill import Outcome, announced, events, verdict
from core.quantities import quantity
from core.regions import label
from core.series import AnyArray

WIDTH, HEIGHT = 960, 84
_TOP, _FLOOR, _RAIL = 14, 66, 72
"""Pixels: of the highest count, of a count of 0, and of the rail on which alerts lie."""
_SHOWN = 12
"""Regions that are drawn: those of which there is most to see."""


class Ring(NamedTuple):
    """An alert: where it begins, how wide it is, and what became of it."""

    x: float
    width: float
    outcome: str


class Strip(NamedTuple):
    """One region. `bars` and `line` are SVG paths, `hits` and `misses` places of events."""

    region: str
    step: float
    bars: str
    line: str
    rings: Sequence[Ring]
    hits: Sequence[float]
    misses: Sequence[float]

    @property
    def words(self) -> str:
        """Return what the drawing shows, for those who cannot see it."""
        true = sum(ring.outcome == Outcome.TRUE.value for ring in self.rings)
        events = len(self.hits) + len(self.misses)
        return (
            f"{self.region}: {quantity(len(self.rings), 'alerts')}, {true} came true; "
            f"{quantity(events, 'events')}, {len(self.misses)} missed"
        )


def strips(track: Track, policy: Policy, quiet: int) -> list[Strip]:
    """Return the regions of which there is most to see: alerts and events, then by name."""
    rung: dict[int, list[Episode]] = {}
    for one in episodes(track, policy):
        rung.setdefault(one.region, []).append(one)
    begins = events(track, policy, quiet)
    warned = announced(track, [one for each in rung.values() for one in each]) >= 0
    weights = begins.sum(axis=1) + np.array([len(rung.get(n, ())) for n in range(len(track.keys))])
    names = [label(key) for key in track.keys]
    order = sorted(range(len(names)), key=lambda n: (-int(weights[n]), names[n]))
    chosen = [n for n in order[:_SHOWN] if weights[n] or len(names) == 1]
    return [
        _strip(track, policy, n, rung.get(n, []), _Events(begins[n], warned[n])) for n in chosen
    ]


class _Events(NamedTuple):
    """(origins,) whether an event begins, and whether an alert spoke of that period."""

    begin: AnyArray
    warned: AnyArray


def _strip(
    track: Track, policy: Policy, region: int, rung: Sequence[Episode], found: _Events
) -> Strip:
    step = WIDTH / track.origins
    came = track.came[region, track.past : track.past + track.origins]
    lines = track.lines[region, :, policy.levels[0].column]
    top = max(float(np.nanmax(came, initial=1.0)), min(float(lines.max(initial=1)), 1e6), 1.0)
    return Strip(
        region=label(track.keys[region]),
        step=round(step, 2),
        bars="".join(
            f"M{(n + 0.5) * step:.1f} {_FLOOR}V{min(_y(count, top), _FLOOR - 1):g}"
            for n, count in enumerate(came.tolist())
            if count == count  # noqa: PLR0124 - NaN: not known
        ),
        line="".join(
            f"M{n * step:.1f} {_y(line, top):g}h{step:.1f}" for n, line in enumerate(lines.tolist())
        ),
        rings=[_ring(track, one, step) for one in rung],
        hits=_places(found.begin & found.warned, step),
        misses=_places(found.begin & ~found.warned, step),
    )


def _ring(track: Track, episode: Episode, step: float) -> Ring:
    width = round(max(episode.runs * step, 3.0), 1)
    return Ring(round(episode.rang * step, 1), width, verdict(track, episode).outcome.value)


def _places(where: AnyArray, step: float) -> list[float]:
    return [round((n + 0.5) * step, 1) for n in np.flatnonzero(where).tolist()]


def _y(count: float, top: float) -> float:
    return round(_FLOOR - count / top * (_FLOOR - _TOP), 1)
