"""The engine: members, weights and dependence joined into forecasts, block by block."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from core.clock import stopwatch
from core.explanations import Effect
from core.forecasts import Outlook
from core.predictive import Predictive
from core.regions import label
from core.series import AnyArray, FloatArray, IntArray, LevelSince, Panel
from forecast.account import Account, notes
from forecast.dependence import between, correlation, mid_pit
from forecast.effects import effects
from forecast.escalation import allow_for_escalation
from forecast.hierarchy import groups_of
from forecast.models import COSTLY, PROVING, model
from forecast.models.base import Fitter, MemberFit, Regime, Task, idle, shared_support, spread
from forecast.pool import WINDOW, earned, shared_weights, weights, yielded
from forecast.shares import in_shares

FALLBACKS = ("conflictology", "history-nb")
"""Asked in this order for a series that no member answers for; the last one always does."""
_PAST_PATHS = 4
_SHARE = 32
"""Series whose members are mixed at once, so that they stay in a core's cache."""
EVEN = 0.5
"""A change of level is told only where it is more probable than not."""


class Pooled(NamedTuple):
    """The pool of a block of series.

    Attributes:
        cdf: (series, origins, steps, grid).
        weights: (series, origins, steps, members).
        able: (series, origins, members).
        fits: one per configured member.
        seconds: what each fit took.
        regime: what the first member that follows changes of level says of them.
    """

    cdf: FloatArray
    weights: FloatArray
    able: AnyArray
    fits: tuple[MemberFit, ...]
    seconds: tuple[float, ...]
    regime: Regime | None


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
        self.members = tuple(dict.fromkeys((*models, *FALLBACKS)))
        self._configured = len(dict.fromkeys(models))
        loaded = [model(name) for name in self.members]
        self._fitters: list[Fitter] = [one.prepare(panel, task) for one in loaded]
        prior = np.array([one.prior for one in loaded[: self._configured]])
        self._rows = spread(len(panel))
        self._groups, self._period = groups_of(panel.keys), panel.period
        self._counts = panel.counts
        self._learn(panel.counts, prior / prior.sum())

    def _learn(self, counts: FloatArray, prior: FloatArray) -> None:
        """Fit a sample of the series for the shared weights and for the dependence.

        The dependence is read off whole past paths, one after the other without overlap.
        """
        newest, steps = int(self.origins[-1]), self.task.steps
        first = max(self.task.scored_from, 1)
        starts = np.sort(np.arange(newest - steps, first - 1, -steps)[:_PAST_PATHS])
        names = self.members[: self._configured]
        proving = np.array([name in PROVING for name in names])
        fits = [
            self._fitters[m].fit(self._rows, starts[:0] if proving[m] else starts)
            for m in range(len(names))
        ]
        past = np.stack([fit.past for fit in fits], axis=-1)
        origins = self.origins - self.task.scored_from
        admitted = self._admitted(past, prior, proving)
        self._shared = shared_weights(past, origins, admitted)
        costly = np.array([name in COSTLY for name in names])
        self._idle = proving & ~costly & ~admitted.any(axis=(0, 1))
        there = np.flatnonzero((admitted[-1, 0] > 0) & ~costly)
        asked = [
            (self._fitters[m].fit(self._rows, starts) if proving[m] else fits[m]) for m in there
        ]
        weighted = [(fit, self._shared[-1, :, m]) for fit, m in zip(asked, there, strict=True)]
        pits = self._pits(weighted, counts, starts)
        self.dependence = correlation(pits.reshape(-1, steps))
        self.between = between(pits, self._groups[self._rows])

    def _admitted(self, past: FloatArray, prior: FloatArray, proving: AnyArray) -> FloatArray:
        """Return (origins, 1, members) priors: some members have one only where they earned it."""
        priors = np.tile(prior, (len(self.origins), 1))
        if proving.any() and not proving.all():
            origins, plain = self.origins - self.task.scored_from, prior * ~proving
            others = shared_weights(past, origins, plain / plain.sum())
            priors *= earned(past, origins, others)
        return np.asarray(priors / priors.sum(axis=1, keepdims=True))[:, None, :]

    def _pits(
        self, asked: list[tuple[MemberFit, FloatArray]], counts: FloatArray, starts: IntArray
    ) -> FloatArray:
        """Return (series, origins, steps) mid-PITs of the past pool of these, for the sample."""
        steps = self.task.steps
        if not asked or not len(starts):
            return np.full((len(self._rows), 0, steps), np.nan)
        weights = np.stack([weight for _, weight in asked])
        weights /= weights.sum(axis=0)
        cdf = np.zeros(asked[0][0].cdf.shape)
        for (fit, _), weight in zip(asked, weights, strict=True):
            cdf += fit.cdf * weight[:, None]
        came = np.stack([counts[self._rows, o : o + steps] for o in starts], axis=1)
        able = np.all([fit.able for fit, _ in asked], axis=0)
        return np.where(able[:, :, None], mid_pit(cdf, self.task.support, came), np.nan)

    def pooled(self, rows: IntArray, *, everyone: bool = False) -> Pooled:
        """Return the pool of some rows at all origins.

        Args:
            rows: numbers of series.
            everyone: whether members without a share are asked too, for scores of their own.
        """
        fits, seconds = [], []
        for m, fitter in enumerate(self._fitters[: self._configured]):
            started = stopwatch()
            asked = everyone or not self._idle[m]
            nobody = idle(self._counts[rows], self.origins, self.task)
            fits.append(fitter.fit(rows, self.origins) if asked else nobody)
            seconds.append(stopwatch() - started)
        able = np.stack([fit.able for fit in fits], axis=-1)
        full = np.zeros((*able.shape[:2], self.task.steps, len(self.members)))
        cdf = np.empty((*full.shape[:3], len(self.task.support)))
        regime = next((fit.regime for fit in fits if fit.regime is not None), None)

        def blend(part: slice) -> None:
            own = self._weights(fits, able, regime, part)
            full[part, ..., : self._configured] = own
            self._blend(fits, rows, full, cdf, part)

        in_shares(blend, len(rows), _SHARE)
        return Pooled(cdf, full, able, tuple(fits), tuple(seconds), regime)

    def _weights(
        self, fits: Sequence[MemberFit], able: AnyArray, regime: Regime | None, part: slice
    ) -> FloatArray:
        """Return (series, origins, steps, members) weights of the members of some series."""
        past = np.stack([fit.past[part] for fit in fits], axis=-1)
        there, origins = ~self._idle, self.origins - self.task.scored_from
        own = np.zeros((len(past), len(origins), self.task.steps, len(fits)))
        own[..., there] = weights(
            past[..., there], origins, self._shared[..., there], able[part][..., there]
        )
        if regime is None:
            return own
        follows = np.array([fit.follows or fit.regime is not None for fit in fits])
        return yielded(own, follows, regime.shift[part])

    def _blend(
        self,
        fits: Sequence[MemberFit],
        rows: IntArray,
        full: FloatArray,
        cdf: FloatArray,
        part: slice,
    ) -> None:
        """Write the cdfs of some series, and the weights of the fallbacks where they are asked."""
        mixed = cdf[part]
        mixed[:] = 0.0
        for m, fit in enumerate(fits):
            if not self._idle[m]:
                mixed += fit.cdf[part] * full[part, ..., m, None]
        for number in range(len(self.members)):
            self._fall_back(number, rows[part], full[part], mixed)
        mixed /= mixed[..., -1:]
        allow_for_escalation(mixed, self.task.support, self._period)

    def effects(self, pooled: Pooled, start: int, ends: IntArray) -> tuple[tuple[Effect, ...], ...]:
        """Return what moves the forecasts of a block at the last origin, where it is seen."""
        fitters, rows = self._fitters[: self._configured], start + np.arange(len(ends))
        return effects(fitters, pooled.fits, pooled.weights[:, -1], rows, ends)

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


def forecast(
    panel: Panel,
    steps: int,
    models: Sequence[str],
    block: int = 512,
    budget: int | None = None,
) -> Iterator[Outlook]:
    """Yield the forecasts of a panel, a block of series at a time.

    What is said of a series does not depend on the block that it is in. The last outlook says
    what went wrong in any of them.

    Args:
        panel: the series; step 1 is the period after the last column.
        steps: horizons.
        models: names of the members (forecast.models.MODELS).
        block: series per outlook.
        budget: series that a costly member may be asked about; None without limit.

    Raises:
        InputError: a model of that name does not exist.
    """
    if not len(panel):
        return
    columns = panel.counts.shape[1]
    first = max(columns - WINDOW - steps, 0)
    task = Task(steps, first, shared_support(panel.counts), budget)
    ensemble = Ensemble(panel, models, task, np.array([columns]))
    account = Account(tuple(dict.fromkeys(models)))
    for start in range(0, len(panel), block):
        part = panel.rows(start, start + block)
        pooled = ensemble.pooled(np.arange(start, start + len(part)))
        account.add(pooled.fits)
        seeds = [zlib.crc32(label(key).encode()) for key in part.keys]
        predictive = Predictive(
            task.support,
            pooled.cdf[:, 0],
            ensemble.dependence,
            np.array(seeds, dtype=np.int64),
            ensemble.between,
            groups_of(part.keys),
        )
        last = start + block >= len(panel)
        yield Outlook(
            part,
            predictive,
            ensemble.members,
            pooled.weights[:, 0],
            notes(ensemble.members, pooled.fits, pooled.weights[:, 0, 0]),
            account.reasons() if last else (),
            account.remarks() if last else (),
            _levels_since(part, pooled.regime),
            ensemble.effects(pooled, start, part.ends),
        )


def levels_since(panel: Panel, models: Sequence[str]) -> tuple[LevelSince | None, ...]:
    """Return since when series that are not forecast themselves have run at their present level.

    Members that are costly or have to earn their share are not asked: they follow no regimes.
    """
    columns = panel.counts.shape[1]
    task = Task(1, max(columns - WINDOW - 1, 0), shared_support(panel.counts), None)
    asked = [name for name in models if name not in {*COSTLY, *PROVING}]
    if not asked:
        return ()
    pooled = Ensemble(panel, asked, task, np.array([columns])).pooled(np.arange(len(panel)))
    return _levels_since(panel, pooled.regime)


def _levels_since(panel: Panel, regime: Regime | None) -> tuple[LevelSince | None, ...]:
    """Return since when each series has run at its present level, where a shift is likely."""
    if regime is None:
        return ()
    columns = panel.counts.shape[1]
    found: list[LevelSince | None] = []
    for row in range(len(panel)):
        first, mean, probability = (float(part[row, 0]) for part in regime[:3])
        period = int(panel.ends[row]) - columns + 1 + int(first) if probability > EVEN else 0
        found.append(LevelSince(period, mean, probability) if probability > EVEN else None)
    return tuple(found)
