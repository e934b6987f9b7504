"""`tocsin predict` and `tocsin backtest`: the contract that outside checks call."""

import csv
from collections import defaultdict
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from core.members import MEMBERS
from tests.acceptance.shown import made_prediction, written_prediction
from tests.acceptance.town import QUIET, RISING, Town

LEVELS = [0.01, 0.025, *(round(n / 20, 2) for n in range(1, 20)), 0.975, 0.99]
COLUMNS = [
    "reference_date",
    "region",
    "horizon",
    "target_end_date",
    "output_type",
    "output_type_id",
    "value",
]


@pytest.fixture
def counts(town: Town) -> Town:
    rows = ["region,date,count"]
    for region, months in {"Calm": QUIET, "Storm/North": RISING}.items():
        rows += [
            f"{region},{2022 + m // 12}-{m % 12 + 1:02d}-17,{count}"
            for m, count in enumerate(months)
            if count or m in {0, len(months) - 1}
        ]
    (town.folder / "counts.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return town


def predicted(town: Town, *arguments: str) -> list[dict[str, str]]:
    answer = town.tocsin("predict", "counts.csv", "--horizon", "4", "-o", "out.csv", *arguments)
    assert answer.code == 0, answer.err
    assert answer.out == ""
    with (town.folder / "out.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_quantiles_have_the_hubverse_columns_and_levels(counts: Town) -> None:
    rows = predicted(counts)
    assert list(rows[0]) == COLUMNS
    assert {row["reference_date"] for row in rows} == {"2024-06-30"}
    assert {row["region"] for row in rows} == {"Calm", "Storm/North"}
    cells: dict[tuple[str, str], list[tuple[float, float]]] = defaultdict(list)
    for row in rows:
        cells[row["region"], row["target_end_date"]].append(
            (float(row["output_type_id"]), float(row["value"]))
        )
    assert {end for _, end in cells} == {"2024-07-31", "2024-08-31", "2024-09-30", "2024-10-31"}
    for pairs in cells.values():
        assert [level for level, _ in pairs] == LEVELS
        values = [value for _, value in pairs]
        assert values == sorted(values)
        assert all(value >= 0 and value == int(value) for value in values)


def test_until_uses_only_periods_that_end_by_then(counts: Town) -> None:
    rows = predicted(counts, "--until", "2024-03-30")
    assert {row["reference_date"] for row in rows} == {"2024-02-29"}
    assert {row["horizon"]: row["target_end_date"] for row in rows}["1"] == "2024-03-31"


def test_the_pmf_sums_to_one_and_ends_with_a_tail_row(counts: Town) -> None:
    cells: dict[tuple[str, str], list[dict[str, str]]] = defaultdict(list)
    for row in predicted(counts, "--output-type", "pmf"):
        cells[row["region"], row["horizon"]].append(row)
    for rows in cells.values():
        assert abs(sum(float(row["value"]) for row in rows) - 1) < 1e-8
        *whole, tail = [row["output_type_id"] for row in rows]
        assert whole == [str(k) for k in range(len(whole))]
        assert tail == f"{len(whole)}+"


def test_samples_are_joint_paths_that_a_seed_repeats(counts: Town) -> None:
    arguments = ["--output-type", "sample", "--samples", "200", "--seed", "5"]
    rows = predicted(counts, *arguments)
    assert predicted(counts, *arguments) == rows
    assert predicted(counts, *arguments[:-1], "6") != rows
    paths: dict[tuple[str, str], list[float]] = defaultdict(list)
    for row in rows:
        paths[row["region"], row["output_type_id"]].append(float(row["value"]))
    assert len(paths) == 2 * 200
    assert all(len(path) == 4 for path in paths.values())


def test_at_least_adds_the_probability_of_staying_below(counts: Town) -> None:
    rows = predicted(counts, "--at-least", "5", "--at-least", "1", "--at-least", "5")
    added = [row for row in rows if row["output_type"] == "cdf"]
    assert {row["output_type_id"] for row in added} == {"4", "0"}
    assert len(added) == 2 * 2 * 4
    assert all(0 <= float(row["value"]) <= 1 for row in added)


def test_parquet_in_and_out_say_the_same_as_csv(counts: Town) -> None:
    rows = predicted(counts)
    answer = counts.tocsin("predict", "counts.csv", "--horizon", "4", "-o", "out.parquet")
    assert answer.code == 0, answer.err
    table = pq.read_table(counts.folder / "out.parquet").to_pylist()
    assert [str(row["region"]) for row in table] == [row["region"] for row in rows]
    assert [row["value"] for row in table] == [float(row["value"]) for row in rows]


def test_backtest_gives_every_score_for_the_pool_its_members_and_the_naive_ones(
    counts: Town,
) -> None:
    answer = counts.tocsin(
        "backtest", "counts.csv", "--horizon", "2", "--origins", "6", "--format", "json"
    )
    assert answer.code == 0, answer.err
    models = answer.data["models"]
    naive = {"zero", "last", "conflictology", "history-nb"}
    assert set(models) == {"pool", *MEMBERS} | naive
    for found in models.values():
        for figures in [found["overall"], *found["series"].values()]:
            assert set(figures) == {
                "crps",
                "log_score",
                "ignorance",
                "interval_score_90",
                "coverage_50",
                "coverage_80",
                "coverage_90",
                "coverage_95",
                "seconds",
            }
        assert set(found["series"]) == {"Calm", "Storm/North"}
    assert models["pool"]["overall"]["crps"] < models["zero"]["overall"]["crps"]
    text = counts.tocsin("backtest", "counts.csv", "--horizon", "2", "--origins", "6").out
    assert text.splitlines()[0].split()[:2] == ["model", "crps"]


def test_the_documented_example_is_what_the_program_writes(tmp_path: Path) -> None:
    got = list(csv.reader(made_prediction(tmp_path).splitlines()))
    told = list(csv.reader(written_prediction().splitlines()))
    assert [row[:-1] for row in got] == [row[:-1] for row in told]
    # Another processor may round the last digit of a probability otherwise.
    values = [float(row[-1]) for row in told[1:]]
    assert [float(row[-1]) for row in got[1:]] == pytest.approx(values, rel=1e-6)


def test_one_sample_is_one_path_over_all_regions_and_totals_are_their_sums(town: Town) -> None:
    rows = ["region,date,count"]
    for region, months in {"A/x": QUIET, "A/y": RISING, "B/x": QUIET}.items():
        rows += [
            f"{region},{2022 + m // 12}-{m % 12 + 1:02d}-17,{count}"
            for m, count in enumerate(months)
        ]
    (town.folder / "counts.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    sampled = predicted(town, "--totals", "--output-type", "sample", "--samples", "40")
    value = {
        (row["region"], row["horizon"], row["output_type_id"]): float(row["value"])
        for row in sampled
    }
    assert {region for region, *_ in value} == {"A/x", "A/y", "B/x", "A", "B"}
    for horizon in "1234":
        for path in map(str, range(40)):
            whole = value["A/x", horizon, path] + value["A/y", horizon, path]
            assert value["A", horizon, path] == whole
            assert value["B", horizon, path] == value["B/x", horizon, path]
    laws = predicted(town, "--totals", "--at-least", "10")
    chance = {row["region"]: float(row["value"]) for row in laws if row["output_type"] == "cdf"}
    assert chance["A"] < chance["A/y"] < chance["B/x"]
    quantiles = [row for row in laws if row["region"] == "A" and row["horizon"] == "1"]
    assert [float(row["output_type_id"]) for row in quantiles[:-1]] == LEVELS
    (town.folder / "counts.csv").write_text("\n".join([*rows, "A,2022-01-17,3"]) + "\n")
    answer = town.tocsin("predict", "counts.csv", "--totals", "-o", "out.csv")
    assert answer.code == 2
    assert "region 'A' stands beside its own parts" in answer.err


@pytest.mark.parametrize("form", ["text", "json", "csv"])
def test_a_member_that_never_answers_is_shown_without_scores(town: Town, form: str) -> None:
    rows = [f"North,2023-{month:02d}-01,{month}" for month in range(1, 13)]
    (town.folder / "short.csv").write_text("\n".join(["region,date,count", *rows]) + "\n")
    answer = town.tocsin(
        *("backtest", "short.csv", "--horizon", "1", "--origins", "2", "--format", form)
    )
    assert answer.code == 0, answer.err
    if form == "json":
        assert answer.data["models"]["seasonal"]["overall"]["crps"] is None
        assert answer.data["models"]["pool"]["overall"]["crps"] > 0
    else:
        shown = {line.split(",")[0].split()[0]: line for line in answer.out.splitlines()}
        assert ("–" if form == "text" else ",,") in shown["seasonal"]
        assert "–" not in shown["pool"]
        assert ",," not in shown["pool"]
