"""A fuse that kills its own process at a seam: the real parts are wrapped, none is changed."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Collection
from datetime import datetime
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from alerts.channels.channel import Channel
from core.alerts import Attempt, Delivery

if TYPE_CHECKING:  # it names types of NumPy
    from core.protocols import Outbox

STEPS = (
    "stage",
    "decide",
    "publish",
    "pass on",
    "notice",
    "digest",
    "claim",
    "send",
    "mark",
    "settle",
)
SEAMS = tuple(f"{side} {step}" for step in STEPS for side in ("before", "after"))

P = ParamSpec("P")
R = TypeVar("R")


class Fuse:
    """Kills the process at the n-th crossing of a seam; without a seam, never."""

    def __init__(self, seam: str = "", crossings: int = 1) -> None:
        assert seam in {"", *SEAMS}
        self._seam, self._left = seam, crossings

    def cross(self, seam: str) -> None:
        if seam == self._seam:
            self._left -= 1
            if not self._left:
                os.kill(os.getpid(), signal.SIGKILL)

    def around(self, step: str, act: Callable[P, R]) -> Callable[P, R]:
        """Return `act` with a seam before it and one after it."""

        def crossing(*args: P.args, **kwargs: P.kwargs) -> R:
            self.cross(f"before {step}")
            done = act(*args, **kwargs)
            self.cross(f"after {step}")
            return done

        return crossing


class FusedOutbox:
    """A real outbox with seams around claim and mark; an empty claim has no seam after it."""

    def __init__(self, outbox: Outbox, fuse: Fuse) -> None:
        self._outbox, self._fuse = outbox, fuse

    def claim(
        self, now: datetime, lease_seconds: int, limit: int, only: str | None = None
    ) -> list[Delivery]:
        self._fuse.cross("before claim")
        claimed = self._outbox.claim(now, lease_seconds, limit, only)
        if claimed:
            self._fuse.cross("after claim")
        return claimed

    def release(self, delivery_ids: Collection[str]) -> None:
        self._outbox.release(delivery_ids)

    def refused(self, delivery_id: str, attempt: Attempt, settings: str) -> None:
        self._fuse.around("mark", self._outbox.refused)(delivery_id, attempt, settings)

    def delivered(self, delivery_id: str, attempt: Attempt) -> None:
        self._fuse.around("mark", self._outbox.delivered)(delivery_id, attempt)

    def settle(self) -> None:
        self._fuse.around("settle", self._outbox.settle)()

    def failed(self, delivery_id: str, attempt: Attempt, retry_at: datetime | None) -> None:
        self._fuse.around("mark", self._outbox.failed)(delivery_id, attempt, retry_at)


class FusedChannel:
    """A real channel with seams around send."""

    def __init__(self, channel: Channel, fuse: Fuse) -> None:
        self.send = fuse.around("send", channel.send)
