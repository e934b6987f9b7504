"""The development set of docs/forecasting.md: real events, the protocol's own figures.

The naive columns were measured independently of this program; matching them proves the protocol.
"""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.periods import Period
from core.series import Panel
from forecast.backtest import Scores, backtest

pytestmark = pytest.mark.realdata

REFERENCE = {
    # country: (first month, last month, last value, history NB, last 12, prototype of the pool)
    "Burkina Faso": ("2016-01", "2023-12", 1.096, 0.954, 0.840, 0.809),
    "Iraq": ("2003-04", "2018-12", 2.492, 2.440, 2.305, 1.980),
    "Mali": ("2012-01", "2023-12", 1.800, 1.778, 1.326, 1.296),
    "Mexico": ("2006-01", "2023-12", 3.758, 5.356, 3.354, 3.113),
    "Nigeria": ("2009-01", "2019-12", 1.724, 1.527, 1.281, 1.213),
    "Pakistan": ("2004-01", "2021-12", 1.186, 1.935, 0.965, 0.914),
    "Ukraine": ("2014-01", "2021-12", 2.811, 4.474, 2.300, 2.230),
}
MODELS = ("dynamic-count", "conflictology")
Found = dict[str, Scores]


def monthly(events: pd.DataFrame, first: str, last: str) -> pd.DataFrame:
    """Return province x month counts; provinces with at least 24 months that are not zero."""
    months = pd.period_range(first, last, freq="M")
    counts = events.groupby(["admin1", "month"]).size().unstack(fill_value=0)
    counts = counts.reindex(columns=months, fill_value=0)
    return counts[(counts > 0).sum(axis=1) >= 24]


def weekly(events: pd.DataFrame, months: pd.DataFrame, first: str, last: str) -> pd.DataFrame:
    """Return province x week counts of the same provinces, from events dated to the week."""
    starts, ends = pd.Period(first).start_time.date(), pd.Period(last).end_time.date()
    weeks = range(
        Period.WEEK.of(starts - timedelta(days=1)) + 1, Period.WEEK.last_complete(ends) + 1
    )
    exact = events[events["date_prec"] <= 3]
    numbers = pd.to_datetime(exact["date"]).map(lambda day: Period.WEEK.of(day.date()))
    counts = exact.groupby(["admin1", numbers]).size().unstack(fill_value=0)
    return counts.reindex(index=months.index, columns=list(weeks), fill_value=0)


def panels(path: Path, period: Period) -> Iterator[tuple[str, Panel]]:
    columns = ["date", "date_prec", "country", "admin1"]
    everything = pd.read_csv(path, usecols=columns).dropna()
    everything["month"] = pd.PeriodIndex(everything["date"], freq="M")
    for country, (first, last, *_) in REFERENCE.items():
        events = everything[everything["country"] == country]
        counts = monthly(events, first, last)
        if period is Period.WEEK:
            counts = weekly(events, counts, first, last)
        keys = tuple((country, str(name)) for name in counts.index)
        ends = np.full(len(keys), period.last_complete(pd.Period(last).end_time.date()))
        matrix = counts.to_numpy(dtype=np.float64)
        yield country, Panel(keys, period, matrix, ends, np.zeros((len(keys), 0)))


def extract() -> Path:
    path = Path(__file__).resolve().parents[3] / "shared/data/ucdp_ged_extract.csv.gz"
    if not path.exists():
        pytest.skip("ucdp_ged_extract.csv.gz is not in ../shared/data (see README, 'Data')")
    return path


@pytest.fixture(scope="module")
def found() -> Found:
    return {name: backtest(p, 6, 60, 1, MODELS) for name, p in panels(extract(), Period.MONTH)}


@pytest.fixture(scope="module")
def found_weekly() -> Found:
    return {name: backtest(p, 8, 104, 4, MODELS) for name, p in panels(extract(), Period.WEEK)}


def crps(scores: Scores, model: str) -> float:
    return scores.models[model].overall["crps"]


@pytest.mark.parametrize("country", REFERENCE)
def test_the_naive_models_score_what_the_protocol_says(country: str, found: Found) -> None:
    _, _, last, history, year, _ = REFERENCE[country]
    assert crps(found[country], "last") == pytest.approx(last, abs=0.0006)
    assert crps(found[country], "conflictology") == pytest.approx(year, abs=0.0006)
    # Ukraine's reference cut the tail of its widest law; ours keeps it.
    slack = 0.06 if country == "Ukraine" else 0.0006
    assert crps(found[country], "history-nb") == pytest.approx(history, abs=slack)


def test_the_pool_beats_the_prototype_in_at_least_five_of_seven_countries(found: Found) -> None:
    mean = table(found)
    wins = sum(crps(scores, "pool") <= REFERENCE[name][-1] for name, scores in found.items())
    print(f"at least as good as the prototype in {wins} of 7")
    assert wins >= 5
    assert mean < 0.936


def test_weekly_counts_are_forecast_better_than_by_the_last_52_weeks(found_weekly: Found) -> None:
    assert table(found_weekly) < 0.918


def table(found: Found) -> float:
    """Print the CRPS of every model; return the pool's geometric mean against last year."""
    columns = ("pool", *MODELS, "zero", "last", "history-nb")
    print("\n" + " " * 13 + " ".join(f"{name:>13}" for name in columns))
    for country, scores in found.items():
        print(f"{country:13}" + " ".join(f"{crps(scores, name):13.3f}" for name in columns))
    ratios = [crps(s, "pool") / crps(s, "conflictology") for s in found.values()]
    mean = float(np.exp(np.mean(np.log(ratios))))
    print(f"geometric mean against the last year's distribution: {mean:.4f}")
    return mean


@pytest.mark.parametrize("country", REFERENCE)
def test_ninety_percent_intervals_hold_about_nine_in_ten(country: str, found: Found) -> None:
    coverage = found[country].models["pool"].overall["coverage_90"]
    print(f"{country}: 90 % coverage {coverage:.3f}")
    assert 0.85 <= coverage <= 0.98


@pytest.mark.parametrize("country", REFERENCE)
def test_the_pool_beats_every_naive_model_in_every_country(country: str, found: Found) -> None:
    pool = crps(found[country], "pool")
    assert all(
        pool < crps(found[country], name)
        for name in ("zero", "last", "conflictology", "history-nb")
    )
