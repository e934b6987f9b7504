"""`tocsin overrides`: what analysts say against forecasts and alerts, kept beside them."""

from __future__ import annotations

import sys
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from core.clock import SystemClock, stamp
from core.errors import InputError
from core.overrides import Model, Override
from core.regions import RegionKey, label
from core.settings import Severity
from storage.overrides import Overrides
from storage.stories import Stories
from tocsin import by_people
from tocsin.complaints import nearest
from tocsin.config import Config, load
from tocsin.listing import write
from tocsin.stores import Stores, opened

COLUMNS = {
    "override": "Override",
    "region": "Region",
    "about": "About",
    "value": "Analyst",
    "model": "Model",
    "by": "By",
    "made_at": "Since",
    "until": "Until",
    "reason": "Reason",
}


class Asked(NamedTuple):
    """What is overridden, and by which value; without a value or severity it is rejected."""

    watch: str | None
    region: str | None
    period: str | None
    alert: str | None
    value: int | None
    severity: Severity | None
    reject: bool


class _Target(NamedTuple):
    """What an override stands beside."""

    watch: str
    region: RegionKey
    period: date | None
    alert_id: str | None
    model: Model


class Author(NamedTuple):
    """Who overrides, why, and until when."""

    by: str
    reason: str
    until: str | None


def add(path: Path, database: Path | None, asked: Asked, author: Author) -> list[str]:
    """Keep an override beside what the model says now.

    Raises:
        InputError: when the options do not fit together, or name nothing that is there.
    """
    config, clock = load(path), SystemClock()
    now = clock.now()
    until = by_people.until(author.until, now) if author.until else None
    reason, by = by_people.text("--reason", author.reason), by_people.author(author.by)
    _require_fitting(asked)
    with opened(config, database, "write", clock) as stores:
        target = _alert(stores, asked) if asked.alert else _forecast(config, stores, asked)
        made = Override(
            number=0,
            **target._asdict(),
            value=asked.value,
            severity=asked.severity,
            reason=reason,
            by=by,
            made_at=stamp(now),
            until=until,
        )
        number = Overrides(stores.database).add(made)
    print(f"override {number}: {label(made.region)}: {made.in_words()}")
    return []


def end(path: Path, database: Path | None, number: int, by: str) -> list[str]:
    """Take an override back; it is kept.

    Raises:
        InputError: when no such override is in force.
    """
    clock = SystemClock()
    author = by_people.author(by)
    with opened(load(path), database, "write", clock) as stores:
        Overrides(stores.database).end(number, stamp(clock.now()), author)
    print(f"override {number} is taken back; it is kept, to be scored")
    return []


def list_overrides(
    path: Path, database: Path | None, *, everything: bool, form: str, raw: bool
) -> list[str]:
    """Print the overrides in force, or all that were ever made."""
    clock = SystemClock()
    with opened(load(path), database, "read", clock) as stores:
        kept = Overrides(stores.database)
        found = kept.all() if everything else kept.in_force(stamp(clock.now()))
    rows = [_document(one) if form == "json" else _row(one) for one in found]
    write(rows, COLUMNS, form, sys.stdout, raw=raw, empty="no override is in force")
    return []


def _require_fitting(asked: Asked) -> None:
    forecast = (asked.watch, asked.region, asked.period)
    if asked.alert is None and None in forecast:
        mend = "write --watch, --region and --period, or --alert"
        raise InputError("overrides", "needs a forecast or an alert to stand beside", mend)
    if asked.alert is not None and any(forecast):
        raise InputError("overrides", "is about a forecast or an alert, not both", "leave one out")
    given = asked.severity if asked.alert else asked.value
    stray = asked.value if asked.alert else asked.severity
    if stray is not None or (given is None) != asked.reject:
        option = "--severity" if asked.alert else "--value"
        raise InputError("overrides", f"needs either {option} or --reject", "write one of them")


def _alert(stores: Stores, asked: Asked) -> _Target:
    stories = Stories(stores.database)
    alert = stories.find(asked.alert or "")
    probability = stories.newest([alert.alert_id])[alert.alert_id].probability
    model = Model(severity=alert.severity, probability=probability)
    return _Target(alert.watch, alert.region, None, alert.alert_id, model)


def _forecast(config: Config, stores: Stores, asked: Asked) -> _Target:
    """Return a forecast of the newest run."""
    watch = config.watch_named(asked.watch or "")
    run = stores.reader.latest_run(watch.name, None)
    if run is None:
        raise InputError(f"watch {watch.name}", "has no run yet", "'tocsin run' makes one")
    series = {label(one.key): one for one in stores.reader.forecasts(run.run_id, watch.name)}
    found = series.get(asked.region or "")
    if found is None:
        mend = nearest(asked.region or "", series, "regions")
        raise InputError("--region", f"{asked.region!r} was not forecast", mend)
    steps = {watch.period.label(one.period_index): one for one in found.horizons}
    step = steps.get(asked.period or "")
    if step is None:
        mend = nearest(asked.period or "", steps, "periods")
        raise InputError("--period", f"{asked.period!r} was not forecast there", mend)
    model = Model(run.run_id, step.q50, step.q05, step.q95)
    day = watch.period.start(step.period_index)
    return _Target(watch.name, found.key, day, None, model)


def _document(one: Override) -> dict[str, Any]:
    return {**asdict(one), "period": one.period and one.period.isoformat(), "kind": one.kind.value}


def _row(one: Override) -> dict[str, Any]:
    said = one.model
    forecast = f"{said.median} ({said.low_90} to {said.high_90})"
    return {
        "override": one.number,
        "region": label(one.region),
        "about": one.alert_id or (one.period and one.period.isoformat()),
        "value": "rejects" if one.kind == "rejects" else one.value or one.severity or 0,
        "model": said.severity or forecast,
        "by": one.by,
        "made_at": one.made_at[:16],
        "until": one.ended_at[:16] if one.ended_at else one.until and one.until[:16],
        "reason": one.reason,
    }
