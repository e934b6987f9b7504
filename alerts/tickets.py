"""Signed links by which whoever reads a mail acknowledges its alerts without a token.

A link says which message it stands in and until when, and is signed with a key that only this
service has (itsdangerous: HMAC-SHA-256 in URL-safe base64); the message itself, which the outbox
keeps, says which alerts it shows and to whom it went. The link stands in the mail alone: nothing
stores it. The same message always gets the same link.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from itsdangerous import BadData, URLSafeSerializer

from alerts.messages import RINGING
from core.alerts import Delivery, Json
from core.clock import unstamp

PATH = "/acknowledge"
_FORM = re.compile(r"[A-Za-z0-9_.-]{1,600}")
"""What a link may hold: Python's base64 passes over other letters, so that one would be many."""
_SALT = "tocsin acknowledgement of what a message shows"


class Ticket(NamedTuple):
    """What a link is for: the alerts that a message shows; it ends at `ends`."""

    delivery_id: str
    ends: datetime


def steps_shown(body: Json) -> list[tuple[str, int]]:
    """Return the steps of firing alerts that a message shows, as (alert, sequence)."""
    told = body["data"]
    if told["about"] == "group":
        shown = [one for one in told["shown"] if one["type"] in RINGING]
        return [(one["alert_id"], one["sequence"]) for one in shown]
    if told["about"] == "digest":
        return [(alert_id, sequence) for alert_id, sequence in told["firing"]]
    return [(told["alert_id"], told["sequence"])] if told.get("state") == "firing" else []


class Refused(StrEnum):
    """Why a link opens nothing."""

    FORGED = "forged"
    EXPIRED = "expired"


@dataclass(frozen=True)
class AckLink:
    """An address, when it ends, and how many alerts it acknowledges."""

    url: str
    ends: datetime
    alerts: int = 1


class Tickets:
    """Writes links and reads them again. Keeps the keys to itself."""

    def __init__(self, keys: Sequence[str], site: str, lasts: int) -> None:
        """Take the keys, of which the first signs and all are good for reading.

        Args:
            keys: the secret, and while it is being changed the one before.
            site: where our pages are.
            lasts: seconds from when a message is made to the end of its link.
        """
        self._site, self._lasts = site, timedelta(seconds=lasts)
        self._seal = URLSafeSerializer(
            list(reversed(keys)),  # itsdangerous signs with the last
            salt=_SALT,
            signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256},
        )

    def link(self, delivery: Delivery) -> AckLink | None:
        """Return the link of a message; None where it shows no alert that fires."""
        count = len(steps_shown(delivery.body))
        if not count:
            return None
        ends = (unstamp(delivery.created_at) + self._lasts).replace(microsecond=0)
        parts = [delivery.delivery_id, int(ends.timestamp())]
        return AckLink(f"{self._site}{PATH}?link={self._seal.dumps(parts)}", ends, count)

    def read(self, text: str, now: datetime) -> Ticket | Refused:
        """Return what a link is for, or why it is refused."""
        if not _FORM.fullmatch(text):
            return Refused.FORGED
        try:
            delivery_id, ends = self._seal.loads(text)
        except BadData:
            return Refused.FORGED
        ticket = Ticket(delivery_id, datetime.fromtimestamp(ends, UTC))
        return ticket if now < ticket.ends else Refused.EXPIRED
