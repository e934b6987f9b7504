"""Connections that are kept for a moment, so that a thousand messages need no thousand handshakes.

A kept connection is used again only where the request's own lookup has just given its address, and
the guard has just allowed that: keeping connections decides nothing about who may be reached.
"""

from __future__ import annotations

import ssl
import threading
from collections.abc import Mapping

from core.clock import stopwatch
from core.http.answers import RequestError
from core.http.transport import Line, Reply, Visit

_IDLE_SECONDS = 2.0
"""Longer idle ones are not used again: servers close theirs, some after two seconds (Gunicorn)."""

Place = tuple[str, str, int]
"""Scheme, host and port."""


class Pool:
    """At most one idle connection per scheme, host and port."""

    def __init__(self, tls: ssl.SSLContext, proxy: str | None) -> None:
        """Take how connections are encrypted, and the proxy that they go through."""
        self._tls, self._proxy = tls, proxy
        self._idle: dict[Place, tuple[Line, float]] = {}
        self._lock = threading.Lock()

    def send(
        self, visit: Visit, method: str, headers: Mapping[str, str], body: bytes | None
    ) -> Reply:
        """Send one request over a kept connection or a new one.

        A kept one that breaks before it answers may have been closed by the other side just then:
        the request is sent again over a new one.

        Raises:
            RequestError: see `core.http.Client`.
        """
        kept = self._take(visit)
        if kept is not None:
            try:
                return _sent(kept, visit, method, headers, body)
            except RequestError as error:
                if not error.transient or not visit.deadline.remaining():
                    raise
        line = Line(visit, self._tls, self._proxy, self._keep)
        return _sent(line, visit, method, headers, body)

    def close(self) -> None:
        """Close what is idle."""
        with self._lock:
            for line, _ in self._idle.values():
                line.close()
            self._idle.clear()

    def _take(self, visit: Visit) -> Line | None:
        """Return the kept connection that may be used for a visit; one that may not is closed."""
        with self._lock:
            line, since = self._idle.pop(_place(visit), (None, 0.0))
        if line is None:
            return None
        usable = False
        try:
            allowed = visit.door.checked(visit.target.host, visit.target.port)
            usable = line.address in allowed and stopwatch() - since < _IDLE_SECONDS
        finally:
            if not usable:
                line.close()
        return line if usable else None

    def _keep(self, line: Line) -> None:
        with self._lock:
            before, _ = self._idle.pop(_place(line.visit), (None, 0.0))
            self._idle[_place(line.visit)] = line, stopwatch()
        if before is not None:
            before.close()


def _place(visit: Visit) -> Place:
    target = visit.target
    return target.scheme, target.host, target.port


def _sent(
    line: Line, visit: Visit, method: str, headers: Mapping[str, str], body: bytes | None
) -> Reply:
    try:
        return line.send(visit, method, headers, body)
    except BaseException:
        line.close()
        raise
