"""Incidents that are likely one event told twice."""

import random
from collections.abc import Callable
from datetime import date, timedelta
from itertools import combinations
from pathlib import Path

import pytest

from core.distance import haversine_km
from core.incidents import Incident
from core.settings import Aliases, FeedSettings
from feeds.registry import open_feed, settings_class
from storage import duplicates
from storage.database import Database
from storage.duplicates import Sweep, likely_duplicates, similar
from storage.incidents import Incidents
from tests.storage.samples import FEED, NOW, ListPull, incident

OTHER = FeedSettings(name="other", kind="csv")


def found(database: Database, *feeds: str, sweep: Sweep | None = None) -> set[frozenset[str]]:
    pairs = likely_duplicates(database, feeds or ("tracker", "other"), sweep or Sweep())
    return {frozenset({pair.first.source_id, pair.second.source_id}) for pair in pairs}


@pytest.mark.parametrize(
    ("changes", "same"),
    [
        ({}, True),
        ({"date": "2022-01-06"}, True),
        ({"date": "2022-01-07"}, False),
        ({"date": "2022-01-04"}, True),
        ({"latitude": 11.58}, True),
        ({"latitude": 11.6}, False),
        ({"actor": "Daesh"}, True),
        ({"actor": "JAS"}, False),
        ({"actor": None}, False),
        ({"fatalities": 4}, True),
        ({"fatalities": 5}, False),
        ({"fatalities": None}, True),
        ({"latitude": None, "longitude": None}, False),
        ({"date_precision": 4}, False),
        ({"admin1": "Elsewhere", "country": "Chad"}, True),
    ],
)
def test_two_tellings_are_one_event_by_this_table(
    store: Incidents, database: Database, changes: dict[str, object], same: bool
) -> None:
    store.set_aliases(Aliases(actor={"ISWAP": ("Daesh",)}))
    told = incident("b")._replace(**changes)
    told = told._replace(date_end=told.date)
    store.load(FEED, ListPull([incident("a")]), NOW)
    store.load(OTHER, ListPull([told]), NOW)
    assert found(database) == ({frozenset("ab")} if same else set())
    assert found(database, "tracker") == set()


@pytest.mark.parametrize(
    ("a", "b", "answer"),
    [(0, 1, True), (0, 2, False), (10, 13, True), (10, 14, False), (12, 16, True), (None, 9, True)],
)
def test_counts_are_similar_within_a_quarter_or_one(
    a: int | None, b: int | None, answer: bool
) -> None:
    assert similar(a, b) == similar(b, a) == answer


def scattered(count: int, seed: int) -> list[Incident]:
    """Incidents in clusters over two months, some at the date line and near a pole."""
    rng = random.Random(seed)
    towns = [(11.5, 13.1), (11.56, 13.14), (-17.0, 179.99), (-17.0, -179.98), (89.99, 10.0),
             (89.99, -170.0), (0.0, 0.0), (70.0, 25.0), (70.0, 25.2)]  # fmt: skip
    rows = []
    for number in range(count):
        town, day = rng.choice(towns), date(2022, 1, 20) + timedelta(rng.randrange(25))
        longitude = town[1] + rng.uniform(-0.1, 0.1)
        place = {
            "latitude": min(max(town[0] + rng.uniform(-0.09, 0.09), -90.0), 90.0),
            "longitude": (longitude + 180) % 360 - 180,
            "actor": rng.choice(["ISWAP", "JAS"]),
            "fatalities": rng.choice([0, 1, 5, 40, None]),
        }
        rows.append(incident(number, day.isoformat(), **place))
    return rows


def one_event(a: Incident, b: Incident) -> bool:
    days = abs((date.fromisoformat(a.date) - date.fromisoformat(b.date)).days)
    assert a.latitude is not None
    assert a.longitude is not None
    assert b.latitude is not None
    assert b.longitude is not None
    km = haversine_km((a.latitude, a.longitude), (b.latitude, b.longitude))
    return days <= 1 and km <= 10 and a.actor == b.actor and similar(a.fatalities, b.fatalities)


def test_the_sweep_finds_what_comparing_all_with_all_finds(
    store: Incidents, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = scattered(700, 3)
    store.load(FEED, ListPull(rows), NOW)
    wanted = {
        frozenset({a.source_id, b.source_id}) for a, b in combinations(rows, 2) if one_event(a, b)
    }
    sweep = Sweep()
    assert found(database, sweep=sweep) == wanted
    assert (sweep.compared, sweep.left_out, sweep.crowded) == (700, 0, 0)
    monkeypatch.setattr(duplicates, "AT_ONCE", 1)
    assert found(database) == wanted, "a pair across two readings is found too"
    print(
        f"{len(rows)} incidents, {len(wanted)} pairs, the same as by {700 * 699 // 2} comparisons"
    )


def test_a_crowd_costs_time_in_proportion_and_is_told(
    store: Incidents, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(duplicates, "CROWD", 20)
    counts = [4**n for n in range(9)]  # no two are similar but those that are equal
    rows = [incident(n, fatalities=counts[n % 9]) for n in range(500)]
    store.load(FEED, ListPull(rows), NOW)
    sweep = Sweep()
    pairs = list(likely_duplicates(database, ["tracker"], sweep))
    assert sweep.crowded == 480
    assert len(pairs) <= 500 * 20


def test_incidents_that_cannot_be_compared_are_counted(
    store: Incidents, database: Database
) -> None:
    rows = [incident(1), incident(2, actor=None), incident(3, date_precision=5),
            incident(4, latitude=None, longitude=None), incident(5, "2022-03-01")]  # fmt: skip
    store.load(FEED, ListPull(rows), NOW)
    sweep = Sweep()
    assert found(database, sweep=sweep) == set()
    assert (sweep.compared, sweep.left_out) == (2, 3)


def test_deleted_and_revised_tellings_are_not_compared(
    store: Incidents, database: Database
) -> None:
    rows = [incident(n, f"2022-0{n}-05") for n in range(1, 7)]
    store.load(FEED, ListPull([*rows, incident("x")]), NOW)
    assert found(database) == {frozenset({"1", "x"})}
    store.load(FEED, ListPull(rows), NOW + timedelta(days=1))
    assert found(database) == set()


@pytest.mark.realdata
def test_most_nigerian_events_of_two_ucdp_files_find_each_other(
    store: Incidents, database: Database, real_data: Callable[[str], Path]
) -> None:
    yearly = real_data("hdx_ucdp_nigeria.csv.gz")
    other = real_data("ucdp_ged_extract.csv.gz")
    columns = {
        "id": "event_id", "date": "date", "country": "country", "actor": "actor",
        "fatalities": "fatalities", "latitude": "lat", "longitude": "lon",
    }  # fmt: skip
    for name, kind, path, more in (
        ("hdx", "ucdp-csv", yearly, {}),
        ("tidy", "csv", other, {"columns": columns}),
    ):
        given = {"name": name, "kind": kind, "path": str(path), "max_bad_share": 0.9, **more}
        settings = settings_class(kind).model_validate(given)
        pull = open_feed(settings, path.parent).pull(date(2026, 1, 1))
        store.load(settings, pull, NOW)
        pull.close()
    sweep = Sweep()
    ids = {feed: set(source_ids(database, feed)) for feed in ("hdx", "tidy")}
    shared = ids["hdx"] & ids["tidy"]
    matched = {
        pair.first.source_id
        for pair in likely_duplicates(database, ["hdx", "tidy"], sweep)
        if pair.first.feed != pair.second.feed and pair.first.source_id == pair.second.source_id
    }
    assert len(shared) > 1000
    share = len(matched & shared) / len(shared)
    assert share > 0.8
    print(
        f"{sweep.compared} incidents of two files swept; of {len(shared)} with one id in both, "
        f"{share:.1%} are flagged"
    )


def source_ids(database: Database, feed: str) -> list[str]:
    return [
        row[0]
        for row in database.rows(
            "SELECT source_id FROM incidents JOIN feeds USING (feed_id) WHERE name = ? "
            "AND superseded_at IS NULL AND country = 'Nigeria'",
            [feed],
        )
    ]
