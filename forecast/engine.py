"""The engine: members, weights and dependence joined into forecasts, block by block."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from core.clock import stopwatch
from core.forecasts import Outlook
from core.predictive import Predictive
from core.regions import label
from core.series import AnyArray, FloatArray, IntArray, Panel
from forecast.dependence import correlation, mid_pit
from forecast.models import model
from forecast.models.base import Fitter, MemberFit, Task, shared_support
from forecast.pool import WINDOW, shared_weights, weights

FALLBACKS = ("conflictology", "history-nb")
"""Asked in this order for a series that no member answers for; the last one always does."""
_SAMPLE = 64
_PAST_PATHS = 4


class Pooled(NamedTuple):
    """The pool of a block of series.

    Attributes:
        cdf: (series, origins, steps, grid).
        weights: (series, origins, steps, members).
        able: (series, origins, members).
        fits: one per configured member.
        seconds: what each fit took.
    """

    cdf: FloatArray
    weights: FloatArray
    able: AnyArray
    fits: tuple[MemberFit, ...]
    seconds: tuple[float, ...]


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
        self._rows = _spread(len(panel), _SAMPLE)
        self._learn(panel.counts, prior / prior.sum())

    def _learn(self, counts: FloatArray, prior: FloatArray) -> None:
        """Fit a sample of the series for the shared weights and for the dependence."""
        newest = int(self.origins[-1])
        steps, first = self.task.steps, max(self.task.scored_from, 1)
        starts = np.sort(np.arange(newest - steps, first - 1, -steps)[:_PAST_PATHS])
        fits = [f.fit(self._rows, starts) for f in self._fitters[: self._configured]]
        past = np.stack([fit.past for fit in fits], axis=-1)
        self._shared = shared_weights(past, self.origins - self.task.scored_from, prior)
        cdf = sum(fit.cdf * self._shared[-1, :, None, m] for m, fit in enumerate(fits))
        came = (
            np.stack([counts[self._rows, o : o + self.task.steps] for o in starts], axis=1)
            if (len(starts))
            else np.zeros((len(self._rows), 0, self.task.steps))
        )
        able = np.all([fit.able for fit in fits], axis=0)
        pits = np.where(able[:, :, None], mid_pit(np.asarray(cdf), self.task.support, came), np.nan)
        self.dependence = correlation(pits.reshape(-1, self.task.steps))

    def pooled(self, rows: IntArray) -> Pooled:
        """Return the pool of some rows at all origins."""
        fits, seconds = [], []
        for fitter in self._fitters[: self._configured]:
            started = stopwatch()
            fits.append(fitter.fit(rows, self.origins))
            seconds.append(stopwatch() - started)
        able = np.stack([fit.able for fit in fits], axis=-1)
        past = np.stack([fit.past for fit in fits], axis=-1)
        own = weights(past, self.origins - self.task.scored_from, self._shared, able)
        cdf = np.zeros(fits[0].cdf.shape)
        for m, fit in enumerate(fits):
            cdf += fit.cdf * own[..., m, None]
        full = np.zeros((*own.shape[:3], len(self.members)))
        full[..., : self._configured] = own
        for number in range(len(self.members)):
            self._fall_back(number, rows, full, cdf)
        cdf /= cdf[..., -1:]
        return Pooled(cdf, full, able, tuple(fits), tuple(seconds))

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
    panel: Panel, steps: int, models: Sequence[str], block: int = 512
) -> Iterator[Outlook]:
    """Yield the forecasts of a panel, a block of series at a time.

    What is said of a series does not depend on the block that it is in.

    Args:
        panel: the series; step 1 is the period after the last column.
        steps: horizons.
        models: names of the members (forecast.models.MODELS).
        block: series per outlook.

    Raises:
        InputError: a model of that name does not exist.
    """
    if not len(panel):
        return
    columns = panel.counts.shape[1]
    task = Task(steps, max(columns - WINDOW - steps, 0), shared_support(panel.counts))
    ensemble = Ensemble(panel, models, task, np.array([columns]))
    for start in range(0, len(panel), block):
        part = panel.rows(start, start + block)
        pooled = ensemble.pooled(np.arange(start, start + len(part)))
        seeds = [zlib.crc32(label(key).encode()) for key in part.keys]
        predictive = Predictive(
            task.support, pooled.cdf[:, 0], ensemble.dependence, np.array(seeds, dtype=np.int64)
        )
        notes = _notes(ensemble.members, tuple(models), pooled)
        yield Outlook(part, predictive, ensemble.members, pooled.weights[:, 0], notes)


def _notes(members: tuple[str, ...], models: tuple[str, ...], pooled: Pooled) -> tuple[str, ...]:
    """Return per series which configured models did not answer, and who did if none did."""
    notes = []
    for able, given in zip(pooled.able[:, 0], pooled.weights[:, 0, 0], strict=True):
        missing = [name for name, can in zip(members, able, strict=False) if not can]
        note = f"too little history for {', '.join(missing)}" if missing else ""
        alone = members[int(given.argmax())]
        notes.append(note if able.any() else f"{note}: {alone} instead")
    return tuple(notes)


def _spread(series: int, most: int) -> IntArray:
    """Return the numbers of at most `most` rows, evenly spread."""
    return np.unique(np.linspace(0, series - 1, min(series, most)).astype(np.int64))
