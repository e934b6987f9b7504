"""A worker's own side: `python -m forecast.workers.serve MODULE:FACTORY`.

The factory prepares what is slow to load and returns the function that answers requests. The
answers go through the pipe that was standard output; whatever a library prints goes nowhere.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from importlib import import_module
from pathlib import Path

from forecast.workers.frames import Decoder, Message, encode

_PIECE = 65_536

Solve = Callable[[Message], Message]


def main(target: str) -> None:
    """Answer requests until the owner closes the pipe or is gone; then clear up."""
    requests, answers = _pipes()
    with suppress(BrokenPipeError):  # the owner is gone
        _serve(target, requests, answers)
    _clear_up()


def _serve(target: str, requests: int, answers: int) -> None:
    try:
        solve = _prepared(target)
    except Exception as error:  # noqa: BLE001 - whatever a library raises on loading is told
        _send(answers, {"broken": _told(error)})
        for _ in _received(requests):
            pass  # stay until the owner lets go: only then may its folder be cleared up
        return
    _send(answers, {"ready": True})
    for request in _received(requests):
        answer = _answer(solve, request)
        _sweep()  # first, so that whoever has the answer finds nothing left behind
        _send(answers, answer)


def _pipes() -> tuple[int, int]:
    """Keep the two pipes for ourselves: libraries and their children see nothing of them."""
    requests, answers = os.dup(0), os.dup(1)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nowhere, number)
    return requests, answers


def _prepared(target: str) -> Solve:
    module, factory = target.split(":")
    solve: Solve = getattr(import_module(module), factory)()
    return solve


def _answer(solve: Solve, request: Message) -> Message:
    try:
        return {"answer": solve(request)}
    except Exception as error:  # noqa: BLE001 - a fit may fail in any way; it costs one series
        return {"failed": _told(error)}


def _told(error: Exception) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())}"[:300]


def _received(pipe: int) -> Iterator[Message]:
    decoder = Decoder()
    while piece := os.read(pipe, _PIECE):
        yield from decoder.feed(piece)


def _send(pipe: int, message: Message) -> None:
    left = memoryview(encode(message))
    while left:
        left = left[os.write(pipe, left) :]


def _sweep() -> None:
    """Remove the files that a request left; folders stay, for libraries keep using theirs."""
    for folder, _, files in os.walk(os.environ["TMPDIR"]):
        for name in files:
            with suppress(OSError):
                Path(folder, name).unlink()


def _clear_up() -> None:
    """Remove our temporary folder: an owner that was killed cannot, and the last one out does."""
    folder = Path(os.environ["TMPDIR"])
    shutil.rmtree(folder, ignore_errors=True)
    with suppress(OSError):
        folder.parent.rmdir()


if __name__ == "__main__":
    main(sys.argv[1])
