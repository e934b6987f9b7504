"""A whole country watched beside its states: real events, the real program, to the alert."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.acceptance.town import Town

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "nigeria.toml"
COUNTRY = """
[[rules]]
name = "country"
watch = "provinces"
of = "totals"
region = "Nigeria"
within = 3
aggregate = "total"
levels = [{ severity = "severe", at_least = 90, probability = 0.5 }]
clear_probability = 0.3
action = "Convene the country security team."

[[inhibitions]]
source = { rule = "country" }
target = { rule = "tempo" }
"""


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Town:
    return Town(tmp_path_factory.mktemp("nigeria"))


@pytest.fixture(autouse=True)
def two_runs(town: Town, real_data: Callable[[str], Path]) -> None:
    """Make a run in November 2019 and one in January 2020, once."""
    if (town.folder / "nigeria.db").exists():
        return
    text = EXAMPLE.read_text(encoding="utf-8")
    for old, new in (
        ("../../shared/data/hdx_ucdp_nigeria.csv.gz", str(real_data("hdx_ucdp_nigeria.csv.gz"))),
        (', "prophet"', ""),
        ("horizon = 6", 'horizon = 6\ntotals = ["N*", "(all)"]'),
        ('region = "Nigeria/*"', 'region = "Nigeria*"'),
    ):
        assert old in text
        text = text.replace(old, new)
    for today in ("2019-11-01", "2020-01-01"):
        dated = text.replace('as_of = "2020-01-01"', f'as_of = "{today}"')
        (town.folder / "config.toml").write_text(dated + COUNTRY, encoding="utf-8")
        answer = town.tocsin("run")
        assert answer.code == 0, answer.err


def test_the_country_leads_the_table_and_adds_up(town: Town) -> None:
    (sheet,) = town.tocsin("table", "--format", "json").data
    country, whole = sheet["totals"]
    assert (country["region"], whole["region"]) == ("Nigeria", "(all)")
    assert all(row["region"].startswith("Nigeria/") for row in sheet["regions"])
    assert country["iso3"] == "NGA"
    assert country["tempo"]["count"] == sum(row["tempo"]["count"] for row in sheet["regions"])
    for step, forecast in enumerate(country["forecast"]):
        parts = sum(row["forecast"][step]["mean"] for row in sheet["regions"])
        assert forecast["mean"] == pytest.approx(parts, rel=0.02)
        ends = sum(row["forecast"][step]["high_90"] for row in sheet["regions"])
        assert forecast["high_90"] < ends
    assert [one["rule"] for one in country["rules"]] == ["country"]
    assert {one["rule"] for row in sheet["regions"] for one in row["rules"]} == {"tempo"}
    text = town.tocsin("table").out
    assert " Nigeria (total) " in text
    assert "Nigeria (total): sum of 39 regions; Borno state " in text


def test_its_alert_rings_and_holds_back_the_states(town: Town) -> None:
    told = [
        json.loads(line)
        for line in (town.folder / "nigeria-alerts.jsonl").read_text("utf-8").splitlines()
    ]
    places = {message["data"]["place"] for message in told}
    assert places == {"Nigeria"}
    listed = {one["region"]: one for one in town.tocsin("alerts", "list", "--format", "json").data}
    assert {"Nigeria", "Nigeria/Borno state"} <= set(listed)
    story = town.tocsin("alerts", "show", listed["Nigeria/Borno state"]["alert"]).out
    assert f"inhibited by {listed['Nigeria']['alert']} (Nigeria)" in story
    assert all(one["data"]["note"].startswith("sum of 39 regions; Borno state ") for one in told)


def test_its_change_is_explained_and_its_forecasts_are_scored_apart(town: Town) -> None:
    answer = town.tocsin("explain", "--watch", "provinces", "--region", "Nigeria").out
    assert "the 2 months 2019-11 to 2019-12" in answer or "2019-12 came in at" in answer
    (regions,) = town.tocsin("scores", "--format", "json").data
    (totals,) = town.tocsin("scores", "--totals", "--format", "json").data
    assert {one["region"] for one in totals["regions"]} == {"Nigeria", "(all)"}
    assert regions["forecasts"] > 10 * totals["forecasts"] > 0
    assert not {"Nigeria", "(all)"} & {one["region"] for one in regions["regions"]}


def test_its_rule_is_replayed_on_the_country_alone(town: Town) -> None:
    answer = town.tocsin(
        *("rules", "replay", "--watch", "provinces", "--rule", "country"),
        *("--from", "2019-01-31", "--to", "2019-10-31", "--format", "json"),
    )
    assert answer.code == 0, answer.err
    assert {one["region"] for one in answer.data["alerts"]} <= {"Nigeria"}
    found = answer.data["levels"][0]["forecast"]
    print(f"replayed on Nigeria: {found['alerts']} alert(s), {found['events']} event(s)")


def test_files_for_others_hold_regions_only(town: Town) -> None:
    hub = town.folder / "hub"
    answer = town.tocsin(
        *("export", "forecasts", "--watch", "provinces", "--team", "example", "-o", str(hub)),
    )
    assert answer.code == 0, answer.err
    (made,) = (hub / "model-output").rglob("*.csv")
    lines = made.read_text(encoding="utf-8")
    assert ",Nigeria/Borno state," in lines
    assert ",Nigeria," not in lines
    first = next(csv.DictReader(io.StringIO(town.tocsin("table", "--format", "csv").out)))
    assert (first["region"], first["total"], first["open_alerts"]) == ("Nigeria", "true", "1")
