"""Rules on silent feeds: one reading per feed, certain either way."""

from __future__ import annotations

from collections.abc import Iterable

from alerts.evidence import RunNote
from alerts.facts import SilenceFacts
from core.alerts import Evaluation, Reading
from core.rhythm import Silence
from core.rule_settings import StaleRuleSettings

_CERTAIN, _CLEAR = 1.0, 0.5


def read(rule: StaleRuleSettings, silences: Iterable[Silence], run: RunNote) -> list[Evaluation]:
    """Return the rule's reading of every feed: its region is the feed's name.

    It is crossed while the feed is stale. "Newly complete data" are news: only they clear it.
    """
    return [_evaluation(rule, silence, run) for silence in silences]


def _evaluation(rule: StaleRuleSettings, silence: Silence, run: RunNote) -> Evaluation:
    region = (silence.feed,)
    limit = silence.limit or rule.after
    facts = SilenceFacts(
        about="feed",
        place=silence.feed,
        region=region,
        watch=rule.watch,
        rule=rule.name,
        unit="days without news",
        since=silence.since,
        days=silence.days,
        rhythm_days=silence.rhythm,
        limit_days=limit,
        cutoff=run.cutoff,
        label=run.label,
        action=rule.action,
        owner=rule.owner,
        sources=tuple(one for one in run.sources if one.feed == silence.feed),
    )
    probability = _CERTAIN if silence.stale else 0.0
    return Evaluation(
        watch=rule.watch,
        rule=rule.name,
        region=region,
        readings=(Reading(rule.severity, limit, _CERTAIN, probability),),
        clear_probability=_CLEAR,
        data_through=silence.since,
        facts=facts.model_dump(mode="json"),
    )
