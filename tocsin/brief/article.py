"""A brief as a paper: its document in sentences and tables."""

from __future__ import annotations

from collections.abc import Iterator

from alerts.wording import at_least, likelihood, number
from core.alerts import urgency
from core.quantities import quantity
from core.sources import Source, credits_of
from tocsin.brief.intervals import BURSTS
from tocsin.brief.wording import bounds, change, day, fold, pace, several, stretch
from tocsin.forecast_table import Row
from tocsin.paper.paper import Paper, Query, Section, Table

_LISTED = 10


def paper(document: Row, *, explain: bool) -> Paper:
    """Return a brief to read; with `explain`, every number's query at its end."""
    sections = (
        _tempo(document),
        _peaks(document),
        _places(document),
        _regions(document),
        _lethality(document),
        _expected(document),
        _alerts(document),
        _trust(document),
    )
    sources = [Source.model_validate(row) for row in document["sources"]]
    queries = document["explain"] if explain else []
    return Paper(
        title=f"{document['watch']}: {document['noun']} since {day(document['since'])}",
        warning=document["label"],
        sections=tuple(section for section in sections if section),
        credits=(f"Counted: {document['filters']}.", *credits_of(sources)),
        queries=tuple(Query(one["figure"], str(one["value"]), one["sql"]) for one in queries),
    )


def _tempo(document: Row) -> Section:
    names = {"abroad": "Abroad", "everywhere": "In all"}
    since, data = day(document["since"]), document["data"]
    lines = [
        f"{names.get(row['scope'], 'In ' + str(row['place']))}: "
        f"{pace(row, document['noun'], since)}: {change(row)}."
        for row in document["tempo"]
    ]
    before = f"Before is from {day(data['first'])}, as far back as the data go"
    if not data["days_before"]:
        before = f"The data begin on {day(data['first'])}: there is no before"
    return Section("Tempo", (*lines, f"{before}; since is until {day(data['through'])}."))


def _peaks(document: Row) -> Section | None:
    if not document["peaks"]:
        return None
    told = [
        f"{row['month']}: {quantity(row['deaths'], 'fatalities')} in "
        f"{quantity(row['events'], document['noun'])}"
        for row in document["peaks"]
    ]
    return Section("Deadliest months since", (f"{'; '.join(told)}.",))


def _places(document: Row) -> Section | None:
    places = document["places"]
    if places is None:
        return None
    title = f"Abroad, from {places['home']}" if places["home"] else "By country"
    rows = places["rows"]
    said = [row for row in rows if row["kind"] == "country"][:1]
    said += [row for row in rows if row["kind"] == "area" and row["place"] != "all abroad"]
    lines = [f"{stretch(places['year_since'])}, against {_before(places)}."]
    lines += [_abroad(row, document["noun"]) for row in said]
    cells = tuple(
        (
            row["place"],
            f"{row['before']['events']:,}",
            f"{row['since']['events']:,}",
            fold(row),
            bounds(row["ratio"]),
        )
        for row in _shown(rows)
    )
    columns = ("Place", "Year before", "Year since", "Fold", "95 % interval")
    return Section(title, tuple(lines), Table(columns, cells))


def _before(places: Row) -> str:
    return stretch(places["year_before"]) or "nothing: the data do not go back to the year before"


def _shown(rows: list[Row]) -> list[Row]:
    countries = [row for row in rows if row["kind"] == "country"]
    return countries[:_LISTED] + [row for row in rows if row["kind"] == "area"]


def _abroad(row: Row, noun: str) -> str:
    place = row["place"][:1].upper() + row["place"][1:]
    which = f" ({', '.join(row['countries'])})" if len(row["countries"]) > 1 else ""
    return (
        f"{place}{which}: {quantity(row['since']['events'], noun)} in the year since, "
        f"{row['before']['events']:,} in the year before: {change(row)}."
    )


def _regions(document: Row) -> Section | None:
    groups = {
        "Newly active": ("newly_active", "since", "none in the year before"),
        "Newly quiet": ("newly_quiet", "before", "none in the year since"),
    }
    lines, cells = [], []
    for told, (key, when, other) in groups.items():
        rows = document["regions"][key]
        beyond = sum(row["beyond_chance"] for row in rows)
        lines.append(f"{told} ({other}): {several(len(rows), 'region')}, {beyond:,} beyond chance.")
        cells += [
            (
                row["region"],
                told.lower(),
                f"{row[when]['events']:,}",
                "yes" if row["beyond_chance"] else "no",
            )
            for row in rows[:_LISTED]
        ]
    if not cells:
        return None
    columns = ("Region", "", document["noun"].capitalize(), "Beyond chance")
    return Section("Regions that came and went", tuple(lines), Table(columns, tuple(cells)))


def _lethality(document: Row) -> Section | None:
    found = document["lethality"]
    if found is None:
        return None
    told = [
        f"{when} {number(one['an_event']['value'])} ({one['deaths']:,} in {one['events']:,}; "
        f"95 % interval {bounds(one['an_event'])})"
        for when, one in (("since", found["since"]), ("before", found["before"]))
        if one["events"]
    ]
    if not told:
        return None
    return Section("Lethality", (f"Fatalities per event: {', '.join(told)}.",))


def _expected(document: Row) -> Section:
    found, title = document["expected"], "What is expected next"
    if found is None:
        return Section(title, ("No run has forecast this watch yet: 'tocsin run' makes one.",))
    made = f"run {found['run']} with cut-off {day(found['cutoff'])}"
    complete = f"data complete to {day(found['data_as_of'])}"
    lines = [f"Median and 90 % interval of {found['unit']}, by {made}; {complete}."]
    more = found["of_regions"] - len(found["regions"])
    if more:
        listed = several(len(found["regions"]), "region")
        lines.append(f"Shown: {listed}, the most threatened; {more:,} more in the forecast table.")
    lines += [
        f"An analyst on {row['region']}: {step['analyst']}."
        for row in found["regions"]
        for step in row["periods"]
        if step["analyst"]
    ]
    periods = sorted({step["period"] for row in found["regions"] for step in row["periods"]})
    cells = tuple(tuple(_forecast_cells(row, periods)) for row in found["regions"])
    return Section(title, tuple(lines), Table(("Region", "Newest", "Baseline", *periods), cells))


def _forecast_cells(row: Row, periods: list[str]) -> Iterator[str]:
    baseline, steps = row["baseline"]["mean"], {step["period"]: step for step in row["periods"]}
    yield row["region"]
    yield "unknown" if row["tempo"]["count"] is None else f"{row['tempo']['count']:,}"
    yield "–" if baseline is None else number(baseline)
    for period in periods:
        step = steps.get(period)
        yield f"{step['median']:,} ({step['low_90']:,}–{step['high_90']:,})" if step else "–"


def _alerts(document: Row) -> Section:
    told = [
        f"{row['severity'].upper()}, {row['state']}: {row['region']}, "
        f"{at_least(row['threshold'], row['unit'])}, {likelihood(row['probability'])} "
        f"(rule {row['rule']}, open since {row['opened'][:10]})."
        for row in sorted(
            document["alerts"], key=lambda row: urgency(row["severity"], row["probability"])
        )
    ]
    return Section("Open alerts", tuple(told) or ("None.",))


def _trust(document: Row) -> Section:
    return Section("How far to trust it", tuple(_limits(document)))


def _limits(document: Row) -> Iterator[str]:
    data, expected = document["data"], document["expected"]
    gaps = "every day in between is covered"
    if data["days_not_covered"]:
        gaps = f"{several(data['days_not_covered'], 'day')} in between not covered, and left out"
    covered = stretch([data["first"], data["through"]])
    yield f"Data: {covered}, {several(data['age_days'], 'day')} old; {gaps}."
    yield (
        "It counts what sources report. The newest weeks may still grow, and what nobody reported "
        "is not in it."
    )
    yield _independence(document["dispersion"])
    if data["vaguely_dated"]:
        yield (
            f"Dated to a month or worse: {quantity(data['vaguely_dated'], 'events')}, counted on "
            "the first day of their range."
        )
    if expected:
        if expected["late_reports"]:
            yield f"Late reports: {expected['late_reports']}."
        skill = expected["skill"]
        yield (
            f"Track record of the forecasts against the year before each: "
            f"{skill['against_last_year']} ({quantity(skill['forecasts'], 'forecasts')} of "
            f"{quantity(skill['periods'], 'periods')} came due)."
        )
        yield from (f"The run was degraded: {reason}." for reason in expected["degraded"])


def _independence(dispersion: float | None) -> str:
    told = "Ratios have exact 95 % intervals for events that come independently of each other"
    if dispersion is None:
        return f"{told}; there are too few months to test that."
    spread = f"counts a month vary {dispersion:.1f} times as much as such events would"
    if dispersion > BURSTS:
        wider = "so that the truth is less certain; ratios of two counts have a wider interval too"
        return f"{told}; {spread}, {wider}."
    return f"{told}; {spread}."
