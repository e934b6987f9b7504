"""The large chart of a region: history, the fan of its forecast, and the line of a threshold.

Plain SVG geometry in pixels of the drawing; the template draws it, and the browser moves the line.
That is why it is not one of the pictures that mail carries: the script must know its axis.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

from tocsin.web.backdrop import Point

WIDTH, HEIGHT = 960, 320
LEFT, RIGHT, TOP, BOTTOM = 44, 12, 12, 26
FLOOR = HEIGHT - BOTTOM
"""Pixels: the drawing, its margins, and the height at which a count is 0."""
_TICKS = 5
_LABELS = 9
_LABEL = 70
"""Pixels that the longest label of a period takes."""


class Tick(NamedTuple):
    """A mark on an axis: where, and what it says."""

    at: float
    text: str


class Late(NamedTuple):
    """A period whose reports still come in: the interval that is expected when it is complete."""

    x: float
    low: float
    high: float
    median: float


class Earlier(NamedTuple):
    """What was forecast of a period that is over: median and 90 % interval."""

    period: str
    low: int
    median: int
    high: int


class Lines(NamedTuple):
    """Levels to compare counts with; None is drawn nowhere.

    Attributes:
        threshold: a count that has to be in the drawing.
        baseline: the mean of the year before the newest complete period.
        level: the mean since the newest change of level; `since` is the period of that change.
    """

    threshold: int = 0
    baseline: float | None = None
    level: float | None = None
    since: str | None = None


class Level(NamedTuple):
    """The mean since a change of level: from where it is drawn, and at which height."""

    x: float
    y: float


class Fan(NamedTuple):
    """What the template draws; `wide`, `narrow` and `median` are SVG paths.

    `past` and `past_median` are those of earlier forecasts. `top` is the count at the upper edge
    of the axis; `step` the width of a period; `now` where the forecast begins; `marks` are known
    dates.
    """

    step: float
    top: int
    bars: str
    open_bars: str
    unknown: str
    wide: str
    narrow: str
    median: str
    past: str
    past_median: str
    late: Sequence[Late]
    baseline: float | None
    level: Level | None
    now: float
    rows: Sequence[Tick]
    columns: Sequence[Tick]
    marks: Sequence[Tick]

    def y(self, count: float) -> float:
        """Return the height of a count."""
        return _y(count, self.top)


_NO_LINES = Lines()


def fan(
    history: Sequence[Point],
    ahead: Sequence[dict[str, Any]],
    late: Sequence[dict[str, Any]] = (),
    lines: Lines = _NO_LINES,
    dates: Sequence[tuple[str, str]] = (),
    past: Sequence[Earlier] = (),
) -> Fan:
    """Return the chart of a region.

    Args:
        history: complete periods, oldest first.
        ahead: steps with `period`, `low_90`, `low_50`, `median`, `high_50`, `high_90`, `reported`.
        late: newest periods with `period`, `low_90`, `high_90`, `median`: expected when complete.
        lines: levels to compare with.
        dates: known dates: the period that each begins in, and what it is called.
        past: what was forecast of complete periods; those outside of the history are not drawn.
    """
    known = [point.counted or 0 for point in history]
    shown = {point.period for point in history}
    past = [one for one in past if one.period in shown]
    highest = [*(step["high_90"] for step in (*ahead, *late)), *(one.high for one in past)]
    ticks = nice(max(1, lines.threshold, *known, *highest))
    top = ticks[-1]
    step = (WIDTH - LEFT - RIGHT) / max(1, len(history) + len(ahead))
    place = {
        label: LEFT + step * (n + 0.5)
        for n, label in enumerate([*(p.period for p in history), *(s["period"] for s in ahead)])
    }
    columns = _edges(ahead, place, step)
    return Fan(
        step=round(step, 2),
        top=top,
        bars=_bars([(place[p.period], p.counted) for p in history], top),
        open_bars=_bars([(place[s["period"]], s["reported"]) for s in ahead], top),
        unknown="".join(
            f"M{place[p.period]:.1f} {FLOOR - 5}h.01" for p in history if p.counted is None
        ),
        wide=_band(columns, "low_90", "high_90", top),
        narrow=_band(columns, "low_50", "high_50", top),
        median=_line([(x, _y(s["median"], top)) for x, s in columns]),
        past="".join(
            _box(place[one.period], step, _y(one.low, top), _y(one.high, top)) for one in past
        ),
        past_median="".join(
            f"M{place[one.period] - step / 2:.1f} {_y(one.median, top):g}h{step:.1f}"
            for one in past
        ),
        late=[
            Late(place[o["period"]], *(_y(o[key], top) for key in ("low_90", "high_90", "median")))
            for o in late
            if o["period"] in place
        ],
        baseline=_inside(lines.baseline, top),
        level=_level(lines, place, step, top),
        now=round(LEFT + step * len(history), 1),
        rows=[Tick(_y(tick, top), f"{tick:,}") for tick in ticks],
        columns=_dated(place),
        marks=[Tick(round(place[period], 1), said) for period, said in dates if period in place],
    )


def nice(top: float) -> list[int]:
    """Return whole marks from 0 until one is at least `top`, in steps of 1, 2 or 5 times ten^n."""
    rough = max(1.0, top / _TICKS)
    power = 10 ** math.floor(math.log10(rough))
    step = next(int(power * n) for n in (1, 2, 5, 10) if power * n >= rough)
    return list(range(0, math.ceil(top / step) * step + 1, step))


def _inside(mean: float | None, top: int) -> float | None:
    """Return the height of a mean; one above the axis is not drawn at a wrong height."""
    return None if mean is None or mean > top else _y(mean, top)


def _level(lines: Lines, place: dict[str, float], step: float, top: int) -> Level | None:
    """Return where the level since its change begins: at the left edge if that was before."""
    height = _inside(lines.level, top)
    if height is None or lines.since is None:
        return None
    start = place.get(lines.since)
    return Level(LEFT if start is None else round(start - step / 2, 1), height)


def _y(count: float, top: float) -> float:
    return round(FLOOR - count / top * (FLOOR - TOP), 1)


def _bars(points: Sequence[tuple[float, int | None]], top: int) -> str:
    """Return one upright stroke per known count; a zero is a stub, so that it is not missing."""
    return "".join(
        f"M{x:.1f} {FLOOR}V{min(_y(count, top), FLOOR - 1):g}"
        for x, count in points
        if count is not None
    )


def _edges(
    ahead: Sequence[dict[str, Any]], place: dict[str, float], step: float
) -> list[tuple[float, dict[str, Any]]]:
    """Return both edges of every forecast period: a count holds for all of its period."""
    return [(place[s["period"]] + side * step / 2, s) for s in ahead for side in (-1, 1)]


def _band(columns: Sequence[tuple[float, dict[str, Any]]], low: str, high: str, top: int) -> str:
    over = [(x, _y(s[high], top)) for x, s in columns]
    under = [(x, _y(s[low], top)) for x, s in reversed(columns)]
    return f"{_line([*over, *under])}Z" if columns else ""


def _box(x: float, width: float, low: float, high: float) -> str:
    """Return a box over a period, at least a stroke high: an interval of one count is seen, too."""
    high = min(high, low - 1)
    return f"M{x - width / 2:.1f} {low:g}h{width:.1f}V{high:g}h{-width:.1f}z"


def _line(points: Sequence[tuple[float, float]]) -> str:
    return "".join(f"{'L' if n else 'M'}{x:.1f} {y:g}" for n, (x, y) in enumerate(points))


def _dated(place: dict[str, float]) -> list[Tick]:
    """Return some labels under the axis, evenly spaced, the newest period among them."""
    labels = list(place)
    every = max(1, math.ceil(len(labels) / _LABELS))
    shown = labels[::-1][::every]
    return [
        Tick(round(min(place[label], WIDTH - _LABEL / 2), 1), label) for label in reversed(shown)
    ]
