"""The small chart in a row of the overview: what was counted, and what is forecast.

Plain SVG geometry; the template draws it. Nothing is styled here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

STEP, HEIGHT, BASE = 5, 30, 2
"""Pixels: width of a period, height of the chart, and the least height of a count that is known."""
_GAP = 3


class Whisker(NamedTuple):
    """A forecast period: the 90 % interval from `low` up to `high`, and the median, in pixels."""

    x: float
    low: float
    high: float
    median: float


class Spark(NamedTuple):
    """`bars` and `unknown` are SVG paths; `baseline` is a height or None; `words` says it all."""

    width: float
    bars: str
    unknown: str
    whiskers: Sequence[Whisker]
    baseline: float | None
    now: float
    words: str


def spark(row: dict[str, Any]) -> Spark:
    """Return the chart of a row of the forecast table (docs/table.md)."""
    counts = [point["count"] for point in row["recent"]]
    ahead = row["forecast"]
    top = max(1, *(count or 0 for count in counts), *(step["high_90"] for step in ahead))
    now = STEP * len(counts) + _GAP / 2
    baseline = row["baseline"]["mean"]
    return Spark(
        width=STEP * (len(counts) + len(ahead)) + _GAP,
        bars=_bars(counts, top),
        unknown=_unknown(counts),
        whiskers=[_whisker(n, len(counts), step, top) for n, step in enumerate(ahead)],
        baseline=None if baseline is None or baseline > top else _y(baseline, top),
        now=now,
        words=_words(row),
    )


def _y(value: float, top: float) -> float:
    return round(HEIGHT - value / top * (HEIGHT - 1), 1)


def _bars(counts: Sequence[int | None], top: float) -> str:
    """Return one upright stroke per known count; a zero is a stub, so that it is not missing."""
    return "".join(
        f"M{STEP * n + STEP / 2:g} {HEIGHT}V{min(_y(count, top), HEIGHT - BASE / 2):g}"
        for n, count in enumerate(counts)
        if count is not None
    )


def _unknown(counts: Sequence[int | None]) -> str:
    """Return a dot on the ground per period that no source covers."""
    return "".join(
        f"M{STEP * n + STEP / 2:g} {HEIGHT - 4}h.01"
        for n, count in enumerate(counts)
        if count is None
    )


def _whisker(n: int, known: int, step: dict[str, Any], top: float) -> Whisker:
    x = STEP * (known + n) + _GAP + STEP / 2
    return Whisker(x, *(_y(step[key], top) for key in ("low_90", "high_90", "median")))


def _words(row: dict[str, Any]) -> str:
    """Return the chart for those who cannot see it."""
    recent = row["recent"][-6:]
    counted = ", ".join("not covered" if p["count"] is None else str(p["count"]) for p in recent)
    return f"Last {len(recent)}: {counted}" if recent else "Nothing counted yet"
