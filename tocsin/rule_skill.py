"""The skill of a rule over history, beside the naive rule's, as documented JSON (docs/alerts.md).

The naive rule rings where the newest complete count stands at or above the line already; for a
total, where that count times the periods of the window does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from alerts.replay import Episode, LadderLevel, Policy, Track, episodes
from alerts.skill import summary, tally, verdict
from core.regions import label
from core.rule_settings import Chance, Follows, Quantile, Record, TimesLastYear
from core.settings import SEVERITIES, Level, RuleSettings, TimesBaseline

Json = dict[str, Any]
SCALES = (0.5, 1.0, 1.5, 2.0, 3.0)
"""Thresholds of the curve, as multiples of that of the rule's least severe level."""
PROBABILITIES = (0.2, 0.35, 0.5, 0.65, 0.8)
"""Probabilities of the curve."""


def by_severity(rule: RuleSettings) -> list[Level]:
    """Return a rule's levels from least to most severe."""
    return sorted(rule.levels, key=lambda level: SEVERITIES.index(level.severity))


def scaled(level: Level, factor: float) -> Level:
    """Return a level whose threshold is `factor` times as high, and at least 1.

    Of a threshold that is no multiple of anything (a record, a quantile) only the minimum moves.
    """
    least, wanted = max(round(level.least * factor), 1), level.at_least
    if isinstance(wanted, int):
        return level.model_copy(update={"at_least": least})
    update: dict[str, float] = {"minimum": least}
    key = _multiple(wanted)
    if key:
        update[key] = round(getattr(wanted, key) * factor, 6)
    return level.model_copy(update={"at_least": wanted.model_copy(update=update)})


def _multiple(wanted: Follows) -> str | None:
    """Return the key of a threshold that is so many times something; None where it is not."""
    return next((key for key in type(wanted).model_fields if key.startswith("times_")), None)


def ladder_of(rule: RuleSettings) -> list[Level]:
    """Return the levels to read for a replay: the rule's own, then those of the curve."""
    own = by_severity(rule)
    curve = [scaled(own[0], factor) for factor in SCALES if factor != 1]
    known = [own[0].at_least]
    for level in curve:
        if level.at_least not in known:
            known.append(level.at_least)
            own.append(level)
    return own


def described(level: Level) -> str:
    """Return a threshold in words: "8", or "2 × baseline, at least 5"."""
    match level.at_least:
        case TimesBaseline(times_baseline=times):
            line = f"{times:g} × baseline"
        case TimesLastYear(times_last_year=times):
            line = f"{times:g} × last year"
        case Quantile(quantile=share):
            line = f"above {share:.4g} of its periods"
        case Record():
            line = "a record"
        case Chance(chance=chance):
            line = f"chance under {chance:g}"
        case _:
            return str(level.at_least)
    return f"{line}, at least {level.least}"


def policy_of(rule: RuleSettings, levels: Sequence[tuple[int, Level]], clear: float) -> Policy:
    """Return the life-cycle's view of a rule with these columns of the ladder for levels."""
    chosen = tuple(
        LadderLevel(column, level.severity, level.probability) for column, level in levels
    )
    return Policy(chosen, clear, rule.fire_after, rule.clear_after)


def skill(track: Track, rule: RuleSettings, ladder: Sequence[Level], quiet: int) -> Json:
    """Return levels, curve and alerts of a replayed rule.

    Args:
        track: of the ladder.
        rule: whose own levels are the ladder's first.
        ladder: from `ladder_of`.
        quiet: periods below the line before an event to warn of.
    """
    own = list(enumerate(ladder[: len(rule.levels)]))
    whole = policy_of(rule, own, rule.clear_probability)
    parts = [([pair], policy_of(rule, [pair], rule.clear_probability)) for pair in own]
    if len(own) > 1:
        parts.insert(0, (own, whole))
    return {
        "levels": [_level(track, levels, policy, quiet) for levels, policy in parts],
        "curve": list(_curve(track, rule, ladder, quiet)),
        "alerts": [told(track, one) for one in _by_time(episodes(track, whole))],
    }


def figures(track: Track, policy: Policy, quiet: int) -> Json:
    """Return the documented figures of a policy."""
    return summary(track, tally(track, policy, episodes(track, policy), quiet))


def naive(policy: Policy) -> Policy:
    """Return the rule that rings where the line is crossed already."""
    return Policy(
        policy.levels, policy.clear_probability, policy.fire_after, policy.clear_after, naive=True
    )


def told(track: Track, episode: Episode) -> Json:
    """Return one alert of a replay: where, when, how likely, and what became of it."""
    found = verdict(track, episode)
    reached = None if found.reached is None else track.period.label(track.first + found.reached)
    return {
        "region": label(track.keys[episode.region]),
        "rang": track.period.end(track.first + episode.rang - 1).isoformat(),
        "severity": episode.severity,
        "threshold": episode.line,
        "probability": episode.probability,
        "outcome": found.outcome.value,
        "reached": reached,
    }


def _by_time(found: Sequence[Episode]) -> list[Episode]:
    return sorted(found, key=lambda one: (one.rang, one.region))


def _level(track: Track, levels: Sequence[tuple[int, Level]], policy: Policy, quiet: int) -> Json:
    single = levels[0][1] if len(levels) == 1 else None
    return {
        "level": single.severity if single else "all levels",
        "at_least": described(single) if single else None,
        "probability": single.probability if single else None,
        "forecast": figures(track, policy, quiet),
        "naive": figures(track, naive(policy), quiet),
    }


def _curve(track: Track, rule: RuleSettings, ladder: Sequence[Level], quiet: int) -> Iterator[Json]:
    """Yield a point per threshold and probability; `clear_probability` keeps its proportion."""
    least = ladder[0]
    columns = [0, *range(len(rule.levels), len(ladder))]
    for column in sorted(columns, key=lambda column: _height(ladder[column])):
        level = ladder[column]
        named = {"at_least": described(level)}
        for probability in sorted({*PROBABILITIES, least.probability}):
            wanted = least.model_copy(update={"probability": probability})
            clear = rule.clear_probability / least.probability * probability
            policy = policy_of(rule, [(column, wanted)], clear)
            yield {
                **named, "rule": "forecast", "probability": probability,
                **figures(track, policy, quiet),
            }  # fmt: skip
        yield {
            **named, "rule": "naive", "probability": None,
            **figures(track, naive(policy), quiet),
        }  # fmt: skip


def _height(level: Level) -> tuple[float, int]:
    wanted = level.at_least
    key = None if isinstance(wanted, int) else _multiple(wanted)
    return getattr(wanted, key) if key else 0.0, level.least
