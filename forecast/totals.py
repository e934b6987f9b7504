"""The laws of totals: sums of their regions' paths, gathered while forecasts pass by.

A total is one more series whose law is made otherwise: its margins are those of the summed paths,
and its horizons have the correlation of those paths' normal scores (van der Waerden's), with which
the Gaussian copula gives back what the paths say of several periods together.
"""

from __future__ import annotations

import zlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from scipy.special import ndtri

from core.forecasts import Outlook
from core.joint import DRAWS
from core.quantities import quantity
from core.regions import ABROAD, ALL, RegionKey, label, whole_of
from core.series import FloatArray, IntArray, LevelSince
from forecast.completion import Corrected, Reported
from forecast.engine import levels_since
from forecast.hierarchy import SEED, law_of
from forecast.series import Built

_LATE_DRAWS = 1024
"""Draws of the final counts of late periods: the table shows three quantiles of their sum."""
_NAMED = 3
_SHOWN = 0.01
_LEAST = 1e-9
"""What a region that expects nothing still weighs, so that weights add up to 1."""


@dataclass
class _Late:
    """One late period of a total: sums over the regions added so far."""

    drawn: IntArray = field(default_factory=lambda: np.zeros(_LATE_DRAWS, dtype=np.int64))
    reported: float = 0.0
    regions: int = 0


class _Total:
    """One total while its regions are added."""

    def __init__(self, row: int, steps: int, end: int, parts: int) -> None:
        self.row, self.steps, self.end, self.parts = row, steps, end, parts
        self.paths = np.zeros((DRAWS, steps), dtype=np.int64)
        self.within = np.zeros((DRAWS, steps))
        self.late: dict[int, _Late] = defaultdict(_Late)
        self.weights: FloatArray | None = None
        self.members: tuple[str, ...] = ()
        self.means: dict[RegionKey, float] = {}

    def add(self, outlook: Outlook, place: int, uniforms: FloatArray, running: int) -> None:
        """Add a region's path at (draws, steps) levels; what it knows already are its counts."""
        path = outlook.predictive.counts_at(place, uniforms)
        known = int(outlook.panel.ends[place]) - self.end
        seen = outlook.panel.counts[place, outlook.panel.counts.shape[1] - known :]
        self.paths[:, :known] += seen.astype(np.int64)
        self.paths[:, known:] += path
        self.within[:, known:] += uniforms * path.std(axis=0)
        mean = path.mean(axis=0)
        weighed = (mean + _LEAST)[:, None] * outlook.weights[place]
        if self.weights is None:
            self.weights = np.zeros((self.steps, weighed.shape[1]))
        self.weights[known:] += weighed
        self.members = outlook.members
        ahead = max(running - 1 - self.end - known, 0)
        self.means[outlook.panel.keys[place]] = float(mean[ahead:].sum())

    def add_late(self, late: Reported, place: int, drawn: IntArray) -> None:
        """Add a region's (draws, periods) final counts of late periods."""
        for column in np.flatnonzero(~np.isnan(late.counts[place])).tolist():
            one = self.late[late.first + column]
            one.drawn += drawn[:, column]
            one.reported += float(late.counts[place, column])
            one.regions += 1

    @property
    def dependence(self) -> FloatArray:
        """Return (steps, steps) the correlation of the horizons' normal scores.

        Paths with one sum are ranked by where the draws lay inside the steps of the regions' laws:
        a region alone keeps its own dependence, however few its events.
        """
        levels = ndtri((np.arange(DRAWS) + 0.5) / DRAWS)
        scores = np.empty((DRAWS, self.steps))
        for step in range(self.steps):
            scores[np.lexsort((self.within[:, step], self.paths[:, step])), step] = levels
        found = scores.T @ scores / (levels @ levels)
        sure = ~self.within.any(axis=0)
        found[sure], found[:, sure] = 0.0, 0.0
        np.fill_diagonal(found, 1.0)
        return np.asarray(found)

    @property
    def reported(self) -> Reported | None:
        """Return its late periods: those that are late, and known, in all of its regions."""
        known = sorted(period for period, one in self.late.items() if one.regions == self.parts)
        if not known:
            return None
        first, last = known[0], known[-1]
        counts, drawn = np.full((1, last - first + 1), np.nan), []
        for period in range(first, last + 1):
            one = self.late[period] if period in known else _Late()
            drawn.append(one.drawn)
            if period in known:
                counts[0, period - first] = one.reported
        return Reported(first, counts, law_of(np.stack(drawn, axis=-1)[None]))


class TotalLaws:
    """The totals of a built watch; holds one matrix of draws per total."""

    def __init__(self, built: Built, models: Sequence[str]) -> None:
        """Take the series and the watch's models; without totals among them nothing is drawn."""
        self._built, self._models = built, models
        self._totals: list[_Total] = []
        self._of: dict[int, list[_Total]] = defaultdict(list)
        for row, parts in enumerate(built.parts, built.regions):
            steps, end = int(built.steps[row]), int(built.panel.ends[row])
            total = _Total(row, steps, end, len(parts))
            self._totals.append(total)
            for part in parts.tolist():
                self._of[part].append(total)

    def add(self, rows: IntArray, corrected: Corrected) -> None:
        """Add the forecasts of a block whose series are these rows of the built watch."""
        outlook, late = corrected.outlook, corrected.late
        for place, row in enumerate(rows.tolist()):
            if row not in self._of:
                continue
            uniforms = outlook.predictive.uniforms(place, DRAWS, SEED)
            for total in self._of[row]:
                total.add(outlook, place, uniforms, self._built.running)
            if late is not None:
                drawn = late.law.counts_at(place, late.law.uniforms(place, _LATE_DRAWS, SEED))
                for total in self._of[row]:
                    total.add_late(late, place, drawn)

    def corrected(self) -> Iterator[tuple[int, Corrected]]:
        """Yield every total's row of the built watch and its forecast, once all are added."""
        if not self._totals:
            return
        sums = self._built.panel.rows(self._built.regions, len(self._built.panel))
        since = levels_since(sums, self._models) or (None,) * len(sums)
        for total, level in zip(self._totals, since, strict=True):
            reported = total.reported
            told = reported.told if reported else ((),)
            yield total.row, Corrected(self._outlook(total, level), told, reported)

    def _outlook(self, total: _Total, level: LevelSince | None) -> Outlook:
        assert total.weights is not None, "its regions were added"
        panel = self._built.panel.rows(total.row, total.row + 1)
        (key,) = panel.keys
        seed = zlib.crc32(label(key).encode())
        law = replace(
            law_of(total.paths[None]),
            dependence=total.dependence,
            seeds=np.array([seed], dtype=np.int64),
        )
        weights = total.weights / total.weights.sum(axis=1, keepdims=True)
        note = self._note(key, total)
        return Outlook(panel, law, total.members, weights[None], (note,), since=(level,))

    def _note(self, key: RegionKey, total: _Total) -> str:
        """Return "sum of 13 regions: Borno 41 %, Yobe 12 %, Kaduna 9 % of what is expected"."""
        width = len(next(iter(total.means)))
        out = sum(
            len(one) == width and ABROAD not in one and key in {whole_of(one), ALL}
            for one in self._built.left_out
        )
        told = f"sum of {quantity(total.parts, 'regions')}"
        told += f", without {out} that {'is' if out == 1 else 'are'} not forecast" if out else ""
        whole = sum(total.means.values())
        most = sorted(total.means.items(), key=lambda pair: (-pair[1], pair[0]))[:_NAMED]
        shares = [
            f"{label(one[1:] or one) if key != ALL else label(one)} {100 * mean / whole:.0f} %"
            for one, mean in most
            if whole and mean / whole >= _SHOWN
        ]
        return f"{told}; {', '.join(shares)} of what is expected" if shares else told
