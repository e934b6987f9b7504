"""The numbers of a brief: from evidence to one document. Nothing is read or written here.

The document's shape is told in docs/brief.md; its keys are a promise. Every number that comes out
of the database is entered in the ledger, with the query that gives it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from core.periods import Period
from core.regions import RegionKey, label
from core.sources import filters_of
from storage.inquiry import Answer, Number
from tocsin.brief.evidence import Deaths, Evidence
from tocsin.brief.intervals import (
    BURSTS,
    NOTHING,
    Estimate,
    allowing_for_bursts,
    dispersion,
    mean_count,
    rate_ratio,
)
from tocsin.brief.places import Pair, Place
from tocsin.brief.windows import Span, days, months
from tocsin.forecast_table import Row, skill_row

_PEAKS = 3
_LISTED = 10
_ALERT = (
    "region", "rule", "severity", "state", "threshold", "unit", "probability", "opened", "alert",
)  # fmt: skip
_AHEAD = 3
"""Periods told of a region's forecast."""


class Ledger:
    """Numbers as they are entered into a document, each with its query."""

    def __init__(self) -> None:
        """Start empty."""
        self.entries: list[Row] = []

    def enter(self, figure: str, number: Number) -> Any:
        """Return the number's value, and keep the query under the figure's name."""
        self.entries.append({"figure": figure, "value": number.value, "sql": number.sql})
        return number.value


def document(evidence: Evidence) -> Row:
    """Return all numbers of a brief, `explain` last."""
    ledger = Ledger()
    made = {
        "watch": evidence.watch.name,
        "noun": evidence.noun,
        "label": evidence.label,
        "since": evidence.since.isoformat(),
        "as_of": evidence.today.isoformat(),
        "data": _data(evidence, ledger),
        "tempo": _tempo(evidence, ledger),
        "dispersion": _dispersion(evidence),
        "peaks": _peaks(evidence, ledger),
        "places": _places(evidence, ledger),
        "regions": _regions(evidence, ledger),
        "lethality": _lethality(evidence, ledger),
        "expected": _expected(evidence, ledger),
        "alerts": _alerts(evidence, ledger),
        "filters": filters_of(evidence.watch),
        "sources": [source.model_dump(mode="json") for source in evidence.sources],
    }
    return {**made, "explain": ledger.entries}


def _data(evidence: Evidence, ledger: Ledger) -> Row:
    found = evidence.windows
    spanned = (found.through - found.first).days + 1
    vague = evidence.vague
    return {
        "first": found.first.isoformat(),
        "through": found.through.isoformat(),
        "age_days": max((evidence.today - found.through).days, 0),
        "days_before": days(found.before),
        "days_since": days(found.since),
        "days_not_covered": spanned - days(found.before) - days(found.since),
        "vaguely_dated": None if vague is None else ledger.enter("data.vaguely_dated", vague),
    }


def _tempo(evidence: Evidence, ledger: Ledger) -> list[Row]:
    found, spread = evidence.windows, _dispersion(evidence)
    return [
        {
            "scope": scope,
            "place": evidence.places.home if scope == "home" else None,
            **_compared(f"tempo.{scope}", pair, found.before, found.since, ledger, spread),
        }
        for scope, pair in evidence.tempo.items()
    ]


def _compared(
    figure: str,
    pair: Pair,
    before: Span,
    since: Span,
    ledger: Ledger,
    spread: float | None = None,
) -> Row:
    """Return two counts with their rates a month, and the ratio of the rates.

    Where a `spread` says that events come in bursts, the ratio has a wider interval too.
    """
    counts = {
        "before": _pace(ledger.enter(f"{figure}.before", pair.before), before),
        "since": _pace(ledger.enter(f"{figure}.since", pair.since), since),
    }
    ratio = rate_ratio(pair.since.value, days(since), pair.before.value, days(before))
    wide = NOTHING
    if spread and ratio.value and spread > BURSTS:
        wide = allowing_for_bursts(pair.since.value, pair.before.value, ratio.value, spread)
    bursts = {"bursts_low_95": wide.low_95, "bursts_high_95": wide.high_95}
    return {**counts, "ratio": _estimate(ratio) | {k: _rounded(v) for k, v in bursts.items()}}


def _pace(events: int, span: Span) -> Row:
    length = months(span)
    return {
        "events": events,
        "months": round(length, 2),
        "a_month": round(events / length, 2) if length else None,
    }


def _estimate(found: Estimate) -> Row:
    return {name: _rounded(end) for name, end in found._asdict().items()}


def _rounded(end: float | None) -> float | None:
    return None if end is None else round(end, 3)


def _dispersion(evidence: Evidence) -> float | None:
    """Return the dispersion of whole months' counts, months without events included."""
    spans = (evidence.windows.before, evidence.windows.since)
    counts = [_whole_months(a, span) for a, span in zip(evidence.months, spans, strict=True)]
    found = dispersion(counts)
    return None if found is None else round(found, 2)


def _whole_months(answer: Answer, span: Span) -> list[int]:
    counted = {row[0]: row[1] for row in answer.rows}
    month = Period.MONTH
    return [
        counted.get(month.label(index), 0)
        for first, last in span
        for index in range(month.of(first - timedelta(days=1)) + 1, month.last_complete(last) + 1)
    ]


def _peaks(evidence: Evidence, ledger: Ledger) -> list[Row]:
    """Return the months since the date that killed the most, the deadliest first."""
    if evidence.deaths is None:
        return []
    since = evidence.months[1]
    deadliest = sorted(since.rows, key=lambda row: (-row[2], row[0]))[:_PEAKS]
    return [
        {
            "month": month,
            "deaths": ledger.enter(
                f"peaks.{month}.deaths", since.number("deaths", deaths, month=month)
            ),
            "events": ledger.enter(
                f"peaks.{month}.events", since.number("events", events, month=month)
            ),
        }
        for month, events, deaths in deadliest
        if deaths
    ]


def _places(evidence: Evidence, ledger: Ledger) -> Row | None:
    found = evidence.windows
    where = evidence.places
    if not where.countries:
        return None
    rows = [("country", place) for place in where.countries]
    rows += [("area", place) for place in where.areas]
    return {
        "home": where.home,
        "year_before": _ends(found.year_before),
        "year_since": _ends(found.year_since),
        "rows": [_place(kind, place, evidence, ledger) for kind, place in rows],
    }


def _place(kind: str, place: Place, evidence: Evidence, ledger: Ledger) -> Row:
    found = evidence.windows
    spans = (found.year_before, found.year_since)
    spread = _dispersion(evidence)
    compared = _compared(f"places.{place.name}", place.year, *spans, ledger, spread)
    return {"kind": kind, "place": place.name, "countries": list(place.countries), **compared}


def _ends(span: Span) -> list[str] | None:
    return [span[0][0].isoformat(), span[-1][1].isoformat()] if span else None


def _regions(evidence: Evidence, ledger: Ledger) -> Row:
    """Return the regions without events in the year before, and those without in the year since.

    "Beyond chance" are those whose interval of the ratio leaves 1 out: six events against none.
    """
    if not evidence.windows.year_before:
        return {"newly_active": [], "newly_quiet": []}
    rows = evidence.regions.rows
    active = sorted((r for r in rows if not r[-2] and r[-1]), key=lambda r: (-r[-1], r[:-2]))
    quiet = sorted((r for r in rows if r[-2] and not r[-1]), key=lambda r: (-r[-2], r[:-2]))
    return {
        "newly_active": [_region(row, evidence, ledger) for row in active],
        "newly_quiet": [_region(row, evidence, ledger) for row in quiet],
    }


def _region(row: Any, evidence: Evidence, ledger: Ledger) -> Row:
    key: RegionKey = tuple(row[:-2])
    before, since = row[-2:]
    parts = {f"part{n}": part for n, part in enumerate(key, 1)}
    numbers = Pair(
        evidence.regions.number("before", before, **parts),
        evidence.regions.number("since", since, **parts),
    )
    spans = (evidence.windows.year_before, evidence.windows.year_since)
    found = _compared(f"regions.{label(key)}", numbers, *spans, ledger)
    low, high = found["ratio"]["low_95"], found["ratio"]["high_95"]
    beyond = (low is not None and low > 1) or (high is not None and high < 1)
    return {"region": label(key), **found, "beyond_chance": beyond}


def _lethality(evidence: Evidence, ledger: Ledger) -> Row | None:
    if evidence.deaths is None:
        return None
    before, since = evidence.deaths
    return {
        "before": _deadliness("lethality.before", before, ledger),
        "since": _deadliness("lethality.since", since, ledger),
    }


def _deadliness(figure: str, deaths: Deaths, ledger: Ledger) -> Row:
    events, total, squares = deaths
    found = mean_count(events.value, total.value, squares.value)
    ledger.enter(f"{figure}.squares", squares)
    return {
        "events": ledger.enter(f"{figure}.events", events),
        "deaths": ledger.enter(f"{figure}.deaths", total),
        "an_event": _estimate(found),
    }


def _expected(evidence: Evidence, ledger: Ledger) -> Row | None:
    """Return the next periods of the most threatened regions, None before the first run."""
    sheet = evidence.sheet
    if sheet is None or not sheet.regions:
        return None
    return {
        "run": sheet.run.run_id,
        "cutoff": sheet.run.cutoff.isoformat(),
        "label": sheet.run.label,
        "unit": sheet.unit,
        "degraded": list(sheet.run.reasons),
        "late_reports": sheet.late,
        "skill": skill_row(sheet.skill),
        "data_as_of": min(row["data_as_of"] for row in sheet.regions),
        "of_regions": len(sheet.regions),
        "regions": [_outlook(row, evidence, ledger) for row in sheet.regions[:_LISTED]],
    }


def _outlook(row: Row, evidence: Evidence, ledger: Ledger) -> Row:
    steps = [step for step in row["forecast"] if step["status"] == "forecast"][:_AHEAD]
    return {
        "region": row["region"],
        "tempo": row["tempo"],
        "baseline": row["baseline"],
        "data_as_of": row["data_as_of"],
        "periods": [dict(_quantiles(row["region"], step, evidence, ledger)) for step in steps],
    }


def _quantiles(
    region: str, step: Row, evidence: Evidence, ledger: Ledger
) -> Iterator[tuple[str, Any]]:
    assert evidence.sheet
    yield "period", step["period"]
    yield "analyst", (step.get("override") or {}).get("words")
    for name, column in (("median", "q50"), ("low_90", "q05"), ("high_90", "q95")):
        where = (evidence.sheet.run.run_id, region, step["horizon"], column)
        number = evidence.inquiry.forecast(*where, step[name])
        yield name, ledger.enter(f"expected.{region}.{step['period']}.{name}", number)


def _alerts(evidence: Evidence, ledger: Ledger) -> list[Row]:
    found = [dict(zip(_ALERT, row, strict=True)) for row in evidence.alerts.rows]
    for one in found:
        for name in ("threshold", "probability"):
            number = evidence.alerts.number(name, one[name], alert=one["alert"])
            ledger.enter(f"alerts.{one['alert']}.{name}", number)
    return found
