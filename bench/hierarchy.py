"""Totals of a country: the sum of its provinces' paths, with and without a common factor.

    python -m bench.hierarchy

Against them: the pool's forecast of the series of totals. Forecasts are made at every third of the
last 60 origins, from the counts before each only; the figures are means over horizons 1, 3 and 6.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd

from bench.development import DATA, WINDOWS
from core.forecasts import Outlook
from core.periods import Period
from core.predictive import Predictive
from core.series import FloatArray, Panel
from forecast import scores
from forecast.engine import forecast
from forecast.hierarchy import Totals, law_of

MODELS = ("dynamic-count", "conflictology")
STEPS, SHOWN = 6, (0, 2, 5)
DRAWS, SEED = 4096, 1
LEAST_NON_ZERO, LEAST_MONTHS = 12, 96
WAYS = ("independent", "factor", "direct")
Figures = dict[str, FloatArray]


def panels() -> Iterator[tuple[str, Panel]]:
    """Yield the countries of the extract with provinces that have twelve months with events."""
    events = pd.read_csv(DATA, usecols=["date", "country", "admin1"]).dropna()
    events["month"] = events["date"].str[:7]
    for country, found in events.groupby("country"):
        span = max(str(found["month"].min()), "2000-01"), str(found["month"].max())
        months = pd.period_range(*WINDOWS.get(country, span), freq="M").astype(str)
        counts = found.groupby(["admin1", "month"]).size().unstack(fill_value=0)
        counts = counts.reindex(columns=months, fill_value=0)
        counts = counts[(counts > 0).sum(axis=1) >= LEAST_NON_ZERO]
        if len(counts) > 1 and len(months) >= LEAST_MONTHS:
            names = [(str(country), str(name)) for name in counts.index]
            yield str(country), _panel(tuple(names), counts.to_numpy(dtype=np.float64))


def _panel(keys: tuple[tuple[str, ...], ...], counts: FloatArray) -> Panel:
    ends = np.zeros(len(keys), dtype=np.int64)
    return Panel(keys, Period.MONTH, counts, ends, np.zeros((len(keys), 0)))


def laws(panel: Panel) -> dict[str, Predictive]:
    """Return the distributions of the total of a panel, one for each way to make them."""
    (outlook,) = forecast(panel, STEPS, MODELS)
    alone = replace(outlook, predictive=replace(outlook.predictive, between=0.0))
    whole = _panel((panel.keys[0][:1],), panel.counts.sum(axis=0, keepdims=True))
    (direct,) = forecast(whole, STEPS, MODELS)
    return {
        "independent": _summed(alone),
        "factor": _summed(outlook),
        "direct": direct.predictive,
    }


def _summed(outlook: Outlook) -> Predictive:
    totals = Totals(DRAWS, SEED)
    list(totals.passing([outlook]))
    return law_of(totals.paths()[1])


def figures(panel: Panel) -> Figures:
    """Return per way (cases, 3): CRPS, and whether 50 and 90 % intervals held what came."""
    columns = panel.counts.shape[1]
    found: dict[str, list[FloatArray]] = {way: [] for way in WAYS}
    for origin in range(columns - STEPS - 59, columns - STEPS + 1, 3):
        known = replace(panel, counts=panel.counts[:, :origin])
        came = panel.counts[:, origin : origin + STEPS].sum(axis=0)
        for way, law in laws(known).items():
            found[way].append(_scored(law, came)[list(SHOWN)])
    return {way: np.concatenate(parts) for way, parts in found.items()}


def _scored(law: Predictive, came: FloatArray) -> FloatArray:
    """Return (horizons, 3) scores of one total's distributions."""
    cdf = np.ascontiguousarray(law.cdf[0])
    ends = law.quantile([0.05, 0.25, 0.75, 0.95])[0]
    return np.stack(
        [
            scores.crps(cdf, law.support, came),
            scores.covered(ends[:, 1], ends[:, 2], came),
            scores.covered(ends[:, 0], ends[:, 3], came),
        ],
        axis=1,
    )


def main() -> None:
    """Print a table for docs/forecasting.md, and the geometric means against independence."""
    print("| country | regions | " + " | ".join(WAYS) + " |")
    ratios: dict[str, list[float]] = {way: [] for way in WAYS}
    covered: dict[str, list[FloatArray]] = {way: [] for way in WAYS}
    for country, panel in panels():
        means = {way: found.mean(axis=0) for way, found in figures(panel).items()}
        cells = [f"{m[0]:.3f} ({m[1]:.2f}, {m[2]:.2f})" for m in means.values()]
        print(f"| {country} | {len(panel)} | " + " | ".join(cells) + " |", flush=True)
        for way, mean in means.items():
            covered[way].append(mean[1:])
            if means["independent"][0] > 0.1:
                ratios[way].append(mean[0] / means["independent"][0])
    for way in WAYS:
        half, most = np.mean(covered[way], axis=0)
        ratio = float(np.exp(np.mean(np.log(ratios[way]))))
        print(f"{way}: CRPS ratio {ratio:.4f}, 50 % holds {half:.3f}, 90 % holds {most:.3f}")


if __name__ == "__main__":
    main()
