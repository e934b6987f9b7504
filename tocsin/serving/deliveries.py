"""The outbox of the service: a small process sends whenever something is due to be sent."""

from __future__ import annotations

import logging
from collections.abc import Callable

from core.clock import Clock, stopwatch
from storage.outbox import Outbox
from storage.periods import Outcome
from tocsin.serving.children import Child
from tocsin.serving.job import SENDING_SECONDS
from tocsin.serving.orders import Order

_DEADLINE = int(SENDING_SECONDS) + 120
"""The last message that may be begun has a channel's own deadline besides."""
log = logging.getLogger("tocsin.serve")


class Deliveries:
    """Looks into the outbox every so often; a channel that hangs holds up only its child."""

    def __init__(
        self, outbox: Outbox, order: Order, every: int, clock: Clock, look: Callable[[], bool]
    ) -> None:
        """Take what is looked at, how often, and what to do about it.

        `every` is in seconds, on the monotonic clock: setting the wall clock delays nothing.
        `look` is called at each look; it may add messages, and returns whether a heartbeat or a
        digest is due.
        """
        self._look = look
        self._outbox, self._order, self._every, self._clock = outbox, order, every, clock
        self.child: Child | None = None
        self._next = stopwatch()

    def soon(self) -> None:
        """Look at the next step: a cycle may have left messages."""
        self._next = stopwatch()

    def step(self) -> None:
        """Follow the child that sends; start one when messages are due.

        Raises:
            StorageError: when the database fails; the next look tries again.
        """
        if self.child:
            self._follow(self.child)
        elif stopwatch() >= self._next:
            waiting = self._look() or self._outbox.waiting(self._clock.now())
            self._next = stopwatch() + self._every
            if waiting:
                self._start()

    def abandon(self) -> None:
        """Let go of a child that was stopped; what it had not sent is still in the outbox."""
        if self.child:
            log.info("outbox: %s", self.child.kill("stopped with the service").in_words)
            self.child = None

    def _follow(self, child: Child) -> None:
        report = child.poll()
        if report is None:
            return
        self.child = None
        level = logging.INFO if report.ending.outcome is Outcome.DONE else logging.WARNING
        log.log(level, "outbox: %s", report.in_words)

    def _start(self) -> None:
        try:
            self.child = Child(self._order, _DEADLINE)
        except OSError as error:
            log.error("outbox: sending could not be started (%s)", error.strerror)  # noqa: TRY400
