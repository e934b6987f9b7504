"""What rules on lost skill look at: how the newest forecasts of every region did."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from alerts.evidence import RunNote
from alerts.rules import skill
from core.alerts import Evaluation
from core.settings import WatchSettings
from core.skill import Skill
from storage.record import Asked, Record
from storage.scores import POOL
from tocsin.config import Config
from tocsin.labels import unit_of
from tocsin.record.counted import counted_of
from tocsin.record.skill import BENCHMARK

_REACH = 2
"""Periods looked through for each forecast that is wanted: a region that stopped is no news."""


def evaluations(
    config: Config, record: Record, watch: WatchSettings, run: int, note: RunNote
) -> Iterator[Evaluation]:
    """Yield the reading of every region by the watch's rules on lost skill.

    Args:
        config: whose rules.
        record: the scores of live runs.
        watch: whose forecasts.
        run: the last run whose scores count; its own do, also before it is published.
        note: what a message tells of that run.
    """
    for rule in config.skill_rules:
        if rule.watch == watch.name:
            yield from skill.read(rule, _skills(config, record, watch, run, rule.over), note)


def _skills(
    config: Config, record: Record, watch: WatchSettings, run: int, over: int
) -> Sequence[Skill]:
    """Return the skill of every region's newest `over` forecasts, one period ahead."""
    cutoff = record.cutoff(run)
    if cutoff is None:
        return []
    names, unit, period = record.names(watch.name), unit_of(config, watch), watch.period
    since = period.of(cutoff) - _REACH * over
    asked = Asked(watch.name, counted_of(config, watch), run, since=since)
    return [
        Skill(
            region=names[one.series],
            unit=unit,
            period=period,
            first=period.start(one.first),
            through=period.end(one.last),
            due=one.forecasts,
            covered=one.held,
            crps=one.crps / one.forecasts,
            reference_crps=one.other / one.forecasts,
        )
        for one in record.newest(asked, over, POOL, BENCHMARK)
    ]
