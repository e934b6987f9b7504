"""The track of a rule: read at every origin of a stretch of history, beside what came."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import NamedTuple

import numpy as np

from alerts import rules
from alerts.replay import Track
from core.forecasts import WatchResult
from core.periods import Period
from core.regions import RegionKey
from core.series import FloatArray, IntArray, Panel
from core.settings import SEVERITIES, Level, RuleSettings
from forecast.series import Built
from tocsin.hindsight import Past

Progress = Callable[[str], None]


class Reading(NamedTuple):
    """A region at one origin: its newest complete count, and a line and a chance per level."""

    origin: int
    tempo: float
    newest: int
    lines: tuple[int, ...]
    chances: tuple[float, ...]


def origins_between(period: Period, first: date, last: date) -> range:
    """Return the periods before which a rule is read: on last days from `first` to `last`."""
    begin = period.of(first) + 1
    return range(begin, max(period.last_complete(last) + 2, begin))


def series_of(rule: RuleSettings, truth: Built) -> Panel:
    """Return the series that a rule reads."""
    rows = [
        row
        for row, key in enumerate(truth.panel.keys)
        if rules.takes(rule, key, total=row >= truth.regions)
    ]
    return truth.panel.select(np.array(rows, dtype=np.int64))


def track(
    past: Past,
    rule: RuleSettings,
    ladder: Sequence[Level],
    origins: range,
    truth: Built,
    quiet: int,
    progress: Progress = lambda _: None,
) -> Track:
    """Return what a ladder of levels said at each origin.

    Args:
        past: the forecasts.
        rule: its window; its own levels are not looked at.
        ladder: the levels to read, at one probability or another.
        origins: the periods that are running at them.
        truth: the series with what came.
        quiet: periods before the first origin whose counts are wanted.
        progress: is told the day that is being read.
    """
    known, read = series_of(rule, truth), _ladder_rule(rule, ladder)
    period = known.period
    found: dict[RegionKey, list[Reading]] = {key: [] for key in known.keys}
    overdue = []
    for number, running in enumerate(origins):
        day = period.end(running - 1)
        progress(f"replaying {rule.watch}: {day}")
        overdue.append(past.overdue(day))
        for result in past.results(day):
            for region, reading in _readings(read, result, number):
                found.setdefault(region, []).append(reading)
    whole = 1 if rule.aggregate == "any" else rule.within
    came = _came(known, list(found), origins, quiet, rule.within)
    if whole > 1:
        came = np.lib.stride_tricks.sliding_window_view(came, whole, axis=1).sum(axis=-1)
    tempo, newest, lines, chances = _arrays(list(found.values()), len(origins), len(ladder))
    unread = [level.least for level in ladder]
    return Track(
        keys=tuple(found),
        period=period,
        first=origins.start,
        lines=np.where(np.isnan(chances), np.array(unread, dtype=np.int64), lines),
        chances=chances,
        tempo=tempo * whole,
        newest=newest,
        came=came,
        past=quiet,
        span=rule.within if whole == 1 else 1,
        overdue=tuple(overdue),
    )


def _ladder_rule(rule: RuleSettings, ladder: Sequence[Level]) -> RuleSettings:
    """Return the rule with the ladder's levels, all of one severity: they keep their order."""
    same = tuple(level.model_copy(update={"severity": SEVERITIES[0]}) for level in ladder)
    return rule.model_copy(update={"levels": same})


def _readings(
    rule: RuleSettings, result: WatchResult, origin: int
) -> list[tuple[RegionKey, Reading]]:
    standings = dict(zip(result.outlook.panel.keys, result.standings, strict=True))
    found = []
    for evaluation in rules.read(rule, result):
        standing = standings[evaluation.region]
        tempo = np.nan if standing.tempo is None else float(standing.tempo)
        lines = tuple(reading.threshold for reading in evaluation.readings)
        chances = tuple(reading.probability for reading in evaluation.readings)
        reading = Reading(origin, tempo, standing.newest, lines, chances)
        found.append((evaluation.region, reading))
    return found


def _arrays(
    found: list[list[Reading]], origins: int, levels: int
) -> tuple[FloatArray, IntArray, IntArray, FloatArray]:
    """Return tempo, newest, lines and chances; see `alerts.replay.Track`."""
    tempo = np.full((len(found), origins), np.nan)
    newest = np.zeros((len(found), origins), dtype=np.int64)
    lines = np.zeros((len(found), origins, levels), dtype=np.int64)
    chances = np.full((len(found), origins, levels), np.nan)
    for region, readings in enumerate(found):
        for reading in readings:
            place = region, reading.origin
            tempo[place], newest[place] = reading.tempo, reading.newest
            lines[place], chances[place] = reading.lines, reading.chances
    return tempo, newest, lines, chances


def _came(
    known: Panel, keys: Sequence[RegionKey], origins: range, past: int, within: int
) -> FloatArray:
    """Return (regions, past + origins + within - 1) the complete counts, NaN where unknown."""
    first = origins.start - past
    came = np.full((len(keys), past + len(origins) + within - 1), np.nan)
    columns = known.counts.shape[1]
    for row, end in enumerate(known.ends.tolist()):
        start = end - columns + 1
        begin, stop = max(start, first), min(end + 1, first + came.shape[1])
        if begin < stop:
            counts = known.counts[row, begin - start : stop - start]
            came[row, begin - first : stop - first] = counts
    return came
