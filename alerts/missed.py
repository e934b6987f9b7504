"""Was anybody warned? What crossed a rule's line, against the alerts that were firing by then.

A *crossing* begins in a period that reaches the line that applied when it began, after one that
did not; a period that is not known begins and ends nothing. For a rule on totals the window that
begins in the period stands in the period's place. It was *warned of* when an alert of its rule and
region was firing as its first day began, as docs/alerts.md defines a hit.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time
from enum import StrEnum
from typing import Literal, NamedTuple

from core.clock import stamp
from core.settings import Severity


class Heard(StrEnum):
    """What people had heard when a crossing began."""

    WARNED = "warned"
    RANG_LATE = "rang late"
    NOT_WARNED = "not warned"


class Line(NamedTuple):
    """One level of a rule as it applied when a period began."""

    severity: Severity
    threshold: int


class Crossing(NamedTuple):
    """Periods in a row that reached a line, by index; of totals, those in which windows began.

    `severity` and `threshold` are of the most severe level that `most`, the highest value, reached.
    """

    first: int
    last: int
    most: int
    severity: Severity
    threshold: int


class Spell(NamedTuple):
    """When an alert was firing: stamps; `ended` None while it goes on."""

    alert_id: str
    fired: str
    ended: str | None


def compared(
    counts: Mapping[int, int], aggregate: Literal["any", "total"], within: int
) -> dict[int, int]:
    """Return per period what its rule compares: its count, or the sum of its whole window."""
    if aggregate == "any":
        return dict(counts)
    windows = {first: range(first, first + within) for first in counts}
    return {
        first: sum(counts[period] for period in window)
        for first, window in windows.items()
        if all(period in counts for period in window)
    }


def crossings(
    values: Mapping[int, int], lines: Mapping[int, Sequence[Line]], after: int | None = None
) -> Iterator[Crossing]:
    """Yield the crossings among values by period, oldest first.

    Args:
        values: what came, see `compared`.
        lines: per period the levels that applied, from least to most severe; a period without
            any begins nothing.
        after: what begins in this period or before it is left out; None: nothing is.
    """
    above = {p for p, value in values.items() if lines.get(p) and value >= _lowest(lines[p])}
    for first in sorted(above):
        if first - 1 in above or first - 1 not in values:
            continue
        if after is not None and first <= after:
            continue
        last = first
        while last + 1 in above:
            last += 1
        peak = max(range(first, last + 1), key=lambda period: values[period])
        reached = [line for line in lines[peak] if values[peak] >= line.threshold]
        yield Crossing(first, last, values[peak], *reached[-1])


def heard(begins: date, ends: date, spells: Iterable[Spell]) -> tuple[Heard, str | None]:
    """Return what people had heard of a crossing, and by which alert.

    Args:
        begins: its first day.
        ends: its last day.
        spells: of the alerts of its rule and region.
    """
    start = stamp(datetime.combine(begins, time.min, UTC))
    over = stamp(datetime.combine(ends, time.max, UTC))
    late = None
    for spell in sorted(spells, key=lambda spell: spell.fired):
        if spell.fired <= start and (spell.ended is None or spell.ended > start):
            return Heard.WARNED, spell.alert_id
        if start < spell.fired <= over and late is None:
            late = spell.alert_id
    return (Heard.RANG_LATE, late) if late else (Heard.NOT_WARNED, None)


def _lowest(lines: Sequence[Line]) -> int:
    return min(line.threshold for line in lines)
