"""Errors that people read: where it is wrong, what is wrong, how to mend it.

TocsinError
 ├─ InputError      exit 2: usage, configuration, an input file
 │   ├─ ConfigError     a key of the configuration file
 │   └─ FeedError     a pull that is refused whole; nothing of it is stored
 ├─ StorageError    exit 3: the database cannot be used
 └─ FailedError     exit 1: the work itself failed
"""

from __future__ import annotations

EXIT_FINE = 0
EXIT_FAILED = 1
EXIT_INPUT = 2
EXIT_STORAGE = 3
EXIT_DEGRADED = 4


class TocsinError(Exception):
    """An error with one clear line for the person who can mend it."""

    exit_code = EXIT_FAILED

    def __init__(self, where: str, problem: str, mend: str = "") -> None:
        """Take the place, the problem and the way to mend it, each without a full stop."""
        self.where, self.problem, self.mend = where, problem, mend
        super().__init__(self.line())

    def line(self) -> str:
        """Return the whole message on one line."""
        text = f"{self.where}: {self.problem}" if self.where else self.problem
        return " ".join((f"{text}; {self.mend}" if self.mend else text).split())


class InputError(TocsinError):
    """Bad usage or a bad input file."""

    exit_code = EXIT_INPUT


class ConfigError(InputError):
    """A configuration that cannot be meant."""


class FeedError(InputError):
    """A pull that is refused whole: of another kind, cut short, or with too many bad rows."""


class StorageError(TocsinError):
    """The database cannot be used: foreign, newer, corrupt, locked, or the disk is full."""

    exit_code = EXIT_STORAGE


class FailedError(TocsinError):
    """Work that failed for a reason that is neither the input's nor the database's."""
