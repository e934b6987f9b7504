"""A track record for people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TextIO

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from core.forecasts import INTERVALS
from core.periods import Period
from core.quantities import quantity
from core.text import clean
from tocsin.record.document import Row
from tocsin.table_columns import last_year

_WIDE = 1000
_SHOWN = 20
"""Regions on a screen, the worst first; JSON and CSV have all."""


def write_text(record: Row, out: TextIO) -> None:
    """Write one record with what its numbers mean."""
    width = None if out.isatty() else _WIDE
    console = Console(file=out, width=width, highlight=False, emoji=False, markup=False)
    console.print(Text(clean(_title(record)), style="bold"))
    if not record["forecasts"]:
        console.print(Text(_nothing(record)))
        console.print()
        return
    console.print(_models(record))
    for line in _verdict(record):
        console.print(Text(line))
    if len(record["horizons"]) > 1:
        console.print(_horizons(record))
    if record["members"]:
        console.print(_members(record))
    for level in record["reliability"]:
        _write_level(console, level, record)
    for line in (*map(_warned, record["warned"]), *_overrides(record)):
        console.print(Text(clean(line)))
    _write_regions(console, record)
    for line in _footnotes(record):
        console.print(Text(line, style="dim"))
    console.print()


def _title(record: Row) -> str:
    title = f"{record['watch']}: track record, {record['unit']} per {record['period']}"
    if record["forecasts"]:
        title += f"; {_n(record)} from {record['from']} to {record['to']}"
    if record["region"] != "*":
        title += f"; regions {record['region']}"
    if record["horizon"]:
        title += f"; horizon {record['horizon']}"
    return f"{title}. {record['label'].upper()}" if record["label"] else title


def _n(row: Row, period: str = "period") -> str:
    periods = quantity(row["periods"], f"{row.get('period', period)}s")
    return f"{quantity(row['forecasts'], 'forecasts')} of {periods}"


def _last(record: Row) -> str:
    return last_year(Period(record["period"]))


def _nothing(record: Row) -> str:
    if "backtest" in record["label"]:
        return "No record (n = 0): the history is too short for a forecast whose outcome is known."
    return (
        "No record yet (n = 0): no published forecast has come due. 'tocsin scores --backtest' "
        "shows what the models would have earned on past data."
    )


def _models(record: Row) -> Table:
    grid = _grid(
        "Model", "CRPS", "Log score", *(f"{w} %" for w in INTERVALS), "Pool's CRPS over its"
    )
    for row in record["models"]:
        coverage = [f"{100 * row[f'coverage_{width}']:.0f} %" for width in INTERVALS]
        scores = (f"{row['crps']:.3f}", f"{row['log_score']:.3f}")
        over = "" if row["model"] == "pool" else _ratio(row, record)
        grid.add_row(row["model"], *scores, *coverage, over)
    return grid


def _grid(first: str, *columns: str) -> Table:
    grid = Table(box=SIMPLE_HEAD, pad_edge=False, padding=(0, 1))
    grid.add_column(first)
    for name in columns:
        grid.add_column(name, justify="right", no_wrap=True)
    return grid


def _ratio(row: Row, record: Row) -> str:
    """Return "0.91 (0.86–0.97)", or how many periods are too few to say."""
    periods = row.get("periods", record["periods"])
    if periods < record["least_periods"]:
        return f"n = {periods}, too few to say"
    if row["pool_crps_ratio"] is None:
        return "–"
    return _span(row["pool_crps_ratio"], row["low_90"], row["high_90"])


def _span(ratio: float, low: float | None, high: float | None) -> str:
    """Return a ratio with its interval; an end that is endless is left open."""
    ends = ("…" if end is None else f"{end:.2f}" for end in (low, high))
    return f"{ratio:.2f} ({'–'.join(ends)})"


def _verdict(record: Row) -> Iterator[str]:
    skill, period = record["skill"], record["period"]
    if record["periods"] < record["least_periods"]:
        yield (
            f"n = {quantity(record['periods'], f'{period}s')}, too few to say whether the "
            f"forecasts beat the {_last(record)}: {record['least_periods']} are needed."
        )
    else:
        yield f"Against the {_last(record)} (conflictology): {skill['against_last_year']}."
    if record["as_first_seen"]:
        first = record["as_first_seen"]
        yield (
            f"{quantity(record['revised_outcomes'], 'outcomes')} revised after being first scored: "
            f"the scores above are by what is known now; as first seen, CRPS {first['crps']:.3f}."
        )


def _horizons(record: Row) -> Table:
    grid = _grid("Horizon", "Forecasts", "CRPS", "90 %", "Pool's CRPS over conflictology's")
    for row in record["horizons"]:
        grid.add_row(
            *(str(row["horizon"]), str(row["forecasts"]), f"{row['crps']:.3f}"),
            *(f"{100 * row['coverage_90']:.0f} %", _ratio(row, record)),
        )
    return grid


def _members(record: Row) -> Table:
    """Return the weights at the nearest and the farthest step."""
    steps = sorted({row["horizon"] for row in record["members"]})
    ends = list(dict.fromkeys((steps[0], steps[-1])))
    grid = _grid("Member of the pool, by now", *(f"Weight, horizon {step}" for step in ends))
    weights = {(row["model"], row["horizon"]): row["weight"] for row in record["members"]}
    for model in dict.fromkeys(row["model"] for row in record["members"]):
        grid.add_row(model, *(f"{weights[model, step]:.2f}" for step in ends))
    return grid


def _write_level(console: Console, level: Row, record: Row) -> None:
    window = f"{level['aggregate']} of {quantity(level['within'], record['period'] + 's')}"
    what = f"{level['rule']}, {level['severity']}: ≥ {level['at_least']} in {window}"
    if not level["bins"]:
        console.print(Text(clean(f"{what}: n = 0, no such window is complete yet.")))
        return
    console.print(Text(clean(f"{what}; {_n(level, record['period'])}")))
    grid = _grid("Said", "n", "Mean", "Came true", "Share (95 % interval)")
    for one in level["bins"]:
        share = f"{100 * one['share']:.0f} %"
        if one["share_low"] is None:
            share = f"n = {quantity(one['periods'], record['period'] + 's')}, too few to say"
        else:
            share += f" ({100 * one['share_low']:.0f}–{100 * one['share_high']:.0f})"
        said = f"{100 * one['low']:.0f}–{100 * one['high']:.0f} %"
        mean = f"{100 * one['said']:.0f} %"
        grid.add_row(said, str(one["forecasts"]), mean, str(one["came"]), share)
    console.print(grid)


def _warned(row: Row) -> str:
    """Return how well a rule's alerts warned, as far as that is known."""
    return (
        f"{row['rule']}: {row['came_true']} of {quantity(row['judged'], 'alerts')} came true"
        f"{_ends(row['precision'])}; {row['warned']} of "
        f"{quantity(row['crossings'], 'crossings')} warned of{_ends(row['recall'])}."
    )


def _ends(rate: Row) -> str:
    if rate["value"] is None:
        return ""
    return f" (95 % interval {100 * rate['low_95']:.0f} to {100 * rate['high_95']:.0f} %)"


def _overrides(record: Row) -> Iterator[str]:
    if record["overrides"]["scored"]:
        yield f"{record['overrides']['words'].capitalize()}."


def _write_regions(console: Console, record: Row) -> None:
    told = [row for row in record["regions"] if row["against_last_year"] != "too few to say"]
    kinds = [row["against_last_year"] for row in record["regions"]]
    counted = ", ".join(f"{kinds.count(kind)} {kind}" for kind in dict.fromkeys(sorted(kinds)))
    console.print(Text(f"Regions against the {_last(record)}: {counted}."))
    if told:
        console.print(_regions(told[:_SHOWN]))
    if len(told) > _SHOWN:
        console.print(Text(f"{len(told) - _SHOWN} more regions: --format json or csv has all."))


def _regions(rows: Sequence[Row]) -> Table:
    grid = _grid("Region", "Verdict", "Pool's CRPS over its (90 %)", "Forecasts", "Periods")
    for row in rows:
        ratio = "–"
        if row["crps_ratio"] is not None:
            ratio = _span(row["crps_ratio"], row["low_90"], row["high_90"])
        counts = (str(row["forecasts"]), str(row["periods"]))
        grid.add_row(Text(clean(row["region"], 60)), row["against_last_year"], ratio, *counts)
    return grid


def _footnotes(record: Row) -> Iterator[str]:
    period = record["period"]
    yield (
        "CRPS: mean distance of forecast and outcome, in counts; lower is better. Log score: "
        "higher is better. 50 … 95 %: how often the interval held what came (counts are whole, so "
        "intervals hold more than they say where counts are small)."
    )
    yield "Members earn their weights by what they said of past counts; a weight of 0 is none."
    yield (
        f"Intervals of ratios hold 90 %, drawn by blocks of {period}s; under "
        f"{record['least_periods']} {period}s nothing is said. Of each {period}'s runs the first "
        f"is scored. conflictology is the distribution of the {_last(record)}."
    )
