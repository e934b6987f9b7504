"""Rules: what each kind rings for. One file per kind, its settings in core/rule_settings.py.

A kind's `read` returns evaluations; what becomes of alerts is the life-cycle's, the same for all.
Kinds that look at series are read block by block through `read` here.
"""

from __future__ import annotations

from collections.abc import Callable, Set
from fnmatch import fnmatchcase

from alerts.evidence import RunNote
from alerts.rules import forecast, observed
from core.alerts import Evaluation
from core.forecasts import WatchResult
from core.regions import RegionKey, label
from core.rule_settings import TOTALS, ObservedRuleSettings, RuleSettings

__all__ = ["BLOCK_KINDS", "BlockRule", "RunNote", "read", "takes"]

BlockRule = RuleSettings | ObservedRuleSettings
BLOCK_KINDS: dict[str, Callable[..., list[Evaluation]]] = {
    "forecast": forecast.read,
    "observed": observed.read,
}
"""What a rule looks at → how a block of series is read."""


def read(
    rule: BlockRule,
    result: WatchResult,
    run: RunNote | None = None,
    open_regions: Set[RegionKey] = frozenset(),
) -> list[Evaluation]:
    """Return a rule's reading of the series of a block that it takes, in their order.

    See `forecast.read`, `observed.read`.
    """
    if result.total != (rule.of == TOTALS):
        return []
    found = BLOCK_KINDS[rule.on](rule, result, run, open_regions)
    return [one for one in found if takes(rule, one.region, total=result.total)]


def takes(rule: BlockRule, region: RegionKey, *, total: bool) -> bool:
    """Return whether a rule reads a region, or one that is a `total` of regions."""
    if total != (rule.of == TOTALS):
        return False
    return rule.region == "*" or fnmatchcase(label(region), rule.region)
