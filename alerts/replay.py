"""A rule's alerts over history: past readings, as arrays, through the real life-cycle.

An origin is a moment at which a period begins: the periods before it are over, and the rule is
read once. Columns of counts and origins go together: column j holds what came of the period that
was running at origin j.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from alerts.lifecycle import Moment, reading_at, step
from core.alerts import Alert, AlertState, Evaluation, Reading
from core.periods import Period
from core.regions import RegionKey
from core.series import AnyArray, FloatArray, IntArray
from core.settings import Severity


@dataclass(frozen=True)
class Track:
    """What a ladder of lines said of each region at each origin, and what came.

    Attributes:
        keys: one region per row.
        period: length of a step.
        first: index of the period that was running at the first origin.
        lines: (regions, origins, lines) the counts to ring for; those of a region without any
            history where it was not read.
        chances: (regions, origins, lines) their probabilities; NaN where the region was not read.
        tempo: (regions, origins) the newest complete count as it was read; NaN where none was.
        newest: (regions, origins) the index of the period of that count.
        came: (regions, past + origins + window - 1) what came; NaN where it is not known.
        past: columns of `came` before the first origin.
        span: periods, from the running one, that a reading speaks of.
        overdue: per origin, the feeds whose news were due: no all-clear then.
    """

    keys: tuple[RegionKey, ...]
    period: Period
    first: int
    lines: IntArray
    chances: FloatArray
    tempo: FloatArray
    newest: IntArray
    came: FloatArray
    past: int
    span: int
    overdue: tuple[tuple[str, ...], ...]

    @property
    def origins(self) -> int:
        """Return how often the rule was read."""
        return len(self.overdue)

    @property
    def read(self) -> AnyArray:
        """Return (regions, origins) whether the region was read."""
        return np.asarray(~np.isnan(self.chances[..., 0]))


class LadderLevel(NamedTuple):
    """A level of a policy: its column in the ladder, and how likely it must be to ring."""

    column: int
    severity: Severity
    needed: float


@dataclass(frozen=True)
class Policy:
    """A rule as the life-cycle sees it: levels from least to most severe, and its patience.

    A naive one rings where the newest complete count stands at or above a line already: as a
    rule whose probability is 1 then, and 0 otherwise.
    """

    levels: tuple[LadderLevel, ...]
    clear_probability: float
    fire_after: int = 1
    clear_after: int = 2
    naive: bool = False


class Episode(NamedTuple):
    """One alert that rang; numbers are rows and origins of the track.

    Attributes:
        region: its row.
        rang: the origin at which it fired.
        claims: the origins, from that one on, at which it was firing and its rule crossed.
        runs: origins at which it was firing.
        severity, line, probability: those with which it fired.
    """

    region: int
    rang: int
    claims: tuple[int, ...]
    runs: int
    severity: Severity
    line: int
    probability: float


def episodes(track: Track, policy: Policy) -> list[Episode]:
    """Return the alerts that a policy would have rung, by region and time.

    A region that was not read at an origin keeps its alert as it is, as in a run.
    """
    chances = _chances(track, policy)
    needed = np.array([level.needed for level in policy.levels])
    crossed = np.asarray(np.any(chances >= needed, axis=-1))
    found: list[Episode] = []
    for region in np.flatnonzero(crossed.any(axis=1)).tolist():
        found += _of_region(track, policy, region, chances[region], crossed[region])
    return found


def _chances(track: Track, policy: Policy) -> FloatArray:
    """Return (regions, origins, levels) the probabilities that a policy looks at."""
    columns = [level.column for level in policy.levels]
    chances = track.chances[..., columns]
    if not policy.naive:
        return chances
    above = (track.tempo[..., None] >= track.lines[..., columns]).astype(np.float64)
    return np.where(np.isnan(chances), np.nan, above)


def _of_region(
    track: Track, policy: Policy, region: int, chances: FloatArray, crossed: AnyArray
) -> Iterator[Episode]:
    """Yield a region's episodes. An origin that opens nothing where nothing is open is passed."""
    alert: Alert | None = None
    fired: Episode | None = None
    for origin in np.flatnonzero(~np.isnan(chances[:, 0])).tolist():
        if alert is None and not crossed[origin]:
            continue
        evaluation = _evaluation(track, policy, region, origin, chances[origin])
        moment = Moment(track.period.start(track.first + origin).isoformat(), str(origin))
        alert = step(alert, evaluation, policy, moment).alert
        if alert is not None and alert.state is AlertState.FIRING:
            fired = _told(fired or _fired(region, origin, alert, evaluation), origin, crossed)
        if alert is None or alert.state is AlertState.RESOLVED:
            if fired:
                yield fired
            alert = fired = None
    if fired:
        yield fired


def _fired(region: int, origin: int, alert: Alert, evaluation: Evaluation) -> Episode:
    reading = reading_at(evaluation, alert.severity)
    return Episode(region, origin, (), 0, alert.severity, reading.threshold, reading.probability)


def _told(episode: Episode, origin: int, crossed: AnyArray) -> Episode:
    claims = (*episode.claims, origin) if crossed[origin] else episode.claims
    return episode._replace(claims=claims, runs=episode.runs + 1)


def _evaluation(
    track: Track, policy: Policy, region: int, origin: int, chances: FloatArray
) -> Evaluation:
    lines = track.lines[region, origin].tolist()
    return Evaluation(
        watch="",
        rule="",
        region=track.keys[region],
        readings=tuple(
            Reading(level.severity, lines[level.column], level.needed, chance)
            for level, chance in zip(policy.levels, chances.tolist(), strict=True)
        ),
        clear_probability=policy.clear_probability,
        data_through=track.period.end(int(track.newest[region, origin])),
        facts={"unit": ""},
        overdue=track.overdue[origin],
    )
