"""Every number of a message that is no forecast, and of those about several, found in the store."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path
from statistics import fmean
from typing import Any

import pytest

from core.alerts import Json
from storage.database import open_database
from tests.tocsin.town_by_day import TownByDay

MORE = """
[[watches]]
name = "groups"
feeds = ["tracker"]
group_by = ["actor", "country"]
horizon = 3

[[rules]]
name = "sudden"
watch = "provinces"
on = "observed"
levels = [{ severity = "high", at_least = { times_baseline = 2, minimum = 5 } }]

[[rules]]
name = "arrival"
watch = "groups"
on = "spread"
levels = [{ severity = "high", quiet = 12, at_least = 2 }]

[[rules]]
name = "quiet-feed"
watch = "provinces"
on = "stale"
severity = "elevated"
after = "40d"

[[channels]]
"""
MONTHS = "substr(date, 1, 7)"


@pytest.fixture
def town(tmp_path: Path) -> TownByDay:
    """Two calm years, and a storm in June 2024; the files' countries are named as actors too."""
    made = TownByDay(tmp_path)
    made.configure(
        {
            'country = "country", admin1 = "province"': 'country = "province", '
            'admin1 = "province", actor = "country"',
            "\n[[channels]]\n": MORE,
            'name = "screen"\n': 'name = "screen"\ngroup_over = 1\n',
            'kind = "console"': 'kind = "console"\ndigest = { every = "day", at = "05:00" }',
        }
    )
    for month in range(30):
        for number in range(9 if month == 29 else 1 + month % 2):
            day = f"{2022 + month // 12}-{month % 12 + 1:02d}-{3 + number:02d}"
            made.events[f"{month}-{number}"] = (day, "Storm")
    made.events |= {f"new-{n}": (f"2024-06-{10 + n}", "Hail") for n in range(3)}
    return made


def counted(town: TownByDay, place: str) -> dict[str, int]:
    """Return the counts of a place by month, from the current versions in the store."""
    with closing(open_database(town.database, mode="read")) as database:
        return dict(
            database.rows(
                f"SELECT {MONTHS}, count(*) FROM incidents WHERE superseded_at IS NULL "
                f"AND country = ? GROUP BY {MONTHS}",
                [place],
            )
        )


def told_of(town: TownByDay, report: Any) -> dict[str, Json]:
    """Return the data of what each rule told, made of the steps that the store keeps."""
    from alerts.messages import compose  # noqa: PLC0415 - beside its use

    alerts = {one.alert_id: one for one in report.changes.alerts}
    return {
        alerts[event.alert_id].rule: compose(alerts[event.alert_id], event).model_dump(mode="json")[
            "data"
        ]
        for event in report.changes.events
        if event.reason == "crossed_enough_runs"
    }


def same_months(points: list[Json], months: dict[str, int]) -> None:
    assert points
    assert [one["count"] for one in points] == [months.get(one["period"], 0) for one in points]


def test_what_was_counted_is_the_stores_count(town: TownByDay) -> None:
    told = told_of(town, town.run("2024-07-02", deliver=True))["sudden"]
    months = counted(town, "Storm")
    assert told["counted"] == told["tempo"] == months["2024-06"] == 9
    assert told["headline"] == "9 attacks in 2024-06"
    for points in (told["earlier"], told["recent"]):
        same_months(points, months)
    first, last = (told["baseline"][end][:7] for end in ("first", "last"))
    year = [count for month, count in months.items() if first <= month <= last]
    assert told["baseline"]["mean"] == fmean(year)
    assert len(year) == 12
    assert told["threshold"] == max(5, 2 * fmean(year)) == told["levels"][0]["threshold"]
    assert told["behind"]["count"] == sum(months[f"2024-{month:02d}"] for month in (4, 5, 6))
    assert told["probability"] == 1.0


def test_what_spread_is_the_stores_count_and_its_quiet_is_none(town: TownByDay) -> None:
    told = told_of(town, town.run("2024-07-02", deliver=True))["arrival"]
    months = counted(town, "Hail")
    assert told["place"] == "Freedonia/Hail"
    assert told["counted"] == sum(months.values()) == 3 >= told["threshold"] == 2
    assert told["levels"][0]["follows"] == "after 12 months without any"
    same_months(told["recent"], months)
    assert sum(one["count"] for one in told["recent"][:-1]) == 0


def test_how_long_a_feed_is_silent_is_counted_from_its_last_news(town: TownByDay) -> None:
    town.run("2024-07-02", deliver=True)
    told = told_of(town, town.run("2024-08-20", deliver=True))["quiet-feed"]
    with closing(open_database(town.database, mode="read")) as database:
        last = database.value("SELECT max(at) FROM pulls WHERE added + revised + deleted > 0")
        ((days,),) = database.rows("SELECT julianday('2024-08-20') - julianday(?)", [last[:10]])
    assert (told["since"], told["days"], told["limit_days"]) == (last[:10], days, 40)
    assert told["days"] == 49


def test_a_verdicts_numbers_are_those_of_the_day_it_fired_and_of_what_came(town: TownByDay) -> None:
    for month in (3, 4, 5):
        town.events |= {f"w{month}-{n}": (f"2024-0{month}-{n + 12}", "Storm") for n in range(8)}
    town.run("2024-07-02", deliver=True)
    for month in (7, 8, 9):
        town.events |= {
            f"{month}-{n}": (f"2024-{month:02d}-{n + 3:02d}", "Storm") for n in range(7)
        }
    report = town.run("2024-10-02", deliver=True)
    ((verdict, event),) = [
        (one, event)
        for one in report.changes.verdicts
        for event in report.changes.events
        if event.alert_id == one.alert_id and event.reason == one.verdict
    ]
    with closing(open_database(town.database, mode="read")) as database:
        ((probability, severity, facts),) = database.rows(
            "SELECT probability, severity, facts FROM alert_events "
            "WHERE alert_id = ? AND reason = 'crossed_enough_runs'",
            [verdict.alert_id],
        )
    months = counted(town, "Storm")
    assert (event.probability, event.severity) == (probability, severity)
    assert {**event.facts, "before": None} == {**json.loads(facts), "before": None}
    assert verdict.observed == max(months[f"2024-{month:02d}"] for month in (7, 8, 9)) == 7
    assert f"{verdict.observed} attacks in the largest month" in verdict.words


def test_a_group_counts_the_steps_that_the_store_tells_by_it(town: TownByDay) -> None:
    town.run("2024-07-02", deliver=True)
    with closing(open_database(town.database, mode="read")) as database:
        ((name, body),) = database.rows("SELECT delivery_id, body FROM outbox WHERE kind = 'group'")
        told = json.loads(body)["data"]
        steps = database.rows(
            "SELECT e.severity, count(*) FROM told_steps JOIN alert_events AS e "
            "USING (alert_id, sequence) WHERE delivery_id = ? GROUP BY e.severity",
            [name],
        )
    assert told["by_severity"] == dict(steps)
    assert told["count"] == sum(dict(steps).values()) == len(told["shown"])
    assert {one["alert_id"] for one in told["shown"]}
