"""What is drawn behind a map: countries, their names, and a grid, as SVG paths in whole units."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from math import ceil
from typing import NamedTuple

import numpy as np

from charts.world.atlas import countries
from charts.world.view import WIDTH, View
from core.series import FloatArray

Spot = tuple[int, int]
"""A place in a drawing, in units from the left and from the top."""
_STEP = 3
"""Units between points that are told apart: finer would weigh more and look the same."""
_OUTSIDE = 6
"""Units beyond the edge of a drawing at which shapes are cut, so that no cut is seen."""
_SPACINGS = (1, 2, 5, 10, 20, 30)
_LINES = 9
"""Most lines of the grid from west to east."""
_LETTER, _LETTER_HEIGHT = 13, 26
"""Units that a letter of a name takes."""
_KEPT = 64


class Name(NamedTuple):
    """A country's name and where its middle is."""

    x: int
    y: int
    text: str


class Land(NamedTuple):
    """What is seen through a window; `shapes` and `grid` are SVG paths."""

    shapes: str
    grid: str
    names: Sequence[Name]


@lru_cache(maxsize=_KEPT)
def land(view: View) -> Land:
    """Return what is seen through a window."""
    shapes, names = [], []
    for country in countries():
        rings = [ring for shape in country.rings for ring in _seen(shape, view)]
        shapes += rings
        largest = max(rings, key=lambda ring: abs(_area(ring)), default=None)
        if largest and country.name and (name := _named(country.name, largest, view)):
            names.append(name)
    return Land("".join(map(_path, shapes)), _grid(view), names)


def _seen(ring: FloatArray, view: View) -> Iterator[list[Spot]]:
    """Yield what is seen of a ring: a window beyond the date line sees it from the other side."""
    low, high = ring.min(axis=0), ring.max(axis=0)
    if low[1] > view.north or high[1] < view.south:
        return
    for turn in (-360, 0, 360):
        if low[0] + turn <= view.east and high[0] + turn >= view.west:
            cut = _cut(_thinned(ring, view, turn), view)
            if len(cut) > 2:
                yield cut


def _thinned(ring: FloatArray, view: View, turn: int) -> list[Spot]:
    """Return the points of a ring in units, on a grid of `_STEP`, none twice in a row.

    Each is rounded by itself, so neighbours keep their common border.
    """
    x = (ring[:, 0] + turn - view.west) * (WIDTH / (view.east - view.west))
    y = (view.north - ring[:, 1]) * view.scale
    spots = (np.rint(np.column_stack([x, y]) / _STEP) * _STEP).astype(np.int64)
    moved = np.any(spots != np.roll(spots, 1, axis=0), axis=1)
    return [(a, b) for a, b in spots[moved].tolist()]


def _cut(ring: list[Spot], view: View) -> list[Spot]:
    """Return the part of a ring inside the drawing.

    Source: Sutherland and Hodgman (1974), "Reentrant polygon clipping", CACM 17(1).
    """
    edges = (
        (0, -_OUTSIDE, 1),
        (0, WIDTH + _OUTSIDE, -1),
        (1, -_OUTSIDE, 1),
        (1, view.height + _OUTSIDE, -1),
    )
    for axis, limit, side in edges:
        ring = list(_beside(ring, axis, limit, side))
    return ring


def _beside(ring: list[Spot], axis: int, limit: int, side: int) -> Iterator[Spot]:
    """Yield the part of a ring on one side of an upright or level line."""
    for n, here in enumerate(ring):
        before = ring[n - 1]
        inside, was_inside = (side * (spot[axis] - limit) >= 0 for spot in (here, before))
        if inside != was_inside:
            share = (limit - before[axis]) / (here[axis] - before[axis])
            x, y = (round(a + share * (b - a)) for a, b in zip(before, here, strict=True))
            yield x, y
        if inside:
            yield here


def _path(ring: Sequence[Spot]) -> str:
    """Return a closed path of steps from point to point."""
    (x, y), *others = ring
    steps = []
    for across, down in others:
        steps.append(f"{across - x} {down - y}")
        x, y = across, down
    return f"M{ring[0][0]} {ring[0][1]}l{' '.join(steps)}z".replace(" -", "-")


def _area(ring: Sequence[Spot]) -> float:
    """Return the area with its sign (the shoelace formula)."""
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in _sides(ring)) / 2


def _sides(ring: Sequence[Spot]) -> Iterator[tuple[Spot, Spot]]:
    return ((ring[n - 1], here) for n, here in enumerate(ring))


def _named(name: str, ring: Sequence[Spot], view: View) -> Name | None:
    """Return a name at the centroid of a ring, None where it has no room."""
    area = _area(ring)
    wide = max(x for x, _ in ring) - min(x for x, _ in ring)
    high = max(y for _, y in ring) - min(y for _, y in ring)
    reach = len(name) * _LETTER
    if not area or wide < reach or high < 2 * _LETTER_HEIGHT:
        return None

    def middle(axis: int) -> int:
        return round(
            sum((a[axis] + b[axis]) * (a[0] * b[1] - b[0] * a[1]) for a, b in _sides(ring))
            / (6 * area)
        )

    x = min(max(middle(0), reach // 2), WIDTH - reach // 2)
    return Name(x, min(max(middle(1), _LETTER_HEIGHT), view.height - _LETTER_HEIGHT), name)


def _grid(view: View) -> str:
    """Return meridians and parallels at round degrees."""
    span = view.east - view.west
    every = next((one for one in _SPACINGS if span / one <= _LINES), _SPACINGS[-1])
    meridians = _round(view.west, view.east, every, lambda at: (at - view.west) * WIDTH / span)
    parallels = _round(view.south, view.north, every, lambda at: (view.north - at) * view.scale)
    upright = "".join(f"M{x} 0V{view.height}" for x in meridians)
    return upright + "".join(f"M0 {y}H{WIDTH}" for y in parallels)


def _round(low: float, high: float, every: int, place: Callable[[float], float]) -> list[int]:
    first = ceil(low / every)
    return [round(place(n * every)) for n in range(first, ceil(high / every))]
