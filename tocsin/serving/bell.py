"""Waking the service's loop from a signal handler or another thread."""

from __future__ import annotations

import os
import select


class Bell:
    """A pipe to oneself. Unlike threading.Event it can be rung inside a signal handler."""

    def __init__(self) -> None:
        self._reading, self._writing = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)

    def ring(self) -> None:
        """Wake whoever waits, or whoever waits next."""
        try:
            os.write(self._writing, b"!")
        except BlockingIOError:
            return  # it has been ringing for long

    def wait(self, seconds: float) -> None:
        """Return when somebody rings, at the latest after some (monotonic) seconds."""
        if select.select([self._reading], [], [], seconds)[0]:
            os.read(self._reading, 65_536)
