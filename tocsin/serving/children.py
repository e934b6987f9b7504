"""A child process with a deadline, in a process group of its own that ends as a whole."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile

from core.clock import stopwatch
from core.durations import in_words
from storage.periods import Ending, Outcome
from tocsin.serving.orders import Order, Report

_LONGEST_REPORT = 1 << 20


class Child:
    """One order being carried out. Started fresh, never forked: no connection is inherited."""

    def __init__(self, order: Order, deadline: int | None) -> None:
        """Start the process; `deadline` is in seconds from now, None for work without an end.

        Raises:
            OSError: when the machine has no process or memory left.
        """
        self.order, self.deadline = order, deadline
        self._started = stopwatch()
        self._report = tempfile.TemporaryFile()  # noqa: SIM115 - closed when the child has ended
        number = self._report.fileno()
        try:
            self._process = subprocess.Popen(  # noqa: S603 - our own program
                [sys.executable, "-P", "-m", "tocsin.serving", order.to_text(), str(number)],
                stdin=subprocess.PIPE,  # the life line: see tocsin/serving/job.py
                pass_fds=(order.lock, number),
                start_new_session=True,
            )
        except BaseException:
            self._report.close()
            raise

    @property
    def pid(self) -> int:
        """Return the process's number, which is its group's too."""
        return self._process.pid

    def poll(self) -> Report | None:
        """Return how the child ended, None while it works; past its deadline it is killed."""
        if self.has_ended():
            return self._bury() or self._silent_end()
        if self.deadline is None or stopwatch() < self._started + self.deadline:
            return None
        return self.kill(f"was still at work at its deadline of {in_words(self.deadline)}")

    def ask_to_stop(self) -> None:
        """Send SIGTERM to the whole group."""
        self._signal(signal.SIGTERM)

    def kill(self, reason: str) -> Report:
        """End the whole group at once; the report says why, unless the child had finished."""
        self._signal(signal.SIGKILL)
        return self._bury() or Report(Ending(Outcome.KILLED, self._process.returncode, reason))

    def has_ended(self) -> bool:
        """Look without reaping: until then the group's number cannot be anybody else's."""
        flags = os.WEXITED | os.WNOHANG | os.WNOWAIT
        return os.waitid(os.P_PID, self.pid, flags) is not None

    def _bury(self) -> Report | None:
        """End what is left of the group, reap the child and return its report, if it left one."""
        self._signal(signal.SIGKILL)
        self._process.wait()
        assert self._process.stdin
        self._process.stdin.close()
        with self._report as file:
            file.seek(0)
            return Report.from_text(file.read(_LONGEST_REPORT).decode("utf-8", "replace"))

    def _silent_end(self) -> Report:
        code = self._process.returncode
        if code >= 0:
            reason = f"ended with exit code {code} in the middle of its work"
            return Report(Ending(Outcome.FAILED, code, reason))
        reason = f"was ended by {signal.Signals(-code).name}"
        if -code == signal.SIGKILL:
            reason += ", by a person or for want of memory"
        return Report(Ending(Outcome.KILLED, code, reason))

    def _signal(self, number: signal.Signals) -> None:
        try:
            os.killpg(self.pid, number)
        except (ProcessLookupError, PermissionError):
            return  # nobody is left, or only a child that has ended
