"""Work in a process of its own, so that pages go on being served meanwhile.

The process is started fresh, never forked: no thread and no connection is inherited. It tells what
it has made by a pipe, piece by piece.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import Any, NamedTuple

from core.clock import stopwatch
from core.durations import in_words
from core.errors import FailedError, TocsinError

Tell = Callable[[Any], None]
_LOOK_SECONDS = 0.5


class _Failed(NamedTuple):
    kind: type[TocsinError]
    where: str
    problem: str
    mend: str


class _Done(NamedTuple):
    pass


class Apart(NamedTuple):
    """What a process is to do: `work(tell, *given)`, both of which must be picklable.

    Attributes:
        name: what it is called in messages to people.
        work: a function of a module; what it tells is yielded by `told`.
        given: what it is given.
        nice: by how much a run and the pages come first, as nice(1) counts.
        seconds: of silence after which it is ended: what goes on telling goes on, however slowly
            a busy machine lets it.
        mend: what people may do when it is ended.
    """

    name: str
    work: Callable[..., None]
    given: tuple[Any, ...]
    nice: int
    seconds: float
    mend: str = ""

    def told(self, is_stopping: Callable[[], bool]) -> Iterator[Any]:
        """Yield what the process tells, until it is done.

        Raises:
            TocsinError: the one that ended its work.
            FailedError: it cannot be started, is silent for too long, ends in the middle of its
                work, or is not wanted any more.
        """
        until = stopwatch() + self.seconds
        with self._started() as messages:
            while not is_stopping():
                if stopwatch() > until:
                    problem = f"has told nothing for {in_words(self.seconds)}"
                    raise FailedError(self.name, problem, self.mend)
                if not messages.poll(_LOOK_SECONDS):
                    continue
                message = self._next(messages)
                if isinstance(message, _Done):
                    return
                yield message
                until = stopwatch() + self.seconds
        raise FailedError(self.name, "was stopped with the service")

    @contextmanager
    def _started(self) -> Iterator[Connection]:
        fresh = multiprocessing.get_context("spawn")
        ours, theirs = fresh.Pipe(duplex=False)
        process = fresh.Process(target=_work, args=(self, theirs), daemon=True)
        try:
            process.start()
        except OSError as error:
            problem = f"the machine cannot start a process ({error.strerror})"
            raise FailedError(self.name, problem) from error
        finally:
            theirs.close()
        try:
            yield ours
        finally:
            process.kill()
            process.join()
            ours.close()

    def _next(self, messages: Connection) -> Any:
        try:
            message = messages.recv()
        except (EOFError, OSError):  # between two messages, in the middle of one
            problem = "its process ended in the middle of its work"
            raise FailedError(self.name, problem, "the log says why") from None
        if isinstance(message, _Failed):
            raise message.kind(message.where, message.problem, message.mend)
        return message


def _work(task: Apart, told: Connection) -> None:
    os.nice(task.nice)
    try:
        task.work(told.send, *task.given)
    except TocsinError as error:
        told.send(_Failed(type(error), error.where, error.problem, error.mend))
    else:
        told.send(_Done())
