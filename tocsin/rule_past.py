"""The history that a question about rules is asked of: which clock, which days, what came."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from core.clock import Clock, unstamp
from core.errors import InputError
from core.periods import Period
from core.settings import WatchSettings
from forecast.models import MODELS
from forecast.series import Built, build
from tocsin.complaints import nearest
from tocsin.config import Config
from tocsin.hindsight import AsKnownThen, ByEventDate, Past
from tocsin.labels import TODAYS_DATA, label_of, unit_of
from tocsin.rule_history import origins_between
from tocsin.stores import Stores

EVALUATIONS = {Period.DAY: 180, Period.WEEK: 104, Period.MONTH: 60}
"""How far back a question goes that does not say, in periods."""


@dataclass(frozen=True)
class Question:
    """What is asked, whatever the rule.

    Attributes:
        watch: its name.
        since, until: evaluations are made on the last days of periods from one to the other.
        known_then: read what the store knew then, not today's data.
        quiet: periods below the line before an event to warn of.
        models: instead of the watch's own; none means those.
    """

    watch: str
    since: date | None = None
    until: date | None = None
    known_then: bool = False
    quiet: int = 1
    models: tuple[str, ...] = ()


class History(NamedTuple):
    """A watch's past, ready to be read.

    `label` says of all outputs what they rest on.
    """

    watch: WatchSettings
    past: Past
    truth: Built
    origins: range
    label: str
    unit: str


def history(config: Config, stores: Stores, clock: Clock, question: Question) -> History:
    """Return the past that a question is asked of.

    Raises:
        ConfigError: no watch has that name.
        InputError: the days, the models or the clock cannot be had.
    """
    watch = _watch(config, question)
    today = config.service.as_of or clock.now().date()
    incidents = stores.incidents
    cells, coverage = incidents.cells(watch, today, None), incidents.coverage(watch.feeds, None)
    truth = build(cells, coverage, watch, today)
    if not len(truth.panel):
        problem = "no region has a complete period"
        raise InputError(f"watch {watch.name}", problem, "run it once, or look at 'tocsin doctor'")
    known = _known_since(stores, watch) if question.known_then else None
    origins = _origins(question, truth, today, known)
    unit = unit_of(config, watch)
    past: Past = ByEventDate(watch, unit, cells, coverage, config.calendars)
    if question.known_then:
        _require_known(known, watch.period.end(origins.start - 1))
        past = AsKnownThen(config, stores, watch)
    return History(watch, past, truth, origins, _label(config, question), unit)


def _watch(config: Config, question: Question) -> WatchSettings:
    """Return the watch, with the models that the question wants."""
    watch = config.watch_named(question.watch)
    for name in question.models:
        if name not in MODELS:
            mend = nearest(name, list(MODELS), "models")
            raise InputError("--models", f"no model is called {name!r}", mend)
    return watch.model_copy(update={"models": question.models}) if question.models else watch


def _origins(question: Question, truth: Built, today: date, known: date | None) -> range:
    """Return the periods before which the rule is read; by default to the end of the data.

    Where it is read as known then, it begins by default on the day since which that is `known`.
    """
    period = truth.panel.period
    newest = int(truth.panel.ends.max())
    until = question.until or period.end(newest)
    first = newest - truth.panel.counts.shape[1] + 1
    usual = period.end(max(period.of(until) - EVALUATIONS[period] + 1, first + period.year_length))
    since = question.since or min(max(usual, known or usual), until)
    if until > today:
        problem, mend = f"{until} lies ahead", f"give a day until {today}"
        raise InputError("--to", problem, mend)
    earliest = period.end(first)
    found = origins_between(period, max(since, earliest), until)
    if not found:
        mend = f"the data of this watch begin on {period.start(first)} and end on {until}"
        raise InputError("--from", f"no {period} ends between {since} and {until}", mend)
    return found


def _known_since(stores: Stores, watch: WatchSettings) -> date | None:
    """Return the first day of which the store can say what was known at its end."""
    seen = stores.incidents.first_seen(watch.feeds)
    return unstamp(seen).date() if seen else None


def _require_known(known: date | None, first: date) -> None:
    """Refuse to say what was known before anything was."""
    if known is None or known > first:
        when = f"its feeds were all pulled since {known}" if known else "a feed is not pulled yet"
        mend = "start later, or use --clock event-date"
        raise InputError("--clock known-then", f"nothing is known of {first}: {when}", mend)


def _label(config: Config, question: Question) -> str:
    """Return what the figures rest on, in words."""
    ordinary = label_of(config, None, as_known_then=False)
    clock = "as known then" if question.known_then else TODAYS_DATA
    members = f"models {', '.join(question.models)}" if question.models else ""
    return "; ".join(part for part in (clock, members, ordinary) if part)
