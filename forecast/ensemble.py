"""The members of a pool over one panel: what they share, and their pool series by series.

A sample of the series is asked first, at past origins and where forecasts are wanted: from what it
says come the shared weights and the dependence, and its own forecasts are kept for their block. All
else is done in shares of series, each from the first count to the pooled forecast.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from typing import NamedTuple

import numpy as np

from core.clock import stopwatch
from core.explanations import Effect
from core.series import AnyArray, FloatArray, IntArray, Panel
from forecast.dependence import between, correlation, mid_pit
from forecast.effects import effects
from forecast.escalation import Escalations
from forecast.hierarchy import groups_of
from forecast.models import COSTLY, PROVING, model
from forecast.models.base import Fitter, MemberFit, Regime, Task, idle, joined, spread
from forecast.pool import earned, shared_weights, weights, yielded
from forecast.shares import FEW, all_cores, begin_shares, even, in_shares, share_of

FALLBACKS = ("conflictology", "history-nb")
"""Asked in this order for a series that no member answers for; the last one always does."""
_PAST_PATHS = 4


class Pooled(NamedTuple):
    """The pool of a block of series.

    Attributes:
        cdf: (series, origins, steps, grid).
        weights: (series, origins, steps, members).
        fits: one per configured member; without their cdfs unless everyone was asked.
        seconds: (members,) what each configured one's fits took, of all shares together.
    """

    cdf: FloatArray
    weights: FloatArray
    fits: tuple[MemberFit, ...]
    seconds: FloatArray

    @property
    def able(self) -> AnyArray:
        """Return (series, origins, members) which configured members answer."""
        return np.stack([fit.able for fit in self.fits], axis=-1)

    @property
    def regime(self) -> Regime | None:
        """Return what the first member that follows changes of level says of them."""
        return next((fit.regime for fit in self.fits if fit.regime is not None), None)

    def rows(self, some: IntArray) -> Pooled:
        """Return the pool of some of the series."""
        fits = tuple(fit.rows(some) for fit in self.fits)
        return Pooled(self.cdf[some], self.weights[some], fits, self.seconds)

    def light(self) -> Pooled:
        """Return the same without the cdfs of members."""
        return self._replace(fits=tuple(fit.light() for fit in self.fits))

    def written(self) -> Pooled:
        """Return the same without the pooled cdfs, which have been written elsewhere."""
        return self._replace(cdf=self.cdf[:, :0].copy())


class _Asked(NamedTuple):
    fit: MemberFit
    seconds: float

    def rows(self, some: IntArray) -> _Asked:
        """Return what is said of some of the series, and their part of the time."""
        return _Asked(self.fit.rows(some), self.seconds * len(some) / len(self.fit.able))


class Ensemble:
    """The members of a pool, prepared for one panel, with all that its series share."""

    def __init__(self, panel: Panel, models: Sequence[str], task: Task, origins: IntArray) -> None:
        """Prepare the members and learn the shared weights.

        Args:
            panel: all series.
            models: names of the members.
            task: the question.
            origins: (origins,) rising columns at which forecasts are wanted.

        Raises:
            InputError: a model of that name does not exist.
        """
        self.task, self.origins = task, origins
        names = tuple(dict.fromkeys(models))
        self.members = tuple(dict.fromkeys((*names, *FALLBACKS)))
        loaded = [model(name) for name in self.members]
        self._fitters: list[Fitter] = [one.prepare(panel, task) for one in loaded]
        self._configured = range(len(names))
        self._proving = np.array([name in PROVING for name in names])
        self._costly = np.array([name in COSTLY for name in names])
        self.groups = groups_of(panel.keys)
        self._escalations = Escalations(task.support, panel.period)
        self._counts, self._columns = panel.counts, panel.counts.shape[1]
        self._sample, self._few = spread(len(panel)), share_of(self._columns, FEW)
        prior = np.array([one.prior for one in loaded[: len(names)]])
        self._learn(prior / prior.sum())

    def _learn(self, prior: FloatArray) -> None:
        """Ask the sample for the shared weights and for the dependence; keep its own forecasts.

        The dependence is read off whole past paths, one after the other without overlap.
        """
        newest, steps = int(self.origins[-1]), self.task.steps
        first = max(self.task.scored_from, 1)
        starts = np.sort(np.arange(newest - steps, first - 1, -steps)[:_PAST_PATHS])
        keep = len(self.origins) == 1 and not self._costly.any()
        wanted = np.concatenate((starts, self.origins)) if keep else starts
        fits = self._sampled(wanted)
        past = np.concatenate([np.stack([one.past for one in part], axis=-1) for part in fits])
        admitted = self._admitted(past, prior)
        self._shared = shared_weights(past, self.origins - self.task.scored_from, admitted)
        self._idle = self._proving & ~self._costly & ~admitted.any(axis=(0, 1))
        there = np.flatnonzero((admitted[-1, 0] > 0) & ~self._costly)

        def study(part: slice) -> tuple[FloatArray, list[Pooled]]:
            rows, said = self._sample[part], fits[part.start // self._few]
            for m in np.flatnonzero(self._proving):
                said[m] = self._fitters[m].fit(rows, wanted) if m in there else self._nobody(rows)
            pits = self._pits([(said[m], self._shared[-1, :, m]) for m in there], rows, starts)
            newest = [_Asked(fit.newest(), 0.0) for fit in said] if keep else []
            return pits, [self._mixed(rows, newest).light()] if keep else []

        found = in_shares(study, len(self._sample), self._few)
        pits = np.concatenate([part for part, _ in found])
        self._kept = _joined([one for _, kept in found for one in kept]) if keep else None
        self.dependence = correlation(pits.reshape(-1, steps))
        self.between = between(pits, self.groups[self._sample])

    def _sampled(self, wanted: IntArray) -> list[list[MemberFit]]:
        """Return per share of the sample what each member says: who has to prove, of its past."""
        rows, none, costly = self._sample, wanted[:0], np.flatnonzero(self._costly).tolist()
        slow = {m: self._fitters[m].fit(rows, none) for m in costly}

        def ask(part: slice) -> list[MemberFit]:
            asked = [none if proving else wanted for proving in self._proving]
            return [
                slow[m].rows(part) if m in slow else self._fitters[m].fit(rows[part], at)
                for m, at in enumerate(asked)
            ]

        return in_shares(ask, len(rows), self._few)

    def _nobody(self, rows: IntArray) -> MemberFit:
        """Return the fit of a member that is not asked about some rows."""
        return idle(self._counts[rows], self.origins, self.task)

    def _admitted(self, past: FloatArray, prior: FloatArray) -> FloatArray:
        """Return (origins, 1, members) priors: some members have one only where they earned it."""
        proving, priors = self._proving, np.tile(prior, (len(self.origins), 1))
        if proving.any() and not proving.all():
            origins, plain = self.origins - self.task.scored_from, prior * ~proving
            others = shared_weights(past, origins, plain / plain.sum())
            priors *= earned(past, origins, others)
        return np.asarray(priors / priors.sum(axis=1, keepdims=True))[:, None, :]

    def _pits(
        self, asked: list[tuple[MemberFit, FloatArray]], rows: IntArray, starts: IntArray
    ) -> FloatArray:
        """Return (series, starts, steps) mid-PITs of the past pool of these, for some rows."""
        steps = self.task.steps
        if not asked or not len(starts):
            return np.full((len(rows), 0, steps), np.nan)
        past, weights = slice(len(starts)), np.stack([weight for _, weight in asked])
        weights /= weights.sum(axis=0)
        cdf = np.zeros((len(rows), len(starts), steps, len(self.task.support)))
        for (fit, _), weight in zip(asked, weights, strict=True):
            cdf += fit.cdf[:, past] * weight[:, None]
        came = np.stack([self._counts[rows, o : o + steps] for o in starts], axis=1)
        able = np.all([fit.able[:, past] for fit, _ in asked], axis=0)
        return np.where(able[:, :, None], mid_pit(cdf, self.task.support, came), np.nan)

    def pooled(self, rows: IntArray, *, everyone: bool = False) -> Pooled:
        """Return the pool of some rows at all origins.

        Args:
            rows: numbers of series.
            everyone: whether members without a share are asked too, for scores of their own.
        """
        with all_cores() as threads:
            return self.begin(rows, threads, everyone=everyone)()

    def begin(
        self, rows: IntArray, threads: Executor, *, everyone: bool = False
    ) -> Callable[[], Pooled]:
        """Begin to make what `pooled` returns; return what waits for it.

        Costly members, which have processes of their own, answer before anything else begins.
        """
        slow = {m: self._fit(m, rows) for m in np.flatnonzero(self._costly).tolist()}
        keep = self._kept is not None and not everyone
        known = np.isin(rows, self._sample) if keep else np.zeros(len(rows), dtype=bool)
        new, old = np.flatnonzero(~known), np.flatnonzero(known)
        share = even(len(new), share_of(self._columns))
        cdf = np.empty((len(rows), len(self.origins), self.task.steps, len(self.task.support)))

        def answer(part: slice) -> Pooled:
            some = new[part]
            asked = [
                slow[m].rows(some) if m in slow else self._fit(m, rows[some], everyone)
                for m in self._configured
            ]
            made = self._mixed(rows[some], asked)
            cdf[some] = made.cdf
            return (made if everyone else made.light()).written()

        waiting = begin_shares(threads, answer, len(new), share)
        return lambda: self._whole(rows, new, old, cdf, waiting())

    def _whole(
        self, rows: IntArray, new: IntArray, old: IntArray, cdf: FloatArray, parts: list[Pooled]
    ) -> Pooled:
        """Return the pool of some rows.

        Args:
            rows: numbers of series.
            new: places of those that the parts are about.
            old: places of those of which the sample's answer was kept.
            cdf: (series, origins, steps, grid), written where they are new.
            parts: share by share.
        """
        if not len(old) or self._kept is None:
            return _joined(parts)._replace(cdf=cdf)
        kept = self._kept.rows(np.searchsorted(self._sample, rows[old]))
        cdf[old] = kept.cdf
        pooled = _joined([*parts, kept.written()])
        return pooled.rows(np.argsort(np.concatenate((new, old))))._replace(cdf=cdf)

    def _fit(self, m: int, rows: IntArray, everyone: bool = True) -> _Asked:
        """Return what a member says of some rows, where it has a share or everyone is asked."""
        started = stopwatch()
        asked = everyone or not self._idle[m]
        fit = self._fitters[m].fit(rows, self.origins) if asked else self._nobody(rows)
        return _Asked(fit, stopwatch() - started)

    def _mixed(self, rows: IntArray, asked: Sequence[_Asked]) -> Pooled:
        """Return the pool of some rows from what the members say of them."""
        fits = tuple(one.fit for one in asked)
        full = np.zeros((*fits[0].able.shape, self.task.steps, len(self.members)))
        full[..., : len(fits)] = self._weights(fits)
        cdf = self._blend(fits, rows, full)
        return Pooled(cdf, full, fits, np.array([one.seconds for one in asked]))

    def _weights(self, fits: Sequence[MemberFit]) -> FloatArray:
        """Return (series, origins, steps, members) weights of the members of some series."""
        past = np.stack([fit.past for fit in fits], axis=-1)
        able = np.stack([fit.able for fit in fits], axis=-1)
        there, origins = ~self._idle, self.origins - self.task.scored_from
        own = np.zeros((*able.shape[:2], self.task.steps, len(fits)))
        own[..., there] = weights(
            past[..., there], origins, self._shared[..., there], able[..., there]
        )
        regime = next((fit.regime for fit in fits if fit.regime is not None), None)
        if regime is None:
            return own
        follows = np.array([fit.follows or fit.regime is not None for fit in fits])
        return yielded(own, follows, regime.shift)

    def _blend(self, fits: Sequence[MemberFit], rows: IntArray, full: FloatArray) -> FloatArray:
        """Return the cdfs of some series; write the weights of the fallbacks that are asked."""
        shape = (*full.shape[:3], len(self.task.support))
        cdf, part = np.empty(shape), np.empty(shape)
        cdf.fill(0.0)
        for m, fit in enumerate(fits):
            if not self._idle[m]:
                cdf += np.multiply(fit.cdf, full[..., m, None], out=part)
        for number in range(len(self.members)):
            self._fall_back(number, rows, full, cdf)
        self._escalations.allow_for(cdf)
        return cdf

    def _fall_back(self, number: int, rows: IntArray, full: FloatArray, cdf: FloatArray) -> None:
        """Give a fallback member all the weight where nobody else has any."""
        bare = full.sum(axis=(2, 3)) == 0
        if self.members[number] not in FALLBACKS or not bare.any():
            return
        some = np.flatnonzero(bare.any(axis=1))
        fit = self._fitters[number].fit(rows[some], self.origins)
        for place, row in enumerate(some):
            for slot in np.flatnonzero(bare[row] & fit.able[place]):
                cdf[row, slot] = fit.cdf[place, slot]
                full[row, slot, :, number] = 1.0

    def effects(
        self, pooled: Pooled, rows: IntArray, ends: IntArray
    ) -> tuple[tuple[Effect, ...], ...]:
        """Return what moves the forecasts of a block at the last origin, where it is seen."""
        fitters = [self._fitters[m] for m in self._configured]
        return effects(fitters, pooled.fits, pooled.weights[:, -1], rows, ends)


def _joined(parts: Sequence[Pooled]) -> Pooled:
    """Return the pools of several shares as one; at least one of them."""
    return Pooled(
        np.concatenate([part.cdf for part in parts]),
        np.concatenate([part.weights for part in parts]),
        tuple(map(joined, zip(*(part.fits for part in parts), strict=True))),
        np.sum([part.seconds for part in parts], axis=0),
    )
