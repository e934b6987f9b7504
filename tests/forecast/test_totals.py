"""Totals as series of a watch: their laws are those of their regions' summed paths."""

from datetime import date
from itertools import pairwise

import numpy as np
import pytest

from core.forecasts import WatchResult
from core.incidents import Coverage
from core.joint import DRAWS
from core.regions import ALL, RegionKey
from core.series import Cells, FloatArray
from core.settings import WatchSettings
from forecast.delays import Delay, Learned, Share
from forecast.hierarchy import SEED
from forecast.hierarchy import Totals as Sums
from forecast.series import Built, build
from tocsin.forecasting import outlooks

NOW = date(2024, 6, 30)
END = 2024 * 12 + 5
KEYS: list[RegionKey] = [("A", "x"), ("A", "y"), ("A", "z"), ("B", "x")]
WATCH = WatchSettings(
    name="provinces",
    feeds=("f",),
    group_by=("country", "admin1"),
    horizon=4,
    totals=("A", "B", "(all)"),
)
NOTHING_LATE = Learned(None, "")


def counts(months: int = 72) -> FloatArray:
    means = np.array([9.0, 3.0, 0.4, 2.0])[:, None]
    swing = np.exp(np.random.default_rng(3).normal(0, 0.4, months))
    return np.random.default_rng(4).poisson(means * swing).astype(np.float64)


def built(
    watch: WatchSettings = WATCH,
    through: dict[str, date] | None = None,
    made: FloatArray | None = None,
) -> Built:
    made = counts() if made is None else made
    region, month = np.nonzero(made)
    cells = Cells(KEYS, region, month + END - 71, made[region, month].astype(np.int64))
    first, ends = date(2018, 7, 1), {"A": NOW, "B": NOW} | (through or {})
    coverage = {"f": [Coverage(country, first, end) for country, end in ends.items()]}
    return build(cells, coverage, watch, NOW)


def results(made: Built, learned: Learned = NOTHING_LATE) -> list[WatchResult]:
    return list(outlooks(WATCH, "attacks", made, learned))


def by_key(found: list[WatchResult]) -> dict[RegionKey, WatchResult]:
    return {one.outlook.panel.keys[0]: one for one in found if one.total}


def test_totals_come_after_the_regions_one_by_one() -> None:
    found = results(built())
    assert [one.total for one in found] == [False, True, True, True]
    assert list(by_key(found)) == [ALL, ("A",), ("B",)]
    (standing,) = by_key(found)["A",].standings
    assert standing.recent == tuple(counts()[:3].sum(axis=0)[-24:].astype(int).tolist())
    assert standing.baseline == pytest.approx(counts()[:3, -13:-1].sum() / 12)


def test_a_total_has_run_at_its_level_since_its_regions_rose_together() -> None:
    risen = np.random.default_rng(5).poisson(np.array([4.0, 3.0, 2.0, 2.0])[:, None], (4, 72))
    risen[:3, 58:] *= 4
    found = by_key(results(built(made=risen.astype(np.float64))))
    for key, mean in ((("A",), 36), (ALL, 38)):
        since = found[key].standings[0].since
        assert since is not None
        assert abs(since.period - (END - 13)) <= 1
        assert since.probability > 0.7
        assert since.mean == pytest.approx(mean, rel=0.15)
    assert found["B",].standings[0].since is None


def test_the_mean_of_a_total_is_the_sum_of_its_regions_means() -> None:
    found = results(built())
    means = found[0].outlook.predictive.mean()
    for key, rows in ((("A",), [0, 1, 2]), (("B",), [3]), (ALL, [0, 1, 2, 3])):
        whole = by_key(found)[key].outlook.predictive
        spread = np.sqrt(whole.paths(2000, 1)[0].var(axis=0) / DRAWS)
        assert np.abs(whole.mean()[0] - means[rows].sum(axis=0)).max() < 4 * spread.max()


def test_its_quantiles_are_those_of_the_summed_paths() -> None:
    found = results(built())
    sums, levels = Sums(DRAWS, SEED), [0.05, 0.5, 0.95]
    sums.add(found[0].outlook.panel.keys, found[0].outlook.predictive)
    keys, paths = sums.paths()
    assert keys == (("A",), ("B",))
    for key, drawn in zip(keys, paths, strict=True):
        whole = by_key(found)[key].outlook.predictive.quantile(levels)[0]
        wanted = np.quantile(drawn, levels, axis=0, method="inverted_cdf")
        assert np.array_equal(whole, wanted.T)


def test_several_periods_together_are_as_likely_as_in_the_summed_paths() -> None:
    found = results(built())
    sums = Sums(DRAWS, SEED)
    sums.add(found[0].outlook.panel.keys, found[0].outlook.predictive)
    whole, drawn = by_key(found)["A",].outlook.predictive, sums.paths()[1][0]
    apart = []
    for share in (0.1, 0.25, 0.5, 0.75, 0.9, 0.95):
        line = int(np.quantile(drawn.sum(axis=1), share))
        apart.append(whole.total_at_least(line, 0, 3)[0] - np.mean(drawn.sum(axis=1) >= line))
        line = int(np.quantile(drawn.max(axis=1), share))
        apart.append(whole.any_at_least(line, 0, 3)[0] - np.mean(drawn.max(axis=1) >= line))
    assert np.abs(apart).max() < 0.03
    print(f"P(any) and P(total) of a total against its regions' paths: {np.abs(apart).max():.3f}")


def test_a_region_alone_keeps_its_law_and_its_dependence() -> None:
    found = results(built())
    alone, whole = found[0].outlook.predictive.rows(3, 4), by_key(found)["B",].outlook.predictive
    assert np.abs(whole.dependence - alone.dependence).max() < 0.05
    assert whole.mean() == pytest.approx(alone.mean(), rel=0.05)


def test_models_weigh_as_they_do_in_what_the_regions_expect_and_the_note_says_who_carries_it() -> (
    None
):
    found = results(built())
    regions, whole = found[0].outlook, by_key(found)["A",].outlook
    assert whole.members == regions.members
    assert whole.weights.sum(axis=2) == pytest.approx(1.0)
    means = regions.predictive.mean()[:3, :, None]
    wanted = (means * regions.weights[:3]).sum(axis=0) / means.sum(axis=0)
    assert whole.weights[0] == pytest.approx(wanted, abs=0.02)
    (note,) = whole.notes
    assert note.startswith("sum of 3 regions; x ")
    assert note.endswith("of what is expected")


def test_a_region_that_is_known_further_adds_its_counts_and_then_its_paths() -> None:
    made = built(through={"B": date(2024, 4, 30)})
    found = by_key(results(made))
    whole = found[ALL]
    assert int(whole.outlook.panel.ends[0]) == END - 2
    assert whole.outlook.predictive.shape[1] == 6
    known = int(counts()[:3, -2].sum())
    assert whole.outlook.predictive.probability_at_least(known)[0, 0] == 1.0
    assert whole.outlook.predictive.mean()[0, 0] > known
    assert whole.standings[0].data_as_of == date(2024, 4, 30)
    assert int(found["A",].outlook.panel.ends[0]) == END


def test_late_reports_of_its_regions_are_expected_of_a_total_too() -> None:
    all_of_it, half = Share(1.0, 0.0), Share(0.5, 0.01)
    learned = Learned(Delay(END + 1, (all_of_it, all_of_it), (half, half)), "corrected")
    found = results(built(), learned)
    (one,) = by_key(found)["A",].standings[0].completed
    parts = [standing.completed[0] for standing in found[0].standings[:3]]
    assert one.reported == sum(part.reported or 0 for part in parts)
    assert one.low_90 <= one.median <= one.high_90
    assert one.median > one.reported
    assert one.high_90 < sum(part.high_90 for part in parts)


def test_a_watch_without_totals_draws_nothing() -> None:
    plain = built(WATCH.model_copy(update={"totals": ()}))
    assert plain.parts == ()
    assert len(results(plain)) == 1


def test_what_is_not_forecast_is_told_beside_the_sum() -> None:
    rare = WATCH.model_copy(update={"minimum_events": 60})
    made = built(rare)
    (note,) = by_key(list(outlooks(rare, "attacks", made, NOTHING_LATE)))["A",].outlook.notes
    assert note.startswith("sum of 2 regions, without 1 that is not forecast; ")


def test_totals_are_the_same_bytes_twice() -> None:
    first, second = (
        [one.outlook.predictive.cdf.tobytes() for one in results(built())] for _ in range(2)
    )
    assert first == second
    assert all(one != other for one, other in pairwise(first))
