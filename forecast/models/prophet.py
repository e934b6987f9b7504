"""prophet: a trend and seasons fitted by Prophet, as the level of a count distribution.

Prophet fits one series at a time, a thousand times slower than the count models, so it is fitted
only where it is needed: at the wanted origins, and at every sixth past origin for a few series in
turn. From those past paths come the distribution around its path and its weight in the pool.
Which past paths are made depends on nothing after them, so that a backtest repeats exactly what a
run then would have said.

The fits happen in worker processes (forecast/workers): one that hangs or dies costs this member in
that series only.
"""

from __future__ import annotations

import atexit
from collections.abc import Sequence
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from core.periods import Period
from core.series import FloatArray, IntArray, Panel
from forecast.models import prophet_law
from forecast.models.base import MemberFit, Task, empty_past, spread
from forecast.models.prophet_law import MEMORY, Miss, Record
from forecast.workers.frames import Message
from forecast.workers.pool import UNAVAILABLE, Failure, WorkerPool, command_for

COMMAND = command_for("forecast.models.prophet_fit:prepare")
NEEDED_YEARS, NEEDED_NON_ZERO = 2, 12
"""A season cannot be told from a trend in less; a handful of events has neither."""
EVERY = 6
"""Past paths are made at columns that are multiples of this."""
AT_ONCE = 12
"""Series that a past path is made for at each of those columns."""
YEARLY = {Period.DAY: 2, Period.WEEK: 2, Period.MONTH: 2}
"""Fourier orders, as those of WEEKLY; 0 leaves the season out."""
WEEKLY = {Period.DAY: 3, Period.WEEK: 0, Period.MONTH: 0}
_TRIAL_SECONDS = 4.0

Case = tuple[int, int]
"""Row of the panel and origin."""


class Prophet:
    """The model."""

    prior = 0.3

    def prepare(self, panel: Panel, task: Task) -> ProphetFitter:
        """Fit the sample of past paths."""
        return ProphetFitter(panel, task, workers())


class ProphetFitter:
    """Prophet with the paths it was asked for so far."""

    def __init__(self, panel: Panel, task: Task, pool: WorkerPool) -> None:
        """Take the panel and the question, and fit the sample of past paths."""
        self._panel, self._task, self._pool = panel, task, pool
        self._counts = panel.counts
        self._able = _eligible(panel)
        self._asked = self._within_budget()
        self._paths: dict[Case, FloatArray | Failure] = {}
        sample = self._sample()
        self._fit(sample, "past paths")
        self._misses = self._missed(sample)
        self._record = Record([miss for _, miss in self._misses], task.steps)

    def fit(self, rows: IntArray, origins: IntArray) -> MemberFit:
        """Return the distributions of some of the panel's rows at rising origins."""
        asked = [[self._able[r, o] and self._asked[r] for o in origins] for r in rows]
        wanted = [(int(r), int(o)) for r, row in zip(rows, asked, strict=True)
                  for o, yes in zip(origins, row, strict=True) if yes]  # fmt: skip
        self._fit(wanted, "series")
        able = np.zeros((len(rows), len(origins)), dtype=bool)
        shape = (*able.shape, self._task.steps, len(self._task.support))
        cdf = np.ones(shape)
        for place, slot in np.ndindex(*able.shape):
            case = (int(rows[place]), int(origins[slot]))
            found = self._paths.get(case) if asked[place][slot] else None
            if isinstance(found, np.ndarray):
                able[place, slot] = True
                self._write(case, found, cdf[place, slot])
        last = int(origins[-1]) if len(origins) else 0
        return MemberFit(
            cdf,
            able,
            self._past(rows),
            tuple(self._trouble((int(row), last)) for row in rows),
            tuple(bool(self._able[row, last] and not self._asked[row]) for row in rows),
        )

    def _within_budget(self) -> IntArray:
        """Return (rows,) whether a row may be asked about: the busiest of late come first."""
        able, most = np.flatnonzero(self._able[:, -1]), self._task.budget
        if most is None or len(able) <= most:
            return np.ones(len(self._panel), dtype=np.int64)
        late = self._counts[able, -NEEDED_YEARS * self._panel.period.year_length :]
        busiest = np.argsort(-np.nansum(late, axis=1), kind="stable")[:most]
        asked = np.zeros(len(self._panel), dtype=np.int64)
        asked[able[busiest]] = 1
        return asked

    def _sample(self) -> list[Case]:
        """Return the past paths to make: a few rows in turn at every sixth column."""
        first = max(self._task.scored_from - MEMORY - self._task.steps, 0)
        rows, cases = spread(len(self._panel)), []
        for origin in range(-(-first // EVERY) * EVERY, self._counts.shape[1], EVERY):
            turn = np.roll(rows, -AT_ONCE * (origin // EVERY))
            cases += [(int(row), origin) for row in turn[self._able[turn, origin]][:AT_ONCE]]
        return cases

    def _fit(self, cases: Sequence[Case], what: str) -> None:
        """Ask the workers for the paths that are not known yet."""
        missing = list(dict.fromkeys(case for case in cases if case not in self._paths))
        requests = [self._request(case) for case in missing]
        told = self._task.progress
        answers = self._pool.answers(requests, lambda done, of: told(f"prophet: {what}", done, of))
        for (row, origin), answer in zip(missing, answers, strict=True):
            self._paths[row, origin] = (
                answer
                if isinstance(answer, Failure)
                else prophet_law.bounded(np.array(answer["path"]), self._counts[row, :origin])
            )

    def _request(self, case: Case) -> Message:
        row, origin = case
        period, steps = self._panel.period, self._task.steps
        first = int(self._panel.ends[row]) - self._counts.shape[1] + 1
        known = np.flatnonzero(~np.isnan(self._counts[row, :origin]))
        return {
            "days": [_day(period, first + int(column)) for column in known],
            "counts": self._counts[row, known].tolist(),
            "future": [_day(period, first + origin + h) for h in range(steps)],
            "yearly": YEARLY[period],
            "weekly": WEEKLY[period],
        }

    def _missed(self, sample: list[Case]) -> list[tuple[int, Miss]]:
        """Return the sampled paths with what came of them, and their rows."""
        found = []
        for row, origin in sample:
            path = self._paths[row, origin]
            if isinstance(path, np.ndarray):
                came = np.full(self._task.steps, np.nan)
                known = self._counts[row, origin : origin + self._task.steps]
                came[: len(known)] = known
                found.append((row, Miss(origin, path, came)))
        return found

    def _write(self, case: Case, path: FloatArray, out: FloatArray) -> None:
        row, origin = case
        largest, law = float(np.nanmax(self._counts[row, :origin])), self._record.law(origin, path)
        prophet_law.fill_cdf(law, path, largest, self._task.support, out)

    def _past(self, rows: IntArray) -> FloatArray:
        past = empty_past(self._counts[rows], self._task)
        places = {int(row): place for place, row in enumerate(rows)}
        for row, (origin, means, came) in self._misses:
            made = origin - self._task.scored_from
            if row in places and made >= 0:
                law = self._record.law(origin, means)
                past[places[row], made] = prophet_law.probabilities(law, means, came)
        return past

    def _trouble(self, case: Case) -> str:
        found = self._paths.get(case)
        if not isinstance(found, Failure):
            return ""
        named = found.reason == UNAVAILABLE and found.detail
        return f"{found.reason} ({found.detail})" if named else found.reason


@cache
def workers() -> WorkerPool:
    """Return the workers of this process, which end with it."""
    pool = WorkerPool(COMMAND)
    atexit.register(pool.close)
    return pool


def check() -> tuple[bool, str]:
    """Return whether a trial fit works, and the versions or what is wrong, in some 4 seconds."""
    trial = {
        "days": [_day(Period.MONTH, 24_000 + month) for month in range(30)],
        "counts": [float(month % 5) for month in range(30)],
        "future": [_day(Period.MONTH, 24_030)],
        "yearly": 1,
        "weekly": 0,
    }
    with WorkerPool(COMMAND, size=1, deadline=_TRIAL_SECONDS, starts=1) as pool:
        (answer,) = pool.answers([trial])
    if isinstance(answer, Failure):
        why = f"a trial fit {answer.reason}" + (f": {answer.detail}" if answer.detail else "")
        return False, f"{_versions()}; {why}"
    return True, f"{_versions()}; a trial fit works"


def _versions() -> str:
    found = []
    for name in ("prophet", "cmdstanpy"):
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            found.append(f"{name} is not installed")
    spec = find_spec("prophet")
    folders = (Path(place) for place in (spec and spec.submodule_search_locations) or ())
    builds = [
        b.name.replace("cmdstan-", "CmdStan ")
        for f in folders
        for b in f.glob("stan_model/cmdstan-*")
    ]
    return ", ".join([*found, *(sorted(builds) or ["CmdStan is missing"])])


def _eligible(panel: Panel) -> IntArray:
    """Return (series, columns + 1) whether a series has the history at each origin."""
    known = np.cumsum(np.pad(~np.isnan(panel.counts), ((0, 0), (1, 0))), axis=1)
    busy = np.cumsum(np.pad(panel.counts > 0, ((0, 0), (1, 0))), axis=1)
    enough = known >= NEEDED_YEARS * panel.period.year_length
    return np.asarray(enough & (busy >= NEEDED_NON_ZERO))


def _day(period: Period, index: int) -> int:
    return period.start(index).toordinal()
