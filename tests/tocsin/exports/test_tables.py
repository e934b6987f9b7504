"""Tables and incidents as CSV, Parquet and Excel: the same numbers, credited, and no formula."""

import json
from dataclasses import replace
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from core.errors import InputError
from tests.tocsin.exports.conftest import Shipped
from tocsin.commands.exports.asked import Asked
from tocsin.commands.exports.incidents import export_incidents
from tocsin.commands.exports.table import export_table
from tocsin.exports.frames import write_table
from tocsin.table_output import CSV_COLUMNS


def table(shipped: Shipped, name: str) -> Path:
    out = shipped.folder / name
    export_table(shipped.asked(outside=True), out)
    return out


def test_the_table_is_the_same_in_every_form(shipped: Shipped) -> None:
    frames = {
        "csv": pd.read_csv(table(shipped, "table.csv")),
        "parquet": pd.read_parquet(table(shipped, "table.parquet")),
        "xlsx": pd.read_excel(table(shipped, "table.xlsx")),
    }
    for frame in frames.values():
        assert tuple(frame.columns) == CSV_COLUMNS
        assert len(frame) == 17 * 3
        for column in ("median", "low_90", "high_90", "mean", "baseline"):
            found = frame[column].astype(float)
            assert found.tolist() == pytest.approx(frames["csv"][column].tolist())
        assert frame["region"].tolist() == frames["csv"]["region"].tolist()


def test_a_workbook_says_on_its_second_sheet_what_it_is(shipped: Shipped) -> None:
    book = openpyxl.load_workbook(table(shipped, "table.xlsx"))
    about = dict(book["about"].iter_rows(values_only=True))
    assert about["data_as_of"] == "2022-09-30"
    assert "simulated data" in about["label"]
    assert "free to use; accessed 2022-10-01" in about["source 1"]
    median = book["table"].cell(row=2, column=1 + CSV_COLUMNS.index("median"))
    assert isinstance(median.value, int)


def test_credits_stand_beside_every_file(shipped: Shipped) -> None:
    out = table(shipped, "table.csv")
    told = json.loads(out.with_name("table.csv.sources.json").read_text(encoding="utf-8"))
    assert told["sources"][0]["licence"] == "free to use"
    assert told["data_as_of"] == "2022-09-30"


def test_incidents_are_those_that_the_watch_counts(shipped: Shipped) -> None:
    out = shipped.folder / "incidents.parquet"
    export_incidents(shipped.asked(outside=True), out)
    frame = pd.read_parquet(out)
    assert len(frame) == 521
    assert set(frame["actor"]) == {"IS-K-like group (simulated)"}
    assert frame["date"].is_monotonic_increasing
    october = frame[frame["date"].str.startswith("2021-10")]
    assert october["fatalities"].sum() == 138


def test_incidents_of_a_feed_that_shares_no_rows_are_not_handed_on(shipped: Shipped) -> None:
    text = shipped.config.read_text(encoding="utf-8")
    config = shipped.folder / "config.toml"
    told = text.replace('kind = "simulated"', 'kind = "simulated"\nshare = "aggregates"')
    config.write_text(told, encoding="utf-8")
    asked, out = Asked(config, shipped.database, "provinces"), shipped.folder / "incidents.csv"
    with pytest.raises(InputError, match="does not share rows"):
        export_incidents(replace(asked, outside=True), out)
    assert not out.exists()
    export_incidents(asked, out)
    assert out.exists()


def test_a_table_that_stays_inside_is_refused(closed: Shipped) -> None:
    with pytest.raises(InputError, match='share is "none"'):
        table(closed, "table.xlsx")
    assert not (closed.folder / "table.xlsx").exists()


def test_another_ending_is_refused_and_leaves_nothing(shipped: Shipped) -> None:
    with pytest.raises(InputError, match=r"neither .csv, .parquet nor .xlsx"):
        table(shipped, "table.ods")
    assert [path.name for path in shipped.folder.iterdir()] == []


def test_more_rows_than_excel_holds_are_refused(tmp_path: Path) -> None:
    class Long(list[tuple[int]]):
        def __len__(self) -> int:
            return 1_048_576

    with pytest.raises(InputError, match="too many for Excel"):
        write_table(tmp_path / "long.xlsx", ["n"], Long(), {})
    assert list(tmp_path.iterdir()) == []
