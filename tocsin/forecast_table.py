"""The forecast table: what a run says of every region, as rows that text, JSON and CSV share.

The shape of a row is documented in docs/table.md; its keys are a promise.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from functools import cached_property
from itertools import takewhile
from typing import Any

from alerts import rules
from core.alerts import Alert, AlertState, Evaluation
from core.calendars import Calendar, in_words, known_dates, within
from core.countries import alpha3
from core.forecasts import WatchResult
from core.periods import Period
from core.regions import UNKNOWN, RegionKey, label, name_in
from core.series import Standing
from core.settings import SEVERITIES, RuleSettings, WatchSettings
from core.sources import Source
from forecast.skill import NO_SKILL, Skill
from storage.reading import RunRow
from tocsin.explanation import explanation

Row = dict[str, Any]
COMPLETE, OPEN, UNCOVERED = "complete", "open", "unknown"
"""What the sources say of a period: all of it, some of it, nothing."""


@dataclass(frozen=True)
class Head:
    """What is said of a watch's table as a whole.

    Attributes:
        watch, period, run: what it is of.
        unit: what is counted.
        late: how late reports were dealt with, "" where that does not arise.
        skill: that of the watch as a whole.
        sources: to be credited.
        filters: which incidents were counted.
    """

    watch: str
    period: Period
    run: RunRow
    unit: str = "events"
    late: str = ""
    skill: Skill = NO_SKILL
    sources: tuple[Source, ...] = ()
    filters: str = ""


@dataclass(frozen=True)
class Sheet(Head):
    """A watch's table: its head and its rows: totals, then the most threatened."""

    rows: Sequence[Row] = ()

    @property
    def head(self) -> Head:
        """Return what is said of it as a whole, without its rows."""
        return Head(**{one.name: getattr(self, one.name) for one in fields(Head)})

    @property
    def regions(self) -> Sequence[Row]:
        """Return the rows of regions."""
        return self.rows[self._totals :]

    @property
    def totals(self) -> Sequence[Row]:
        """Return the rows of totals, which hold what regions count already."""
        return self.rows[: self._totals]

    @cached_property
    def _totals(self) -> int:
        return sum(1 for _ in takewhile(lambda row: row["total"], self.rows))


@dataclass(frozen=True)
class Beside:
    """What stands beside a watch's forecasts in its table.

    Attributes:
        watch: its settings.
        rules: those of this watch.
        now: the day from which the age of the data is counted.
        alerts: unresolved ones of this watch.
        previous: expected count by (region, period index) in the run before.
        skills: of the regions of which forecasts were scored.
        calendars: known dates.
    """

    watch: WatchSettings
    rules: Sequence[RuleSettings]
    now: date
    alerts: Sequence[Alert] = ()
    previous: Mapping[tuple[RegionKey, int], float] = field(default_factory=dict)
    skills: Mapping[RegionKey, Skill] = field(default_factory=dict)
    calendars: Sequence[Calendar] = ()

    @cached_property
    def opened(self) -> dict[RegionKey, list[Row]]:
        """Return the alerts of every region, the one to look at first in front."""
        found: dict[RegionKey, list[Row]] = {}
        for alert in sorted(self.alerts, key=_gravity):
            found.setdefault(alert.region, []).append(_alert(alert))
        return found


def rows_of(result: WatchResult, beside: Beside) -> Iterator[Row]:
    """Yield the rows of one block of stored forecasts, in its order."""
    predictive = result.outlook.predictive
    levels, means = predictive.quantile([0.05, 0.5, 0.95]), predictive.mean()
    readings = _readings(result, beside.rules)
    why = result.changes or (None,) * len(result.standings)
    for s, key in enumerate(result.outlook.panel.keys):
        steps = _steps(result, s, beside.watch.horizon, levels[s], means[s])
        row = {
            "watch": result.watch,
            "region": label(key),
            "total": result.total,
            **_country(beside.watch, key),
            "unit": result.unit,
            "period": result.outlook.panel.period.value,
            **_history(result.standings[s], result.outlook.panel.period),
            "forecast": steps,
            "rules": readings.get(key, []),
            "change_since_last_run": _change(result, key, s, means[s], beside.previous),
            "models": _models(result, s),
            **_about(result, s, key, beside),
            "known_dates": _known_dates(beside, key, steps),
        }
        yield {**row, "explanation": explanation(why[s], row)}


def _about(result: WatchResult, s: int, key: RegionKey, beside: Beside) -> Row:
    """Return a region's alerts, its track record, and the age of its data."""
    standing, alerts = result.standings[s], beside.opened.get(key, [])
    return {
        "alert": next(iter(alerts), None),
        "alerts": alerts,
        "skill": skill_row(beside.skills.get(key, NO_SKILL)),
        "data_as_of": standing.data_as_of.isoformat(),
        "data_age_days": max((beside.now - standing.data_as_of).days, 0),
        "note": result.outlook.notes[s],
        "effects": _effects(standing, result.outlook.panel.period),
    }


def _effects(standing: Standing, period: Period) -> list[Row]:
    return [one._asdict() | {"period": period.label(one.period)} for one in standing.effects]


def _known_dates(beside: Beside, key: RegionKey, steps: Sequence[Row]) -> list[Row]:
    """Return the known dates that fall in the forecast window: its periods from the running one."""
    window = [step for step in steps if step["status"] == "forecast"]
    if not window or not beside.calendars:
        return []
    first, last = (date.fromisoformat(day) for day in (window[0]["start"], window[-1]["end"]))
    known = known_dates(beside.calendars, key, beside.watch.group_by)
    return [
        {
            "name": one.name,
            "first": one.first.isoformat(),
            "last": one.last.isoformat(),
            "words": in_words(one),
        }
        for one in within(known, first, last)
    ]


def name_of(row: Row) -> str:
    """Return a row's region as tables for people name it, a total marked."""
    return f"{row['region']} (total)" if row["total"] else str(row["region"])


def skill_row(skill: Skill) -> Row:
    """Return a skill as tables have it."""
    value, low, high = (end if end is None else round(end, 3) for end in skill.ratio)
    return {
        "against_last_year": skill.verdict.value,
        "crps_ratio": value,
        "low_90": low,
        "high_90": high,
        "forecasts": skill.forecasts,
        "periods": skill.periods,
    }


def likeliest(row: Row) -> float | None:
    """Return the highest probability of any level of any rule, None where no rule reads."""
    return max((level["probability"] for level in row["rules"]), default=None)


def running(row: Row) -> Row | None:
    """Return the forecast of the running period, None where the horizon does not reach it."""
    return next((step for step in row["forecast"] if step["status"] == "forecast"), None)


def threat(row: Row) -> tuple[float, float, str]:
    """Sort rows so: totals, open alerts, then by the likeliest crossing, by what is expected."""
    step = running(row)
    ahead = step["mean"] if step else 0.0
    place = -1 if row["total"] else 0 if row["alert"] else 1
    return (place, -(likeliest(row) or 0.0) - ahead * 1e-6, row["region"])


def _country(watch: WatchSettings, key: RegionKey) -> Row:
    """Return the country's ISO 3166 code, and whether the actor is away from its home."""
    if not name_in(key, watch.group_by, "country"):
        return {"iso3": None, "abroad": None}
    country = name_in(key, watch.group_by, "country")
    away = None if watch.home is None or country == UNKNOWN else country != watch.home
    return {"iso3": alpha3(country), "abroad": away}


def _history(standing: Standing, period: Period) -> Row:
    first = standing.newest - len(standing.recent) + 1
    return {
        "recent": [
            {"period": period.label(first + n), "count": count, "status": _seen(count, COMPLETE)}
            for n, count in enumerate(standing.recent)
        ],
        "tempo": {"period": period.label(standing.newest), "count": standing.tempo},
        "baseline": {
            "mean": None if standing.baseline is None else round(standing.baseline, 2),
            "from": period.label(standing.baseline_first),
            "to": period.label(standing.baseline_last),
        },
        "level_since": _since(standing, period),
        "reported_so_far": [
            {"period": period.label(standing.newest + 1 + n), "count": count, "status": OPEN}
            for n, count in enumerate(standing.opened)
            if count is not None
        ],
        "expected_when_complete": [
            {**one._asdict(), "period": period.label(one.period)} for one in standing.completed
        ],
    }


def _since(standing: Standing, period: Period) -> Row | None:
    if standing.since is None:
        return None
    first, mean, probability = standing.since
    return {
        "period": period.label(first),
        "mean": round(mean, 2),
        "probability": round(probability, 2),
    }


def _seen(count: int | None, status: str) -> str:
    return UNCOVERED if count is None else status


def _steps(result: WatchResult, s: int, horizon: int, levels: Any, means: Any) -> list[Row]:
    """Return the periods from the first that is not complete to the watch's horizon."""
    panel = result.outlook.panel
    end = int(panel.ends[s])
    opened = dict(enumerate(result.standings[s].opened))
    return [
        {
            "horizon": h + 1,
            "period": panel.period.label(end + h + 1),
            "start": panel.period.start(end + h + 1).isoformat(),
            "end": panel.period.end(end + h + 1).isoformat(),
            "status": "forecast" if end + h + 1 >= result.running else "expected, not yet reported",
            "median": int(levels[h, 1]),
            "low_90": int(levels[h, 0]),
            "high_90": int(levels[h, 2]),
            "mean": round(float(means[h]), 3),
            "reported": opened.get(h),
            "coverage": _seen(opened.get(h), OPEN),
        }
        for h in range(len(means))
        if end + h + 1 < result.running + horizon
    ]


def _readings(result: WatchResult, rule_list: Sequence[RuleSettings]) -> dict[RegionKey, list[Row]]:
    found: dict[RegionKey, list[Row]] = {}
    for rule in rule_list:
        for evaluation in rules.read(rule, result):
            found.setdefault(evaluation.region, []).extend(_levels(rule, evaluation))
    return found


def _levels(rule: RuleSettings, evaluation: Evaluation) -> list[Row]:
    return [
        {
            "rule": rule.name,
            "severity": reading.severity,
            "at_least": reading.threshold,
            "within": rule.within,
            "aggregate": rule.aggregate,
            "probability": round(reading.probability, 4),
            "rings_at": reading.needed,
        }
        for reading in evaluation.readings
    ]


def _change(
    result: WatchResult,
    key: RegionKey,
    s: int,
    means: Any,
    previous: Mapping[tuple[RegionKey, int], float],
) -> Row | None:
    """Return how the expected count of the running period moved since the run before."""
    step = result.running - int(result.outlook.panel.ends[s]) - 1
    before = previous.get((key, result.running))
    if before is None or not 0 <= step < len(means):
        return None
    return {
        "period": result.outlook.panel.period.label(result.running),
        "before": round(before, 3),
        "difference": round(float(means[step]) - before, 3),
    }


def _models(result: WatchResult, s: int) -> list[Row]:
    """Return the members that made the forecast, heaviest first; weights are means over steps."""
    weights = result.outlook.weights[s].mean(axis=0)
    named = zip(result.outlook.members, weights.tolist(), strict=True)
    return [
        {"model": name, "weight": round(weight, 2)}
        for name, weight in sorted(named, key=lambda pair: -pair[1])
        if weight >= 0.005
    ]


def _gravity(alert: Alert) -> tuple[int, bool, str, str]:
    """Sort alerts so: the most severe first, then those that fire, then the oldest."""
    firing = alert.state is AlertState.FIRING
    return -SEVERITIES.index(alert.severity), not firing, alert.opened_at, alert.alert_id


def _alert(alert: Alert) -> Row:
    return {
        "id": alert.alert_id,
        "rule": alert.rule,
        "state": alert.state.value,
        "severity": alert.severity,
        "since": alert.opened_at,
    }
