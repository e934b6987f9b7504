"""Single series before they are aligned, and the sums of them that a watch asks for.

A total is known where all of its regions are: a period that one of them does not know is unknown
of the total too, never the sum of the others.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from fnmatch import fnmatchcase
from typing import NamedTuple

import numpy as np

from core.regions import ABROAD, ALL, RegionKey, label, whole_of
from core.series import FloatArray


class Row(NamedTuple):
    """One series: (periods,) `counts` end at period `newest`, `opened` follow; NaN is unknown.

    `through` is the last day that the data cover.
    """

    key: RegionKey
    newest: int
    counts: FloatArray
    opened: FloatArray
    through: date

    @property
    def first(self) -> int:
        """Return the index of the first period."""
        return self.newest - len(self.counts) + 1

    def between(self, first: int, last: int) -> FloatArray:
        """Return (periods,) the counts of the periods first to last, NaN outside of the row."""
        found = np.full(last - first + 1, np.nan)
        seen = np.concatenate([self.counts, self.opened])
        start, stop = max(first, self.first), min(last + 1, self.first + len(seen))
        if start < stop:
            found[start - first : stop - first] = seen[start - self.first : stop - self.first]
        return found


class Sum(NamedTuple):
    """A total, and the places in a list of rows that it is the sum of."""

    row: Row
    parts: tuple[int, ...]


def sums(rows: Sequence[Row], wanted: Sequence[str]) -> Iterator[tuple[RegionKey, Sum | str]]:
    """Yield every total that is asked for, by key, or why it has no series.

    Args:
        rows: of the regions.
        wanted: globs of first names, and "(all)" by that name; one that names nothing is told.
    """
    wholes = _wholes(rows)
    named = {glob: [key for key in wholes if _names(glob, key)] for glob in wanted}
    for glob, keys in named.items():
        if not keys:
            yield (glob,), f"no forecast region is part of the total {glob!r}"
    for key in sorted({key for keys in named.values() for key in keys}):
        found = _sum(key, [rows[place] for place in wholes[key]])
        yield key, found if isinstance(found, str) else Sum(found, tuple(wholes[key]))


def _wholes(rows: Sequence[Row]) -> dict[RegionKey, list[int]]:
    """Return the places of the parts of every whole; "(abroad)" holds what others count."""
    found: dict[RegionKey, list[int]] = {}
    for place, row in enumerate(rows):
        if ABROAD not in row.key:
            for key in {whole_of(row.key), ALL}:
                found.setdefault(key, []).append(place)
    return found


def _names(glob: str, key: RegionKey) -> bool:
    """Return whether a glob means a total; all together are meant only by their own name."""
    return fnmatchcase(label(key), glob) and (key != ALL or glob == label(ALL))


def _sum(key: RegionKey, parts: Sequence[Row]) -> Row | str:
    """Return the sum of some rows up to the newest period that all know, or why there is none."""
    if any(part.key == key for part in parts):
        return f"a region is called {label(key)!r} itself: name it otherwise with an alias"
    last = min(part.newest for part in parts)
    known = _added(parts, min(part.first for part in parts), last)
    complete = np.flatnonzero(~np.isnan(known))
    if not len(complete):
        return "no period is complete in all of its regions"
    newest = last - (len(known) - 1 - int(complete[-1]))
    if any(np.isnan(part.between(newest + 1, part.newest)).any() for part in parts):
        return "one of its regions has a gap where others are not known yet"
    ahead = max(part.newest + len(part.opened) for part in parts)
    counts = known[int(complete[0]) : int(complete[-1]) + 1]
    opened = _added(parts, newest + 1, ahead)
    return Row(key, newest, counts, opened, min(part.through for part in parts))


def _added(parts: Iterable[Row], first: int, last: int) -> FloatArray:
    """Return (periods,) the sums of the periods first to last, NaN where any part is unknown."""
    return np.asarray(np.sum([part.between(first, last) for part in parts], axis=0))
