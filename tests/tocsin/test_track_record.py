"""A year and a half of runs, and what `tocsin scores` and the table say of them."""

import csv
import io
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.tocsin.town_by_day import TownByDay
from tocsin.config import Config, load
from tocsin.record.document import document
from tocsin.record.evidence import Choice, Evidence, own_record
from tocsin.record.hindcast import hindcast
from tocsin.record.output import CSV_COLUMNS, write
from tocsin.record.skill import skill_of
from tocsin.stores import Stores, opened

CALM, STORM = "Freedonia/Calm", "Freedonia/Storm"
LAST = "2024-08-01"
TODAY = date.fromisoformat(LAST)
MONTHS = [f"{2023 + m // 12}-{m % 12 + 1:02d}-01" for m in range(3, 20)]


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> TownByDay:
    """A calm province and one that swings, run on the first of every month."""
    made = TownByDay(tmp_path_factory.mktemp("town"))
    made.configure({"horizon = 3": "horizon = 3\nmodels = ['conflictology', 'dynamic-count']"})
    for month in range(36):
        year, number = 2021 + month // 12, month % 12 + 1
        for n in range(1 + 7 * (month // 6 % 2) + month % 3):
            made.events[f"s{month}-{n}"] = (f"{year + 1}-{number:02d}-{n + 3:02d}", "Storm")
        for n in range(month % 2):
            made.events[f"c{month}-{n}"] = (f"{year + 1}-{number:02d}-{n + 3:02d}", "Calm")
    for day in MONTHS:
        made.run(day)
    return made


@pytest.fixture
def stores(town: TownByDay) -> Iterator[Stores]:
    with opened(load(town.config), None, "read", town.clock(LAST)) as found:
        yield found


@pytest.fixture
def config(town: TownByDay) -> Config:
    return load(town.config)


def record(config: Config, evidence: Evidence, choice: Choice | None = None) -> dict[str, Any]:
    (watch,) = config.watches
    return document(watch, "attacks", choice or Choice(), evidence, config.rules)


def own(config: Config, stores: Stores, **choice: Any) -> dict[str, Any]:
    chosen = Choice(**choice)
    evidence = own_record(stores, config, config.watches[0], chosen, TODAY)
    return record(config, evidence, chosen)


def test_a_record_has_every_forecast_of_every_model_once(config: Config, stores: Stores) -> None:
    found = own(config, stores)
    months = len(MONTHS) - 1
    assert found["periods"] == months
    assert found["forecasts"] == 2 * (months + (months - 1) + (months - 2))
    assert [row["model"] for row in found["models"]] == [
        *("pool", "conflictology", "history-nb", "last", "zero"),
    ]
    assert {row["forecasts"] for row in found["models"]} == {found["forecasts"]}
    assert [row["forecasts"] for row in found["horizons"]] == [
        2 * months,
        2 * (months - 1),
        2 * (months - 2),
    ]
    assert (found["from"], found["to"]) == ("2023-04", "2024-07")
    zero = found["models"][-1]
    assert zero["crps"] > found["models"][0]["crps"]
    assert zero["low_90"] < zero["pool_crps_ratio"] < zero["high_90"] < 1


def test_without_revisions_the_record_is_what_a_backtest_finds(
    config: Config, stores: Stores
) -> None:
    watch = config.watches[0]
    lived = own_record(stores, config, watch, Choice(), TODAY)
    made = hindcast(stores, config, watch, Choice(), TODAY, len(MONTHS) - 1)
    known = {(one.horizon, one.period, one.model): one for one in lived.tallies}
    assert {(one.horizon, one.period, one.model) for one in made.tallies} == set(known)
    for one in made.tallies:
        before = known[one.horizon, one.period, one.model]
        assert one.forecasts == before.forecasts
        if one.model != "pool":  # its newest months are completed for late reports
            assert one.crps == pytest.approx(before.crps, abs=2e-3), one
            assert list(one.held) == list(before.held)
    assert "backtest, by event date, with today's revised data" in made.label
    assert lived.label == ""
    chances = [[(c.region, c.said, c.came) for c in e.crossings] for e in (lived, made)]
    assert sorted(chances[0]) == sorted(chances[1])


def test_reliability_counts_every_complete_window_of_every_level(
    config: Config, stores: Stores
) -> None:
    (level,) = own(config, stores)["reliability"]
    assert (level["rule"], level["severity"], level["within"]) == ("tempo", "severe", 3)
    assert level["forecasts"] == sum(one["forecasts"] for one in level["bins"])
    assert level["forecasts"] == 2 * (len(MONTHS) - 3)
    for one in level["bins"]:
        assert one["low"] <= one["said"] <= one["high"]
        assert one["share"] == round(one["came"] / one["forecasts"], 4)
        assert (one["share_low"] is None) == (one["periods"] < 12)


def test_a_record_may_be_asked_for_some_regions_one_horizon_and_a_stretch(
    config: Config, stores: Stores
) -> None:
    calm = own(config, stores, region="*/Calm")
    assert [row["region"] for row in calm["regions"]] == [CALM]
    assert calm["forecasts"] == own(config, stores)["forecasts"] / 2
    assert calm["reliability"][0]["forecasts"] == len(MONTHS) - 3
    first = own(config, stores, horizon=1)
    assert [row["horizon"] for row in first["horizons"]] == [1]
    late = own(config, stores, since=date(2024, 5, 20))
    assert (late["from"], late["periods"]) == ("2024-05", 3)
    assert late["skill"]["against_last_year"] == "too few to say"
    assert own(config, stores, region="Sylvania/*")["forecasts"] == 0


def test_periods_stand_one_by_one_and_add_up_to_the_record(config: Config, stores: Stores) -> None:
    found = own(config, stores)
    rows = found["by_period"]
    assert [row["period"] for row in rows] == sorted(day[:7] for day in MONTHS[:-1])
    assert sum(row["forecasts"] for row in rows) == found["forecasts"]
    mean = sum(row["forecasts"] * row["crps"] for row in rows) / found["forecasts"]
    assert mean == pytest.approx(found["models"][0]["crps"], abs=1e-3)
    assert all(row["pool_crps_ratio"] > 0 for row in rows if row["pool_crps_ratio"] is not None)
    assert {row["low_90"] for row in rows} == {None}


def test_members_show_their_weights_in_the_newest_run(config: Config, stores: Stores) -> None:
    rows = own(config, stores)["members"]
    assert {row["model"] for row in rows} == {"conflictology", "dynamic-count"}
    for horizon in (1, 2, 3):
        these = [row for row in rows if row["horizon"] == horizon]
        assert sum(row["weight"] for row in these) == pytest.approx(1, abs=1e-3)
        assert {row["regions"] for row in these} <= {0, 1, 2}
    asked = own(config, stores, region="*/Storm", horizon=2)["members"]
    assert [(row["model"], row["horizon"], row["regions"]) for row in asked] == [
        *(("conflictology", 2, 1), ("dynamic-count", 2, 1)),
    ]


def test_a_model_that_earned_nothing_stands_there_with_no_weight(
    config: Config, stores: Stores
) -> None:
    watch = config.watches[0]
    asked = watch.model_copy(update={"models": (*watch.models, "prophet")})
    evidence = own_record(stores, config, watch, Choice(), TODAY)
    made = document(asked, "attacks", Choice(), evidence, config.rules)
    (prophet,) = [row for row in made["members"] if row["model"] == "prophet"][:1]
    assert (prophet["weight"], prophet["regions"]) == (0, 0)
    out = io.StringIO()
    write([made], "text", out)
    assert [line.split() for line in out.getvalue().splitlines() if "prophet" in line] == [
        ["prophet", "0.00", "0.00"],
    ]


def test_skill_of_a_watch_and_of_a_region_is_one_call(config: Config, stores: Stores) -> None:
    watch = config.watches[0]
    found = skill_of(stores.reader.record, config, watch)
    assert set(found.regions) == {("Freedonia", "Calm"), ("Freedonia", "Storm")}
    shown = own(config, stores)
    assert found.overall.verdict == shown["skill"]["against_last_year"]
    assert found.of(("Sylvania",)).verdict == "too few to say"
    early = stores.reader.latest_run(watch.name, date(2023, 9, 1))
    before = skill_of(stores.reader.record, config, watch, early)
    assert before.overall.periods == 5
    assert before.overall.verdict == "too few to say"


def test_the_table_says_of_each_region_whether_it_has_beaten_last_12(town: TownByDay) -> None:
    out = io.StringIO()
    town.table("json", out, LAST)
    (sheet,) = json.loads(out.getvalue())
    verdicts = {row["region"]: row["skill"] for row in sheet["regions"]}
    assert verdicts[STORM]["forecasts"] == 3 * (len(MONTHS) - 1) - 3
    assert verdicts[STORM]["against_last_year"] in {"better", "about as good", "worse"}
    out = io.StringIO()
    town.table("text", out, LAST)
    text = out.getvalue()
    assert "vs last 12 months" in text
    assert f"{verdicts[STORM]['against_last_year']} (n 45)" in text
    out = io.StringIO()
    town.table("csv", out, LAST)
    row = next(csv.DictReader(io.StringIO(out.getvalue())))
    assert row["skill"] == verdicts[row["region"]]["against_last_year"]
    assert row["skill_forecasts"] == "45"


def test_a_first_table_has_no_column_for_a_record_that_there_is_not(tmp_path: Path) -> None:
    made = TownByDay(tmp_path)
    made.configure()
    made.events = {str(m): (f"2023-{m:02d}-05", "Calm") for m in range(1, 13)}
    made.run("2024-01-02")
    out = io.StringIO()
    made.table("text", out, "2024-01-02")
    assert "vs last" not in out.getvalue()


def test_text_says_what_the_numbers_are_and_when_they_are_too_few(
    config: Config, stores: Stores
) -> None:
    out = io.StringIO()
    write([own(config, stores), own(config, stores, since=date(2024, 6, 1))], "text", out)
    text = out.getvalue()
    assert "track record, attacks per month; 90 forecasts of 16 months" in text
    assert "Against the last 12 months (conflictology): " in text
    assert "n = 2, too few to say" in text
    assert "n = 2 months, too few to say whether" in text
    assert "tempo, severe: ≥ 5 in any of 3 months" in text


def test_csv_has_a_line_per_part_and_no_live_formula(config: Config, stores: Stores) -> None:
    found = own(config, stores)
    found["regions"][0]["region"] = "=1+1"
    out = io.StringIO()
    write([found], "csv", out)
    rows = list(csv.DictReader(io.StringIO(out.getvalue())))
    assert tuple(rows[0]) == CSV_COLUMNS
    parts = [row["part"] for row in rows]
    assert parts.count("model") == 5
    assert parts.count("horizon") == 3
    assert parts.count("region") == 2
    assert parts.count("period") == found["periods"]
    assert parts.count("member") == 2 * 3
    assert parts.count("reliability") == len(found["reliability"][0]["bins"])
    assert "'=1+1" in {row["region"] for row in rows}


def test_a_corrected_outcome_changes_the_record_and_both_are_told(tmp_path: Path) -> None:
    made = TownByDay(tmp_path)
    made.configure()
    made.events = {str(m): (f"2023-{m:02d}-05", "Calm") for m in range(1, 13)}
    for day in ("2024-01-02", "2024-02-02"):
        made.run(day)
    made.events |= {f"late-{n}": (f"2024-01-{n + 10}", "Calm") for n in range(9)}
    made.run("2024-02-09")
    config = load(made.config)
    with opened(config, None, "read", made.clock("2024-02-09")) as stores:
        evidence = own_record(stores, config, config.watches[0], Choice(), date(2024, 2, 9))
    found = record(config, evidence)
    assert found["revised_outcomes"] == 1
    assert found["models"][0]["crps"] > 5 > found["as_first_seen"]["crps"]
    out = io.StringIO()
    write([found], "text", out)
    assert "1 outcome revised after being first scored" in out.getvalue()
