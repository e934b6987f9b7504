"""Messages that are not about one step of one alert, as subject words and rows in reading order."""

from __future__ import annotations

from collections.abc import Mapping

from alerts import wording
from alerts.bulletins import DigestData, GroupData, NoticeData
from core.quantities import quantity
from core.settings import SEVERITIES, Severity

Bulletin = GroupData | NoticeData | DigestData
_DOT = " · "


def subject(data: Bulletin) -> str:
    """Return the subject line's words, most urgent first."""
    if isinstance(data, GroupData):
        others = f" and {data.count - 1} more" if data.count > 1 else ""
        return _DOT.join([f"{data.place}{others}", _counted(data)])
    if isinstance(data, DigestData):
        return _DOT.join([data.place, f"digest {data.span}", _alerts(data)])
    return _DOT.join([data.place, data.headline])


def rows(data: Bulletin) -> list[tuple[str, str]]:
    """Return the message as (name, value)."""
    if isinstance(data, GroupData):
        return _group(data)
    if isinstance(data, DigestData):
        return _digest(data)
    return [("What", data.headline), *((line.name, line.value) for line in data.lines)]


def _digest(data: DigestData) -> list[tuple[str, str]]:
    return [
        ("What", f"digest of {', '.join(data.watches)}"),
        ("When", data.span),
        ("Alerts", _alerts(data)),
        (
            "Missed",
            f"{quantity(data.missed, 'crossings')} without a warning" if data.missed else "",
        ),
        ("Data", f"run {data.run}, cut-off {data.cutoff}"),
    ]


def _alerts(data: DigestData) -> str:
    return f"{data.open_alerts} open, {data.new_alerts} new, {data.changed_alerts} changed"


def _group(data: GroupData) -> list[tuple[str, str]]:
    shown = [
        (f"{number}.", f"{step.summary}{'; expected: ' if step.expected else ''}{step.expected}")
        for number, step in enumerate(data.shown, 1)
    ]
    left = sum(data.rest.values())
    rest = f"{left} more, not shown here: {_listed(data.rest)}" if left else ""
    return [
        ("What", f"{quantity(data.count, 'alerts')} changed at once: {_counted(data)}"),
        ("Held", data.held),
        *(("" if number else "To do", action) for number, action in enumerate(data.actions)),
        *shown,
        ("And", rest),
        ("Acknowledge", _acknowledge(data)),
        ("Data", f"complete to {wording.day(data.data_as_of)}" if data.data_as_of else ""),
        *(("" if number else "Sources", line) for number, line in enumerate(data.credits)),
    ]


def _acknowledge(data: GroupData) -> str:
    """Return how its alerts are acknowledged, where no page of ours is linked."""
    rings = data.count > data.resolved and not data.link
    return "tocsin alerts list shows their ids, tocsin alerts ack ID --by NAME" if rings else ""


def _counted(data: GroupData) -> str:
    parts = [_listed(data.by_severity)] if data.by_severity else []
    if data.resolved:
        parts.append(f"{data.resolved} RESOLVED")
    return ", ".join(parts)


def _listed(counts: Mapping[Severity, int]) -> str:
    ordered = [severity for severity in reversed(SEVERITIES) if counts.get(severity)]
    return ", ".join(f"{counts[severity]} {severity.upper()}" for severity in ordered)
