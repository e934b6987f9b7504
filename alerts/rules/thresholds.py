"""Thresholds: from what a rule says and a region's history to a whole number, and to its words.

Every kind is two functions of the same past: `line` returns, for many regions at once, the count
that it follows (NaN where the history does not say), and `words` says for one of them where that
came from. The minimum applies to all alike, and alone where the history is silent.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from alerts import wording
from alerts.rules.exceedance import exceedance
from core.periods import Period
from core.rule_settings import (
    Chance,
    Follows,
    Quantile,
    Record,
    TimesBaseline,
    TimesLastYear,
)
from core.series import FloatArray, IntArray

_ROUNDING = 1e-9
"""So that 1.1 x 10 asks for 11, not for the 12 of its floating-point neighbour."""


class Span(NamedTuple):
    """The periods that a threshold is for: any one of them, or their total."""

    first: int
    last: int
    total: bool = False

    @property
    def added(self) -> int:
        """Return how many periods a count of it holds."""
        return self.last - self.first + 1 if self.total else 1


@dataclass(frozen=True)
class Past:
    """What regions have behind them, all to the same period.

    Attributes:
        period: the length of a step.
        end: index of the last column.
        counts: (regions, periods) NaN where unknown.
        baselines: (regions,) NaN where unknown.
    """

    period: Period
    end: int
    counts: FloatArray
    baselines: FloatArray

    def row(self, number: int) -> Past:
        """Return the past of one region."""
        part = slice(number, number + 1)
        return Past(self.period, self.end, self.counts[part], self.baselines[part])

    def between(self, first: int, last: int) -> FloatArray:
        """Return (regions, periods) counts from period first to last; NaN outside the history."""
        width = self.counts.shape[1]
        columns = np.arange(first, last + 1) - self.end - 1 + width
        inside = (columns >= 0) & (columns < width)
        found = np.full((len(self.counts), len(columns)), np.nan)
        found[:, inside] = self.counts[:, columns[inside]]
        return found

    def since(self) -> str:
        """Return the label of the first known period of the first region."""
        known = np.flatnonzero(~np.isnan(self.counts[0]))
        return self.period.label(self.end - self.counts.shape[1] + 1 + int(known[0]))


def thresholds(wanted: int | Follows, past: Past, span: Span) -> IntArray:
    """Return (regions,) the counts that a level rings for."""
    if isinstance(wanted, int):
        return np.full(len(past.counts), wanted, dtype=np.int64)
    line = np.ceil(_KINDS[type(wanted)].line(wanted, past, span) - _ROUNDING)
    return np.asarray(np.fmax(line, wanted.minimum), dtype=np.int64)


def words(wanted: int | Follows, past: Past, span: Span) -> str:
    """Return what a threshold follows, for the one region of `past`; "" for a fixed one."""
    if isinstance(wanted, int):
        return ""
    kind = _KINDS[type(wanted)]
    line = float(kind.line(wanted, past, span)[0])
    if math.isnan(line):
        return f"the rule's minimum, since {kind.unknown}"
    told = kind.words(wanted, past, span)
    asked = math.ceil(line - _ROUNDING)
    if asked >= wanted.minimum:
        return told
    return f"the rule's minimum: {told} would be {max(asked, 0):,}"


class _Kind(NamedTuple):
    line: Callable[[Any, Past, Span], FloatArray]
    words: Callable[[Any, Past, Span], str]
    unknown: str


def _times_baseline(wanted: TimesBaseline, past: Past, span: Span) -> FloatArray:
    return np.asarray(wanted.times_baseline * past.baselines * span.added)


def _baseline_words(wanted: TimesBaseline, past: Past, span: Span) -> str:
    mean = wording.number(float(past.baselines[0]))
    times = f"{wanted.times_baseline:g} times the baseline of {mean} per {past.period}"
    return f"{times}, for {span.added} {past.period}s" if span.added > 1 else times


def _last_year(wanted: TimesLastYear, past: Past, span: Span) -> FloatArray:
    year = past.period.year_length
    before = past.between(span.first - year, span.last - year)
    same = before.sum(axis=1) if span.total else before.max(axis=1)
    return np.asarray(wanted.times_last_year * same)


def _last_year_words(wanted: TimesLastYear, past: Past, span: Span) -> str:
    year, label = past.period.year_length, past.period.label
    before = past.between(span.first - year, span.last - year)[0]
    count = before.sum() if span.total else before.max()
    first, last = label(span.first - year), label(span.last - year)
    of = "" if span.total or first == last else f" of the busiest {past.period}"
    when = first if first == last else f"{first} to {last}"
    return f"{wanted.times_last_year:g} times the {int(count):,}{of} in {when}"


def _share(wanted: Quantile | Record) -> float:
    return wanted.quantile if isinstance(wanted, Quantile) else 1.0


def _above(wanted: Quantile | Record, past: Past, span: Span) -> FloatArray:
    """Return one more than the count that a share of all stretches did not exceed.

    A share of 0.95 needs 20 stretches: with fewer, the highest would stand for more than it is.
    """
    counts = past.counts
    if span.added > 1:
        windows = np.lib.stride_tricks.sliding_window_view
        wide = counts.shape[1] >= span.added
        counts = windows(counts, span.added, axis=1).sum(axis=-1) if wide else counts[:, :0]
    share, known = _share(wanted), np.count_nonzero(~np.isnan(counts), axis=1)
    least = 1 if share == 1 else math.ceil(1 / (1 - share) - _ROUNDING)
    place = np.maximum(np.ceil(share * known - _ROUNDING).astype(np.int64) - 1, 0)
    rising = np.sort(counts, axis=1)  # NaN last
    if not rising.shape[1]:
        return np.full(len(counts), np.nan)
    reached = np.take_along_axis(rising, place[:, None], axis=1)[:, 0]
    return np.where(known >= least, reached + 1, np.nan)


def _above_words(wanted: Quantile | Record, past: Past, span: Span) -> str:
    one = f"stretch of {span.added} {past.period}s" if span.added > 1 else str(past.period)
    of = f"any {one}" if isinstance(wanted, Record) else f"{wanted.quantile * 100:g} % of all "
    if isinstance(wanted, Quantile):
        of += f"stretches of {span.added} {past.period}s" if span.added > 1 else f"{past.period}s"
    return f"more than in {of} since {past.since()}"


def _by_chance(wanted: Chance, past: Past, span: Span) -> FloatArray:
    return exceedance(_reference(past), wanted.chance, span.added)


def _chance_words(wanted: Chance, past: Past, span: Span) -> str:
    mean = wording.number(float(np.nanmean(_reference(past))))
    often = f"in less than 1 of {round(1 / wanted.chance):,} such {past.period}s"
    if span.added > 1:
        often = f"less than once in {round(1 / wanted.chance):,} such stretches"
    return f"reached {often} by chance, given {mean} a {past.period} in the year before"


def _reference(past: Past) -> FloatArray:
    """Return the counts of the last year of the past."""
    return past.between(past.end - past.period.year_length + 1, past.end)


_HISTORY = "there is too little history"
_KINDS: dict[type[Follows], _Kind] = {
    TimesBaseline: _Kind(_times_baseline, _baseline_words, "the baseline is unknown"),
    TimesLastYear: _Kind(_last_year, _last_year_words, "the same season last year is unknown"),
    Quantile: _Kind(_above, _above_words, _HISTORY),
    Record: _Kind(_above, _above_words, _HISTORY),
    Chance: _Kind(_by_chance, _chance_words, _HISTORY),
}
