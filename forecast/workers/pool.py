"""A few workers that answer many requests, whatever becomes of any of them.

A request that its worker does not answer in time, or that the worker dies of, becomes a Failure;
the worker is killed with its children and replaced, and every other request is answered as if
nothing had happened.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from selectors import EVENT_READ, EVENT_WRITE, DefaultSelector
from types import TracebackType
from typing import Self

from core.clock import stopwatch
from forecast.workers.frames import Message
from forecast.workers.process import Worker, WorkerLostError

TIMED_OUT = "timed out"
DIED = "lost their worker"
FAILED = "failed"
UNAVAILABLE = "unavailable"

_LIFETIME = 500
"""Answers after which a worker is replaced: whatever its libraries leak ends with it."""


@dataclass(frozen=True)
class Failure:
    """A request without an answer. `reason` is one of the constants above; `detail` is for logs."""

    reason: str
    detail: str = ""


Answer = Message | Failure
Progress = Callable[[int, int], None]
"""Is told how many requests are answered, and of how many."""


def command_for(target: str) -> tuple[str, ...]:
    """Return the command of a worker whose requests MODULE:FACTORY answers.

    `-P` keeps the folder that the program was started in off its import path.
    """
    return (sys.executable, "-P", "-m", "forecast.workers.serve", target)


class WorkerPool:
    """Workers that are started when there is work and stay until the pool is closed."""

    def __init__(
        self, command: Sequence[str], size: int = 2, deadline: float = 60.0, starts: int = 3
    ) -> None:
        """Take what a worker is and how long to bear with it.

        Args:
            command: of one worker.
            size: how many there may be.
            deadline: seconds that a worker has to start, and for each request.
            starts: workers in a row that may end before they are ready; then no more is started.
        """
        self._command, self._size, self._deadline = tuple(command), size, deadline
        self._starts = starts
        self._folder = Path(tempfile.mkdtemp(prefix="tocsin-workers-"))
        self._workers: list[Worker] = []
        self._stillborn, self._broken = 0, ""

    def __enter__(self) -> Self:
        """Return the pool."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the pool."""
        self.close()

    def close(self) -> None:
        """End every worker and remove the temporary folder; may be called again."""
        while self._workers:
            self._workers.pop().kill()
        shutil.rmtree(self._folder, ignore_errors=True)

    @property
    def pids(self) -> list[int]:
        """Return the process ids of the workers that run now."""
        return [worker.pid for worker in self._workers]

    def answers(
        self, requests: Sequence[Message], progress: Progress = lambda _done, _of: None
    ) -> list[Answer]:
        """Return one answer or failure per request, in their order.

        An exception that interrupts this, such as a pressed Ctrl-C, ends the workers, so that no
        late answer is taken for that of a later request.
        """
        self._stillborn, self._broken = 0, ""
        found: list[Answer | None] = [None] * len(requests)
        waiting = deque(range(len(requests)))
        try:
            while (waiting or self._busy()) and not self._broken:
                self._staff(len(waiting))
                self._hand_out(waiting, requests, found)
                self._gather(found)
                progress(len(requests) - found.count(None), len(requests))
        except BaseException:
            self._dismiss()
            raise
        broken = Failure(UNAVAILABLE, self._broken)
        return [broken if answer is None else answer for answer in found]

    def _busy(self) -> bool:
        return any(worker.job is not None for worker in self._workers)

    def _staff(self, waiting: int) -> None:
        """Start workers while there is work that nobody is there for."""
        idle = sum(worker.job is None for worker in self._workers)
        while len(self._workers) < self._size and idle < waiting:
            self._workers.append(Worker(self._command, self._folder))
            idle += 1

    def _hand_out(
        self, waiting: deque[int], requests: Sequence[Message], found: list[Answer | None]
    ) -> None:
        for worker in list(self._workers):
            if waiting and worker.ready and worker.job is None:
                job = waiting.popleft()
                try:
                    worker.ask(job, requests[job])
                except WorkerLostError:
                    self._lose(worker, DIED, found)

    def _gather(self, found: list[Answer | None]) -> None:
        """Wait until something comes or a deadline passes, and take what there is."""
        watched = [worker for worker in self._workers if worker.job is not None or not worker.ready]
        with DefaultSelector() as selector:
            for worker in watched:
                selector.register(worker.answers, EVENT_READ, worker)
                if worker.unsent:
                    selector.register(worker.requests, EVENT_WRITE, worker)
            first = min((worker.since for worker in watched), default=stopwatch())
            events = selector.select(max(first + self._deadline - stopwatch(), 0.0))
        for key, event in events:
            if key.data in self._workers:
                self._attend(key.data, event, found)
        for worker in watched:
            if worker in self._workers and stopwatch() - worker.since >= self._deadline:
                self._expire(worker, found)

    def _attend(self, worker: Worker, event: int, found: list[Answer | None]) -> None:
        try:
            if event & EVENT_WRITE:
                worker.push()
                return
            for message in worker.receive():
                self._take(worker, message, found)
        except WorkerLostError:
            self._lose(worker, DIED, found)

    def _take(self, worker: Worker, message: Message, found: list[Answer | None]) -> None:
        if "ready" in message:
            worker.ready, self._stillborn = True, 0
        elif "broken" in message:
            self._broken = str(message["broken"])
            self._dismiss()
        elif worker.job is None:
            raise WorkerLostError
        else:
            failed = message.get("failed")
            answer = message.get("answer")
            found[worker.job] = answer if failed is None else Failure(FAILED, str(failed))
            worker.job, worker.answered = None, worker.answered + 1
            if worker.answered >= _LIFETIME:
                self._remove(worker)

    def _expire(self, worker: Worker, found: list[Answer | None]) -> None:
        """End a worker whose deadline has passed, in its work or in its start."""
        if worker.job is not None or not worker.ready:
            self._lose(worker, TIMED_OUT, found)

    def _lose(self, worker: Worker, reason: str, found: list[Answer | None]) -> None:
        """End a worker; the request that it had fails."""
        self._remove(worker)
        if worker.job is not None:
            found[worker.job] = Failure(reason)
        if not worker.ready:
            self._stillborn += 1
        if self._stillborn >= self._starts:
            self._broken = f"its workers {reason} as they start"
            self._dismiss()

    def _remove(self, worker: Worker) -> None:
        self._workers.remove(worker)
        worker.kill()

    def _dismiss(self) -> None:
        while self._workers:
            self._workers.pop().kill()
