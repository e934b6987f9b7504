"""Several messages of alerts as one, small enough for every receiver."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import cast

from alerts import wording
from alerts.bulletins import GroupData, GroupedStep
from alerts.messages import RINGING, FindingData, Message, MessageData, SilenceData, canonical
from alerts.rendering import rows, subject
from core.alerts import urgency
from core.settings import Severity
from core.sources import credits_of

MOST_BYTES = 20_000
"""Standard Webhooks 1.0.0 asks for bodies of at most 20 kB."""
_MOST_ACTIONS = 5
Told = MessageData | SilenceData


def group(messages: Sequence[Message], at: str, held: str = "", link: str = "") -> Message:
    """Return one message for several steps of alerts; `held` says why they come late, if they do.

    `link` is the page that lists all alerts, "" where people cannot reach it.

    All-clears stand last, the others by severity and then by likelihood. What does not fit into
    20 kB is counted by severity.
    """
    ordered = sorted(messages, key=_urgency)
    steps = [_short(message) for message in ordered]
    fits = len(steps)
    made = _grouped(ordered, steps, fits, at, held, link)
    while fits > 1 and (size := len(canonical(made.model_dump(mode="json")))) > MOST_BYTES:
        fits = max(1, min(fits - 1, fits * MOST_BYTES // size))
        made = _grouped(ordered, steps, fits, at, held, link)
    return made


def _grouped(
    ordered: Sequence[Message],
    steps: Sequence[GroupedStep],
    fits: int,
    at: str,
    held: str,
    link: str,
) -> Message:
    counted = [one.data for one in ordered if isinstance(one.data, (MessageData, FindingData))]
    ringing = [step for step in steps if step.type != "alert.resolved"]
    data = GroupData(
        place=steps[0].place,
        count=len(steps),
        by_severity=_counts(ringing),
        resolved=len(steps) - len(ringing),
        shown=tuple(steps[:fits]),
        rest=_counts(steps[fits:]),
        held=held,
        actions=_actions(ordered),
        data_as_of=min((told.data_as_of for told in counted), default=None),
        credits=tuple(dict.fromkeys(line for message in ordered for line in _credits(message))),
        label=_told(ordered[0]).label,
        link=link,
    )
    return Message(type="alert.group", timestamp=at, data=data)


def _actions(ordered: Sequence[Message]) -> tuple[str, ...]:
    """Return what the rules of steps that ring ask for, as many as people act on at once."""
    asked = (_told(message).action for message in ordered if message.type in RINGING)
    return tuple(dict.fromkeys(action for action in asked if action))[:_MOST_ACTIONS]


def _credits(message: Message) -> list[str]:
    return list(credits_of(_told(message).sources, wording.day))


def _counts(steps: Sequence[GroupedStep]) -> dict[Severity, int]:
    return dict(Counter(step.severity for step in steps))


def _short(message: Message) -> GroupedStep:
    data = _told(message)
    return GroupedStep(
        alert_id=data.alert_id,
        sequence=data.sequence,
        type=message.type,
        severity=data.severity,
        place=data.place,
        summary=subject(message, labelled=False),
        expected=dict(rows(message)).get("Expected", ""),
    )


def _urgency(message: Message) -> tuple[bool, int, float, str]:
    data = _told(message)
    likely = data.probability if isinstance(data, MessageData) else 1.0
    resolved = message.type == "alert.resolved"
    return resolved, *urgency(data.severity, likely), data.place


def _told(message: Message) -> Told:
    """Return the data of a message about a step; messages of other kinds are never grouped."""
    return cast("Told", message.data)
