"""Replayed and suggested rules for people: figures with their n and interval, and what rang."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from core.quantities import quantity, said
from core.text import clean
from tocsin.rule_output import SHOWN
from tocsin.table_columns import percent

Json = dict[str, Any]
Show = Callable[[Json], str]
_WIDE = 26


def replay_lines(found: Json) -> Iterator[str]:
    """Yield the lines of a replay."""
    yield clean(
        f"{found['rule']} ({found['watch']}): {_evaluations(found)}; "
        f"{quantity(found['regions'], 'regions')}. Clock: {found['label']}",
        1000,
    )
    yield from _meaning(found)
    for level in found["levels"]:
        yield ""
        yield from _level(level)
    yield ""
    yield from _curve(found["curve"])
    yield ""
    yield f"What it would have rung: {quantity(len(found['alerts']), 'alerts')}"
    yield from alert_lines(found["alerts"])


def suggestion_lines(found: Json) -> Iterator[str]:
    """Yield the lines of suggestions; those that are not figures are comments of the TOML."""
    yield from _commented(
        f"{found['watch']}: {_evaluations(found)}; {quantity(found['regions'], found['of'])}.",
        f"Clock: {found['label']}",
    )
    for each in found["suggestions"]:
        yield ""
        yield from _suggestion(each, found["alerts_per_month"])


def _suggestion(each: Json, wanted: float) -> Iterator[str]:
    days = said(_number(each["median_lead_days"]), "days")
    alerts = said(_number(each["alerts_a_month"]), "alerts")
    asked = f"asked for {wanted:g}" if each["near"] else f"the nearest to {wanted:g} that was found"
    yield from _commented(
        f"≥ {each['at_least']} with P ≥ {each['probability']:g}: {alerts} a month, {asked}",
        f"came true: {_share(each['precision'])}; of the events to warn of it rang for "
        f"{_share(each['recall'])}; median lead time {days}",
        "In brackets: 95 % interval; number of cases. It would have rung:",
        *alert_lines(each["alerts_listed"]),
    )
    yield each["toml"]


def _evaluations(found: Json) -> str:
    """Return how often, and when, a rule was read."""
    many = quantity(found["evaluations"], "evaluations")
    return f"{many}, one at the end of each {found['period']} from {found['from']} to {found['to']}"


def _commented(*lines: str) -> Iterator[str]:
    yield from (f"# {clean(line, 1000)}" for line in lines)


def alert_lines(alerts: Sequence[Json]) -> Iterator[str]:
    """Yield one line per alert, the newest; with how many more there are."""
    if len(alerts) > SHOWN:
        yield f"  … {len(alerts) - SHOWN} earlier ones: --format json has all"
    for one in alerts[-SHOWN:]:
        reached = f" in {one['reached']}" if one["reached"] else ""
        line = (
            f"{one['rang']} {one['region']}: {one['severity']}, ≥{one['threshold']} "
            f"with {percent(one['probability'])}: {one['outcome']}{reached}"
        )
        yield f"  {clean(line, 300)}"


def _meaning(found: Json) -> Iterator[str]:
    period, quiet = found["period"], found["quiet"]
    total = f"{quantity(found['within'], f'{period}s')} whose total is"
    wanted = f"a {period}" if found["aggregate"] == "any" else total
    after = f", after at least {quantity(quiet, f'{period}s')} below it" if quiet else ""
    yield f"Event to warn of: {wanted} at or above the line{after}."
    yield f"What came is counted in data complete to {found['data_as_of']}."
    yield "Naive: rings where the newest complete count stands at or above the line already."
    yield "In brackets: 95 % interval; number of cases."


def _level(level: Json) -> Iterator[str]:
    line = f"≥ {level['at_least']}, P ≥ {level['probability']:g}" if level["at_least"] else ""
    yield f"{level['level']} {line}".rstrip()
    yield f"  {'':<{_WIDE}}{'rule':<34}naive"
    for name, show in _ROWS:
        cells = [show(level[rule]) for rule in ("forecast", "naive")]
        yield f"  {name:<{_WIDE}}{cells[0]:<34}{cells[1]}".rstrip()


def _alerts(skill: Json) -> str:
    undecided = f", {skill['undecided']} undecided" if skill["undecided"] else ""
    parts = f"{skill['came_true']} came true, {skill['false_alarms']} false{undecided}"
    return f"{skill['alerts']}: {parts}"


def _events(skill: Json) -> str:
    return f"{skill['events']}: {skill['hits']} hit, {skill['misses']} missed"


def _share(rate: Json) -> str:
    if rate["value"] is None:
        return "–"
    ends = f"{100 * rate['low_95']:.0f}–{100 * rate['high_95']:.0f} %"
    return f"{100 * rate['value']:.0f} % ({ends}; {rate['n']})"


def _number(rate: Json) -> str:
    if rate["value"] is None:
        return "–"
    known = rate["low_95"] is not None and rate["high_95"] is not None
    ends = f"{rate['low_95']:.3g}–{rate['high_95']:.3g}; " if known else ""
    return f"{rate['value']:.3g} ({ends}{rate['n']})"


_ROWS: tuple[tuple[str, Show], ...] = (
    ("alerts", _alerts),
    ("precision", lambda skill: _share(skill["precision"])),
    ("events to warn of", _events),
    ("recall", lambda skill: _share(skill["recall"])),
    ("alerts a month", lambda skill: _number(skill["alerts_a_month"])),
    ("false alarms a month", lambda skill: _number(skill["false_alarms_a_month"])),
    ("  per 100 regions", lambda s: _number(s["false_alarms_a_month_per_100_regions"])),
    ("median lead time, days", lambda skill: _number(skill["median_lead_days"])),
    ("share of time ringing", lambda skill: _plain(skill["share_of_time_ringing"]["value"])),
)


def _plain(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.0f} %"


def _curve(points: Sequence[Json]) -> Iterator[str]:
    """Yield a line per point at which anything rang; JSON and CSV have the others too."""
    yield "Other thresholds and probabilities (the least severe level alone); without the points"
    yield "at which nothing would have rung"
    yield _joined(("at least", "P ≥", *(name for name, _ in _POINT)))
    before = None
    for point in points:
        if not point["alerts"]:
            continue
        shown = point["at_least"] if point["at_least"] != before else ""
        before = point["at_least"]
        needed = "naive" if point["rule"] == "naive" else f"{point['probability']:g}"
        yield _joined((shown, needed, *(show(point) for _, show in _POINT)))


_POINT: tuple[tuple[str, Show], ...] = (
    ("alerts a month", lambda skill: _number(skill["alerts_a_month"])),
    ("precision", lambda skill: _share(skill["precision"])),
    ("recall", lambda skill: _share(skill["recall"])),
    ("false a month", lambda skill: _number(skill["false_alarms_a_month"])),
    ("lead, days", lambda skill: _number(skill["median_lead_days"])),
)
_WIDTHS = (30, 6, 26, 24, 24, 26, 20)


def _joined(cells: Sequence[str]) -> str:
    parts = zip(cells, _WIDTHS, strict=True)
    return ("  " + " ".join(f"{cell:<{width}}" for cell, width in parts)).rstrip()
