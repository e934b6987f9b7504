"""The countries of the world as rings of longitudes and latitudes, read from TopoJSON.

Source: the TopoJSON format specification 1.0, sections 2.1.1 (transforms) and 2.1.4 (arc indexes).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from core.series import FloatArray

_FILE = Path(__file__).with_name("countries-50m.json")


class Country(NamedTuple):
    """A country: its name, and its rings, each (points, 2) of longitude and latitude in degrees.

    The name is "" where ISO 3166 has no code for it. Holes are rings like others; no ring crosses
    the date line.
    """

    name: str
    rings: tuple[FloatArray, ...]


@cache
def countries() -> tuple[Country, ...]:
    """Return all countries; they are read once."""
    topology = json.loads(_FILE.read_text(encoding="utf-8"))
    arcs = _arcs(topology)
    shapes = topology["objects"]["countries"]["geometries"]
    return tuple(
        Country(
            one["properties"]["name"] if "id" in one else "",
            tuple(_ring(ring, arcs) for ring in _rings(one)),
        )
        for one in shapes
    )


def _arcs(topology: Mapping[str, Any]) -> list[FloatArray]:
    """Return every arc's points; they are stored as whole steps from one to the next."""
    scale = np.array(topology["transform"]["scale"])
    start = np.array(topology["transform"]["translate"])
    return [np.cumsum(np.array(arc), axis=0) * scale + start for arc in topology["arcs"]]


def _rings(shape: Mapping[str, Any]) -> Iterator[Sequence[int]]:
    """Yield the arc numbers of each ring of a Polygon or MultiPolygon."""
    polygons = [shape["arcs"]] if shape["type"] == "Polygon" else shape["arcs"]
    for polygon in polygons:
        yield from polygon


def _ring(numbers: Sequence[int], arcs: Sequence[FloatArray]) -> FloatArray:
    """Return the points of a ring: arcs end to end; ~n is arc n backwards."""
    parts = [arcs[n] if n >= 0 else arcs[~n][::-1] for n in numbers]
    return np.concatenate([part[:-1] for part in parts])
