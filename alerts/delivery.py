"""The delivery loop: claim, send, mark; at least once, and never silently dropped.

Loads no engine (no NumPy, no pandas), so that messages go out from a small process.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
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
SEND_SECONDS = 60
"""What one message may take. Of a batch, none is begun whose lease would end before that."""
BATCH = 100
"""Messages claimed in one transaction."""
FALL_BACK_AFTER = 3
"""Failed tries, about five minutes, after which a message goes to the fallback channel too."""
_DETAIL = 300


@dataclass(frozen=True)
class Outlet:
    """A channel that is open, and the digest of the settings it was opened with."""

    channel: Channel
    settings: str = ""


@dataclass(frozen=True)
class Delivered:
    """What a round of sending did.

    Attributes:
        sent: messages taken.
        failed: tries that failed, those refused and given up among them.
        dead: messages given up.
        refused: messages whose channel was disabled for its answer; they wait.
    """

    sent: int = 0
    failed: int = 0
    dead: int = 0
    refused: int = 0

    def __add__(self, other: Delivered) -> Delivered:
        """Return the sums."""
        return Delivered(
            self.sent + other.sent,
            self.failed + other.failed,
            self.dead + other.dead,
            self.refused + other.refused,
        )


def deliver(
    outbox: Outbox,
    outlets: Mapping[str, Outlet],
    clock: Clock,
    limit: int,
    enough: Callable[[], bool] = lambda: False,
) -> Delivered:
    """Send what is due, at most `limit` messages; one that fails never stops the others.

    A message is marked after it was sent, so a crash between the two repeats it, with the same
    id and body; marks of a batch are made together where the outbox can note them meanwhile.
    After the tenth try, or when the receiver refuses it for good, it is kept as dead; when the
    receiver refuses everything, its channel is disabled and the message waits.

    Messages are claimed in batches and given back when the lease, or `enough`, leaves no time.
    """
    total, left = Delivered(), limit
    while left > 0 and not enough():
        until = stopwatch() + LEASE_SECONDS - SEND_SECONDS
        claimed = outbox.claim(clock.now(), LEASE_SECONDS, min(left, BATCH))
        if not claimed:
            break
        left -= len(claimed)
        total += _batch(claimed, Sender(outbox, outlets, clock), enough, until)
    return total


def _batch(
    claimed: Sequence[Delivery], sender: Sender, enough: Callable[[], bool], until: float
) -> Delivered:
    """Send a batch; what must not be begun any more, or not after `until`, is given back."""
    total, closed, back = Delivered(), set[str](), list[str]()
    for delivery in claimed:
        over = total != Delivered() and (stopwatch() > until or enough())
        if over or delivery.channel in closed:
            back.append(delivery.delivery_id)
            continue
        done = sender.send(delivery)
        if done.refused:
            closed.add(delivery.channel)
        total += done
    sender.outbox.settle()
    if back:
        sender.outbox.release(back)
    return total


@dataclass(frozen=True)
class Sender:
    """Sends a claimed message and records how that went."""

    outbox: Outbox
    outlets: Mapping[str, Outlet]
    clock: Clock

    def send(self, delivery: Delivery) -> Delivered:
        """Try once. A trial is never tried again: somebody is looking at its outcome."""
        started = stopwatch()
        try:
            detail = self._sent(delivery)
        except DeliveryError as error:
            return self._fail(delivery, error, started)
        attempt = _attempt(self.clock, started, detail, delivered=True)
        self.outbox.delivered(delivery.delivery_id, attempt)
        return Delivered(sent=1)

    def _fail(self, delivery: Delivery, error: DeliveryError, started: float) -> Delivered:
        name, attempt = delivery.delivery_id, _attempt(self.clock, started, error.detail)
        if error.closed and delivery.kind != "test":
            self.outbox.refused(name, attempt, self.outlets[delivery.channel].settings)
            return Delivered(failed=1, refused=1)
        retry_at = next_try(delivery, error, self.clock.now())
        self.outbox.failed(name, attempt, retry_at)
        return Delivered(failed=1, dead=int(retry_at is None))

    def _sent(self, delivery: Delivery) -> str:
        """Send a message; whatever goes wrong comes out as a DeliveryError."""
        outlet = self.outlets.get(delivery.channel)
        if outlet is None:
            raise DeliveryError(f"no channel is named {delivery.channel!r} now", transient=True)
        try:
            return outlet.channel.send(delivery)
        except DeliveryError:
            raise
        except Exception as error:  # one channel's fault must not stop the others
            # Only the type is kept: the text of an unforeseen error may hold a secret.
            raise DeliveryError(f"unexpected {type(error).__name__}", transient=True) from error


def next_try(delivery: Delivery, error: DeliveryError, now: datetime) -> datetime | None:
    """Return when to try a failed message again, None to give it up.

    The wait is the schedule's, moved by up to 20 % either way; a wait that the receiver asked for
    is honoured between once and twice the schedule's.
    """
    if not error.transient or delivery.kind == "test" or delivery.attempt >= len(SCHEDULE):
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


def _attempt(clock: Clock, started: float, detail: str, *, delivered: bool = False) -> Attempt:
    milliseconds = round((stopwatch() - started) * 1000)
    return Attempt(stamp(clock.now()), delivered, clean(detail, _DETAIL), milliseconds)
