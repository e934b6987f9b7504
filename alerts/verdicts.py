"""Did it come true? What an alert warned of when it fired, against what was counted in the end.

A verdict is given once, when the data cover the whole window. It is about the window, count and
unit of the day on which the alert fired, whatever the alert has become since.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from alerts import wording
from alerts.facts import Facts
from alerts.lifecycle import Reason
from core.alerts import Alert, Json
from core.forecasts import WatchResult
from core.quantities import quantity
from core.settings import Severity


class Warned(NamedTuple):
    """An alert that fired, its facts of that day, and the likelihood that it told."""

    alert: Alert
    facts: Json
    severity: Severity
    probability: float


class Judged(NamedTuple):
    """A verdict: one of three reasons, what was counted, and both in words."""

    warned: Warned
    reason: Reason
    observed: int | None
    threshold: int
    words: str


Counts = Sequence[int | None]


def judged(result: WatchResult, waiting: Iterable[Warned]) -> Iterator[Judged]:
    """Yield the verdicts that a block's counts allow; an alert whose window goes on has none."""
    rows = {key: row for row, key in enumerate(result.outlook.panel.keys)}
    for warned in waiting:
        row = rows.get(warned.alert.region)
        if row is None or warned.alert.watch != result.watch:
            continue
        facts = Facts.model_validate(warned.facts)
        period = result.outlook.panel.period
        first, last = period.of(facts.window.first), period.of(facts.window.last)
        if result.unit == facts.unit and last <= result.outlook.panel.ends[row]:
            counts = _counts(result, row, first, last)
            expected = {c.period: c.median for c in result.standings[row].completed}
            late = [expected.get(first + n, count) for n, count in enumerate(counts)]
            yield verdict(warned, facts, counts, late)


def verdict(warned: Warned, facts: Facts, counts: Counts, late: Counts) -> Judged:
    """Return the verdict on counts of every period of the window; None where one is unknown.

    Args:
        warned: the alert.
        facts: its facts, read.
        counts: as reported.
        late: as expected when all reports are in. Where these reach the threshold and the
            reported ones do not, or a period is unknown, it is undecided.
    """
    threshold = next(
        (level.threshold for level in facts.levels if level.severity == warned.severity),
        warned.alert.threshold,
    )
    reported, coming = _compared(counts, facts.aggregate), _compared(late, facts.aggregate)
    if reported is not None and reported >= threshold:
        reason = Reason.CAME_TRUE
    elif None in counts or (coming is not None and coming >= threshold):
        reason = Reason.UNDECIDED
    else:
        reason = Reason.DID_NOT_COME_TRUE
    return Judged(warned, reason, reported, threshold, _words(facts, reason, reported, threshold))


def _counts(result: WatchResult, row: int, first: int, last: int) -> list[int | None]:
    """Return the counts of periods by index, None where they are unknown."""
    panel = result.outlook.panel
    oldest = int(panel.ends[row]) - panel.counts.shape[1] + 1
    found: list[int | None] = []
    for period in range(first, last + 1):
        column = period - oldest
        value = float(panel.counts[row, column]) if column >= 0 else math.nan
        found.append(None if math.isnan(value) else int(value))
    return found


def _compared(counts: Counts, aggregate: str) -> int | None:
    """Return what the rule compares, of the periods that are known; None when none is."""
    known = [count for count in counts if count is not None]
    if not known:
        return None
    return sum(known) if aggregate == "total" else max(known)


_TOLD: Mapping[Reason, str] = {
    Reason.CAME_TRUE: "it came true",
    Reason.DID_NOT_COME_TRUE: "it did not come true",
    Reason.UNDECIDED: "it cannot be decided: reports are missing or still coming in",
}


def _words(facts: Facts, reason: Reason, observed: int | None, threshold: int) -> str:
    span = "in total" if facts.aggregate == "total" else f"in the largest {facts.period}"
    counted = f"no {facts.unit} known" if observed is None else quantity(observed, facts.unit)
    return (
        f"{_TOLD[reason]}: {counted} {span} of "
        f"{wording.days(facts.window.first, facts.window.last)}; {threshold:,} or more were "
        "warned of"
    )
