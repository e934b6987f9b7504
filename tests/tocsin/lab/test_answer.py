"""What a choice would have rung: the same as the command line says of such a rule."""

import tomllib
from dataclasses import replace
from typing import Any

import pytest

from core.settings import RuleSettings
from tests.acceptance.town import Town
from tocsin.config import Config
from tocsin.lab.answer import Answer, Choice, answer
from tocsin.lab.ladder import column_of
from tocsin.lab.window import Replayed

FIGURES = (
    "alerts", "came_true", "false_alarms", "undecided", "events", "hits", "misses",
    "precision", "recall", "alerts_a_month", "false_alarms_a_month", "median_lead_days",
)  # fmt: skip


def chosen(replayed: Replayed, code: str, **more: Any) -> Choice:
    column = column_of(replayed.ladder, code)
    assert column is not None
    return Choice(**{"column": column, "probability": 0.5, "clear": 0.3, "clear_after": 1, **more})


def answered(config: Config, replayed: Replayed, code: str, **more: Any) -> Answer:
    return answer(replayed, config.watches[0], chosen(replayed, code, **more))


def test_a_rule_of_the_file_gets_the_figures_that_rules_replay_prints(
    town: Town, config: Config, replayed: Replayed
) -> None:
    found = answered(config, replayed, "5", severity="severe").document
    first, last = found["from"].isoformat(), found["to"].isoformat()
    wanted = ["--watch", "provinces", "--rule", "tempo", "--from", first, "--to", last]
    done = town.tocsin("rules", "replay", *wanted, "--format", "json")
    assert done.code == 0, done.err
    (level,) = done.data["levels"]
    for rule in ("forecast", "naive"):
        assert {key: found[rule][key] for key in FIGURES} == {
            key: level[rule][key] for key in FIGURES
        }
    assert found["alerts"] == done.data["alerts"]
    assert found["evaluations"] == done.data["evaluations"]


def test_a_lower_threshold_rings_more_and_a_higher_probability_less(
    config: Config, replayed: Replayed
) -> None:
    alerts = [
        answered(config, replayed, code).document["forecast"]["alerts"] for code in ("1", "5", "24")
    ]
    assert alerts[0] > alerts[1] > alerts[2] == 0
    curve = answered(config, replayed, "5", quiet=0).document["curve"]
    ringing = [point["share_of_time_ringing"]["value"] for point in curve]
    assert ringing == sorted(ringing, reverse=True)
    assert [point["probability"] for point in curve] == [n / 10 for n in range(1, 10)]


def test_missed_events_are_those_that_the_figures_count(config: Config, replayed: Replayed) -> None:
    found = answered(config, replayed, "5").document
    assert len(found["missed"]) == found["forecast"]["misses"] == 1
    assert found["missed"][0] == {
        "region": "Freedonia/Storm", "period": "2024-01", "threshold": 5, "came": 5,
    }  # fmt: skip


def test_a_region_is_judged_alone_and_by_forecasts_that_learned_from_all(
    config: Config, replayed: Replayed
) -> None:
    storm = answered(config, replayed, "5", region="Freedonia/Storm")
    calm = answered(config, replayed, "5", region="*/Calm ?").document
    assert storm.document["regions"] == 1
    assert (calm["regions"], calm["forecast"]["alerts"]) == (2, 0)
    everywhere = answered(config, replayed, "5").document
    assert storm.document["alerts"] == everywhere["alerts"]
    nowhere = answered(config, replayed, "5", region="Atlantis").document
    assert (nowhere["regions"], nowhere["forecast"]["events"]) == (0, 0)


@pytest.mark.parametrize("code", ["5", "times_baseline:2:5", "times_last_year:1.5:2", "record:1:2"])
def test_the_toml_is_the_rule_that_was_judged(
    config: Config, replayed: Replayed, code: str
) -> None:
    region = "Freedonia/[S]\"torm'"
    asked = chosen(replayed, code, region=region, severity="high", fire_after=2)
    found = answer(replayed, config.watches[0], asked)
    (table,) = tomllib.loads(found.document["toml"])["rules"]
    rule = RuleSettings.model_validate(table)
    assert rule.region == region
    assert rule.levels[0].at_least == replayed.ladder[asked.column].at_least
    assert (rule.levels[0].severity, rule.levels[0].probability) == ("high", 0.5)
    assert (rule.clear_probability, rule.fire_after, rule.clear_after) == (0.3, 2, 1)


def test_each_answer_says_on_which_clock_it_stands(replayed: Replayed) -> None:
    assert replayed.label.startswith("by event date, with today's revised data")
    assert replayed.known_to.isoformat() == "2024-06-30"
    assert replayed.size == sum(
        getattr(replayed.track, name).nbytes
        for name in ("lines", "chances", "tempo", "newest", "came")
    )


def test_more_patience_never_rings_more(config: Config, replayed: Replayed) -> None:
    quick = chosen(replayed, "3", quiet=0)
    watch = config.watches[0]
    alerts = [
        answer(replayed, watch, replace(quick, fire_after=n)).document["forecast"]["alerts"]
        for n in (1, 3)
    ]
    assert alerts[0] >= alerts[1]
