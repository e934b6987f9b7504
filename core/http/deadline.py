"""One moment by which everything is over: lookup, connection, TLS, headers and body.

Timeouts of sockets bound a single read, so that a server which sends a byte now and then is never
late. Here a watcher shuts the sockets down at the moment itself: whatever waits on them returns.
"""

from __future__ import annotations

import os
import socket
import threading
from contextlib import suppress
from types import TracebackType
from typing import Self

from core.clock import stopwatch
from core.http.answers import RequestError


class Deadline:
    """A context that shuts the sockets it watches when its seconds are over."""

    def __init__(self, seconds: float) -> None:
        """Take seconds, counted from now."""
        self._seconds = seconds
        self.end = stopwatch() + seconds
        self._lock = threading.Lock()
        self._watched: list[socket.socket] = []

    def __enter__(self) -> Self:
        _WATCHER.add(self)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        _WATCHER.remove(self)
        with self._lock:
            for sock in self._watched:
                sock.close()
            self._watched.clear()

    def remaining(self) -> float:
        """Return the seconds left, never negative."""
        return max(0.0, self.end - stopwatch())

    def watch(self, sock: socket.socket) -> None:
        """Shut this socket when the time is over.

        The descriptor is duplicated: TLS takes the socket object over (its own has no `dup`), and
        shutting down works on the connection whoever holds it.
        """
        with self._lock:
            self._watched.append(socket.socket(fileno=os.dup(sock.fileno())))
        if not self.remaining():
            self.shut()

    def error(self, where: str) -> RequestError | None:
        """Return the error of being late, or None while there is time."""
        if self.remaining():
            return None
        return RequestError(where, f"it took longer than {self._seconds:g} s", transient=True)

    def shut(self) -> None:
        """Shut the sockets that are watched now."""
        with self._lock:
            for sock in self._watched:
                with suppress(OSError):  # the other side was quicker
                    sock.shutdown(socket.SHUT_RDWR)


class _Watcher:
    """One thread for the deadlines of all requests: to start one for each is dear.

    It is started with the first deadline, again in a process that was forked since, and woken only
    by a deadline that is nearer than the one that it sleeps for.
    """

    def __init__(self) -> None:
        self._begin()
        os.register_at_fork(after_in_child=self._begin)

    def _begin(self) -> None:
        self._changed = threading.Condition(threading.Lock())
        self._pending: set[Deadline] = set()
        self._wakes_at = 0.0
        self._thread: threading.Thread | None = None

    def add(self, deadline: Deadline) -> None:
        with self._changed:
            self._pending.add(deadline)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="deadlines", daemon=True)
                self._thread.start()
            elif deadline.end < self._wakes_at:
                self._changed.notify()

    def remove(self, deadline: Deadline) -> None:
        with self._changed:
            self._pending.discard(deadline)

    def _run(self) -> None:
        while True:
            for late in self._late():
                late.shut()

    def _late(self) -> list[Deadline]:
        """Wait for the next moment; return the deadlines that are over by then."""
        with self._changed:
            self._wakes_at = min((one.end for one in self._pending), default=float("inf"))
            left = self._wakes_at - stopwatch()
            if left > 0:
                self._changed.wait(min(left, threading.TIMEOUT_MAX))
            now = stopwatch()
            late = [one for one in self._pending if one.end <= now]
            self._pending.difference_update(late)
            return late


_WATCHER = _Watcher()
