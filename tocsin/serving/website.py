"""The pages and the API of the service: one child that is kept alive.

It may run out of memory or be killed: cycles and deliveries go on all the same.
"""

from __future__ import annotations

import logging

from core.clock import stopwatch
from tocsin.serving.children import Child
from tocsin.serving.orders import Order

FIRST_WAIT, LONGEST_WAIT = 1.0, 60.0
"""Seconds before it is started again; doubled each time that it ends within LONGEST_WAIT."""
log = logging.getLogger("tocsin.serve")


class Website:
    """Starts the child, and starts it again when it has ended."""

    def __init__(self, order: Order | None) -> None:
        """Take the order; None where the configuration has no `[web]` table."""
        self._order = order
        self.child: Child | None = None
        self._wait, self._next, self._since = FIRST_WAIT, stopwatch(), 0.0

    def step(self) -> None:
        """Follow the child; start it when it is not there."""
        if self._order is None:
            return
        if self.child:
            self._follow(self.child)
        elif stopwatch() >= self._next:
            self._start(self._order)

    def abandon(self) -> None:
        """Let go of a child that was stopped."""
        if self.child:
            self.child.kill("stopped with the service")
            self.child = None

    def _follow(self, child: Child) -> None:
        report = child.poll()
        if report is None:
            return
        self.child = None
        lasted = stopwatch() - self._since
        self._wait = FIRST_WAIT if lasted > LONGEST_WAIT else min(2 * self._wait, LONGEST_WAIT)
        self._next = stopwatch() + self._wait
        told = (report.in_words or "ended", self._wait)
        log.error("pages and API: %s; started again in %.0f s", *told)

    def _start(self, order: Order) -> None:
        try:
            self.child, self._since = Child(order, deadline=None), stopwatch()
        except OSError as error:
            self._next = stopwatch() + LONGEST_WAIT
            log.error("pages and API: could not be started (%s)", error.strerror)  # noqa: TRY400
