"""Every number of a message, found again in the store it came from."""

from __future__ import annotations

import json
from collections import Counter
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from alerts.messages import Message
from alerts.rendering import rows
from core.alerts import Json
from core.periods import Period
from storage.database import open_database
from tests.tocsin.town_by_day import PLACE, TownByDay, stormy


@pytest.fixture
def town(tmp_path: Path) -> TownByDay:
    return stormy(tmp_path)


def asked(town: TownByDay, statement: str, *values: Any) -> list[tuple[Any, ...]]:
    with closing(open_database(town.database, mode="read")) as database:
        return database.rows(statement, list(values))


def body(report: Any) -> Json:
    (told,) = {json.dumps(new.body) for new in report.changes.deliveries}
    found: Json = json.loads(told)
    return found


def _by_month(town: TownByDay) -> list[int]:
    """Count the town's events by month, from its first."""
    months = Counter(day[:7] for day, _ in town.events.values())
    return [months[month] for month in sorted(months)]


def test_every_number_of_a_message_is_found_again_in_the_store(town: TownByDay) -> None:
    report = town.run("2024-07-02", deliver=True)
    told = body(report)["data"]
    (counts,) = asked(
        town,
        "SELECT recent, tempo, baseline, baseline_first, newest, data_as_of, since FROM standings "
        "JOIN blocks USING (block_id) JOIN series USING (series_id) "
        "WHERE run_id = ? AND region = ?",
        report.run,
        told["place"],
    )
    recent, tempo, baseline, first, newest, data_as_of, since = counts
    assert [point["count"] for point in told["recent"]] == json.loads(recent)[-12:]
    assert told["recent"][-1]["period"] == Period.MONTH.label(newest)
    earlier = [point["count"] for point in told["earlier"]]
    assert earlier == [1 + month % 2 for month in range(18)]
    assert [*earlier, *(point["count"] for point in told["recent"])] == _by_month(town)
    assert told["tempo"] == tempo == len([e for e in town.events.values() if "2024-06" in e[0]])
    assert told["baseline"]["mean"] == baseline
    assert told["baseline"]["first"] == Period.MONTH.start(first).isoformat()
    assert told["data_as_of"] == data_as_of
    period, mean, probability = json.loads(since)
    assert told["level_since"] == {
        "period": Period.MONTH.label(period),
        "mean": mean,
        "probability": probability,
    }
    ahead = asked(
        town,
        "SELECT period_index, q05, q25, q50, q75, q95 FROM forecasts JOIN blocks USING (block_id) "
        "JOIN series USING (series_id) WHERE run_id = ? AND region = ? ORDER BY horizon",
        report.run,
        told["place"],
    )
    levels = ("low_90", "low_50", "median", "high_50", "high_90")
    assert [[one["period"], *(one[level] for level in levels)] for one in told["ahead"]] == [
        [Period.MONTH.label(index), *quantiles] for index, *quantiles in ahead[: len(told["ahead"])]
    ]
    assert told["ahead"][-1]["period"] == told["window"]["last"][:7]
    ((probability, threshold),) = asked(
        town,
        "SELECT probability, threshold FROM alert_events JOIN alerts USING (alert_id) "
        "WHERE alert_id = ? AND sequence = ?",
        told["alert_id"],
        told["sequence"],
    )
    assert (told["probability"], told["threshold"]) == (probability, threshold)
    assert abs(told["likelihood"]["percent"] - 100 * probability) <= 5
    largest = max(one["median"] for one in told["ahead"])
    assert told["expected"]["low_90"] <= largest <= told["expected"]["high_90"]


def test_a_later_message_says_what_the_last_step_said(town: TownByDay) -> None:
    first = body(town.run("2024-07-02", deliver=True))["data"]
    assert first["before"] is None
    town.events = {
        i: e for i, e in town.events.items() if date.fromisoformat(e[0]) < date(2024, 1, 1)
    }
    town.configure({'noun = "attacks"': 'noun = "attacks"\nmax_loss_share = 1.0'})
    town.events |= {f"{m}-0": (f"2024-{m - 23:02d}-03", PLACE) for m in range(24, 30)}
    after = body(town.run("2024-07-03", deliver=True))
    assert after["data"]["before"] == {
        "cutoff": first["cutoff"],
        "expected": first["expected"],
        "levels": first["levels"],
    }
    line = dict(rows(Message.model_validate(after)))["Before"]
    assert line.startswith("on 2 July 2024: ")
    assert f"{first['expected']['median']} expected (90 % interval" in line


def test_messages_say_how_often_the_rules_alerts_came_true(town: TownByDay) -> None:
    first = body(town.run("2024-07-02", deliver=True))["data"]
    assert first["track_record"] == "none yet"
    for month in range(7, 12):
        town.events |= {f"{month}-{n}x": (f"2024-{month:02d}-{n + 3:02d}", PLACE) for n in range(9)}
    told = []
    for day in ("2024-08-02", "2024-09-02", "2024-10-02", "2024-11-02", "2024-12-02"):
        report = town.run(day, deliver=True)
        told += [
            event.facts["record"] for event in report.changes.events if "record" in event.facts
        ]
    ((came_true, judged),) = asked(
        town,
        "SELECT sum(verdict = 'came_true'), count(*) FROM verdicts WHERE verdict <> 'undecided'",
    )
    assert (came_true, judged) == (1, 1)
    assert {"came_true": 1, "judged": 1}.items() <= (told[-1] or {}).items()
