"""What the store says of one region, read for its page in one instant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from alerts.story import Line, story
from core.alerts import Alert
from core.overrides import Override
from core.periods import Period
from core.predictive import Predictive
from core.regions import parse
from core.settings import FeedSettings, WatchSettings
from storage.overrides import Overrides
from storage.regional import Behind, PastForecast, Regional
from tocsin.forecast_table import Head, Row
from tocsin.record.counted import counted_of
from tocsin.record.skill import window
from tocsin.region_fan import with_quartiles
from tocsin.web.backdrop import Backdrop
from tocsin.web.desk import Desk
from tocsin.web.pages.readings import Readings, readings

_LISTED = 200
"""Incidents on the page; more are counted."""


@dataclass(frozen=True)
class Past:
    """A past forecast beside what came; `observed` is None while that is not known."""

    forecast: PastForecast
    period: str
    observed: int | None

    @property
    def held(self) -> bool | None:
        """Return whether the 90 % interval held what came."""
        if self.observed is None:
            return None
        return self.forecast.q05 <= self.observed <= self.forecast.q95


class Asked(NamedTuple):
    """What a page asks of a region.

    Attributes:
        watch, head, row: which region of which run.
        at_least: the count whose probability is read.
        ahead: how many periods before theirs the past forecasts were made.
        shown: the feeds whose incidents the viewer may see one by one.
    """

    watch: WatchSettings
    head: Head
    row: Row
    at_least: int
    ahead: int
    shown: Sequence[FeedSettings]


@dataclass(frozen=True)
class Facts:
    """What the store says of a region.

    Attributes:
        ahead: the steps of its forecast, with quartiles.
        table: how likely n or more are; None where nothing is ahead.
        past: forecasts of the last two years, oldest first.
        alerts: newest first.
        told: what people said of its alerts, newest first.
        overrides: what analysts set beside its forecasts and alerts, newest first.
        incidents: those behind the newest periods that may be shown; `behind` is how many count.
    """

    ahead: Sequence[Row]
    table: Readings | None
    past: Sequence[Past]
    alerts: Sequence[Alert]
    told: Sequence[Line]
    overrides: Sequence[Override]
    incidents: Sequence[Behind]
    behind: int


def facts_of(desk: Desk, backdrop: Backdrop, asked: Asked) -> Facts:
    """Return what the store says of a region.

    Raises:
        StorageError: when the database cannot be used.
    """
    watch, run, key = asked.watch, asked.head.run, parse(asked.row["region"])
    numbers = backdrop.incidents(key)
    counted = counted_of(desk.config, watch)
    since = window(watch.period, watch.period.of(run.cutoff))
    with desk.reading() as stores:
        block = stores.reader.one(run.run_id, watch.name, key)
        regional = Regional(stores.database)
        alerts = regional.alerts(watch.name, key)
        actions = stores.people.actions([alert.alert_id for alert in alerts])
        overrides = Overrides(stores.database).of_region(watch.name, key)
        past = regional.past_forecasts(watch.name, counted, key, asked.ahead, since)
        incidents = regional.incidents(
            numbers if asked.row["total"] else numbers[:_LISTED], [one.name for one in asked.shown]
        )[:_LISTED]
    assert block is not None, "the row is of this run"
    steps = with_quartiles(asked.row["forecast"], block.predictive)
    return Facts(
        ahead=steps,
        table=_table(steps, block.predictive, asked.at_least),
        past=[_past(one, watch.period, backdrop.observed(key, one.period_index)) for one in past],
        alerts=alerts,
        told=story((), actions)[::-1],
        overrides=overrides[::-1],
        incidents=incidents,
        behind=len(numbers),
    )


def _past(forecast: PastForecast, period: Period, observed: int | None) -> Past:
    return Past(forecast, period.label(forecast.period_index), observed)


def _table(steps: Sequence[Row], predictive: Predictive, asked: int) -> Readings | None:
    """Return the readings over the periods that are not over, None where there is none."""
    first = next((n for n, step in enumerate(steps) if step["status"] == "forecast"), None)
    return None if first is None else readings(predictive, first, len(steps) - 1, asked)
