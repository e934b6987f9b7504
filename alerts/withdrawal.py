"""Messages that wait while a feed's `share` becomes "none": what of them may still be told.

Pure: a waiting message and what is confined now, to a withdrawal with its named reason.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from core.alerts import Json, NewDelivery


class ToldStep(NamedTuple):
    """A step that a message tells: of which alert and watch, how severe, and whether it is over."""

    alert_id: str
    sequence: int
    watch: str
    severity: str
    resolved: bool


class Held(NamedTuple):
    """A message that waits; `due_at` as `core.alerts.NewDelivery` has it."""

    delivery_id: str
    channel: str
    kind: Any
    body: Json
    due_at: str | None
    steps: tuple[ToldStep, ...]


class Withdrawal(NamedTuple):
    """That a message is not to be sent: why, and what is sent in its place, if anything is."""

    delivery_id: str
    reason: str
    instead: NewDelivery | None


def withdrawal(held: Held, inside: Mapping[str, str]) -> Withdrawal:
    """Return how a message is withdrawn that tells of a watch in `inside` (watch → its feed).

    Of a message about several alerts the others are told by a message with an id of its own: the
    same id never has another body. Where none is left, nothing is sent.
    """
    closed = {step.watch for step in held.steps} & inside.keys()
    told = held.body["data"]
    closed |= {told.get("watch"), *told.get("watches", ())} & inside.keys()
    feeds = sorted({inside[watch] for watch in closed})
    reason = f'withdrawn: {", ".join(feeds)} must stay inside the organisation now (share = "none")'
    left = [step for step in held.steps if step.watch not in inside]
    body = _reduced(held.body, left, set(inside.values())) if left else None
    if body is None:
        return Withdrawal(held.delivery_id, reason, None)
    name, steps = f"{held.delivery_id}.open", tuple((one.alert_id, one.sequence) for one in left)
    instead = NewDelivery(
        name, None, None, held.channel, body, held.kind, steps=steps, due_at=held.due_at
    )
    return Withdrawal(held.delivery_id, reason, instead)


def _reduced(body: Json, left: Sequence[ToldStep], feeds: set[str]) -> Json | None:
    """Return a group's body with these steps only; None where none of them is told in words."""
    told = body["data"]
    known = {(step.alert_id, step.sequence) for step in left}
    shown = [one for one in told.get("shown", ()) if (one["alert_id"], one["sequence"]) in known]
    if not shown:
        return None
    in_words = {(one["alert_id"], one["sequence"]) for one in shown}
    ringing = Counter(step.severity for step in left if not step.resolved)
    unseen = [step for step in left if (step.alert_id, step.sequence) not in in_words]
    data = {
        **told,
        "place": shown[0]["place"],
        "count": len(left),
        "by_severity": dict(ringing),
        "resolved": len(left) - ringing.total(),
        "shown": shown,
        "rest": dict(Counter(step.severity for step in unseen)),
        "credits": list(_credits(told["credits"], feeds)),
    }
    return {**body, "data": data}


def _credits(lines: Iterable[str], feeds: set[str]) -> Iterable[str]:
    """Yield the lines of `core.sources.credits_of` without some feeds."""
    for line in lines:
        names, colon, terms = line.partition(": ")
        if left := [name for name in names.split(", ") if name not in feeds]:
            yield f"{', '.join(left)}{colon}{terms}"
