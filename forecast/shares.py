"""Work on many series, done by all cores: shares of fixed size, small enough for a core's cache.

NumPy and compiled loops let go of the interpreter's lock, so that what one share still needs it for
is done while another computes. Shares depend neither on the cores nor on the blocks that series
come in, so neither do the bytes of what is added up over them.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


def in_shares(work: Callable[[slice], T], series: int, share: int) -> list[T]:
    """Return what work makes of each share of so many series, in their order."""
    parts = [slice(start, start + share) for start in range(0, series, share)]
    cores = min(os.cpu_count() or 1, len(parts))
    if cores < 2:
        return [work(part) for part in parts]
    with ThreadPoolExecutor(cores) as threads:
        return list(threads.map(work, parts))
