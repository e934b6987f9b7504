"""Regions within a whole: who shares a factor, and what the whole adds up to.

A total is the sum of its regions' joint paths, so that its mean is the sum of theirs ("bottom up";
Wickramasuriya, Athanasopoulos and Hyndman, JASA 114, 2019, section 2), and the factor that regions
have in common makes its interval as wide as it has to be.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from core.errors import InputError
from core.forecasts import Outlook
from core.predictive import Predictive, support_grid
from core.regions import RegionKey, label, whole_of
from core.series import IntArray

SEED = 20_240_701
"""Of the paths of stored totals: the same run has the same ones whenever it is asked."""
_AT_ONCE = 16
"""Series whose paths are held at once."""


def groups_of(keys: Sequence[RegionKey]) -> IntArray:
    """Return (series,) a stable number of each region's whole."""
    numbers = {whole: zlib.crc32(label(whole).encode()) for whole in map(whole_of, keys)}
    return np.array([numbers[whole_of(key)] for key in keys], dtype=np.int64)


class Totals:
    """Adds up joint paths as forecasts pass by; holds two matrices of draws per whole."""

    def __init__(self, draws: int, seed: int) -> None:
        """Take how many paths to draw, and their seed (that of `Predictive.paths`)."""
        self._draws, self._seed = draws, seed
        self._sums: dict[RegionKey, IntArray] = {}
        self._largest: dict[RegionKey, IntArray] = {}
        self._parts: dict[RegionKey, list[RegionKey]] = {}

    def passing(self, outlooks: Iterable[Outlook]) -> Iterator[Outlook]:
        """Pass forecasts of series that end together on, and add their paths up."""
        for outlook in outlooks:
            self.add(outlook.panel.keys, outlook.predictive)
            yield outlook

    def add(
        self, keys: Sequence[RegionKey], predictive: Predictive, firsts: Sequence[int] = ()
    ) -> None:
        """Add the paths of some series, of each from its own first horizon (from 0) on.

        Without `firsts` all horizons are added; what remains must be as long for every series.
        """
        for start in range(0, len(keys), _AT_ONCE):
            part = predictive.rows(start, start + _AT_ONCE)
            for place, path in enumerate(part.paths(self._draws, self._seed), start):
                self._add(keys[place], path[:, firsts[place] :] if firsts else path)

    def _add(self, key: RegionKey, path: IntArray) -> None:
        whole = whole_of(key)
        self._parts.setdefault(whole, []).append(key)
        self._sums[whole] = self._sums.get(whole, 0) + path
        self._largest[whole] = np.maximum(self._largest.get(whole, 0), path)

    def parts(self, whole: RegionKey) -> Sequence[RegionKey]:
        """Return the regions that a whole is the sum of."""
        return self._parts[whole]

    def largest(self, whole: RegionKey) -> IntArray:
        """Return (draws, horizons): the largest count of any region of a whole, path by path."""
        return self._largest[whole]

    def paths(self) -> tuple[tuple[RegionKey, ...], IntArray]:
        """Return the wholes in order, and (wholes, draws, horizons) joint paths of them.

        Raises:
            InputError: a region is a part of the whole that another one is.
        """
        keys = tuple(sorted(self._sums))
        parts = {part for whole in keys for part in self._parts[whole]}
        for key in keys:
            if key in parts:
                problem = f"region {label(key)!r} stands beside its own parts"
                raise InputError("totals", problem, "leave one of the two out, or name it apart")
        return keys, np.stack([self._sums[key] for key in keys])


def law_of(paths: IntArray) -> Predictive:
    """Return the distributions that (series, draws, horizons) paths show, horizon by horizon."""
    series, draws, horizons = paths.shape
    support = support_grid(int(paths.max(initial=0)))
    cdf = np.empty((series, horizons, len(support)))
    for place in np.ndindex(series, horizons):
        rising = np.sort(paths[place[0], :, place[1]])
        cdf[place] = np.searchsorted(rising, support, side="right") / draws
    return Predictive(support, cdf, np.eye(horizons))
