"""One moment by which everything is over: lookup, connection, TLS, headers and body.

Timeouts of sockets bound a single read, so that a server which sends a byte now and then is never
late. Here a timer shuts the sockets down at the moment itself: whatever waits on them returns.
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
        self._end = stopwatch() + seconds
        self._lock = threading.Lock()
        self._watched: list[socket.socket] = []
        self._timer = threading.Timer(seconds, self._shut)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._timer.cancel()
        with self._lock:
            for sock in self._watched:
                sock.close()
            self._watched.clear()

    def remaining(self) -> float:
        """Return the seconds left, never negative."""
        return max(0.0, self._end - stopwatch())

    def watch(self, sock: socket.socket) -> None:
        """Shut this socket when the time is over.

        The descriptor is duplicated: TLS takes the socket object over (its own has no `dup`), and
        shutting down works on the connection whoever holds it.
        """
        with self._lock:
            self._watched.append(socket.socket(fileno=os.dup(sock.fileno())))
        if not self.remaining():
            self._shut()

    def error(self, where: str) -> RequestError | None:
        """Return the error of being late, or None while there is time."""
        if self.remaining():
            return None
        return RequestError(where, f"it took longer than {self._seconds:g} s", transient=True)

    def _shut(self) -> None:
        with self._lock:
            for sock in self._watched:
                with suppress(OSError):  # the other side was quicker
                    sock.shutdown(socket.SHUT_RDWR)
