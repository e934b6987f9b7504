"""From counted cells and coverage to the matrix that models see.

A period is complete when every feed of the watch covers it to its last day (any feed, where the
watch declares a precedence) and it is over. Where
a feed covers and nothing was counted stands zero; where none covers stands NaN, never zero.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple

import numpy as np

from core.incidents import Coverage
from core.periods import Period
from core.regions import RegionKey
from core.series import AnyArray, Cells, FloatArray, IntArray, Panel, Standing
from core.settings import WatchSettings
from core.text import fold
from forecast.rows import Row, sums

RECENT = 24
"""Counts that a standing shows."""
MOST_EXTRA_STEPS = 120
"""Periods between the data's end and now over which a forecast still means something."""


@dataclass(frozen=True)
class Built:
    """The series of a watch: its regions, sorted by key, then the totals that it asks for.

    Attributes:
        panel: their counts.
        through: (series,) ordinals of the last days that the data cover.
        steps: (series,) steps until the last wanted period, counted from each one's end.
        running: index of the period that `now` lies in (the one after, on a period's last day).
        left_out: regions and totals without a series, each with the reason.
        parts: per total, the rows of the regions that it is the sum of.
    """

    panel: Panel
    through: IntArray
    steps: IntArray
    running: int
    left_out: Mapping[RegionKey, str]
    parts: tuple[IntArray, ...] = ()

    @property
    def regions(self) -> int:
        """Return the number of regions: the rows before those of totals."""
        return len(self.panel) - len(self.parts)

    def without_totals(self) -> Built:
        """Return the regions alone."""
        some = self.regions
        panel, through = self.panel.rows(0, some), self.through[:some]
        return replace(self, panel=panel, through=through, steps=self.steps[:some], parts=())

    def standing(self, row: int) -> Standing:
        """Return where a series stands, made of its counts: thousands are never held at once.

        The baseline is fixed by definition and never adapts.
        """
        panel, end = self.panel, int(self.panel.ends[row])
        counts = panel.counts[row]
        counts = counts[int(np.argmax(~np.isnan(counts))) :]
        first, period = end - len(counts) + 1, panel.period
        before = np.flatnonzero(~np.isnan(counts[:-1]))[-period.year_length :]
        return Standing(
            recent=_whole(counts[-RECENT:]),
            newest=end,
            tempo=int(counts[-1]),
            baseline=float(counts[before].mean()) if len(before) else None,
            baseline_first=first + int(before[0]) if len(before) else end,
            baseline_last=first + int(before[-1]) if len(before) else end,
            data_as_of=date.fromordinal(int(self.through[row])),
            opened=_whole(panel.opened[row, : self.running - end]),
        )


class _Calendar(NamedTuple):
    """Which periods the feeds cover for one country: `complete[i]` speaks of first + i.

    `touched` are the periods of which at least a day is covered by every feed.
    """

    first: int
    complete: AnyArray
    touched: AnyArray
    through: date

    @property
    def newest(self) -> int:
        return self.first + int(np.flatnonzero(self.complete)[-1])


def build(
    cells: Cells, coverage: Mapping[str, list[Coverage]], watch: WatchSettings, now: date
) -> Built:
    """Return the series of a watch as they stand at `now`.

    Args:
        cells: counts as of a cut-off.
        coverage: stretches per feed; a stretch of country "" speaks for the whole feed.
        watch: its grouping, period, horizon, least number of events and totals.
        now: the day that decides which periods are over; its own period is, on its last day.
    """
    running = watch.period.last_complete(now) + 1
    rows: list[Row] = []
    left_out: dict[RegionKey, str] = {}
    for key, row in _rows(cells, coverage, watch, running):
        if isinstance(row, str):
            left_out[key] = row
        else:
            rows.append(row)
    rows.sort(key=lambda row: row.key)
    parts: list[IntArray] = []
    for key, found in list(sums(rows, watch.totals)):
        if isinstance(found, str):
            left_out[key] = found
        else:
            rows.append(found.row)
            parts.append(np.array(found.parts, dtype=np.int64))
    panel = _placed(_aligned(rows, watch.period), cells, watch.group_by)
    through = np.array([row.through.toordinal() for row in rows], dtype=np.int64)
    steps = np.asarray(running - panel.ends - 1 + watch.horizon, dtype=np.int64)
    return Built(panel, through, steps, running, left_out, tuple(parts))


def _rows(
    cells: Cells, coverage: Mapping[str, list[Coverage]], watch: WatchSettings, running: int
) -> Iterator[tuple[RegionKey, Row | str]]:
    """Yield every region with its series, or with the reason why it has none."""
    position = watch.group_by.index("country") if "country" in watch.group_by else None
    calendars: dict[str, _Calendar | str] = {}
    for key, period, count in _by_region(cells):
        total = int(count.sum())
        if total < watch.minimum_events:
            yield key, f"{total} counted in all, fewer than minimum_events"
            continue
        country = "" if position is None else key[position]
        if country not in calendars:
            stretches = _of_country(coverage, watch.feeds, country)
            calendars[country] = _calendar(
                stretches, watch.period, running, either=bool(watch.precedence)
            )
        calendar = calendars[country]
        if isinstance(calendar, str):
            yield key, calendar
        else:
            yield key, _row(key, period, count, calendar, running)


def reach(
    coverage: Mapping[str, list[Coverage]], watch: WatchSettings, country: str
) -> tuple[date, date] | None:
    """Return the first and the last day that a watch's feeds cover of a country, None without.

    All of the feeds, or any, where the watch declares a precedence.
    """
    found = _of_country(coverage, watch.feeds, country)
    if not found:
        return None
    firsts = [stretches[0].first for stretches in found]
    ends = [max(s.through for s in stretches) for stretches in found]
    return (min(firsts), max(ends)) if watch.precedence else (max(firsts), min(ends))


def _by_region(cells: Cells) -> Iterator[tuple[RegionKey, IntArray, IntArray]]:
    bounds = np.searchsorted(cells.region, np.arange(len(cells.keys) + 1))
    for region, key in enumerate(cells.keys):
        part = slice(bounds[region], bounds[region + 1])
        yield key, cells.period[part], cells.count[part]


def _of_country(
    coverage: Mapping[str, list[Coverage]], feeds: Sequence[str], country: str
) -> list[list[Coverage]]:
    """Return each feed's stretches: the country's own, or else those of the whole feed."""
    found = []
    for feed in feeds:
        stretches = coverage.get(feed, [])
        own = [s for s in stretches if country and fold(s.country) == fold(country)]
        whole = own or [s for s in stretches if not s.country]
        if whole:
            found.append(sorted(whole, key=lambda s: s.first))
    return found


def _calendar(
    feeds: list[list[Coverage]], period: Period, running: int, *, either: bool
) -> _Calendar | str:
    """Return the periods that the feeds cover, or why a region with them has no series.

    `either`: one feed is enough, as it is where a precedence says which one counts.
    """
    if not feeds:
        return "no feed covers it"
    enough = np.any if either else np.all
    first = min(period.of(stretches[0].first) for stretches in feeds)
    span = max(running - first + 1, 0)
    parts = [_covered(stretches, period, first, span) for stretches in feeds]
    complete, touched = (enough([part[n] for part in parts], axis=0) for n in (0, 1))
    complete[running - first :] = False
    if not complete.any():
        return "no complete period"
    ends = [max(s.through for s in stretches) for stretches in feeds]
    through = max(ends) if either else min(ends)
    calendar = _Calendar(first, complete, touched, min(through, period.end(running)))
    if running - 1 - calendar.newest > MOST_EXTRA_STEPS:
        return f"its data end with {period.label(calendar.newest)}, too long ago to forecast from"
    return calendar


def _covered(
    stretches: Iterable[Coverage], period: Period, first: int, span: int
) -> tuple[AnyArray, AnyArray]:
    """Return which periods one feed covers whole, and which at least in part.

    The first stretch may begin inside its period: what a source holds starts with its first
    event. After a gap, a period counts only from its first day.
    """
    whole, part = np.zeros(span, dtype=bool), np.zeros(span, dtype=bool)
    for number, stretch in enumerate(stretches):
        begin, last = period.of(stretch.first), period.of(stretch.through)
        part[max(begin - first, 0) : max(last - first + 1, 0)] = True
        cut = number > 0 and period.start(begin) < stretch.first
        end = period.last_complete(stretch.through)
        whole[max(begin + cut - first, 0) : max(end - first + 1, 0)] = True
    return whole, part


def _row(
    key: RegionKey, period: IntArray, count: IntArray, calendar: _Calendar, running: int
) -> Row:
    counts = np.zeros(len(calendar.complete))
    inside = (period >= calendar.first) & (period <= running)
    counts[period[inside] - calendar.first] = count[inside]
    size = calendar.newest - calendar.first + 1
    start = int(np.flatnonzero(calendar.complete)[0])
    known = np.where(calendar.complete, counts, np.nan)[start:size]
    opened = np.where(calendar.touched | (counts > 0), counts, np.nan)[size:]
    return Row(key, calendar.newest, known, opened, calendar.through)


def _aligned(rows: list[Row], period: Period) -> Panel:
    width = max((len(row.counts) for row in rows), default=0)
    ahead = max((len(row.opened) for row in rows), default=0)
    counts = np.full((len(rows), width), np.nan)
    opened = np.full((len(rows), ahead), np.nan)
    for number, row in enumerate(rows):
        counts[number, width - len(row.counts) :] = row.counts
        opened[number, : len(row.opened)] = row.opened
    ends = np.array([row.newest for row in rows], dtype=np.int64)
    return Panel(tuple(row.key for row in rows), period, counts, ends, opened)


def _placed(panel: Panel, cells: Cells, columns: tuple[str, ...]) -> Panel:
    """Return a panel that knows what its keys are made of, and where its regions lie."""
    if not cells.places:
        return replace(panel, columns=columns)
    unknown = (float("nan"), float("nan"))
    places = np.array([cells.places.get(key, unknown) for key in panel.keys])
    return replace(panel, columns=columns, places=places.reshape(-1, 2))


def _whole(counts: FloatArray) -> tuple[int | None, ...]:
    return tuple(None if np.isnan(count) else int(count) for count in counts)
