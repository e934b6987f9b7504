"""Totals of a stored run: sums of its regions' paths, from the running period on."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from core.alerts import AlertChanges
from core.errors import InputError
from core.forecasts import WatchResult
from core.regions import ABROAD, RegionKey
from storage.database import open_database
from storage.reading import Reader
from storage.runs import Runs
from tests.storage.samples import NOW, key, result, watch
from tocsin.totals import Row, totals_of

KEYS: tuple[RegionKey, ...] = (("Mali", "Gao"), ("Mali", "Mopti"), ("Niger", "Diffa"))


def made(keys: tuple[RegionKey, ...] = KEYS, between: float = 0.0, steps: int = 4) -> WatchResult:
    block = result(keys, steps=steps, top=60)
    predictive = replace(block.outlook.predictive, between=between)
    return replace(block, outlook=replace(block.outlook, predictive=predictive))


def totals(
    folder: Path, *blocks: WatchResult, at_least: int | None = None, **settings: object
) -> list[Row]:
    with open_database(folder / "totals.db", mode="own") as database:
        runs = Runs(database)
        run = runs.begin(key(), NOW, "0.1.0", "")
        for block in blocks:
            runs.stage(run, block)
        runs.publish(run, AlertChanges(), [], NOW)
        reader = Reader(database)
        row = reader.latest_run("provinces")
        assert row is not None
        return totals_of(reader, watch(**settings), row, at_least)


def test_a_total_has_the_sum_of_its_regions_means_per_period_and_in_all(tmp_path: Path) -> None:
    block = made()
    rows = totals(tmp_path, block)
    # The samples' data end one period before the running one: their first step is over.
    means = block.outlook.predictive.mean()[:, 1:]
    assert [(row["total"], row["regions"]) for row in rows] == [("Mali", 2)] * 4 + [
        ("Niger", 1)
    ] * 4
    wanted = means[:2].sum(axis=0)
    assert [row["mean"] for row in rows[:3]] == pytest.approx(wanted.tolist(), rel=0.05)
    assert rows[3]["mean"] == pytest.approx(wanted.sum(), rel=0.05)
    assert [row["period"] for row in rows[:4]] == [
        "2022-11", "2022-12", "2023-01", "2022-11 to 2023-01",
    ]  # fmt: skip
    assert (rows[3]["start"], rows[3]["end"]) == ("2022-11-01", "2023-01-31")
    assert all(row["low_90"] <= row["median"] <= row["high_90"] for row in rows)
    assert {row["data_as_of"] for row in rows} == {"2022-09-30"}
    assert {row["probability"] for row in rows} == {None}


def test_what_regions_have_in_common_is_kept_with_the_run_and_widens_the_total(
    tmp_path: Path,
) -> None:
    keys = tuple(("Mali", str(number)) for number in range(8))
    widths = []
    for between in (0.0, 0.6):
        folder = tmp_path / str(between)
        folder.mkdir()
        (row, *_) = totals(folder, made(keys, between))
        widths.append(row["high_90"] - row["low_90"])
    assert widths[1] > 1.3 * widths[0]


def test_regions_in_different_blocks_are_summed_as_in_one(tmp_path: Path) -> None:
    whole = made(between=0.4)
    folders = [tmp_path / name for name in ("one", "two")]
    for folder in folders:
        folder.mkdir()
    parts = []
    for rows in (slice(0, 1), slice(1, 3)):
        place = np.arange(3)[rows]
        outlook = replace(
            whole.outlook,
            panel=whole.outlook.panel.select(place),
            predictive=whole.outlook.predictive.select(place),
            weights=whole.outlook.weights[rows],
            notes=whole.outlook.notes[rows],
        )
        parts.append(replace(whole, outlook=outlook, standings=whole.standings[rows]))
    assert totals(folders[0], whole, at_least=9) == totals(folders[1], *parts, at_least=9)


def test_the_probability_is_that_of_the_total(tmp_path: Path) -> None:
    rows = totals(tmp_path, made(), at_least=1)
    assert all(0 < row["probability"] <= 1 for row in rows)
    assert rows[3]["probability"] >= max(row["probability"] for row in rows[:3])


def test_any_region_is_less_likely_to_reach_a_line_than_their_total(tmp_path: Path) -> None:
    rows = totals(tmp_path, block := made(), at_least=4)
    mali, niger = rows[:4], rows[4:]
    assert all(row["any_region"] <= row["probability"] for row in rows)
    assert rows[3]["any_region"] >= max(row["any_region"] for row in mali[:3])
    # One region alone is its own total; two independent ones reach it unless neither does.
    assert [row["any_region"] for row in niger[:3]] == [row["probability"] for row in niger[:3]]
    single = block.outlook.predictive.probability_at_least(4)[:, 1:]
    either = 1 - (1 - single[0]) * (1 - single[1])
    assert [row["any_region"] for row in mali[:3]] == pytest.approx(either.tolist(), abs=0.03)


def test_abroad_is_left_out_since_it_holds_other_regions(tmp_path: Path) -> None:
    keys = (("Group", "Mali"), ("Group", "Niger"), ("Group", ABROAD))
    rows = totals(tmp_path, made(keys), group_by=("actor", "country"))
    assert {(row["total"], row["regions"]) for row in rows} == {("Group", 2)}


def test_a_watch_by_one_column_has_one_total(tmp_path: Path) -> None:
    rows = totals(tmp_path, made((("Mali",), ("Niger",))), group_by=("country",))
    assert {(row["total"], row["regions"]) for row in rows} == {("(all)", 2)}


def test_sites_overlap_and_have_no_totals(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="once for every site"):
        totals(tmp_path, made((("Clinic",),)), group_by=("site",))


def test_a_run_without_regions_has_no_totals(tmp_path: Path) -> None:
    only = made((("Group", ABROAD),))
    assert totals(tmp_path, only, group_by=("actor", "country")) == []
    assert date(2022, 9, 30) == only.standings[0].data_as_of
