"""Thresholds that would have rung about as often as somebody wants to be rung for."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

import numpy as np

from alerts.replay import Episode, Policy, Track, episodes
from alerts.skill import months_of, summary, tally
from core.series import Panel
from core.settings import Level, RuleSettings, TimesBaseline, WatchSettings
from tocsin.rule_skill import described, policy_of, told
from tocsin.rule_toml import as_toml

Json = dict[str, Any]
Of = Literal["regions", "totals"]
MULTIPLES = (1.0, 1.25, 1.5, 2.0, 2.5, 3.0, 4.0, 6.0)
MINIMA = (2, 5, 10)
"""Thresholds that follow the baseline are tried with each of these as their least."""
COUNTS = 24
"""Fixed thresholds that are tried, evenly spread in proportion."""
PROBABILITIES = (0.5, 0.4, 0.3, 0.2)
"""What it may take to ring. The first is preferred: a rarer alarm that is truer."""
_NAMED: dict[Of, str] = {"regions": "suggested", "totals": "totals-suggested"}
QUIET = 1
"""Periods below the line before an event to warn of."""
NEAR = 1.25
"""A pace is near to the wanted one within this factor; anything further off is said to be."""


class Candidate(NamedTuple):
    """A level that was tried, and the alerts that it would have rung."""

    level: Level
    policy: Policy
    rung: list[Episode]


def template(watch: WatchSettings, of: Of) -> RuleSettings:
    """Return the rule whose threshold is looked for: any of the next three periods, P = 0.5."""
    return RuleSettings.model_validate(
        {
            "name": f"{watch.name[:40]}-{_NAMED[of]}",
            "watch": watch.name,
            "of": of,
            "within": min(3, watch.horizon),
            "levels": [{"severity": "elevated", "at_least": 1, "probability": 0.5}],
            "clear_probability": 0.35,
        }
    )


def ladder_of(rule: RuleSettings, series: Panel) -> list[Level]:
    """Return the levels to try: fixed ones up to the largest count of the series, and multiples."""
    most = float(np.nanmax(series.counts, initial=2.0))
    fixed = np.unique(np.round(np.geomspace(1, max(most, 2.0), COUNTS)).astype(np.int64)).tolist()
    follow = [TimesBaseline(times_baseline=x, minimum=n) for n in MINIMA for x in MULTIPLES]
    return [rule.levels[0].model_copy(update={"at_least": n}) for n in (*fixed, *follow)]


def suggestions(
    track: Track, rule: RuleSettings, ladder: Sequence[Level], alerts_per_month: float
) -> list[Json]:
    """Return the best fixed threshold and the best multiple, as documented JSON.

    Of those whose pace is near enough, the best takes the highest probability to ring, then the
    nearest pace; where none is near, it is the nearest.
    """
    wanted = alerts_per_month * months_of(track)
    tried = [
        _tried(track, rule, column, level.model_copy(update={"probability": probability}))
        for column, level in enumerate(ladder)
        for probability in PROBABILITIES
    ]
    kinds = [
        [one for one in tried if isinstance(one.level.at_least, TimesBaseline) is follows]
        for follows in (False, True)
    ]
    best = [min(kind, key=lambda one: _distance(one, wanted)) for kind in kinds if kind]
    return [_document(track, rule, one, alerts_per_month) for one in best]


def _as_toml(rule: RuleSettings, one: Candidate) -> str:
    """Return the suggested rule, named after what its threshold follows."""
    kind = "baseline" if isinstance(one.level.at_least, TimesBaseline) else "count"
    changed = {
        "name": f"{rule.name}-{kind}",
        "levels": (one.level,),
        "clear_probability": one.policy.clear_probability,
    }
    return as_toml(rule.model_copy(update=changed))


def _tried(track: Track, rule: RuleSettings, column: int, level: Level) -> Candidate:
    clear = round(rule.clear_probability / rule.levels[0].probability * level.probability, 6)
    policy = policy_of(rule, [(column, level)], clear)
    return Candidate(level, policy, episodes(track, policy))


def _distance(one: Candidate, wanted: float) -> tuple[float, float, float]:
    """Return how far off a candidate is, in proportion; half an alert keeps none from infinity."""
    apart = abs(math.log((len(one.rung) + 0.5) / (wanted + 0.5)))
    return max(apart - math.log(NEAR), 0.0), -one.level.probability, apart


def _document(track: Track, rule: RuleSettings, one: Candidate, wanted: float) -> Json:
    found = summary(track, tally(track, one.policy, one.rung, QUIET))
    pace = found["alerts_a_month"]["value"] or 0.0
    listed = sorted(one.rung, key=lambda each: (each.rang, each.region))
    return {
        "at_least": described(one.level),
        "probability": one.level.probability,
        "near": wanted / NEAR <= pace <= wanted * NEAR,
        **found,
        "alerts_listed": [told(track, each) for each in listed],
        "toml": _as_toml(rule, one),
    }
