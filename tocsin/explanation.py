"""What a forecast rests on and why it changed: words for people, keys for machines.

The shape of an explanation is documented in docs/explanations.md; its keys are a promise.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core.explanations import Arrived, Change, Revised
from core.periods import Period
from tocsin.effect_words import effects_in_words

Row = dict[str, Any]
_SHOWN = 0.05
"""An effect smaller than this, and than a hundredth of what is expected, is not worth a word."""
_NAMED = 3
"""New periods that are named one by one; more are added up."""


def explanation(change: Change | None, region: Row) -> Row:
    """Return the explanation of a region's forecast.

    Args:
        change: since the run before, None where that expected nothing of the running period.
        region: a row of the forecast table, all but this.
    """
    ahead = next((step for step in region["forecast"] if step["status"] == "forecast"), None)
    return {
        "words": _words(change, region, ahead),
        "effects": region["effects"],
        "change": change and _facts(change, Period(region["period"])),
    }


def _facts(change: Change, period: Period) -> Row:
    return {
        "since_run": change.run,
        "since": change.cutoff.isoformat(),
        "period": period.label(change.period),
        "before": round(change.before, 3),
        "after": round(change.after, 3),
        "new_data": {
            "effect": round(change.arrived, 3),
            "periods": [
                {
                    "period": period.label(one.period),
                    "count": one.came,
                    "expected": one.expected and round(one.expected, 3),
                }
                for one in change.new_periods
            ],
        },
        "revised_data": {
            "effect": round(change.revised, 3),
            "periods_changed": change.revised_in_all,
            "periods": [
                {"period": period.label(one.period), "before": one.before, "after": one.after}
                for one in change.revised_periods
            ],
        },
        "program": {"effect": round(change.program, 3), "causes": list(change.causes)},
    }


def _words(change: Change | None, region: Row, ahead: Row | None) -> list[str]:
    if ahead is None:
        return []
    return [
        _expected(ahead, region["unit"]),
        *_moved(change, Period(region["period"])),
        *_level(region),
        *_since(region),
        *effects_in_words(region["effects"], ahead["period"]),
        *_dates(region),
        *_made_by(region),
    ]


def _expected(ahead: Row, unit: str) -> str:
    interval = f"90 % interval {ahead['low_90']} to {ahead['high_90']}"
    return f"Expected in {ahead['period']}: {_figure(ahead['mean'])} {unit} ({interval})."


def _level(region: Row) -> list[str]:
    """Return where the region stands: its newest complete period beside its baseline."""
    tempo, baseline = region["tempo"], region["baseline"]
    if tempo["count"] is None:
        return []
    told = f"{tempo['period']}, the newest complete {region['period']}, had {tempo['count']}"
    if baseline["mean"] is None:
        return [f"{told}."]
    span = f"{baseline['from']} to {baseline['to']}"
    return [f"{told}; the baseline, the mean of {span}, is {_figure(baseline['mean'])}."]


def _since(region: Row) -> list[str]:
    """Return since when the level holds, where it has changed more probably than not."""
    level = region["level_since"]
    if level is None:
        return []
    chance = f"{level['probability']:.0%}".replace("%", " %")
    mean = f"{_figure(level['mean'])} a {region['period']}"
    return [f"Its level has been about {mean} since {level['period']} (probability {chance})."]


def _dates(region: Row) -> list[str]:
    """Return the known dates that fall in the forecast window."""
    told = [one["words"] for one in region["known_dates"]]
    return [f"In the window: {', '.join(told)}."] if told else []


def _made_by(region: Row) -> list[str]:
    shares = [f"{one['model']} {one['weight']:.0%}".replace("%", " %") for one in region["models"]]
    note = f" ({region['note']})" if region["note"] else ""
    return [f"Made by {', '.join(shares)}{note}."] if shares else []


def _moved(change: Change | None, period: Period) -> list[str]:
    """Return by how much the expected count moved, and what moved it, in the order of time."""
    if change is None:
        return ["No earlier run forecast it: there is no change to explain."]
    since = f"run {change.run} (cut-off {change.cutoff})"
    least = max(_SHOWN, abs(change.before) / 100)
    parts = [
        (change.arrived, _arrived(change.new_periods, period)),
        (change.revised, _revised(change, period)),
        (change.program, _program(change.causes)),
    ]
    reasons = [f"{words} ({_signed(effect)})" for effect, words in parts if abs(effect) >= least]
    moved = change.after - change.before
    if abs(moved) < least:
        told = f"As in {since}, which expected {_figure(change.before)}"
        return [f"{told}: {'; '.join(reasons)}." if reasons else f"{told}."]
    how = "more" if moved > 0 else "fewer"
    told = f"{_figure(abs(moved))} {how} than in {since}, which expected {_figure(change.before)}"
    return [f"{told}: {'; '.join(reasons)}."]


def _arrived(periods: Sequence[Arrived], period: Period) -> str:
    """Return what came in: "2022-09 came in at 18, 12.1 had been expected"."""
    if not periods:
        return "what has come in of open periods so far"
    if len(periods) <= _NAMED:
        return ", ".join(_came_in(one, period) for one in periods)
    first, last = period.label(periods[0].period), period.label(periods[-1].period)
    whole = f"the {len(periods)} {period.value}s {first} to {last} came in at "
    whole += str(sum(one.came for one in periods))
    expected = [one.expected for one in periods if one.expected is not None]
    if len(expected) < len(periods):
        return f"{whole} in all"
    return f"{whole} in all, {_figure(sum(expected))} had been expected"


def _came_in(one: Arrived, period: Period) -> str:
    told = f"{period.label(one.period)} came in at {one.came}"
    if one.expected is None:
        return told
    return f"{told}, {_figure(one.expected)} had been expected"


def _revised(change: Change, period: Period) -> str:
    """Return what was revised: "2 fewer are now known of 2022-03"."""
    if not change.revised_periods:
        return "late reports are judged anew"
    named = [_recounted(one, period) for one in change.revised_periods]
    others = change.revised_in_all - len(named)
    return ", ".join(named) + (f", and {others} more {period.value}s changed" if others else "")


def _recounted(one: Revised, period: Period) -> str:
    apart = one.after - one.before
    how = "more" if apart > 0 else "fewer"
    return f"{abs(apart)} {how} known of {period.label(one.period)}"


_CAUSES = {
    "version": "another version",
    "configuration": "another configuration",
    "prophet": "Prophet",
}


def _program(causes: Sequence[str]) -> str:
    """Return what of the program is not as it was."""
    return " or ".join(_CAUSES[cause] for cause in causes) or "the program"


def _figure(number: float) -> str:
    """Return a count in as many digits as it deserves: 12.3, 0.4, 0.02."""
    return f"{number:.1f}" if number >= 0.095 or number == 0 else f"{number:.2f}"


def _signed(effect: float) -> str:
    return f"{effect:+.1f}".replace("-", "−")
