"""neighbours: a level times what neighbouring regions, or the same actor elsewhere, do of late.

Around a series stand others: by distance between the middles of their incidents where these are
known, else all regions of the same whole; and, where a watch tells actors apart, the same actor's
other series. With A_α the exponentially weighted mean of their counts, weighted by nearness,
x = (A_0.7 + κ) / (A_α + κ) says how far they have moved from where they were, and the mean is
level_α · x^β: what comes here after it came there. β = 0 would be the level alone; scores choose.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from core.distance import EARTH_KM
from core.series import FloatArray, IntArray, Panel
from forecast.models.base import Task
from forecast.models.means import MEMORY, MeansFitter, Told, decayed, floor_of

RATES = (0.08, 0.25)
"""α of the levels."""
NEWS = 0.7
"""α of what is news: nearly the last period alone."""
EXPONENTS = (0.3, 0.6, 1.0)
CALM = 0.5
"""κ: events a period that neighbours are thought to have beside what they had."""
LEAST, MOST = 0.2, 5.0
"""Bounds of x^β: no neighbour says more."""
NEAREST = (1, 4)
"""Neighbours that are looked at where distances are known: the one next door, and those around."""
NEEDS = 12
_TOO_LITTLE = 0.02
"""A kind of neighbours that is worth less is not told of."""


class Neighbours:
    """The model."""

    prior = 0.5

    def prepare(self, panel: Panel, task: Task) -> MeansFitter:
        """Add up what stands around every series, at every origin that is asked about."""
        first = max(task.scored_from - MEMORY, 0)
        origins = np.arange(first, panel.counts.shape[1] + 1)
        kinds, relations = zip(*_relations(panel), strict=True)
        means = _Means(panel.counts, movements(panel.counts, relations, origins), kinds, first)
        return MeansFitter(means, panel.counts, task, first)


def movements(
    counts: FloatArray, relations: Sequence[Together | Near], origins: IntArray
) -> FloatArray:
    """Return (relations, rates, series, origins) x: 1 where nothing stands around a series."""
    came = np.nan_to_num(counts)
    news = decayed(came, NEWS, origins)
    levels = [decayed(came, rate, origins) for rate in RATES]
    found = []
    for total in relations:
        moved = total(news) + CALM
        found.append([moved / (total(level) + CALM) for level in levels])
    return np.array(found)


class Together:
    """The others of a group: the sum over all of it, less the series itself."""

    def __init__(self, marks: list[tuple[object, ...]]) -> None:
        """Take what series of one group have in common."""
        number = {mark: place for place, mark in enumerate(dict.fromkeys(marks))}
        self._of = np.array([number[mark] for mark in marks], dtype=np.int64)
        self._size = np.bincount(self._of)

    def __call__(self, values: FloatArray) -> FloatArray:
        """Return (series, origins) means over the others."""
        sums = np.zeros((len(self._size), values.shape[1]))
        np.add.at(sums, self._of, values)
        others = np.maximum(self._size[self._of] - 1, 1)[:, None]
        return np.asarray(np.maximum(sums[self._of] - values, 0.0) / others)


class Near:
    """The nearest few, each the less the farther it is."""

    def __init__(self, places: FloatArray, nearest: int) -> None:
        """Take (series, 2) degrees; a series whose place is unknown has no neighbours."""
        from scipy.spatial import KDTree  # noqa: PLC0415 - where distances are known only

        known = np.flatnonzero(~np.isnan(places).any(axis=1))
        most = min(nearest + 1, len(known))
        self._near = np.zeros((len(places), most), dtype=np.int64)
        self._worth = np.zeros((len(places), most))
        if most < 2:
            return
        apart, found = KDTree(_on_the_sphere(places[known])).query(
            _on_the_sphere(places[known]), most
        )
        kilometres = 2 * EARTH_KM * np.arcsin(np.minimum(apart / 2, 1.0))
        usual = max(float(np.median(kilometres[:, 1])), 1.0)
        worth = np.where(found == np.arange(len(known))[:, None], 0.0, np.exp(-kilometres / usual))
        self._near[known] = known[found]
        self._worth[known] = worth / np.maximum(worth.sum(axis=1, keepdims=True), 1e-12)

    def __call__(self, values: FloatArray) -> FloatArray:
        """Return (series, origins) weighted means over the neighbours."""
        found = np.zeros(values.shape)
        for place in range(self._near.shape[1]):
            found += self._worth[:, place, None] * values[self._near[:, place]]
        return found


def _relations(panel: Panel) -> Iterator[tuple[str, Together | Near]]:
    """Yield who stands around a series: in space, and where actors are told apart, by actor."""
    known = len(panel.places) and (~np.isnan(panel.places)).all(axis=1).sum() > 1
    if known:
        yield from (("neighbours", Near(panel.places, nearest)) for nearest in NEAREST)
    else:
        yield "neighbours", Together([key[:-1] for key in panel.keys])
    if "actor" in panel.columns:
        actor = panel.columns.index("actor")
        yield "actor", Together([(key[actor],) for key in panel.keys])


def _on_the_sphere(places: FloatArray) -> FloatArray:
    """Return (series, 3) points on the unit sphere, so that chords order as distances do."""
    latitude, longitude = np.radians(places).T
    flat = np.cos(latitude)
    return np.stack([flat * np.cos(longitude), flat * np.sin(longitude), np.sin(latitude)], axis=1)


class _Means:
    needs, follows = NEEDS, False

    def __init__(
        self, counts: FloatArray, moved: FloatArray, kinds: tuple[str, ...], first: int
    ) -> None:
        self._counts, self._moved, self._kinds, self._first = counts, moved, kinds, first

    def at(self, rows: IntArray, origins: IntArray) -> FloatArray:
        """Return (rows, origins, steps, relations x rates x exponents); steps are all alike."""
        counts = self._counts[rows]
        known, came = ~np.isnan(counts) * 1.0, np.nan_to_num(counts)
        moved = self._moved[:, :, rows][..., origins - self._first]
        least, found = floor_of(counts, origins), []
        for place, rate in enumerate(RATES):
            share = decayed(known, rate, origins)
            level = np.maximum(
                decayed(came, rate, origins) / np.where(share > 0, share, 1.0), least
            )
            for relation in moved[:, place]:
                found += [level * np.clip(relation**beta, LEAST, MOST) for beta in EXPONENTS]
        return np.stack(found, axis=-1)[:, :, None, :]

    def told(self, rows: IntArray, experts: FloatArray) -> Iterator[Told]:
        """Yield how far neighbours, or the same actor elsewhere, have moved."""
        shape = (len(RATES), len(self._kinds), len(EXPONENTS))
        worth = np.moveaxis(experts.reshape(*experts.shape[:2], *shape), 3, 2)
        moved = np.moveaxis(self._moved[:, :, rows, -1], 2, 0)
        bent = np.clip(moved[..., None] ** np.array(EXPONENTS), LEAST, MOST)
        for kind in dict.fromkeys(self._kinds):
            of = [number for number, name in enumerate(self._kinds) if name == kind]
            part, x = worth[:, :, of], moved[:, None, of, :, None]
            trust = part.sum(axis=(2, 3, 4))
            ratio = (part * x).sum(axis=(2, 3, 4)) / np.maximum(trust, 1e-12)
            factor = 1 + (part * (bent[:, None, of] - 1)).sum(axis=(2, 3, 4))
            for place, step in zip(*np.nonzero(trust > _TOO_LITTLE), strict=True):
                at = (int(place), int(step))
                yield Told(*at, kind, "", float(ratio[at]), float(factor[at]))
