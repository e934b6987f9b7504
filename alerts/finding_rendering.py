"""What a message about a finding says: what was counted, not what is forecast."""

from __future__ import annotations

from alerts import wording
from alerts.messages import FindingData, Message
from alerts.passages import baseline, counts_so_far, data_age, level, name_of, to_do
from core.quantities import quantity


def headline(message: Message, data: FindingData) -> str:
    """Return what rings: "HIGH: 12 deadly events in 2022-09"."""
    return f"{wording.step(message.type, data.severity, data.reason)}: {data.headline}"


def lead(data: FindingData) -> str:
    """Return what stands at the end of a subject's first words: when, and how sure a count is."""
    window = wording.window(data.window.first, data.window.last, data.period)
    if data.counted is None:
        return window
    if data.completion is None:
        return f"{window} · reported"
    return f"{window} · {wording.likelihood(data.probability)}"


def rows(message: Message, data: FindingData) -> list[tuple[str, str]]:
    """Return the message as (name, value)."""
    return [
        ("What", headline(message, data)),
        ("Where", data.place),
        ("When", wording.days(data.window.first, data.window.last)),
        ("How sure", _certainty(data)),
        ("Why", data.reason_in_words),
        to_do(data, data.action),
        ("So far", counts_so_far(data)),
        ("Baseline", baseline(data) if data.about == "observed" else ""),
        ("Level", level(data)),
        ("Owner", data.owner),
        ("Clears", data.clears_when),
        ("Data", data_age(data)),
        name_of(data, f"rule {data.rule} of {data.watch}"),
    ]


def _certainty(data: FindingData) -> str:
    """Return how sure the count is: as reported, or as it is expected in the end."""
    late = data.completion
    if data.counted is None:
        return ""
    if late is None:
        return "as reported; the sources may still revise it"
    return (
        f"{data.counted:,} reported so far; {quantity(late.median, data.unit)} expected when all "
        f"reports are in (median; 90 % interval {late.low_90:,} to {late.high_90:,})"
    )
