"""What every rule says of the newest run of its watch, without changing anything."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from alerts import rules
from alerts.rules import RunNote, spread
from core.alerts import Alert, Evaluation, Reading
from core.regions import RegionKey, label
from core.rule_settings import AnyRule
from core.settings import WatchSettings
from core.sources import filters_of
from storage.reading import RunRow
from tocsin import lost_skill
from tocsin.config import Config
from tocsin.labels import unit_of
from tocsin.provenance import sources_of_run
from tocsin.rule_inputs import count, sightings, with_history
from tocsin.silence import Silences
from tocsin.stored import known_at, results
from tocsin.stores import Stores
from tocsin.table_columns import percent_beside

Row = dict[str, Any]
COLUMNS = (
    "watch", "rule", "on", "region", "severity", "at_least", "follows", "probability", "rings_at",
    "rings", "why", "alert", "owner", "review_by", "review_due", "run", "cutoff", "label",
    "data_through",
)  # fmt: skip
"""One row per rule, region and level."""


@dataclass(frozen=True)
class Standing:
    """A rule and what it says: `rows` as in COLUMNS, or why there are none."""

    rule: AnyRule
    review_due: bool
    rows: tuple[Row, ...]
    run: RunRow | None = None
    why_none: str = ""


def standings(
    config: Config, stores: Stores, watches: Sequence[WatchSettings], today: date
) -> Iterator[Standing]:
    """Yield every rule of the watches, in the order of the file, on their newest runs."""
    silences = Silences.heard(config, stores.incidents, today, None)
    for watch in watches:
        run = stores.reader.latest_run(watch.name)
        read = _read(config, stores, watch, run, silences) if run else {}
        open_alerts = stores.reader.open_alerts() if run else []
        known = {(a.rule, a.region): a for a in open_alerts if a.watch == watch.name}
        for rule in config.listed_rules:
            if rule.watch == watch.name:
                yield _standing(rule, read.get(rule.name, ()), known, run, today)


def _read(
    config: Config, stores: Stores, watch: WatchSettings, run: RunRow, silences: Silences
) -> Mapping[str, list[Evaluation]]:
    """Return the evaluations of each rule of a watch that this run lets be read."""
    sources = sources_of_run(config, stores.reader, watch, run)
    note = RunNote(*(run.cutoff, run.label, silences.overdue(watch)), *(sources, filters_of(watch)))
    counted = count(stores.incidents, watch, run.cutoff, known_at(run))
    blocks = list(with_history(results(stores.reader, run, watch.name), counted))
    found: dict[str, list[Evaluation]] = {}
    for rule in config.block_rules:
        if rule.watch == watch.name:
            found[rule.name] = [e for block in blocks for e in rules.read(rule, block, note)]
    for each in config.spread_rules:
        if each.watch == watch.name:
            found[each.name] = spread.read(each, sightings(counted, unit_of(config, watch)), note)
    lost = lost_skill.evaluations(config, stores.reader.record, watch, run.run_id, note)
    for evaluation in (*silences.evaluations(run.label, {watch.name: sources}), *lost):
        found.setdefault(evaluation.rule, []).append(evaluation)
    return found


def _standing(
    rule: AnyRule,
    read: Iterable[Evaluation],
    known: Mapping[tuple[str, RegionKey], Alert],
    run: RunRow | None,
    today: date,
) -> Standing:
    due = rule.review_by is not None and rule.review_by < today
    if run is None:
        return Standing(rule, due, (), None, "its watch has no run yet: 'tocsin run' makes one")
    rows = [
        _row(rule, evaluation, number, known.get((rule.name, evaluation.region)), run, due)
        for evaluation in read
        for number in range(len(evaluation.readings))
    ]
    rows.sort(key=lambda row: (not row["rings"], -row["probability"], row["region"]))
    return Standing(rule, due, tuple(rows), run, "" if rows else "it has nothing to read there yet")


def _row(
    rule: AnyRule,
    evaluation: Evaluation,
    number: int,
    alert: Alert | None,
    run: RunRow,
    due: bool,
) -> Row:
    reading = evaluation.readings[number]
    told = evaluation.facts.get("levels", ())
    values = (
        *(rule.watch, rule.name, rule.on, label(evaluation.region), reading.severity),
        *(reading.threshold, told[number]["follows"] if told else ""),
        *(round(reading.probability, 4), reading.needed, reading.crossed, _why(reading)),
        alert and f"{alert.severity}, {alert.state.value}",
        *(rule.owner, rule.review_by and rule.review_by.isoformat(), due),
        *(run.run_id, run.cutoff.isoformat(), run.label, evaluation.data_through.isoformat()),
    )
    return dict(zip(COLUMNS, values, strict=True))


def _why(reading: Reading) -> str:
    """Return why the level rings, or why not; certain findings need no percentage."""
    if reading.needed == 1:
        return "found" if reading.crossed else "not found"
    if reading.probability in {0, 1}:
        return "reached" if reading.crossed else "not reached"
    verb = "reaches" if reading.crossed else "is below"
    return (
        f"{percent_beside(reading.probability, reading.needed)} {verb} {reading.needed * 100:g} %"
    )
