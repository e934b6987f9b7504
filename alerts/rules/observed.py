"""Rules on what was observed: the newest complete period of every series against a threshold.

Where late reports are reckoned with, the count is compared as it is expected to be in the end:
its completion (forecast/completion.py) is known by three quantiles, between which the probability
of reaching the threshold is read on straight lines.
"""

from __future__ import annotations

from collections.abc import Iterator, Set
from typing import NamedTuple

import numpy as np

from alerts import wording
from alerts.evidence import RunNote, history, when_complete
from alerts.facts import FindingFacts, Window
from alerts.rules.reading import Look, by_severity, found_by, may_tell, past_of, readings
from alerts.rules.thresholds import Past, Span
from core.alerts import Evaluation, Json, Reading
from core.forecasts import WatchResult
from core.periods import Period
from core.quantities import quantity
from core.regions import RegionKey
from core.rule_settings import ObservedRuleSettings
from core.series import Completed, FloatArray, IntArray

_LIKELY, _EVEN, _UNLIKELY = 0.95, 0.5, 0.05
"""P(final count >= q) at the 5 %, 50 % and 95 % quantiles of its completion."""


def read(
    rule: ObservedRuleSettings,
    result: WatchResult,
    run: RunNote | None = None,
    open_regions: Set[RegionKey] = frozenset(),
) -> list[Evaluation]:
    """Return the rule's reading of every series, in their order; facts as in `forecast.read`.

    Thresholds follow the periods before the newest complete one, late ones as they are expected
    in the end.
    """
    levels, keys = by_severity(rule.levels), result.outlook.panel.keys
    found: dict[int, Evaluation] = {}
    for rows in _by_end(result):
        past, newest = _split(result, rows)
        look = Look(levels, past, Span(past.end + 1, past.end + 1))
        lines = look.lines()
        late = [_completed(result, row) for row in rows.tolist()]
        each = readings(levels, lines, [_chances(newest, line, late) for line in lines])
        through = past.period.end(past.end + 1)
        for place, row in enumerate(rows.tolist()):
            facts: Json = {}
            if run and may_tell(run, keys[row], each[place], open_regions):
                facts = _facts(rule, result, row, _Shown(look, place, each[place]), run)
            found[row] = Evaluation(
                *(result.watch, rule.name, keys[row], each[place], rule.clear_probability),
                data_through=through,
                facts=facts,
                overdue=run.overdue if run else (),
            )
    return [found[row] for row in sorted(found)]


def _by_end(result: WatchResult) -> Iterator[IntArray]:
    """Yield the rows that end in the same period."""
    ends = result.outlook.panel.ends
    for end in np.unique(ends).tolist():
        yield np.flatnonzero(ends == end)


def _split(result: WatchResult, rows: IntArray) -> tuple[Past, FloatArray]:
    """Return the past before the newest complete period, late counts completed, and its count."""
    whole = past_of(result, rows)
    counts = whole.counts.copy()
    for place, row in enumerate(rows.tolist()):
        for late in result.standings[row].completed:
            column = counts.shape[1] - 1 - (whole.end - late.period)
            if 0 <= column < counts.shape[1] - 1:
                counts[place, column] = late.median
    return Past(whole.period, whole.end - 1, counts[:, :-1], whole.baselines), counts[:, -1]


def _completed(result: WatchResult, row: int) -> Completed | None:
    """Return what the newest complete period is expected to be; None when it is final."""
    standing = result.standings[row]
    return next((one for one in standing.completed if one.period == standing.newest), None)


def _chances(newest: FloatArray, line: IntArray, late: list[Completed | None]) -> FloatArray:
    """Return (rows,) the probability that the final count reaches the line."""
    found = (newest >= line).astype(np.float64)
    for place, law in enumerate(late):
        if law is not None:
            known = (law.low_90, law.median, law.high_90)
            found[place] = np.interp(line[place], known, (_LIKELY, _EVEN, _UNLIKELY))
    return found


class _Shown(NamedTuple):
    """One row of a look, and its readings."""

    look: Look
    place: int
    readings: tuple[Reading, ...]


def _facts(
    rule: ObservedRuleSettings, result: WatchResult, row: int, shown: _Shown, run: RunNote
) -> Json:
    standing, period = result.standings[row], result.outlook.panel.period
    key, late = result.outlook.panel.keys[row], _completed(result, row)
    newest, through = standing.newest, period.end(standing.newest)
    facts = FindingFacts(
        **found_by(rule, key, run),
        about="observed",
        unit=result.unit,
        period=period,
        window=Window(first=period.start(newest), last=through, periods=1),
        counted=standing.tempo,
        completion=late and when_complete(late, period),
        levels=shown.look.told(shown.place, shown.readings),
        headline=_headline(result, standing.tempo, late, period.label(newest)),
        clears=_clears(rule, period),
        **history(result, row),
        data_as_of=standing.data_as_of,
    )
    return facts.model_dump(mode="json")


def _headline(result: WatchResult, count: int | None, late: Completed | None, when: str) -> str:
    counted = f"{quantity(count or 0, result.unit)} in {when}"
    return f"{counted} so far, {late.median:,} expected" if late else counted


def _clears(rule: ObservedRuleSettings, period: Period) -> str:
    many = f"{rule.clear_after} newly complete {period}s in a row"
    one = f"the next newly complete {period}"
    line = f"below {wording.share(rule.clear_probability)} likely to reach any level's threshold"
    return f"{one if rule.clear_after == 1 else many}, {line}"
