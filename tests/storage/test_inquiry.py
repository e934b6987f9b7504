"""Every number's query stands on its own: it gives the same number in plain SQLite."""

import sqlite3
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from core.incidents import Incident
from core.settings import Aliases, FeedSettings, WatchSettings
from storage.database import Database, open_database
from storage.incidents import Incidents
from storage.inquiry import Inquiry
from storage.names import Names
from storage.selection import literal, quoted
from tests.storage.samples import CUTOFF, FEED, NOW, ListPull, incident, watch

ALL = ((date(2013, 1, 1), CUTOFF),)
FIRST_HALF = ((date(2022, 1, 1), date(2022, 6, 30)),)
SECOND_HALF = ((date(2022, 7, 1), CUTOFF),)
NAMES = st.text(st.characters(exclude_categories=("Cs", "Cc", "Cf", "Co", "Cn")), min_size=1)


def plainly(database: Database, sql: str) -> Any:
    """Return what a connection of nobody's making answers."""
    plain = sqlite3.connect(database.path)
    try:
        ((value,),) = plain.execute(sql).fetchall()
    finally:
        plain.close()
    return value


def inquiry(database: Database, about: WatchSettings, as_of: str | None = None) -> Inquiry:
    store = Incidents(database)
    return Inquiry(database, about, CUTOFF, as_of, store.coverage(about.feeds, as_of))


def load(store: Incidents, *incidents: Incident) -> None:
    store.load(FEED, ListPull(list(incidents)), NOW)


def test_events_are_those_that_the_watch_counts(store: Incidents, database: Database) -> None:
    load(
        store,
        incident(1, "2022-03-01"),
        incident(2, "2022-08-01"),
        incident(3, "2022-08-02", actor="Bandits"),
        incident(4, "2022-08-03", country="Niger"),
    )
    asked = inquiry(database, watch(where={"actor": "ISW*"}))
    assert asked.events(ALL).value == 3
    assert asked.events(SECOND_HALF).value == 2
    assert asked.events(SECOND_HALF, ("Niger",)).value == 1
    assert asked.events(SECOND_HALF, ()).value == 0
    assert asked.events(()).value == 0
    number = asked.events(SECOND_HALF, ("Niger",))
    assert plainly(database, number.sql) == 1


def test_a_span_with_a_hole_leaves_out_what_lies_in_it(
    store: Incidents, database: Database
) -> None:
    load(store, *(incident(n, f"2022-0{n}-05") for n in range(1, 8)))
    holed = (*((date(2022, 1, 1), date(2022, 2, 28)),), *SECOND_HALF)
    assert inquiry(database, watch()).events(holed).value == 3


def test_aliases_bring_spellings_together_and_the_query_says_how(
    store: Incidents, database: Database
) -> None:
    store.set_aliases(Aliases(country={"Nigeria": ("Naija",)}))
    load(
        store,
        incident(1, "2022-02-01"),
        incident(2, "2022-08-01", country="Naija"),
        incident(3, "2022-08-02", country="NGA"),
        incident(4, "2022-08-02", country=None),
    )
    answer = inquiry(database, watch(group_by=["country"])).countries(FIRST_HALF, SECOND_HALF)
    assert answer.rows == [("(unknown)", 0, 1), ("Nigeria", 1, 2)]
    number = answer.number("since", 2, country="Nigeria")
    assert plainly(database, number.sql) == 2


def test_where_feeds_overlap_the_query_counts_each_event_once(
    store: Incidents, database: Database
) -> None:
    yearly = FeedSettings(name="yearly", kind="ucdp-csv")
    monthly = FeedSettings(name="monthly", kind="ucdp-csv")
    told = [incident(n, f"2022-0{n}-10") for n in range(1, 7)]
    store.load(yearly, ListPull(told, through=date(2022, 6, 30)), NOW)
    told = [incident(f"{n}{k}", f"2022-0{n}-1{k}") for n in range(4, 10) for k in range(2)]
    store.load(monthly, ListPull(told, first=date(2022, 4, 1)), NOW)
    names = ("yearly", "monthly")
    trusted = watch(feeds=names, group_by=["country"], precedence=names)
    number = inquiry(database, trusted).events(ALL)
    counted = int(store.cells(trusted, CUTOFF, None).count.sum())
    assert number.value == plainly(database, number.sql) == counted == 12


def test_a_past_stamp_gives_what_was_known_then(store: Incidents, database: Database) -> None:
    load(store, incident(1))
    known = store.watermark()
    load(store, incident(1), incident(2))
    assert inquiry(database, watch(), known).events(ALL).value == 1
    assert inquiry(database, watch()).events(ALL).value == 2
    then = inquiry(database, watch(), known).events(ALL)
    assert plainly(database, then.sql) == 1


def test_deaths_leave_out_events_whose_deaths_are_unknown(
    store: Incidents, database: Database
) -> None:
    load(
        store,
        incident(1, fatalities=2, low=2, high=2),
        incident(2, fatalities=None, low=None, high=None),
        incident(3, fatalities=4, low=4, high=4),
    )
    numbers = inquiry(database, watch()).deaths(ALL)
    assert [number.value for number in numbers] == [2, 6, 20]
    assert [plainly(database, number.sql) for number in numbers] == [2, 6, 20]


def test_months_and_regions_come_with_their_numbers(store: Incidents, database: Database) -> None:
    load(store, incident(1, "2022-01-05"), incident(2, "2022-01-09"), incident(3, "2022-08-01"))
    asked = inquiry(database, watch())
    assert asked.months(ALL).rows == [("2022-01", 2, 6), ("2022-08", 1, 3)]
    found = asked.regions(FIRST_HALF, SECOND_HALF)
    assert found.rows == [("Nigeria", "Borno", 2, 1)]
    number = found.number("before", 2, part1="Nigeria", part2="Borno")
    assert plainly(database, number.sql) == 2


@settings(
    derandomize=True,
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(name=NAMES)
@example(name="NER")
@example(name="it's")
def test_no_name_leaves_its_quotes(tmp_path_factory: pytest.TempPathFactory, name: str) -> None:
    path = tmp_path_factory.mktemp("hostile") / "tocsin.db"
    with open_database(path, mode="own") as database:
        store = Incidents(database)
        hostile = f"{name}'); DROP TABLE incidents; -- :feeds"
        load(store, incident(1, country=name), incident(2, country=hostile))
        asked = inquiry(database, watch(group_by=["country"]))
        for country in (name, hostile):
            found = asked.countries(FIRST_HALF, SECOND_HALF)
            shown = Names.of(database).canonical("country", country)  # a code stands for its name
            number = found.number("before", 1, country=shown)
            assert plainly(database, number.sql) == 1
        assert plainly(database, "SELECT count(*) FROM incidents") == 2


def test_values_are_put_in_once_whatever_they_hold() -> None:
    assert literal("a = :one AND b = :two", {"one": ":two", "two": "it's"}) == (
        "a = ':two' AND b = 'it''s'"
    )
    assert [quoted(value) for value in (None, 3, 0.5)] == ["NULL", "3", "0.5"]


def test_plain_sqlite_is_what_reads_the_file(path: Path, store: Incidents) -> None:
    """The queries promise to run in the sqlite3 program: nothing of Tocsin's is in them."""
    load(store, incident(1))
    with open_database(path, mode="read") as database:
        sql = inquiry(database, watch()).events(ALL).sql
    assert "distance_km" not in sql
    assert "?" not in sql
