"""Counts added up by region and period."""

from __future__ import annotations

import numpy as np

from core.regions import RegionKey
from core.series import Cells, IntArray


def summed(keys: list[RegionKey], region: IntArray, period: IntArray, count: IntArray) -> Cells:
    """Return (region, period, count) triples added up, regions in order.

    `region[i]` is a place in `keys`; the three arrays have one length.
    """
    order = sorted(range(len(keys)), key=keys.__getitem__)
    rank = np.empty(len(keys), dtype=np.int64)
    rank[order] = np.arange(len(keys))
    span = int(period.max(initial=0)) + 1
    code, total = added(rank[region] * span + period, count)
    return Cells([keys[n] for n in order], code // span, code % span, total)


def added(code: IntArray, count: IntArray) -> tuple[IntArray, IntArray]:
    """Return the different codes, rising, and the sum of the counts of each."""
    order = np.argsort(code, kind="stable")
    code, count = code[order], count[order]
    if not len(code):
        return code, count
    firsts = np.flatnonzero(np.diff(code, prepend=code[0] - 1))
    return code[firsts], np.add.reduceat(count, firsts)
