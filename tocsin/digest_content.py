"""What a digest says: the report of the newest run, and what happened since the last digest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from alerts.bulletins import DigestData
from alerts.digests import Stretch
from alerts.links import link_to_alerts
from alerts.wording import days
from core.alerts import Alert, AlertEvent, AlertState
from core.clock import stamp
from core.errors import InputError
from core.settings import WatchSettings
from storage.database import Database
from tocsin.config import Config
from tocsin.handover import SECTIONS, page
from tocsin.paper.paper import Paper, Section
from tocsin.paper.rendering import render
from tocsin.plan import plan_of
from tocsin.reporting import reported
from tocsin.stores import Stores, stores_of

_SINCE = ("changed", "verdicts", "missed", "stale_feeds")
"""Sections of the handover that say what happened."""


def content(
    config: Config,
    database: Database,
    watches: Sequence[WatchSettings],
    stretch: Stretch,
    now: datetime,
) -> DigestData | None:
    """Return a digest of some watches; None while no run has forecast any of them."""
    stores, names = stores_of(database), {watch.name for watch in watches}
    today = config.service.as_of or now.date()
    try:
        found = reported(config, stores, watches, None, today)
    except InputError:
        return None
    handed = page(config, stores, stamp(stretch.since), stamp(now), names.__contains__)
    span = days(stretch.since.date(), now.date())
    opened = sum(one["new"] for one in handed["changed"])
    paper = _with(found.paper, f"Tocsin: digest, {span}", list(_sections(handed)))
    return DigestData(
        since=stamp(stretch.since),
        until=stamp(stretch.until),
        span=span,
        run=found.run.run_id,
        cutoff=found.run.cutoff,
        watches=tuple(watch.name for watch in watches),
        open_alerts=len(found.alerts),
        new_alerts=opened,
        changed_alerts=len(handed["changed"]) - opened,
        firing=_firing(stores, found.alerts, stamp(now)),
        missed=len(handed["missed"]),
        text=render(paper, "text"),
        html=render(paper, "html"),
        label=found.run.label,
        link=link_to_alerts(plan_of(config).site),
    )


def _firing(
    stores: Stores, alerts: Sequence[tuple[Alert, AlertEvent]], at: str
) -> tuple[tuple[str, int], ...]:
    """Return the alerts that fire and that nobody has acknowledged, with their newest steps."""
    known = stores.people.acknowledged([alert.alert_id for alert, _ in alerts], at)
    return tuple(
        (alert.alert_id, newest.sequence)
        for alert, newest in alerts
        if alert.state is AlertState.FIRING and alert.alert_id not in known
    )


def _with(paper: Paper, title: str, news: list[Section]) -> Paper:
    """Return the report under another title, with the news after the alerts that are open."""
    first, *rest = paper.sections
    return replace(paper, title=title, sections=(first, *news, *rest))


def _sections(handed: dict[str, list[object]]) -> Iterator[Section]:
    for key in _SINCE:
        lines = tuple(_words(item) for item in handed[key])
        if lines or key == "changed":
            yield Section(SECTIONS[key], lines or ("None.",))


def _words(item: object) -> str:
    return str(item["words"]) if isinstance(item, dict) else str(item)
