"""What a message about a silent feed says: words of the subject, and rows in reading order."""

from __future__ import annotations

from alerts import wording
from alerts.messages import Message, SilenceData
from alerts.passages import name_of, to_do
from core.rhythm import days


def headline(message: Message, data: SilenceData) -> str:
    """Return what rings: "ELEVATED: no new data from ucdp-nigeria"."""
    severity = data.severity.upper()
    if message.type == "alert.resolved":
        return f"RESOLVED (was {severity}): new data from {data.feed}"
    return f"{wording.step(message.type, severity, data.reason)}: no new data from {data.feed}"


def lead(data: SilenceData) -> str:
    """Return what stands at the end of a subject's first words: since when."""
    return f"last news {wording.day(data.since)}"


def rows(message: Message, data: SilenceData) -> list[tuple[str, str]]:
    """Return the message as (name, value)."""
    return [
        ("What", headline(message, data)),
        ("Where", f"feed {data.feed}, which watch {data.watch} reads"),
        ("Last news", f"{wording.day(data.since)}, {days(data.days)} before this run"),
        ("Rhythm", _rhythm(data)),
        ("Why", data.reason_in_words),
        ("Means", data.meaning),
        to_do(data, data.action),
        ("Owner", data.owner),
        ("Clears", data.clears_when),
        ("Data", f"cut-off {wording.day(data.cutoff)}"),
        name_of(data, f"rule {data.rule} of {data.watch}"),
    ]


def _rhythm(data: SilenceData) -> str:
    rings = f"the rule rings when it is silent for more than {days(data.limit_days)}"
    if data.rhythm_days is None:
        return f"not known yet; {rings}"
    return f"news every {days(data.rhythm_days)} or sooner; {rings}"
