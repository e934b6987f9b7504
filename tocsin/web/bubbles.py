"""The bubbles of a map: colour for how likely, size for how many; plain SVG geometry."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from math import sqrt
from typing import NamedTuple

from charts.world.land import Land, land
from charts.world.view import View, fit
from tocsin.forecast_table import Row, likeliest
from tocsin.table_columns import percent
from tocsin.web.packed import Gist, Packed

STEPS = (0.1, 0.25, 0.5, 0.75)
"""Probabilities at which the shade changes; docs/pages.md and the style sheet know five shades."""
LINKED = 300
"""Bubbles that are links, of the most threatened regions; more would make a heavy page."""
_SMALLEST, _LARGEST = 9.0, 40.0
"""Units: the radii of a tempo of 0 and of the largest on the map."""
_SIZES = 4
"""Sizes of bubbles that are no links: they are drawn together."""


class Bubble(NamedTuple):
    """A region on the map: where, in units, and how; `state` is that of its alert, "" for none."""

    x: float
    y: float
    radius: float
    shade: str
    state: str
    region: str
    words: str


class Dot(NamedTuple):
    """A region that is no link: where, in units, and how."""

    x: float
    y: float
    radius: float
    shade: str


class Dots(NamedTuple):
    """Regions that are drawn together: a path of strokes without length, as wide as a bubble."""

    shade: str
    width: float
    path: str


class Sample(NamedTuple):
    """A bubble in the legend, with what it stands for."""

    radius: float
    words: str


class Drawing(NamedTuple):
    """A map. `bubbles` stand from the largest to the smallest, so that none is hidden."""

    view: View
    land: Land
    bubbles: Sequence[Bubble]
    dots: Sequence[Dots]
    sizes: Sequence[Sample]
    missing: Sequence[str]


def drawing(rows: Sequence[Packed], known: Mapping[str, tuple[float, float]]) -> Drawing:
    """Return the map of some rows, the most threatened first; `missing` are those without a place.

    The window fits what is shown.
    """
    located = [one for one in rows if one.gist.region in known]
    view = fit([known[one.gist.region] for one in located])
    largest = max((one.gist.tempo or 0 for one in located), default=0)
    bubbles = [_bubble(one, view, known[one.gist.region], largest) for one in located[:LINKED]]
    dots = [_dot(one.gist, view, known[one.gist.region], largest) for one in located[LINKED:]]
    return Drawing(
        view,
        land(view),
        sorted(bubbles, key=lambda bubble: -bubble.radius),
        _strokes(dots),
        _legend(largest),
        [one.gist.region for one in rows if one.gist.region not in known],
    )


def shade_of(probability: float | None) -> str:
    """Return the class of a shade: "p0" to "p4", "unread" where no rule reads the region."""
    if probability is None:
        return "unread"
    return f"p{sum(probability >= step for step in STEPS)}"


def _bubble(one: Packed, view: View, place: tuple[float, float], largest: int) -> Bubble:
    gist = one.gist
    return Bubble(*_dot(gist, view, place, largest), gist.state, gist.region, _words(one.row()))


def _dot(gist: Gist, view: View, place: tuple[float, float], largest: int) -> Dot:
    x, y = view.at(place)
    radius = _radius(gist.tempo or 0, largest)
    return Dot(round(x, 1), round(y, 1), radius, shade_of(gist.probability))


def _radius(tempo: int, largest: int) -> float:
    """Return a radius: the area over the smallest grows with the tempo, as eyes compare areas."""
    share = tempo / largest if largest else 0.0
    return round(sqrt(_SMALLEST**2 + share * (_LARGEST**2 - _SMALLEST**2)), 1)


def _words(row: Row) -> str:
    """Return what a bubble shows, for those who point at it and those who cannot see it."""
    count, level = row["tempo"]["count"], likeliest(row)
    tempo = "not covered" if count is None else f"{count:,}"
    parts = [f"{row['region']}: {tempo} in {row['tempo']['period']}"]
    if level is not None:
        told = max(row["rules"], key=lambda one: float(one["probability"]))
        parts.append(f"{told['at_least']:,} or more: {percent(level)}")
    if row["alert"]:
        parts.append(f"{row['alert']['severity']}, {row['alert']['state']}")
    return "; ".join(parts)


def _strokes(dots: Sequence[Dot]) -> list[Dots]:
    """Return dots drawn together by shade and size, the largest below."""
    step = (_LARGEST - _SMALLEST) / _SIZES
    alike: dict[tuple[int, str], list[Dot]] = defaultdict(list)
    for dot in dots:
        alike[min(int((dot.radius - _SMALLEST) / step), _SIZES - 1), dot.shade].append(dot)
    return [
        Dots(
            shade,
            round(2 * (_SMALLEST + size * step), 1),
            "".join(f"M{dot.x:.0f} {dot.y:.0f}h0" for dot in alike[size, shade]),
        )
        for size, shade in sorted(alike, reverse=True)
    ]


def _legend(largest: int) -> list[Sample]:
    shown = sorted({largest, round(largest / 4), 0}, reverse=True)
    return [Sample(_radius(count, largest), f"{count:,}") for count in shown]
