"""What was sent and is not marked in the database yet: a file beside it, one line a message.

A mark in the database costs its waits for the disk; a line here costs none, and outlives a kill of
the process. So marks are made together, and a kill repeats the one message whose line was not yet
written. A power cut may take the last lines with it: then those messages are sent again.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import astuple
from pathlib import Path
from typing import NamedTuple

from core.alerts import Attempt

ENDING = "-sent"


class Mark(NamedTuple):
    """A message that was taken, and how."""

    delivery_id: str
    attempt: Attempt


class SentLog:
    """The file of one database; for the process that owns it, or the one that works for it."""

    def __init__(self, database: Path) -> None:
        """Take the database's path; the file is made with its first line."""
        self._path = database.with_name(f"{database.name}{ENDING}")

    def note(self, mark: Mark) -> bool:
        """Write a line at once; return whether that was possible.

        It begins with an end of line, so that one which a full disk has cut spoils itself only.
        """
        line = b"\n" + json.dumps([mark.delivery_id, *astuple(mark.attempt)]).encode() + b"\n"
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW
        try:
            descriptor = os.open(self._path, flags, 0o600)
            try:
                return os.write(descriptor, line) == len(line)
            finally:
                os.close(descriptor)
        except OSError:
            return False

    def read(self) -> list[Mark]:
        """Return what a process that was killed had noted; a line that was cut is left out."""
        try:
            content = self._path.read_bytes()
        except FileNotFoundError:
            return []
        return list(_marks(content))

    def clear(self) -> None:
        """Remove the file: what it says stands in the database now."""
        self._path.unlink(missing_ok=True)


def _marks(content: bytes) -> Iterator[Mark]:
    for line in content.splitlines():
        try:
            delivery_id, *attempt = json.loads(line)
            yield Mark(delivery_id, Attempt(*attempt))
        except (ValueError, TypeError):
            continue
