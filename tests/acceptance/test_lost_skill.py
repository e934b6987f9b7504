"""A region whose forecasts lose rings, in the run that sees it, and is quiet again when they do."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from alerts.messages import Message
from alerts.rendering import subject, text
from storage.database import open_database
from tests.acceptance.town import Town
from tests.tocsin.town_by_day import TownByDay
from tocsin.asof import Replay

RULE = """
[[rules]]
name = "lost"
watch = "provinces"
on = "skill"
severity = "severe"
over = 8
action = "Do not plan by these forecasts."
owner = "the analysis desk"

[[channels]]"""
STORM = [3, 4, 2, 5] * 6 + [12, 30, 2, 60, 0, 70, 9, 80] + [6, 5, 7, 6, 6, 5]
"""Two years as usual, eight months that nothing foresaw, and as usual again."""
FIRST = 24
"""Months before the first run."""


def month(number: int, day: int = 1) -> str:
    return f"{2020 + number // 12}-{number % 12 + 1:02d}-{day:02d}"


def build(folder: Path) -> TownByDay:
    made = TownByDay(folder)
    made.configure({"\n[[channels]]": RULE})
    for number, count in enumerate(STORM):
        for one in range(count):
            made.events[f"{number}-{one}"] = (month(number, one % 28 + 1), "Storm")
    return made


def asked(town: TownByDay, sql: str) -> list[Any]:
    with open_database(town.database, mode="read") as database:
        return database.rows(sql)


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> TownByDay:
    """The town after a run early in every month from the third year on."""
    made = build(tmp_path_factory.mktemp("lived"))
    for number in range(FIRST, len(STORM) + 1):
        made.run(month(number, 2), deliver=True)
    return made


def test_forecasts_that_lose_ring_in_the_run_that_scores_them_and_clear_on_recovery(
    lived: TownByDay,
) -> None:
    steps = asked(
        lived,
        "SELECT substr(at, 1, 7), reason FROM alert_events JOIN alerts USING (alert_id) "
        "WHERE rule = 'lost' AND from_state IS NOT to_state ORDER BY sequence",
    )
    assert steps == [("2022-09", "crossed_enough_runs"), ("2023-01", "cleared")]


def test_the_message_says_what_is_wrong_in_numbers_that_the_scores_hold(lived: TownByDay) -> None:
    bodies = asked(
        lived, "SELECT body FROM outbox JOIN alerts USING (alert_id) WHERE rule = 'lost'"
    )
    first, last = (Message.model_validate_json(body) for (body,) in bodies)
    ((held, mean, reference),) = asked(
        lived,
        "SELECT sum(coalesce(held_by_interval <= 90, 0)), avg(crps), "
        "(SELECT avg(crps) FROM score_table WHERE model = 'conflictology' AND horizon = 1 "
        "AND period_start < '2022-09-01') FROM score_table "
        "WHERE model = 'pool' AND horizon = 1 AND period_start < '2022-09-01'",
    )
    told = " ".join(text(first).split())
    assert subject(first).startswith("Freedonia/Storm · Jan–Aug 2022 · SEVERE: ")
    assert f"{held} of 8 intervals of 90 % held the count, so few by chance once in" in told
    if mean > 1.1 * reference:
        assert f"{mean:.2f} attacks, with the last year's distribution {reference:.2f}" in told
    assert "To do Do not plan by these forecasts. Owner the analysis desk" in told
    assert "RESOLVED (was SEVERE): its forecasts are as good as they should be" in " ".join(
        text(last).split()
    )


def test_rules_check_tells_the_same_of_the_newest_run(lived: TownByDay) -> None:
    found = json.loads(Town(lived.folder).tocsin("rules", "check", "--format", "json").out)
    (lost,) = (one for one in found if one["rule"] == "lost")
    (row,) = lost["readings"]
    assert (row["rings"], row["at_least"], row["data_through"]) == (False, 8, "2023-02-28")
    assert row["follows"].startswith("one month ahead: ")


def test_a_replay_says_nothing_of_forecasts_that_nobody_was_given(lived: TownByDay) -> None:
    report = lived.run("2023-03-02", Replay(date(2022, 10, 2)))
    assert not [alert for alert in report.changes.alerts if alert.rule == "lost"]
