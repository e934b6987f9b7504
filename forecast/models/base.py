"""What every model is: it fits a block of series at once, at one origin or at many.

A model is asked twice. `prepare` sees the whole panel and gathers what series share (or opens
what it needs); the fitter that it returns is then asked for one block of rows after another, and
what it says of a row must not depend on the block.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple, Protocol, TypeVar

import numpy as np

from core.predictive import support_grid
from core.series import AnyArray, FloatArray, IntArray, Panel

T = TypeVar("T")

REACH = 64
"""A predictive reaches this many times the largest count of its history (and one more).

Beyond it lie 3e-5 of the widest law used here, a negative binomial of dispersion 0.1 around the
largest count itself; the rest is renormalised.
"""
SAMPLE = 64
"""Series, evenly spread over a panel, from which the pool learns what all share."""

Progress = Callable[[str, int, int], None]
"""Is told what is being done, how much of it is done, and of how much."""


def silent(_what: str, _done: int, _of: int) -> None:
    """Tell nobody."""


@dataclass(frozen=True)
class Task:
    """What is asked of a model.

    Attributes:
        steps: horizons at each origin. At origin o a model knows the columns before o and
            forecasts the columns o, o + 1, …
        scored_from: the first origin whose forecasts are scored against what came.
        support: the grid of every predictive.
        budget: series that a costly member may be asked about; None without limit.
        progress: is told how a costly member gets on.
    """

    steps: int
    scored_from: int
    support: IntArray
    budget: int | None = None
    progress: Progress = silent


class Regime(NamedTuple):
    """What is said of a series' present level at each origin: (series, origins) each.

    Attributes:
        first: column of the first period of the most probable regime; NaN without a shift.
        mean: of the counts since.
        probability: that the level shifted there.
        shift: share that members which look back a year must yield to those that follow regimes.
    """

    first: FloatArray
    mean: FloatArray
    probability: FloatArray
    shift: FloatArray


class MemberFit(NamedTuple):
    """What a model says of a block of series.

    Attributes:
        cdf: (series, origins, steps, grid); anything where the model is not able.
        able: (series, origins) whether the model answers for this series at this origin.
        past: (series, scored origins, steps) the probability that the forecast made at column
            task.scored_from + i gave to the count that came; NaN where there is none.
        troubles: one per series: why it is not answered at the last origin, where that is a
            failure and no lack of history; "" otherwise. Empty for members that cannot fail.
        spared: (series,) whether the budget alone kept it from being asked; empty without one.
        regime: what a member that follows changes of level says of them; None from others.
        follows: whether its levels follow a change, so that it need not yield to those that do.
        idle: whether it was not asked, since it has no share of the pool.
        experts: (series, steps, experts) what each of its means is worth at the last origin; None
            from members that cannot tell what moves them.
    """

    cdf: FloatArray
    able: AnyArray
    past: FloatArray
    troubles: tuple[str, ...] = ()
    spared: tuple[bool, ...] = ()
    regime: Regime | None = None
    follows: bool = False
    idle: bool = False
    experts: FloatArray | None = None

    def rows(self, some: slice | IntArray) -> MemberFit:
        """Return what is said of some of the series."""
        regime, experts = self.regime, self.experts
        return self._replace(
            cdf=self.cdf[some],
            able=self.able[some],
            past=self.past[some],
            troubles=_chosen(self.troubles, some),
            spared=_chosen(self.spared, some),
            regime=None if regime is None else Regime(*(part[some] for part in regime)),
            experts=None if experts is None else experts[some],
        )

    def light(self) -> MemberFit:
        """Return the same without the cdfs, which are most of it."""
        return self._replace(cdf=np.empty((*self.cdf.shape[:3], 0)))

    def newest(self) -> MemberFit:
        """Return what is said at the last origin."""
        regime = self.regime
        return self._replace(
            cdf=self.cdf[:, -1:],
            able=self.able[:, -1:],
            regime=None if regime is None else Regime(*(part[:, -1:] for part in regime)),
        )


def _chosen(told: tuple[T, ...], some: slice | IntArray) -> tuple[T, ...]:
    """Return what is told of some series; nothing where nothing is told of any."""
    places = np.arange(len(told))[some].tolist() if told else []
    return tuple(told[place] for place in places)


class Fitter(Protocol):
    """A prepared model."""

    def fit(self, rows: IntArray, origins: IntArray) -> MemberFit:
        """Return the forecasts of some of the panel's rows at rising origins."""
        ...


class Model(Protocol):
    """A member of the pool."""

    prior: float
    """Its share of the pool before any score is known, relative to the other members."""

    def prepare(self, panel: Panel, task: Task) -> Fitter:
        """Gather what the series share."""
        ...


def shared_support(counts: FloatArray) -> IntArray:
    """Return the grid that reaches far enough for every series of a panel."""
    largest = float(np.max(counts, initial=0.0, where=~np.isnan(counts)))
    return support_grid(REACH * (largest + 1))


def spread(series: int, most: int = SAMPLE) -> IntArray:
    """Return the numbers of at most `most` rows, evenly spread."""
    return np.unique(np.linspace(0, series - 1, min(series, most)).astype(np.int64))


def empty_past(counts: FloatArray, task: Task) -> FloatArray:
    """Return (series, scored origins, steps) of NaN."""
    series, columns = counts.shape
    return np.full((series, max(columns - task.scored_from, 0), task.steps), np.nan)


def idle(counts: FloatArray, origins: IntArray, task: Task) -> MemberFit:
    """Return the fit of a member that is not asked."""
    able = np.zeros((len(counts), len(origins)), dtype=bool)
    cdf = np.broadcast_to(1.0, (*able.shape, task.steps, len(task.support)))
    return MemberFit(cdf, able, empty_past(counts, task), idle=True)


def joined(fits: Sequence[MemberFit]) -> MemberFit:
    """Return what a member says of several shares of series as one; at least one of them."""
    first = fits[0]
    if len(fits) == 1:
        return first
    regimes = [fit.regime for fit in fits if fit.regime is not None]
    experts = [fit.experts for fit in fits if fit.experts is not None]
    return first._replace(
        cdf=np.concatenate([fit.cdf for fit in fits]),
        able=np.concatenate([fit.able for fit in fits]),
        past=np.concatenate([fit.past for fit in fits]),
        troubles=tuple(chain.from_iterable(fit.troubles for fit in fits)),
        spared=tuple(chain.from_iterable(fit.spared for fit in fits)),
        regime=Regime(*map(np.concatenate, zip(*regimes, strict=True))) if regimes else None,
        experts=np.concatenate(experts) if experts else None,
    )


def known_before(counts: FloatArray, origins: IntArray) -> IntArray:
    """Return (series, origins) how many counts are known before each origin."""
    known = np.cumsum(np.pad(~np.isnan(counts), ((0, 0), (1, 0))), axis=1)
    return np.asarray(known[:, origins], dtype=np.int64)


def newest_known(counts: FloatArray) -> FloatArray:
    """Return (series, columns + 1) the newest known count before each origin; NaN without any."""
    padded = np.pad(counts, ((0, 0), (1, 0)), constant_values=np.nan)
    places = np.where(np.isnan(padded), 0, np.arange(padded.shape[1]))
    return np.take_along_axis(padded, np.maximum.accumulate(places, axis=1), axis=1)
