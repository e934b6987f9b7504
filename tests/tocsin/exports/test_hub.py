"""Hub files follow the hubverse's conventions, and tell what the store holds."""

import json
import re
from datetime import date

import pandas as pd
import pytest

from core.errors import InputError
from storage.database import open_database
from tests.tocsin.exports.conftest import Shipped
from tocsin.commands.exports.forecasts import export_forecasts
from tocsin.commands.exports.targets import export_targets
from tocsin.exports.distributions import LEVELS, Wanted
from tocsin.exports.hub import MODEL_COLUMNS, ORACLE_COLUMNS, SERIES_COLUMNS, model_file

TASKS = ["reference_date", "target", "region", "horizon", "target_end_date"]
FILE = re.compile(r"(\d{4}-\d\d-\d\d)-([A-Za-z0-9_]+)-([A-Za-z0-9_]+)\.(csv|parquet)")


def forecasts(shipped: Shipped, wanted: Wanted, suffix: str = "csv") -> pd.DataFrame:
    asked = shipped.asked(outside=True)
    export_forecasts(asked, shipped.folder, "example", wanted, suffix=suffix)
    (path,) = (shipped.folder / "model-output").rglob(f"*.{suffix}")
    found = FILE.fullmatch(path.name)
    assert found
    assert path.parent.name == f"{found[2]}-{found[3]}"
    frame = pd.read_parquet(path) if suffix == "parquet" else pd.read_csv(path)
    assert tuple(frame.columns) == MODEL_COLUMNS
    assert set(frame["reference_date"]) == {found[1]}
    return frame


def check_conventions(frame: pd.DataFrame) -> None:
    """No row twice, nothing missing, dates that fit their horizon, quantiles that never cross."""
    assert not frame.isna().to_numpy().any()
    assert not frame.duplicated([*TASKS, "output_type", "output_type_id"]).any()
    first = pd.PeriodIndex(frame["reference_date"], freq="M")
    ends = pd.PeriodIndex(frame["target_end_date"], freq="M")
    steps = [(end - start).n for end, start in zip(ends, first, strict=True)]
    assert steps == frame["horizon"].tolist()
    days = pd.to_datetime(frame["target_end_date"])
    assert days.dt.is_month_end.all()
    quantiles = frame[frame["output_type"] == "quantile"].copy()
    quantiles["output_type_id"] = quantiles["output_type_id"].astype(float)
    for _, rows in quantiles.groupby(TASKS):
        assert rows["output_type_id"].tolist() == list(LEVELS)
        assert rows["value"].is_monotonic_increasing


def test_quantiles_are_a_model_output_file_of_the_round(shipped: Shipped) -> None:
    frame = forecasts(shipped, Wanted(at_least=(6,)))
    check_conventions(frame)
    assert set(frame["output_type"]) == {"quantile", "cdf"}
    assert sorted(set(frame["horizon"])) == [1, 2, 3]
    assert set(frame["target"]) == {"simulated attacks per month"}
    cdf = frame[frame["output_type"] == "cdf"]
    assert cdf["value"].between(0, 1).all()
    assert set(cdf["output_type_id"].astype(float)) == {5.0}
    print(f"\n{len(frame)} rows, {frame['region'].nunique()} regions: all conventions hold")


def test_the_medians_are_those_that_were_published(shipped: Shipped) -> None:
    frame = forecasts(shipped, Wanted())
    medians = frame[frame["output_type_id"] == 0.5].set_index(["region", "horizon"])["value"]
    with open_database(shipped.database, mode="read") as database:
        rows = database.rows(
            "SELECT region, horizon, median FROM forecast_table WHERE watch = 'provinces'"
        )
    assert {(region, step): value for region, step, value in rows} == medians.to_dict()


def test_samples_are_joint_paths_in_parquet(shipped: Shipped) -> None:
    frame = forecasts(shipped, Wanted("sample", samples=20), "parquet")
    check_conventions(frame)
    for _, path in frame.groupby(["region", "output_type_id"]):
        assert path["horizon"].tolist() == [1, 2, 3]
    assert (frame["value"] >= 0).all()


def test_masses_sum_to_one(shipped: Shipped) -> None:
    frame = forecasts(shipped, Wanted("pmf"))
    check_conventions(frame)
    assert (frame.groupby(["region", "horizon"])["value"].sum() - 1).abs().max() < 1e-9


def test_target_data_have_the_columns_of_the_tasks(shipped: Shipped) -> None:
    export_targets(shipped.asked(outside=True), shipped.folder, suffix="csv")
    series = pd.read_csv(shipped.folder / "target-data" / "time-series.csv")
    oracle = pd.read_csv(shipped.folder / "target-data" / "oracle-output.csv")
    assert (tuple(series.columns), tuple(oracle.columns)) == (SERIES_COLUMNS, ORACLE_COLUMNS)
    assert not series.duplicated(["as_of", "target_end_date", "target", "region"]).any()
    assert not oracle.duplicated(list(ORACLE_COLUMNS[:-1])).any()
    assert oracle["output_type_id"].isna().all()
    assert set(oracle["output_type"]) == {"quantile", "sample"}
    counts = series.set_index(["target_end_date", "region"])["observation"]
    for row in oracle.itertuples():
        assert counts[row.target_end_date, row.region] == row.oracle_value
    assert series["observation"].sum() == 521
    shared = set(ORACLE_COLUMNS) & set(MODEL_COLUMNS)
    assert shared >= {"target_end_date", "target", "region", "output_type", "output_type_id"}


def test_targets_are_those_that_were_known_then(shipped: Shipped) -> None:
    then = shipped.asked(as_of=date(2022, 5, 15))
    export_targets(then, shipped.folder, suffix="csv")
    series = pd.read_csv(shipped.folder / "target-data" / "time-series.csv")
    assert set(series["as_of"]) == {"2022-05-15"}
    assert series["target_end_date"].max() == "2022-04-30"


def test_who_is_to_be_credited_stands_beside_the_folders_of_the_hub(shipped: Shipped) -> None:
    forecasts(shipped, Wanted())
    (beside,) = shipped.folder.glob("*.sources.json")
    told = json.loads(beside.read_text(encoding="utf-8"))
    (source,) = told["sources"]
    assert (source["licence"], source["accessed"]) == ("free to use", "2022-10-01")
    assert (told["data_as_of"], told["cutoff"]) == ("2022-09-30", "2022-10-01")
    assert "simulated data" in told["label"]


def test_what_stays_inside_is_refused_before_anything_is_written(closed: Shipped) -> None:
    asked = closed.asked(outside=True)
    with pytest.raises(InputError, match='share is "none"'):
        export_forecasts(asked, closed.folder, "example", Wanted(), suffix="csv")
    with pytest.raises(InputError, match='share is "none"'):
        export_targets(asked, closed.folder, suffix="csv")
    assert not (closed.folder / "model-output").exists()
    assert not (closed.folder / "target-data").exists()


@pytest.mark.parametrize("team", ["two-words", "a" * 17, "", "../up", "ü"])
def test_a_team_has_a_name_that_a_hub_takes(shipped: Shipped, team: str) -> None:
    with pytest.raises(InputError, match="no name of a team"):
        model_file(shipped.folder, team, "2022-09-30", "csv")
