"""Lines that messages of several kinds share: what was counted, the baseline, the data's age."""

from __future__ import annotations

from alerts import wording
from alerts.facts import WhenComplete
from alerts.messages import FindingData, MessageData, Step
from core.alerts import SHORT_ID, AlertState
from core.quantities import quantity, said
from core.rhythm import days
from core.text import sparkline


def counts_so_far(data: MessageData | FindingData) -> str:
    """Return the newest complete counts, and what was seen since."""
    if not data.recent:
        return ""
    counts = [point.count for point in data.recent]
    listed = ", ".join("unknown" if count is None else f"{count:,}" for count in counts)
    line = (
        f"{sparkline(counts)} {listed}: {data.unit} per {data.period}, "
        f"{data.recent[0].period} to {data.recent[-1].period}"
    )
    parts = [line]
    seen = ", ".join(f"{point.count:,} in {point.period}" for point in data.seen_so_far)
    if seen:
        parts.append(f"since then, still incomplete: {seen}")
    late = data.expected_when_complete if isinstance(data, MessageData) else ()
    return "; ".join([*parts, *map(_when_complete, late)])


def _when_complete(one: WhenComplete) -> str:
    """Return "2024-06: reported 9, expected when complete 12 (10–15)": a dip may be late."""
    reported = "nothing" if one.reported is None else f"{one.reported:,}"
    interval = f"{one.low_90:,}–{one.high_90:,}"
    return f"{one.period}: reported {reported}, expected when complete {one.median:,} ({interval})"


def baseline(data: MessageData | FindingData) -> str:
    """Return the baseline with the days that it is the mean of."""
    base = data.baseline
    if base is None:
        return "unknown: less than a year of complete data"
    return (
        f"{said(wording.number(base.mean), data.unit)} per {data.period} on average, "
        f"{wording.days(base.first, base.last)}"
    )


def incidents(data: MessageData | FindingData) -> list[str]:
    """Return the incidents behind the newest counts: how many, then one line for each shown."""
    behind = data.behind
    if behind is None:
        return []
    closed = ", ".join(behind.withheld)
    head = f"{quantity(behind.count, 'incidents')} since {wording.day(behind.since)}"
    if not behind.newest:
        return [f"{head}, for use inside only: {closed} does not share rows"]
    shown = [
        f"{one.day.isoformat()} {one.feed} {one.id}" + (f": {one.source}" if one.source else "")
        for one in behind.newest
    ]
    left = behind.count - len(shown)
    inside = f" (rows of {closed} stay inside)" if closed else ""
    more = [f"and {left:,} more{inside}"] if left else []
    return [f"{head}; the newest:" if left else f"{head}:", *shown, *more]


def name_of(data: Step, of: str) -> tuple[str, str]:
    """Return the alert's id as a row, and how it is acknowledged where no page of ours is linked.

    `of` says what it is an alert of, such as its rule and watch.
    """
    told = f"{data.alert_id}, step {data.sequence}, {of}"
    if data.links.alert or data.state is not AlertState.FIRING:
        return "Alert", told
    short = data.alert_id[:SHORT_ID]
    return "Alert", f"{told}; to acknowledge: tocsin alerts ack {short} --by NAME"


def to_do(data: Step, action: str) -> tuple[str, str]:
    """Return the rule's action as a row: what it asked for, where the alert is over."""
    return "To do" if data.state.is_open else "Was to do", action


def level(data: MessageData | FindingData) -> str:
    """Return since when the region runs at its present level; "" where no change is likely."""
    since = data.level_since
    if since is None:
        return ""
    return (
        f"{said(wording.number(since.mean), data.unit)} per {data.period} since {since.period}, "
        f"when the level changed ({wording.likelihood(since.probability)})"
    )


def data_age(data: MessageData | FindingData) -> str:
    """Return to which day the data are complete, how old they are, and what is missing."""
    age = days(max((data.cutoff - data.data_as_of).days, 0))
    line = f"complete to {wording.day(data.data_as_of)}, {age} old; "
    line += f"cut-off {wording.day(data.cutoff)}"
    if isinstance(data, MessageData) and data.not_yet_reported:
        line += f"; over but not yet reported: {', '.join(data.not_yet_reported)}"
    if data.overdue:
        line += (
            f"; news are due from {', '.join(data.overdue)}: what you see may be calm or silence"
        )
    return line
