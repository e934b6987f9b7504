"""What an open alert looked back on, against what a run sees there now.

Facts of two runs are compared by period: a count that differs was revised by its source, a
threshold or a line that differs was moved by the region's baseline or by the rule's owner.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from core.alerts import Evaluation, Json, Reading, Remark, RemarkKind

_SHOWN = 6
"""Corrected periods that a remark lists; it counts the rest."""


@dataclass(frozen=True)
class Past:
    """The facts that an alert opened with, and those of its last step; empty where unknown."""

    opening: Json = field(default_factory=dict)
    latest: Json = field(default_factory=dict)


class Correction(NamedTuple):
    """A complete period's count, as it was and as it is."""

    period: str
    before: int
    after: int


def corrections(past: Past, now: Json) -> list[Correction]:
    """Return the complete periods whose counts were revised since the last step."""
    known = {point["period"]: point["count"] for point in now.get("recent", ())}
    pairs = (
        (point["period"], point["count"], known.get(point["period"]))
        for point in past.latest.get("recent", ())
    )
    return [
        Correction(period, before, after)
        for period, before, after in pairs
        if before is not None and after is not None and before != after
    ]


def taken_back(past: Past, evaluation: Evaluation) -> bool:
    """Return whether the source took back what the last step was based on, and nothing else moved.

    Some counts were lowered, none was raised, and no level asks for more than it did: a moved
    threshold would look like a retraction.
    """
    found = corrections(past, evaluation.facts)
    if not found or any(one.after > one.before for one in found):
        return False
    before = {level["severity"]: level for level in past.latest.get("levels", ())}
    return all(_asks_no_more(before.get(r.severity), r) for r in evaluation.readings)


def clear_line(past: Past, evaluation: Evaluation) -> float:
    """Return the probability below which a run counts as clear: the stricter of then and now."""
    opened: float = past.opening.get("clear_probability", evaluation.clear_probability)
    return min(opened, evaluation.clear_probability)


def clear_runs(past: Past, asked: int) -> int:
    """Return the clear runs in a row that end an alert: the stricter of then and now."""
    return max(int(past.opening.get("clear_after", asked)), asked)


def counts_otherwise(past: Past, evaluation: Evaluation) -> bool:
    """Return whether what is counted is not what the alert opened with any more."""
    opened = past.opening.get("unit")
    return opened is not None and evaluation.facts.get("unit") not in (None, opened)


def with_before(past: Past, now: Json) -> Json:
    """Return a run's facts with what the last step said, where both are of a forecast."""
    if now.get("about") != "forecast" or past.latest.get("about") != "forecast":
        return now
    return {**now, "before": {key: past.latest[key] for key in ("cutoff", "expected", "levels")}}


def remarks(past: Past, evaluation: Evaluation) -> Iterator[Remark]:
    """Yield what a step has to say beside its reason: corrected, shifted, changed."""
    found = corrections(past, evaluation.facts)
    if found:
        listed = ", ".join(f"{one.period} {one.before} → {one.after}" for one in found[:_SHOWN])
        more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
        yield Remark(RemarkKind.CORRECTED, f"the source revised its counts: {listed}{more}")
    if not past.latest or not evaluation.facts:
        return
    if _terms(past.latest) != _terms(evaluation.facts):
        yield Remark(RemarkKind.RULE_CHANGED, "the rule was changed; the alert goes on")
    elif moved := _moved(past.latest, evaluation):
        yield Remark(RemarkKind.LEVEL_SHIFTED, f"the level has shifted: {moved}")


def _asks_no_more(before: Json | None, reading: Reading) -> bool:
    return before is not None and (
        reading.threshold <= before["threshold"] and reading.needed <= before["needed"]
    )


def _terms(facts: Json) -> object:
    """Return what only the rule's owner can move."""
    keys = ("unit", "aggregate", "clear_probability", "clear_after", "limit_days")
    lines = [(level["severity"], level["needed"]) for level in facts.get("levels", ())]
    return [facts.get(key) for key in keys], facts.get("window", {}).get("periods"), lines


def _moved(latest: Json, evaluation: Evaluation) -> str:
    """Return the thresholds that moved with the region's own history, in words."""
    before = {level["severity"]: level["threshold"] for level in latest.get("levels", ())}
    return ", ".join(
        f"{r.severity} from {before[r.severity]} to {r.threshold}"
        for r in evaluation.readings
        if before.get(r.severity, r.threshold) != r.threshold
    )
