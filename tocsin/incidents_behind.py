"""The incidents behind the counts that rules ring for: what messages name as their evidence."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from alerts.facts import Behind, Cited
from core.alerts import Evaluation
from core.settings import WatchSettings
from core.sources import Source
from core.text import cited, clean
from storage.regional import Regional
from tocsin.stores import Stores

PERIODS = 3
"""Newest complete periods whose incidents count as evidence, with all that came after them."""
_SHOWN = 10
_ID = 80
_COUNTS = frozenset({"forecast", "observed", "spread"})
"""What facts are about that rest on incidents."""


def with_incidents(
    evaluations: Iterable[Evaluation],
    stores: Stores,
    watch: WatchSettings,
    until: date,
    as_of: str | None,
    sources: Iterable[Source],
) -> list[Evaluation]:
    """Return a watch's evaluations; those that a message may be made of with their incidents.

    Args:
        evaluations: of rules of the watch.
        stores: where the incidents are.
        watch: what is counted.
        until: the cut-off.
        as_of: the stamp as of which they are known, None for now.
        sources: the watch's; incidents stand one by one only where a feed shares its rows.
    """
    found = list(evaluations)
    firsts = {one.region: _since(one, watch) for one in found if _rests_on_incidents(one)}
    if not firsts:
        return found
    regional = Regional(stores.database)
    coverage = stores.incidents.coverage(watch.feeds, as_of)
    stretch = (min(firsts.values()), until)
    numbers = regional.behind(watch, stretch, as_of, coverage)
    shared = [source.feed for source in sources if source.share == "rows"]
    behind = {
        region: _behind(regional, numbers[region], first, shared)
        for region, first in firsts.items()
        if region in numbers
    }
    return [_with(one, behind.get(one.region)) for one in found]


def _rests_on_incidents(evaluation: Evaluation) -> bool:
    return evaluation.facts.get("about") in _COUNTS


def _since(evaluation: Evaluation, watch: WatchSettings) -> date:
    newest = watch.period.of(evaluation.data_through)
    return watch.period.start(newest - PERIODS + 1)


def _behind(
    regional: Regional, numbers: list[int], since: date, shared: list[str]
) -> Behind | None:
    by_feed = regional.counted(numbers, since)
    if not by_feed:
        return None
    newest = regional.incidents(numbers, shared, _SHOWN)
    return Behind(
        since=since,
        count=sum(by_feed.values()),
        newest=tuple(
            Cited(
                day=date.fromisoformat(one.date),
                feed=one.feed,
                id=clean(one.source_id, _ID),
                source=cited(one.source or ""),
            )
            for one in newest
            if one.date >= since.isoformat()
        ),
        withheld=tuple(feed for feed in by_feed if feed not in shared),
    )


def _with(evaluation: Evaluation, behind: Behind | None) -> Evaluation:
    if behind is None or not _rests_on_incidents(evaluation):
        return evaluation
    facts = {**evaluation.facts, "behind": behind.model_dump(mode="json")}
    return replace(evaluation, facts=facts)
