"""What a brief rests on, read from the store: counts with their queries, forecasts, alerts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from core.errors import InputError
from core.settings import WatchSettings
from core.sources import Source
from storage.inquiry import Answer, Inquiry, Number
from tocsin.asof import end_of, read_at
from tocsin.brief.places import Pair, Places, places
from tocsin.brief.windows import Windows, windows
from tocsin.config import Config
from tocsin.forecast_table import Sheet
from tocsin.labels import label_of
from tocsin.provenance import sources_of
from tocsin.sheets import sheets
from tocsin.stores import Stores

Deaths = tuple[Number, Number, Number]
"""Events whose deaths are known, their deaths, and the sum of their squares."""


@dataclass(frozen=True)
class Question:
    """What a brief is asked.

    Attributes:
        watch: the watch's name.
        since: the day from which on is compared with what was before.
        as_of: the day on which the brief would have been written; None for today.
        home: the country that others are abroad to (see `tocsin.brief.places.home_of`).
        areas: name → countries that are counted together too.
    """

    watch: str
    since: date
    as_of: date | None = None
    home: str | None = None
    areas: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Evidence:
    """All that a brief needs to know; None where the watch's feeds do not say."""

    watch: WatchSettings
    since: date
    today: date
    noun: str
    label: str
    windows: Windows
    tempo: Mapping[str, Pair]
    months: tuple[Answer, Answer]
    places: Places
    regions: Answer
    deaths: tuple[Deaths, Deaths] | None
    vague: Number | None
    sheet: Sheet | None
    alerts: Answer
    sources: Sequence[Source]
    inquiry: Inquiry


def gather(stores: Stores, config: Config, question: Question, now: date) -> Evidence:
    """Return the evidence of a brief, all as it is at one instant.

    Raises:
        InputError: when the watch has no data since the date.
    """
    with stores.database.snapshot():
        return _gather(stores, config, question, now)


def _gather(stores: Stores, config: Config, question: Question, now: date) -> Evidence:
    watch, as_of = config.watch_named(question.watch), question.as_of
    today = as_of or config.service.as_of or now
    known_at = read_at(stores.incidents, config, as_of) if as_of else None
    coverage = stores.incidents.coverage(watch.feeds, known_at)
    found = windows(coverage, question.since, today)
    if found is None:
        problem = f"watch {watch.name!r} has no data since {question.since}, as of {today}"
        raise InputError("--since", problem, "name an earlier day, or run 'tocsin pull' first")
    inquiry = Inquiry(stores.database, watch, today, known_at, coverage)
    where = places(inquiry, found, watch, question.home, question.areas)
    before_and_since = (found.before, found.since)
    known = inquiry.has_deaths
    return Evidence(
        watch=watch,
        since=question.since,
        today=today,
        noun=" and ".join(dict.fromkeys(feed.noun for feed in config.feeds_of(watch))),
        label=label_of(config, as_of, as_known_then=known_at is not None),
        windows=found,
        tempo=_tempo(inquiry, found, where),
        months=(inquiry.months(found.before), inquiry.months(found.since)),
        places=where,
        regions=inquiry.regions(found.year_before, found.year_since),
        deaths=(inquiry.deaths(found.before), inquiry.deaths(found.since)) if known else None,
        vague=inquiry.vague(tuple(day for span in before_and_since for day in span))
        if known
        else None,
        sheet=_sheet(stores, config, watch, now, as_of),
        alerts=inquiry.open_alerts(end_of(as_of) if as_of else None),
        sources=sources_of(config, stores.reader, watch, known_at),
        inquiry=inquiry,
    )


def _tempo(inquiry: Inquiry, found: Windows, where: Places) -> dict[str, Pair]:
    """Return the counts everywhere; where there is a home, there and abroad first."""
    scopes: dict[str, Sequence[str] | None] = {}
    if where.home is not None and where.abroad:
        scopes = {"home": (where.home,), "abroad": where.abroad}
    return {
        scope: Pair(inquiry.events(found.before, among), inquiry.events(found.since, among))
        for scope, among in {**scopes, "everywhere": None}.items()
    }


def _sheet(
    stores: Stores, config: Config, watch: WatchSettings, now: date, as_of: date | None
) -> Sheet | None:
    """Return the watch's forecast table, None before its first run."""
    if stores.reader.latest_run(watch.name, as_of) is None:
        return None
    today = config.service.as_of or now
    incidents = stores.incidents
    return sheets(stores.reader, config, [watch], today, as_of, incidents=incidents)[0]
