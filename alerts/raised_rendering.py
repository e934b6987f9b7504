"""What a message about an alert that a person raised says."""

from __future__ import annotations

from alerts import wording
from alerts.messages import Message, PersonData
from alerts.passages import name_of


def headline(message: Message, data: PersonData) -> str:
    """Return what rings: "SEVERE: raised by Amina"."""
    severity = data.severity.upper()
    if message.type == "alert.resolved":
        return f"ENDED (was {severity}): raised by {data.by}"
    return f"{wording.step(message.type, severity, data.reason)}: raised by {data.by}"


def lead(data: PersonData) -> str:
    """Return what stands at the end of a subject's first words: since when."""
    return f"raised by hand {data.opened_at[:10]}"


def rows(message: Message, data: PersonData) -> list[tuple[str, str]]:
    """Return the message as (name, value)."""
    return [
        ("What", headline(message, data)),
        ("Where", data.place),
        ("Why", data.reason_in_words),
        ("Said", data.words),
        ("Likelihood", "none: a person's judgement, not a forecast"),
        ("Clears", data.clears_when),
        ("Raised", wording.day(data.cutoff)),
        name_of(data, f"watch {data.watch}"),
    ]
