"""One worker process: its pipes, its process group, its temporary folder."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from core.clock import stopwatch
from forecast.workers.frames import Decoder, FrameError, Message, encode

_PIECE = 65_536
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")


class WorkerLostError(Exception):
    """The worker has died, or what it writes makes no sense."""


class Worker:
    """A process of its own session: killing its group takes its children with it.

    Attributes:
        ready: it has said that it takes requests.
        job: number of the request that it works on, None when it waits for one.
        since: when its start or its request began (stopwatch).
        answered: requests answered so far.
    """

    def __init__(self, command: Sequence[str], folder: Path) -> None:
        """Start the command with a temporary folder inside `folder`."""
        self._folder = Path(tempfile.mkdtemp(dir=folder))
        environment = {**os.environ, "TMPDIR": str(self._folder), **dict.fromkeys(_THREADS, "1")}
        # Never a fork of this process, whose threads and locks would come along.
        self._process = subprocess.Popen(  # noqa: S603 - our own command
            command,
            bufsize=0,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            start_new_session=True,
        )
        if self._process.stdin is None or self._process.stdout is None:
            raise AssertionError("both were asked for")
        self._requests, self._answers = self._process.stdin, self._process.stdout
        os.set_blocking(self._requests.fileno(), False)
        self._decoder, self._unsent = Decoder(), b""
        self.ready, self.since, self.answered = False, stopwatch(), 0
        self.job: int | None = None

    @property
    def pid(self) -> int:
        """Return the process id, which is also that of its group."""
        return self._process.pid

    @property
    def answers(self) -> int:
        """Return the file number that its answers are read from."""
        return self._answers.fileno()

    @property
    def requests(self) -> int:
        """Return the file number that requests are written to."""
        return self._requests.fileno()

    @property
    def unsent(self) -> bool:
        """Return whether part of a request waits for room in the pipe."""
        return bool(self._unsent)

    def ask(self, job: int, request: Message) -> None:
        """Begin to send a request.

        Raises:
            WorkerLostError: it is gone.
        """
        self.job, self.since, self._unsent = job, stopwatch(), encode(request)
        self.push()

    def push(self) -> None:
        """Write what the pipe takes: a worker that does not read must not stop its owner.

        Raises:
            WorkerLostError: it is gone.
        """
        try:
            self._unsent = self._unsent[os.write(self.requests, self._unsent) :]
        except BlockingIOError:
            return
        except OSError as error:
            raise WorkerLostError from error

    def receive(self) -> list[Message]:
        """Return the messages that have come; call when its pipe is readable.

        Raises:
            WorkerLostError: it is gone, or wrote what is no message.
        """
        try:
            piece = os.read(self.answers, _PIECE)
            messages = self._decoder.feed(piece)
        except (OSError, FrameError) as error:
            raise WorkerLostError from error
        if not piece:
            raise WorkerLostError
        return messages

    def kill(self) -> None:
        """End it and its children, now, and remove its temporary folder."""
        with suppress(ProcessLookupError):  # it and all of its group may have ended already
            os.killpg(self.pid, signal.SIGKILL)
        self._process.wait()
        self._requests.close()
        self._answers.close()
        shutil.rmtree(self._folder, ignore_errors=True)
