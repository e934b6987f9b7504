"""The loop of `tocsin serve`: it wakes, lets cycles and deliveries take a step, and sleeps.

All work is done by child processes. The loop loads no engine, keeps nothing in memory that a
restart would need, and wakes every two seconds whatever happens to the wall clock.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from core.clock import Clock, stopwatch
from core.errors import StorageError
from tocsin.scheduler import Alarm, Schedule
from tocsin.serving.bell import Bell
from tocsin.serving.children import Child
from tocsin.serving.clockwatch import ClockWatch
from tocsin.serving.cycles import Cycles
from tocsin.serving.deliveries import Deliveries
from tocsin.serving.due import shown
from tocsin.serving.website import Website

IDLE_SECONDS = 2.0
"""The alarm is prompt but trusts the wall clock; this wake does not."""
BUSY_SECONDS = 0.1
STOP_SECONDS = 7.0
"""After SIGTERM the children have this long to end; a stop takes under 10 s on a busy machine."""
log = logging.getLogger("tocsin.serve")


class Supervisor:
    """One service over one database that this process owns."""

    def __init__(
        self,
        schedule: Schedule,
        cycles: Cycles,
        deliveries: Deliveries,
        website: Website,
        clock: Clock,
    ) -> None:
        self._schedule, self._cycles, self._deliveries = schedule, cycles, deliveries
        self._website = website
        self._clock, self._watch, self._bell = clock, ClockWatch(clock), Bell()
        self._told: set[str] = set()
        self._stopping = False

    def stop(self) -> None:
        """Ask the loop to end; may be called in a signal handler."""
        self._stopping = True
        self._bell.ring()

    def run(self) -> None:
        """Serve until `stop`; then end the children and leave what is undone to the store."""
        alarm = Alarm(self._schedule, self._bell.ring)
        alarm.start()
        following = self._schedule.next_after(self._clock.now())
        log.info("next period %s", shown(following) if following else "never")
        try:
            while not self._stopping:
                self._step()
                self._bell.wait(BUSY_SECONDS if self._is_busy() else IDLE_SECONDS)
        finally:
            alarm.stop()
            self._end_children()
        log.info("stopped")

    def _step(self) -> None:
        warning = self._watch.look()
        if warning:
            log.warning(warning)
        steps = [self._trouble_of(self._cycle_step), self._trouble_of(self._deliveries.step)]
        self._tell(set(filter(None, steps)))
        self._website.step()

    def _tell(self, troubles: set[str]) -> None:
        """Tell each trouble once, until all of them are over."""
        for line in sorted(troubles - self._told):
            log.error(line)
        if self._told and not troubles:
            log.info("the database can be used again")
        self._told = self._told | troubles if troubles else set()

    def _cycle_step(self) -> None:
        if self._cycles.step():
            self._deliveries.soon()

    def _trouble_of(self, step: Callable[[], None]) -> str:
        """Take a step; a database that fails is tried again at the next one, and told once."""
        try:
            step()
        except StorageError as error:
            return error.line()
        return ""

    def _is_busy(self) -> bool:
        return bool(self._cycles.child or self._deliveries.child)

    def _children(self) -> list[Child]:
        workers = (self._cycles, self._deliveries, self._website)
        return [worker.child for worker in workers if worker.child]

    def _end_children(self) -> None:
        children = self._children()
        for child in children:
            child.ask_to_stop()
        until = stopwatch() + STOP_SECONDS
        while stopwatch() < until and not all(child.has_ended() for child in children):
            self._bell.wait(BUSY_SECONDS)
        self._deliveries.abandon()
        self._website.abandon()
        trouble = self._trouble_of(self._cycles.abandon)
        if trouble:
            log.error(trouble)
