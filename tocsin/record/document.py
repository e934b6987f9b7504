"""The track record of a watch as a document: scores, skill, coverage, reliability.

The shape of the answer is documented in docs/scores.md; its keys are a promise.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from core.forecasts import INTERVALS
from core.regions import label
from core.settings import Level, RuleSettings, TimesBaseline, WatchSettings
from forecast.reliability import reliability
from forecast.skill import LEAST_PERIODS, Ratio, ratio
from storage.record import MemberShare, Tally
from storage.scores import POOL
from tocsin.forecast_table import skill_row
from tocsin.record.crossings import Crossing
from tocsin.record.evidence import Choice, Evidence
from tocsin.record.overrides import summary
from tocsin.record.skill import BENCHMARK

Row = dict[str, Any]
MODELS = (POOL, "conflictology", "history-nb", "last", "zero")
"""The pool and what it has to beat, the hardest first."""


def document(
    watch: WatchSettings,
    unit: str,
    choice: Choice,
    evidence: Evidence,
    rules: Sequence[RuleSettings],
) -> Row:
    """Return a watch's track record; its regions stand the worst first."""
    tallies, steps = evidence.tallies, watch.horizon
    periods = sorted({one.period for one in tallies})
    named = [watch.period.label(period) for period in (*periods[:1], *periods[-1:])]
    return {
        "watch": watch.name,
        "unit": unit,
        "period": watch.period.value,
        "label": evidence.label,
        "region": choice.region,
        "totals": choice.totals,
        "horizon": choice.horizon,
        "from": named[0] if named else None,
        "to": named[-1] if named else None,
        "forecasts": sum(one.forecasts for one in tallies if one.model == POOL),
        "periods": len(periods),
        "least_periods": LEAST_PERIODS,
        "revised_outcomes": evidence.revised,
        "skill": skill_row(evidence.skill.overall),
        "models": [_model(name, tallies, steps) for name in MODELS] if tallies else [],
        "as_first_seen": _model(POOL, evidence.first, steps) if evidence.revised else None,
        "horizons": list(_horizons(tallies, steps)),
        "by_period": list(_by_period(tallies, watch)),
        "members": list(_members(evidence.members, watch)),
        "warned": list(evidence.warned),
        "overrides": summary(evidence.overrides),
        "reliability": list(_reliability(evidence.crossings, rules)),
        "regions": _regions(evidence),
    }


def _model(name: str, tallies: Sequence[Tally], steps: int) -> Row:
    """Return a model's mean scores, and the pool's CRPS over its own."""
    found = [one for one in tallies if one.model == name]
    count = sum(one.forecasts for one in found)
    held = np.array([one.held for one in found]).reshape(-1, len(INTERVALS)).sum(axis=0)
    shown = held / max(count, 1)
    return {
        "model": name,
        "forecasts": count,
        "crps": _mean(sum(one.crps for one in found), count),
        "log_score": _mean(sum(one.log_score for one in found), count),
        **{
            f"coverage_{width}": round(share, 4) if count else None
            for width, share in zip(INTERVALS, shown.tolist(), strict=True)
        },
        **_ratio_row(_ratio(tallies, POOL, name, steps)),
    }


def _mean(total: float, count: int) -> float | None:
    return round(total / count, 4) if count else None


def _ratio(tallies: Sequence[Tally], ours: str, theirs: str, steps: int) -> Ratio:
    """Return one model's CRPS over another's, drawn again by target period."""
    periods = {period: n for n, period in enumerate(sorted({one.period for one in tallies}))}
    sums = {model: np.zeros(len(periods)) for model in (ours, theirs)}
    for one in tallies:
        if one.model in sums:
            sums[one.model][periods[one.period]] += one.crps
    return ratio(sums[ours], sums[theirs], steps)


def _ratio_row(found: Ratio) -> Row:
    value, low, high = (None if end is None else round(end, 3) for end in found)
    return {"pool_crps_ratio": value, "low_90": low, "high_90": high}


def _horizons(tallies: Sequence[Tally], steps: int) -> Iterator[Row]:
    """Yield the pool against last 12, horizon by horizon."""
    for horizon in sorted({one.horizon for one in tallies}):
        these = [one for one in tallies if one.horizon == horizon]
        pool = _model(POOL, these, steps)
        against = _ratio_row(_ratio(these, POOL, BENCHMARK, steps))
        periods = len({one.period for one in these})
        yield {"horizon": horizon, "periods": periods, **pool, **against}


def _by_period(tallies: Sequence[Tally], watch: WatchSettings) -> Iterator[Row]:
    """Yield the pool against last 12, period by period: one alone has no interval."""
    periods = defaultdict(list)
    for one in tallies:
        periods[one.period].append(one)
    for period, these in sorted(periods.items()):
        crps = {one: sum(t.crps for t in these if t.model == one) for one in (POOL, BENCHMARK)}
        ratio = round(crps[POOL] / crps[BENCHMARK], 3) if crps[BENCHMARK] else None
        over = {"pool_crps_ratio": ratio, "low_90": None, "high_90": None}
        yield {"period": watch.period.label(period), **_model(POOL, these, watch.horizon), **over}


def _members(shares: Sequence[MemberShare], watch: WatchSettings) -> Iterator[Row]:
    """Yield what weight each model has by now, also the models that have earned none."""
    found = {(one.model, one.horizon): one for one in shares}
    names = dict.fromkeys((*watch.models, *(one.model for one in shares)))
    for horizon in sorted({one.horizon for one in shares}):
        for name in names:
            weight, regions = found.get((name, horizon), (name, horizon, 0.0, 0))[2:]
            yield {
                "model": name,
                "horizon": horizon,
                "weight": round(weight, 4),
                "regions": regions,
            }


def _reliability(cases: Sequence[Crossing], rules: Sequence[RuleSettings]) -> Iterator[Row]:
    """Yield every level of every rule, also one of which no window is complete yet."""
    for rule in rules:
        for level in rule.levels:
            these = [
                one for one in cases if (one.rule, one.severity) == (rule.name, level.severity)
            ]
            found = reliability(
                np.array([one.probability for one in these]),
                np.array([one.came for one in these], dtype=bool),
                np.array([one.said for one in these], dtype=np.int64),
                rule.within,
            )
            yield {
                "rule": rule.name,
                "severity": level.severity,
                "at_least": _threshold(level),
                "within": rule.within,
                "aggregate": rule.aggregate,
                "forecasts": len(these),
                "periods": len({one.said for one in these}),
                "bins": [_bin(one._asdict()) for one in found],
            }


def _bin(found: Row) -> Row:
    return {k: round(v, 4) if isinstance(v, float) else v for k, v in found.items()}


def _threshold(level: Level) -> str:
    wanted = level.at_least
    if isinstance(wanted, TimesBaseline):
        return f"{wanted.times_baseline:g} x baseline, {wanted.minimum} at least"
    return str(wanted)


def _regions(evidence: Evidence) -> list[Row]:
    found = [
        {"region": label(key), **skill_row(skill)} for key, skill in evidence.skill.regions.items()
    ]
    return sorted(found, key=lambda row: (-(row["crps_ratio"] or 0.0), row["region"]))
