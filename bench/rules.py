"""How long it takes to read five rules against ten thousand series."""

from __future__ import annotations

from datetime import date
from time import process_time
from typing import Any

import numpy as np
from scipy.stats import nbinom

from alerts import rules
from alerts.rules import BlockRule, RunNote
from core.forecasts import Outlook, WatchResult
from core.periods import Period
from core.predictive import Predictive, support_grid
from core.rule_settings import KINDS
from core.series import Panel, Standing

SERIES, MONTHS, HORIZONS, BLOCK = 10_000, 120, 6, 500
END = Period.MONTH.of(date(2022, 9, 1))
NOTE = RunNote(date(2022, 10, 3))
TEMPO = {"levels": [(8, 0.5), ({"times_baseline": 2.0, "minimum": 5}, 0.6)]}
RULES: dict[str, dict[str, Any]] = {
    "any of 3, two levels": TEMPO,
    "total of 3, two levels": {**TEMPO, "aggregate": "total"},
    "any of 6, record": {"levels": [({"record": True, "minimum": 5}, 0.5)], "within": 6},
    "any of 3, last year": {"levels": [({"times_last_year": 2.0, "minimum": 5}, 0.5)]},
    "observed, by chance": {"on": "observed", "levels": [({"chance": 0.01, "minimum": 5}, 0.5)]},
}
SEVERITIES = ("elevated", "severe")


def rule(name: str, wanted: dict[str, Any]) -> BlockRule:
    """Return a rule from its shorthand."""
    levels = [
        {"severity": severity, "at_least": at_least, "probability": probability}
        for severity, (at_least, probability) in zip(SEVERITIES, wanted["levels"], strict=False)
    ]
    kind = wanted.get("on", "forecast")
    given = {
        **wanted,
        "name": name.split(",", maxsplit=1)[0].replace(" ", "-"),
        "watch": "w",
        "levels": levels,
    }
    made = KINDS[kind].model_validate({"clear_probability": 0.3, **given})
    assert isinstance(made, BlockRule)
    return made


def block(number: int, rng: np.random.Generator) -> WatchResult:
    """Return a block of series as sparse and as uneven as provinces are."""
    means = rng.gamma(0.4, 5.0, BLOCK)
    counts = rng.poisson(means[:, None] * rng.gamma(2.0, 0.5, (BLOCK, MONTHS))).astype(float)
    support = support_grid(400)
    cdf = nbinom.cdf(support, 1.5, 1.5 / (1.5 + means[:, None, None] + 1e-3))
    cdf = np.repeat(cdf, HORIZONS, axis=1)
    cdf[..., -1] = 1.0
    gap = np.abs(np.subtract.outer(np.arange(HORIZONS), np.arange(HORIZONS)))
    keys = tuple((f"Country {number}", f"Province {n}") for n in range(BLOCK))
    panel = Panel(keys, Period.MONTH, counts, np.full(BLOCK, END), np.full((BLOCK, 1), np.nan))
    weights = np.ones((BLOCK, HORIZONS, 1))
    predictive = Predictive(support, cdf, 0.4**gap)
    outlook = Outlook(panel, predictive, ("dynamic-count",), weights, ("",) * BLOCK)
    standings = tuple(
        Standing(tuple(row[-24:]), END, row[-1], sum(row[-13:-1]) / 12, END - 12, END - 1,
                 date(2022, 9, 30))
        for row in counts.astype(int).tolist()
    )  # fmt: skip
    return WatchResult("w", "events", outlook, standings, END + 1)


def main() -> None:
    """Print the processor time of each rule, and of all."""
    rng = np.random.default_rng(1)
    blocks = [block(number, rng) for number in range(SERIES // BLOCK)]
    whole = 0.0
    for name, wanted in RULES.items():
        asked = rule(name, wanted)
        started = process_time()
        found = [one for each in blocks for one in rules.read(asked, each)]
        took = process_time() - started
        whole += took
        ringing = sum(any(reading.crossed for reading in one.readings) for one in found)
        print(f"{name}: {took:.2f} s, {ringing} of {len(found)} ring")
    print(f"{SERIES} series x {len(RULES)} rules, blocks of {BLOCK}: {whole:.2f} s, facts left out")


if __name__ == "__main__":
    main()
