"""The window that a map looks through: fitted to what is shown, and its projection."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, cos, floor, log2, radians

Point = tuple[float, float]
"""Latitude and longitude in degrees."""
WIDTH = 1440
"""Units of a drawing; a browser fits it to the page."""
_FLATTEST, _TALLEST = 0.42, 0.62
"""Height of a drawing, in its width."""
_MARGIN = 0.1
"""Around what is shown, in its extent."""
_ROUND = 1 / 32
"""Edges are rounded outwards to a power of two of degrees, at most this share of the window."""
_SMALLEST = 4.0
"""Degrees that a window holds at least: closer up, the outline would show less than it seems to."""
_POLAR = 85.0
"""Degrees of latitude beyond which nothing is drawn."""
_NARROWEST = cos(radians(70))


@dataclass(frozen=True)
class View:
    """A window in the equirectangular projection, true to scale along its middle latitude.

    Source: Snyder (1987), "Map Projections: A Working Manual", USGS Professional Paper 1395,
    chapter 12. `east` is greater than `west`, so one of them may lie beyond the date line.
    """

    west: float
    south: float
    east: float
    north: float

    @property
    def scale(self) -> float:
        """Return the units of a degree of latitude."""
        return WIDTH / ((self.east - self.west) * _squeeze(self.south, self.north))

    @property
    def height(self) -> int:
        """Return the height of the drawing in units."""
        return round((self.north - self.south) * self.scale)

    def at(self, point: Point) -> Point:
        """Return where a point is drawn: units from the left and from the top."""
        latitude, longitude = point
        east = (longitude - self.west) % 360
        return east * WIDTH / (self.east - self.west), (self.north - latitude) * self.scale


WORLD = View(-180.0, -58.0, 180.0, 80.0)


def fit(points: Sequence[Point]) -> View:
    """Return the window that holds all points with some room around them; of none, the world."""
    if not points:
        return WORLD
    south, north = _roomy(min(p[0] for p in points), max(p[0] for p in points))
    west, east = _roomy(*_shortest_arc([p[1] for p in points]))
    return _shaped(west, max(south, -_POLAR), east, min(north, _POLAR))


def _roomy(low: float, high: float) -> tuple[float, float]:
    """Return a stretch with room around it, on round edges: small moves leave the window as it is.

    What is drawn behind a map is kept by its window, and the middles of regions move a little with
    every run.
    """
    room = max((high - low) * _MARGIN, (_SMALLEST - (high - low)) / 2)
    step = 2.0 ** floor(log2((high - low + 2 * room) * _ROUND))
    return floor((low - room) / step) * step, ceil((high + room) / step) * step


def _shortest_arc(longitudes: Sequence[float]) -> tuple[float, float]:
    """Return where the shortest stretch that holds all longitudes begins and ends, going east."""
    found = sorted(set(longitudes))
    gaps = [(b - a, b) for a, b in pairwise([*found, found[0] + 360])]
    widest, start = max(gaps)
    west = start - 360 if start > 180 else start
    return west, west + 360 - widest


def _shaped(west: float, south: float, east: float, north: float) -> View:
    """Return the window grown to a shape that fits a page."""
    squeeze = _squeeze(south, north)
    high, wide = north - south, (east - west) * squeeze
    if high > _TALLEST * wide:
        west, east = _grown(west, east, high / _TALLEST / squeeze)
    elif high < _FLATTEST * wide:
        south, north = _grown(south, north, _FLATTEST * wide)
        south, north = max(south, -_POLAR), min(north, _POLAR)
    if east - west > 360:
        west, east = _grown(west, east, 360.0)
    return View(*(round(edge, 3) for edge in (west, south, east, north)))


def _squeeze(south: float, north: float) -> float:
    """Return how much shorter a degree of longitude is than one of latitude, in the middle."""
    return max(cos(radians((south + north) / 2)), _NARROWEST)


def _grown(low: float, high: float, extent: float) -> tuple[float, float]:
    middle = (low + high) / 2
    return middle - extent / 2, middle + extent / 2
