"""What a decision about a request says: an HTTP status, and one clear line."""

from __future__ import annotations

from enum import Enum


class Decision(Enum):
    """Named decisions; the value of each is its status and its line."""

    @property
    def status(self) -> int:
        """Return the HTTP status."""
        return int(self.value[0])

    @property
    def words(self) -> str:
        """Return the line for people."""
        return str(self.value[1])
