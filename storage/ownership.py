"""One service per database: a lock beside the file that a kill releases.

`flock` belongs to the open file, so the kernel frees it when the process ends, however it ends;
the text inside only tells people who holds it.
"""

from __future__ import annotations

import errno
import fcntl
import os
import socket
from pathlib import Path

from core.errors import StorageError
from storage.failures import FULL


class OwnerLock:
    """The lock of the one process that runs cycles on a database."""

    _file: int
    _borrowed = False

    def __init__(self, database: Path, since: str) -> None:
        """Take the lock at once or not at all; `since` is shown to whoever comes second.

        Raises:
            StorageError: when another process holds it, naming that process.
        """
        path = database.with_name(f"{database.name}.lock")
        try:
            self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            mend = "check the permissions of the folder"
            raise _unusable(path, "cannot be written", error, mend) from error
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._write(f"process {os.getpid()} on {socket.gethostname()} since {since}")
        except BlockingIOError:
            holder = os.pread(self._file, 500, 0).decode("utf-8", "replace").strip()
            os.close(self._file)
            problem = f"is in use by {holder or 'another Tocsin process'}"
            raise StorageError(str(database), problem, "stop that one first") from None
        except OSError as error:
            os.close(self._file)
            raise _unusable(path, "cannot be locked", error, "check the disk") from error

    @classmethod
    def inherited(cls, database: Path, descriptor: int) -> OwnerLock:
        """Return the lock of a process that started this one and passed its descriptor on.

        The lock lasts until both have closed it, so nobody comes in between them.

        Raises:
            StorageError: when the descriptor does not hold the lock of this database.
        """
        path = database.with_name(f"{database.name}.lock")
        try:
            if not os.path.samestat(os.fstat(descriptor), path.stat()):
                raise BlockingIOError
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            problem = "the lock that was passed on is not its own"
            raise StorageError(str(database), problem, "start the service again") from error
        lock = cls.__new__(cls)
        lock._file, lock._borrowed = descriptor, True  # noqa: SLF001 - its own class
        return lock

    @property
    def descriptor(self) -> int:
        """Return the open file that holds the lock, to pass it on to a child process."""
        return self._file

    def release(self) -> None:
        """Give the lock back; the file stays, empty unless its first owner goes on."""
        if not self._borrowed:
            os.ftruncate(self._file, 0)
        os.close(self._file)

    def _write(self, holder: str) -> None:
        os.ftruncate(self._file, 0)
        os.pwrite(self._file, f"{holder}\n".encode(), 0)


def _unusable(path: Path, what: str, error: OSError, mend: str) -> StorageError:
    """Return what is wrong with the lock file; a full disk is told as the database tells it."""
    if error.errno == errno.ENOSPC:
        return StorageError(str(path), *FULL)
    return StorageError(str(path), f"{what} ({(error.strerror or str(error)).lower()})", mend)
