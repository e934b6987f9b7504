"""What a rule asks for that the watch it names must be able to give, and levels in their order."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple

from core.rule_settings import (
    TOTALS,
    Arrival,
    Chance,
    Follows,
    Increase,
    Level,
    ObservedRuleSettings,
    Quantile,
    Record,
    RuleSettings,
    SpreadRuleSettings,
    TimesBaseline,
    TimesLastYear,
)
from core.settings import CELL, SEVERITIES, SITE, WatchSettings
from tocsin.complaints import Complaints, nearest

if TYPE_CHECKING:
    from tocsin.config import Config

_PLACES = frozenset({"country", "admin1", "admin2", "region", CELL, SITE})


class Fault(NamedTuple):
    """What is wrong under a key of a rule, and how to mend it."""

    key: str
    problem: str
    mend: str


def check_rules(config: Config, complain: Complaints) -> None:
    """Raise the first thing that a rule asks for in vain."""
    watches = {watch.name: watch for watch in config.watches}
    for n, rule in enumerate(config.listed_rules):
        if rule.watch not in watches:
            mend = nearest(rule.watch, watches, "watches")
            raise complain.at(("rules", n, "watch"), f"no watch is called {rule.watch!r}", mend)
        for check in _CHECKS.get(rule.on, ()):
            fault = check(rule, watches[rule.watch])
            if fault is not None:
                raise complain.at(("rules", n, fault.key), fault.problem, fault.mend)


def reviews_due(config: Config, today: date) -> list[str]:
    """Return one line per rule whose review date is past."""
    return [
        f"rule {rule.name}: its review was due on {rule.review_by}"
        + (f"; {rule.owner} answers for it" if rule.owner else "; it names no owner")
        for rule in config.listed_rules
        if rule.review_by is not None and rule.review_by < today
    ]


def _horizon(rule: RuleSettings, watch: WatchSettings) -> Fault | None:
    if rule.within <= watch.horizon:
        return None
    problem = f"looks further than the horizon of watch {watch.name!r}"
    mend = f"raise that watch's horizon to {rule.within} or lower within"
    return Fault("within", problem, mend)


def _totals(rule: RuleSettings | ObservedRuleSettings, watch: WatchSettings) -> Fault | None:
    if rule.of != TOTALS or watch.totals:
        return None
    problem = f"watch {watch.name!r} adds nothing up, so this rule would never ring"
    return Fault("of", problem, 'give that watch totals = ["*"]')


def _clearing(rule: RuleSettings | ObservedRuleSettings, _: WatchSettings) -> Fault | None:
    needed = min(level.probability for level in rule.levels)
    if rule.clear_probability <= needed:
        return None
    problem = f"is above a level's probability ({needed:g}): the alert would open and clear at once"
    return Fault("clear_probability", problem, "set it below")


def _order(
    rule: RuleSettings | ObservedRuleSettings | SpreadRuleSettings, _: WatchSettings
) -> Fault | None:
    """Refuse a severity that stands twice, and a more severe level that is reached more easily."""
    levels = sorted(rule.levels, key=lambda level: SEVERITIES.index(level.severity))
    for lesser, greater in combinations(levels, 2):
        one, other = _demands(lesser), _demands(greater)
        if lesser.severity == greater.severity and one.kind == other.kind:
            problem = f"severity {lesser.severity!r} stands twice"
            return Fault("levels", problem, "give each level a severity of its own")
        if _no_harder(other, one):
            problem = f"{greater.severity!r} rings whenever {lesser.severity!r} does"
            mend = f"ask more of {greater.severity!r}: a higher threshold or a higher probability"
            return Fault("levels", problem, mend)
    return None


class _Demands(NamedTuple):
    """What a level asks: the higher a number, the harder; kinds are not compared by numbers.

    `least` is under no threshold of the level, `numbers` end with the probability.
    """

    kind: str
    least: int
    numbers: tuple[float, ...]


def _no_harder(greater: _Demands, lesser: _Demands) -> bool:
    """Return whether one level is sure to be crossed wherever the other is."""
    if greater.kind == lesser.kind:
        pairs = zip(greater.numbers, lesser.numbers, strict=True)
        return all(own <= other for own, other in pairs)
    fixed = greater.kind == "number"
    return fixed and greater.least <= lesser.least and greater.numbers[-1] <= lesser.numbers[-1]


def _demands(level: Level | Arrival | Increase) -> _Demands:
    if isinstance(level, Arrival):
        return _Demands("arrival", level.at_least, (level.quiet, level.at_least))
    if isinstance(level, Increase):
        return _Demands("increase", level.minimum, (level.times_year_before, level.minimum))
    wanted = level.at_least
    if isinstance(wanted, int):
        return _Demands("number", wanted, (wanted, level.probability))
    kind, number = _followed(wanted)
    return _Demands(kind, level.least, (number, wanted.minimum, level.probability))


def _followed(wanted: Follows) -> tuple[str, float]:
    match wanted:
        case TimesBaseline():
            return "times_baseline", wanted.times_baseline
        case TimesLastYear():
            return "times_last_year", wanted.times_last_year
        case Quantile():
            return "quantile", wanted.quantile
        case Record():
            return "quantile", 1.0
        case Chance():
            return "chance", -wanted.chance
    raise TypeError(type(wanted))


def _actors(rule: SpreadRuleSettings, watch: WatchSettings) -> Fault | None:
    """Refuse a watch that does not tell actors apart, places apart, or home from abroad."""
    if "actor" not in watch.group_by or not _PLACES & set(watch.group_by):
        problem = f"watch {watch.name!r} does not count actors by place"
        return Fault("watch", problem, 'give it group_by = ["actor", "country"]')
    if watch.home is None and any(isinstance(level, Increase) for level in rule.levels):
        problem = f"an increase abroad needs a home, and watch {watch.name!r} has none"
        return Fault("levels", problem, 'give that watch home = "…", the actors\' own country')
    return None


_CHECKS: dict[str, tuple[Callable[..., Fault | None], ...]] = {
    "forecast": (_totals, _horizon, _clearing, _order),
    "observed": (_totals, _clearing, _order),
    "spread": (_actors, _order),
}
"""What a rule looks at → what must hold; rules on feeds and on skill ask nothing of a watch."""
