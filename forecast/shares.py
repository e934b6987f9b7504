"""Work on many series, done by all cores: shares of fixed size, small enough for a core's cache.

NumPy and compiled loops let go of the interpreter's lock, so that what one share still needs it for
is done while another computes. Shares depend neither on the cores nor on the blocks that series
come in, so neither do the bytes of what is added up over them.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T")

_MOST_AT_ONCE, _CELLS_AT_ONCE = 64, 8192
FEW = 32
"""Series of a sample that one thread takes at a time, so that there are some for every core."""


def share_of(columns: int, most: int = _MOST_AT_ONCE) -> int:
    """Return how many series one thread takes at a time, so that they stay in its cache.

    With half as many, what the interpreter does once per share takes a tenth of all time. What
    series share is summed by share: this fixes its bytes.
    """
    return max(min(most, _CELLS_AT_ONCE // (columns + 1)), 1)


def even(series: int, share: int) -> int:
    """Return the share, at most as large, that keeps all cores busy until the last one is done."""
    cores = os.cpu_count() or 1
    rounds = max(-(-series // (share * cores)), 1)
    return max(-(-series // (rounds * cores)), 1)


@contextmanager
def all_cores() -> Iterator[Executor]:
    """Lend one thread per core; what has not begun when they are given back never does."""
    threads = ThreadPoolExecutor(os.cpu_count() or 1)
    try:
        yield threads
    finally:
        threads.shutdown(cancel_futures=True)


def begin_shares(
    threads: Executor, work: Callable[[slice], T], series: int, share: int
) -> Callable[[], list[T]]:
    """Begin to work on each share of so many series; return what waits for the answers, in order.

    Work that is begun before other work is done leaves no core idle at the end of either.
    """
    parts = (slice(start, min(start + share, series)) for start in range(0, series, share))
    begun = [threads.submit(work, part) for part in parts]
    return lambda: [one.result() for one in begun]


def in_shares(work: Callable[[slice], T], series: int, share: int) -> list[T]:
    """Return what work makes of each share of so many series, in their order."""
    if series <= share:
        return [work(slice(0, series))] if series else []
    with all_cores() as threads:
        return begin_shares(threads, work, series, share)()


def one_ahead(begun: Iterable[Callable[[], T]]) -> Iterator[T]:
    """Yield what each waits for, the next one begun before; nothing that was yielded is held."""
    waiting: deque[Callable[[], T]] = deque()
    for one in begun:
        waiting.append(one)
        if len(waiting) > 1:
            yield waiting.popleft()()
    while waiting:
        yield waiting.popleft()()
