"""Signed links by which whoever reads a mail acknowledges its alert without a token.

A link says which step of which alert, sent to which channel, until when, and is signed with a key
that only this service has (itsdangerous: HMAC-SHA-256 in URL-safe base64). It stands in the mail
alone: nothing stores it. The same message always gets the same link.
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

from core.alerts import Delivery
from core.clock import unstamp

PATH = "/acknowledge"
_FORM = re.compile(r"[A-Za-z0-9_.-]{1,600}")
"""What a link may hold: Python's base64 passes over other letters, so that one would be many."""
_SALT = "tocsin acknowledgement"


class Ticket(NamedTuple):
    """What a link is for: one step of an alert, as it was sent to a channel; it ends at `ends`."""

    alert_id: str
    sequence: int
    channel: str
    ends: datetime

    @property
    def author(self) -> str:
        """Return who acknowledges by it, as stories name them."""
        return f"by link sent to {self.channel}"


class Refused(StrEnum):
    """Why a link opens nothing."""

    FORGED = "forged"
    EXPIRED = "expired"


@dataclass(frozen=True)
class AckLink:
    """An address, and when it ends."""

    url: str
    ends: datetime


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
        """Return the link of a message; None where it is not of one alert that fires."""
        told = delivery.body["data"]
        if delivery.alert_id is None or told.get("state") != "firing":
            return None
        ends = (unstamp(delivery.created_at) + self._lasts).replace(microsecond=0)
        parts = [delivery.alert_id, told["sequence"], delivery.channel, int(ends.timestamp())]
        return AckLink(f"{self._site}{PATH}?link={self._seal.dumps(parts)}", ends)

    def read(self, text: str, now: datetime) -> Ticket | Refused:
        """Return what a link is for, or why it is refused."""
        if not _FORM.fullmatch(text):
            return Refused.FORGED
        try:
            alert_id, sequence, channel, ends = self._seal.loads(text)
        except BadData:
            return Refused.FORGED
        ticket = Ticket(alert_id, sequence, channel, datetime.fromtimestamp(ends, UTC))
        return ticket if now < ticket.ends else Refused.EXPIRED
