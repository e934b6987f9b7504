"""Messages that wait while a feed's `share` becomes "none": what of them may still be told.

Pure: a waiting message and what is confined now, to a withdrawal with its named reason.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from alerts.dispatch import told_as
from alerts.grouping import group
from alerts.messages import compose
from core.alerts import Alert, AlertEvent, Json, NewDelivery, Waiting


class Withdrawal(NamedTuple):
    """That a message is not to be sent: why, and what is sent in its place, if anything is."""

    delivery_id: str
    reason: str
    instead: NewDelivery | None


def withdrawal(waiting: Waiting, inside: Mapping[str, str]) -> Withdrawal:
    """Return how a message is withdrawn that tells of a watch in `inside` (watch → its feed).

    Of a message about several alerts the others are told by a message with an id of its own: the
    same id never has another body. Where none is left, nothing is sent.
    """
    closed = {alert.watch for alert, _ in waiting.steps} & inside.keys()
    told = waiting.body["data"]
    closed |= {told.get("watch"), *told.get("watches", ())} & inside.keys()
    feeds = sorted({inside[watch] for watch in closed})
    reason = f'withdrawn: {", ".join(feeds)} must stay inside the organisation now (share = "none")'
    left = [step for step in waiting.steps if step[0].watch not in inside]
    instead = _with_steps(waiting, left) if left else None
    return Withdrawal(waiting.delivery_id, reason, instead)


def _with_steps(waiting: Waiting, left: Sequence[tuple[Alert, AlertEvent]]) -> NewDelivery:
    """Return a group made anew of these steps only, each told as it was where it was shown.

    Made anew, it shows steps that there was no room for beside those that are gone.
    """
    told = waiting.body["data"]
    shown = {(one["alert_id"], one["sequence"]): one["type"] for one in told["shown"]}
    messages = [
        compose(alert, event, shown.get((event.alert_id, event.sequence)) or told_as(event))
        for alert, event in left
    ]
    body: Json = group(messages, waiting.body["timestamp"], told["held"], told["link"]).model_dump(
        mode="json"
    )
    return NewDelivery(
        f"{waiting.delivery_id}.open",
        *(None, None, waiting.channel, body, waiting.kind),
        steps=tuple((event.alert_id, event.sequence) for _, event in left),
        due_at=waiting.due_at,
    )
