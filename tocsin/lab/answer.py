"""What a choice of threshold and probability would have rung: figures, curve, alerts, TOML.

The figures are those of `tocsin rules replay`; see `alerts.skill` for what each means.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Any, NamedTuple

import numpy as np

from alerts.replay import Policy, Track, episodes
from alerts.skill import announced, events
from core.regions import label
from core.settings import RuleSettings, Severity, WatchSettings
from tocsin.lab.window import Replayed, plain_rule
from tocsin.rule_skill import described, figures, naive, policy_of, told
from tocsin.rule_toml import as_toml

Json = dict[str, Any]
PROBABILITIES = tuple(n / 100 for n in range(10, 100, 10))
"""Points of the curve."""


@dataclass(frozen=True)
class Choice:
    """What may be changed without a replay.

    Attributes:
        column: the threshold, a column of the ladder.
        probability: what it takes to ring.
        clear: the probability under which it is clear again.
        region: glob of the regions to read.
        severity: of the rule that is pasted.
        fire_after, clear_after: runs in a row.
        quiet: periods below the line before an event to warn of.
    """

    column: int
    probability: float
    clear: float
    region: str = "*"
    severity: Severity = "elevated"
    fire_after: int = 1
    clear_after: int = 2
    quiet: int = 1


class Answer(NamedTuple):
    """What would have rung.

    Attributes:
        document: with the figures of `tocsin rules replay`; `missed` lists the events that
            nothing warned of.
        track: the readings of the regions that were chosen.
        policy: what was asked of them.
    """

    document: Json
    track: Track
    policy: Policy


def answer(replayed: Replayed, watch: WatchSettings, choice: Choice) -> Answer:
    """Return what a choice would have rung."""
    found, rule = _chosen(replayed.track, choice.region), _rule(replayed, watch, choice)
    policy = policy_of(rule, [(choice.column, rule.levels[0])], rule.clear_probability)
    rung = sorted(episodes(found, policy), key=lambda one: (one.rang, one.region))
    document = {
        "at_least": described(rule.levels[0]),
        "from": found.period.end(found.first - 1),
        "to": found.period.end(found.first + found.origins - 2),
        "evaluations": found.origins,
        "regions": len(found.keys),
        "forecast": figures(found, policy, choice.quiet),
        "naive": figures(found, naive(policy), choice.quiet),
        "curve": list(_curve(found, rule, choice)),
        "alerts": [told(found, one) for one in rung],
        "missed": list(_missed(found, policy, choice.quiet)),
        "toml": as_toml(rule),
    }
    return Answer(document, found, policy)


def _chosen(track: Track, region: str) -> Track:
    """Return the readings of some regions; models have learned from all of them."""
    if region == "*":
        return track
    rows = np.array(
        [row for row, key in enumerate(track.keys) if fnmatchcase(label(key), region)],
        dtype=np.int64,
    )
    return replace(
        track,
        keys=tuple(track.keys[row] for row in rows.tolist()),
        lines=track.lines[rows],
        chances=track.chances[rows],
        tempo=track.tempo[rows],
        newest=track.newest[rows],
        came=track.came[rows],
    )


def _rule(replayed: Replayed, watch: WatchSettings, choice: Choice) -> RuleSettings:
    changed = {"severity": choice.severity, "probability": choice.probability}
    return plain_rule(watch, replayed.window).model_copy(
        update={
            "region": choice.region,
            "levels": (replayed.ladder[choice.column].model_copy(update=changed),),
            "clear_probability": choice.clear,
            "fire_after": choice.fire_after,
            "clear_after": choice.clear_after,
        }
    )


def _curve(track: Track, rule: RuleSettings, choice: Choice) -> Iterator[Json]:
    """Yield a point per probability; the probability to clear at keeps its proportion."""
    level = rule.levels[0]
    for probability in sorted({*PROBABILITIES, choice.probability}):
        asked = level.model_copy(update={"probability": probability})
        clear = choice.clear / choice.probability * probability
        policy = policy_of(rule, [(choice.column, asked)], clear)
        yield {"probability": probability, **figures(track, policy, choice.quiet)}


def _missed(track: Track, policy: Policy, quiet: int) -> Iterator[Json]:
    """Yield the events that no alert spoke of in time, the oldest first."""
    unwarned = events(track, policy, quiet) & (announced(track, episodes(track, policy)) < 0)
    (column,) = (level.column for level in policy.levels)
    for origin, region in np.argwhere(unwarned.T).tolist():
        yield {
            "region": label(track.keys[region]),
            "period": track.period.label(track.first + origin),
            "threshold": int(track.lines[region, origin, column]),
            "came": int(track.came[region, track.past + origin]),
        }
