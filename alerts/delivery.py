"""The delivery loop: claim, send, mark; at least once, and never silently dropped.

Loads no engine (no NumPy, no pandas), so that messages go out from a small process.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from alerts.channels.channel import Channel, DeliveryError
from core.alerts import Attempt, Delivery
from core.clock import Clock, stamp, stopwatch
from core.text import clean

if TYPE_CHECKING:
    from core.protocols import Outbox

_MINUTE, _HOUR = 60.0, 3600.0
SCHEDULE = (
    *(0.0, 5.0, 5 * _MINUTE, 30 * _MINUTE, 2 * _HOUR),
    *(5 * _HOUR, 10 * _HOUR, 14 * _HOUR, 20 * _HOUR, 24 * _HOUR),
)
"""Seconds to wait before each try: ten over about 75 hours (Standard Webhooks 1.0.0)."""
JITTER = 0.2
LEASE_SECONDS = 120
"""Longer than one send takes; messages are claimed one by one, so a crash holds up only one."""
_DETAIL = 300


@dataclass(frozen=True)
class Delivered:
    """What a round of sending did: messages sent, tries that failed, messages given up."""

    sent: int = 0
    failed: int = 0
    dead: int = 0


def deliver(outbox: Outbox, channels: Mapping[str, Channel], clock: Clock, limit: int) -> Delivered:
    """Send what is due, at most `limit` messages; one that fails never stops the others.

    A message is marked after it was sent, so a crash between the two repeats it, with the same
    id and body. After the tenth try, or when the receiver refuses for good, it is kept as dead.
    """
    sent = failed = dead = 0
    for _ in range(limit):
        claimed = outbox.claim(clock.now(), LEASE_SECONDS, 1)
        if not claimed:
            break
        delivery = claimed[0]
        started = stopwatch()
        try:
            detail = _send(delivery, channels)
        except DeliveryError as error:
            attempt = _attempt(clock, started, error.detail, delivered=False)
            retry_at = next_try(delivery, error, clock.now())
            outbox.failed(delivery.delivery_id, attempt, retry_at)
            failed, dead = failed + 1, dead + (retry_at is None)
        else:
            attempt = _attempt(clock, started, detail, delivered=True)
            outbox.delivered(delivery.delivery_id, attempt)
            sent += 1
    return Delivered(sent, failed, dead)


def next_try(delivery: Delivery, error: DeliveryError, now: datetime) -> datetime | None:
    """Return when to try a failed message again, None to give it up.

    The wait is the schedule's, moved by up to 20 % either way; a wait that the receiver asked for
    is honoured between once and twice the schedule's.
    """
    if not error.transient or delivery.attempt >= len(SCHEDULE):
        return None
    base = SCHEDULE[delivery.attempt]
    wait = base * (1 + JITTER * _spread(delivery))
    if error.retry_after is not None:
        wait = min(max(error.retry_after, base), 2 * base)
    return now + timedelta(seconds=wait)


def _spread(delivery: Delivery) -> float:
    """Return a number from -1 to 1 that is always the same for a try of a message."""
    digest = hashlib.sha256(f"{delivery.delivery_id} {delivery.attempt}".encode()).digest()
    return int.from_bytes(digest[:4]) / 0xFFFFFFFF * 2 - 1


def _send(delivery: Delivery, channels: Mapping[str, Channel]) -> str:
    """Send a message; whatever goes wrong comes out as a DeliveryError."""
    channel = channels.get(delivery.channel)
    if channel is None:
        raise DeliveryError(f"no channel is named {delivery.channel!r} now", transient=True)
    try:
        return channel.send(delivery)
    except DeliveryError:
        raise
    except Exception as error:  # one channel's fault must not stop the others
        # Only the type is kept: the text of an unforeseen error may hold a secret.
        raise DeliveryError(f"unexpected {type(error).__name__}", transient=True) from error


def _attempt(clock: Clock, started: float, detail: str, *, delivered: bool) -> Attempt:
    milliseconds = round((stopwatch() - started) * 1000)
    return Attempt(stamp(clock.now()), delivered, clean(detail, _DETAIL), milliseconds)
