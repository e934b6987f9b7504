"""Rules are held against the watch they name when the configuration is read."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from core.errors import ConfigError
from core.rule_settings import ObservedRuleSettings, SpreadRuleSettings
from tocsin.commands.check import check
from tocsin.config import Config, load
from tocsin.rule_checks import reviews_due

HEAD = """
[service]
as_of = "2024-07-01"

[[feeds]]
name = "tracker"
kind = "csv"
path = "incidents.csv"
columns = { date = "date", country = "country", actor = "group" }

[[watches]]
name = "countries"
feeds = ["tracker"]
group_by = ["country"]
horizon = 3

[[watches]]
name = "groups"
feeds = ["tracker"]
group_by = ["actor", "country"]

[[watches]]
name = "abroad"
feeds = ["tracker"]
group_by = ["actor", "country"]
home = "Afghanistan"

[[channels]]
name = "screen"
kind = "console"

[[routes]]
channels = ["screen"]

[[rules]]
name = "asked"
"""
FORECAST = 'watch = "countries"\nclear_probability = 0.2\n'
OBSERVED = 'watch = "countries"\non = "observed"\n'


def read(folder: Path, rule: str) -> Config:
    path = folder / "config.toml"
    path.write_text(HEAD + rule, encoding="utf-8")
    return load(path)


def refusal(folder: Path, rule: str) -> str:
    with pytest.raises(ConfigError) as caught:
        read(folder, rule)
    return caught.value.line()


def levels(*parts: str) -> str:
    return "levels = [\n" + ",\n".join(f"  {{ {part} }}" for part in parts) + "\n]\n"


LESSER = 'severity = "elevated", at_least = 8, probability = 0.5'


@pytest.mark.parametrize(
    "at_least",
    [
        "8",
        "{ times_baseline = 2.0, minimum = 5 }",
        "{ times_last_year = 2.0, minimum = 5 }",
        "{ quantile = 0.95, minimum = 5 }",
        "{ record = true, minimum = 5 }",
        "{ chance = 0.01, minimum = 5 }",
    ],
)
def test_every_threshold_stands_in_forecasts_and_in_what_was_observed(
    tmp_path: Path, at_least: str
) -> None:
    part = f'severity = "high", at_least = {at_least}, probability = 0.5'
    assert read(tmp_path, FORECAST + levels(part)).rules
    (rule,) = read(tmp_path, OBSERVED + levels(part)).listed_rules
    assert isinstance(rule, ObservedRuleSettings)


@pytest.mark.parametrize(
    ("at_least", "told"),
    [
        ("{ quantile = 0.95 }", "rules[1].levels[1].at_least.minimum: Field required"),
        ("{ chance = 0.01, minimum = 0 }", "rules[1].levels[1].at_least.minimum: "),
        ("{ chance = 0.5, minimum = 2 }", "rules[1].levels[1].at_least.chance: "),
        ("{ record = false, minimum = 2 }", "rules[1].levels[1].at_least.record: "),
        ("{ minimum = 2 }", "a whole number, or a table with one of times_baseline, "),
        ("{ times_basline = 2.0, minimum = 2 }", "a whole number, or a table with one of"),
        ("{ record = true, minimum = 2, minimun = 3 }", "did you mean 'minimum'?"),
        ('"8"', "rules[1].levels[1].at_least: "),
    ],
)
def test_a_threshold_that_cannot_be_meant_is_told_by_its_key(
    tmp_path: Path, at_least: str, told: str
) -> None:
    part = f'severity = "high", at_least = {at_least}, probability = 0.5'
    line = refusal(tmp_path, FORECAST + levels(part))
    assert told in line
    assert "line 40" in line


@pytest.mark.parametrize(
    "greater",
    [
        'severity = "high", at_least = 8, probability = 0.5',
        'severity = "high", at_least = 7, probability = 0.5',
        'severity = "high", at_least = 8, probability = 0.4',
    ],
)
def test_a_more_severe_level_may_not_be_easier(tmp_path: Path, greater: str) -> None:
    line = refusal(tmp_path, FORECAST + levels(greater, LESSER))
    assert "rules[1].levels: 'high' rings whenever 'elevated' does" in line


@pytest.mark.parametrize(
    "greater",
    [
        'severity = "high", at_least = 9, probability = 0.5',
        'severity = "high", at_least = 8, probability = 0.6',
        'severity = "high", at_least = 20, probability = 0.3',
        'severity = "high", at_least = { times_baseline = 2.0, minimum = 5 }, probability = 0.5',
    ],
)
def test_a_more_severe_level_that_asks_more_of_anything_stands(
    tmp_path: Path, greater: str
) -> None:
    assert read(tmp_path, FORECAST + levels(LESSER, greater)).rules


@pytest.mark.parametrize(
    ("lesser", "greater"),
    [
        ("{ times_baseline = 2.0, minimum = 5 }", "{ times_baseline = 1.5, minimum = 5 }"),
        ("{ chance = 0.01, minimum = 5 }", "{ chance = 0.05, minimum = 5 }"),
        ("{ record = true, minimum = 5 }", "{ quantile = 0.9, minimum = 5 }"),
        ("{ record = true, minimum = 5 }", "5"),
    ],
)
def test_thresholds_that_follow_the_history_are_held_against_each_other(
    tmp_path: Path, lesser: str, greater: str
) -> None:
    parts = [
        f'severity = "{severity}", at_least = {at_least}, probability = 0.5'
        for severity, at_least in (("elevated", lesser), ("high", greater))
    ]
    assert "rings whenever" in refusal(tmp_path, FORECAST + levels(*parts))
    severe_last = [part.replace("elevated", "extreme") for part in parts]
    assert read(tmp_path, FORECAST + levels(*severe_last)).rules


def test_a_severity_stands_once(tmp_path: Path) -> None:
    twice = levels(LESSER, LESSER.replace("8", "9"))
    assert "severity 'elevated' stands twice" in refusal(tmp_path, FORECAST + twice)


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        (FORECAST + "within = 4\n" + levels(LESSER), "looks further than the horizon"),
        (
            FORECAST.replace("0.2", "0.6") + levels(LESSER),
            "the alert would open and clear at once",
        ),
        (
            OBSERVED + "clear_probability = 0.6\n" + levels(LESSER),
            "the alert would open and clear at once",
        ),
        (
            'watch = "countries"\non = "spread"\n' + levels('severity = "high", quiet = 12'),
            "watch 'countries' does not count actors by place",
        ),
        (
            'watch = "groups"\non = "spread"\n'
            + levels('severity = "high", times_year_before = 3.0, minimum = 5'),
            "an increase abroad needs a home, and watch 'groups' has none",
        ),
        (
            'watch = "abroad"\non = "spread"\n' + levels('severity = "high", quite = 12'),
            "did you mean 'quiet'?",
        ),
        (
            FORECAST + 'of = "totals"\n' + levels(LESSER),
            "rules[1].of: watch 'countries' adds nothing up, so this rule would never ring",
        ),
        (FORECAST + 'of = "total"\n' + levels(LESSER), "rules[1].of"),
        (FORECAST + 'on = "spred"\n' + levels(LESSER), "did you mean 'spread'?"),
    ],
)
def test_a_rule_asks_only_what_its_watch_can_give(tmp_path: Path, rule: str, told: str) -> None:
    assert told in refusal(tmp_path, rule)


def test_arrivals_and_increases_stand_in_one_rule(tmp_path: Path) -> None:
    parts = levels(
        'severity = "elevated", times_year_before = 3.0, minimum = 5',
        'severity = "high", quiet = 12',
    )
    (rule,) = read(tmp_path, f'watch = "abroad"\non = "spread"\n{parts}').listed_rules
    assert isinstance(rule, SpreadRuleSettings)
    assert rule.severities == ("elevated", "high")
    without_home = levels('severity = "high", quiet = 2')
    assert read(tmp_path, f'watch = "groups"\non = "spread"\n{without_home}').spread_rules


def test_a_review_is_due_from_the_day_after_its_date(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = FORECAST + 'owner = "security desk"\nreview_by = 2024-06-30\n' + levels(LESSER)
    config = read(tmp_path, told)
    assert reviews_due(config, date(2024, 6, 30)) == []
    assert reviews_due(config, date(2024, 7, 1)) == [
        "rule asked: its review was due on 2024-06-30; security desk answers for it"
    ]
    assert check(tmp_path / "config.toml") == []
    assert "rule asked: its review was due on 2024-06-30" in capsys.readouterr().out
