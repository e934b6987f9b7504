"""Names in the store, and the aliases that they suggest."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.settings import Aliases
from storage.database import Database, open_database
from storage.incidents import Incidents
from storage.spellings import Spelling, spellings
from tests.storage.samples import FEED, NOW, ListPull, incident
from tocsin.suggestions import Suggestion, suggested


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with open_database(tmp_path / "tocsin.db", mode="own") as database:
        yield database


@pytest.fixture
def store(database: Database) -> Incidents:
    return Incidents(database)


def test_names_are_those_after_aliases_with_the_commonest_first(
    store: Incidents, database: Database
) -> None:
    places = ["Borno", "Borno State", "Borno", "Bornu", "Yobe", "Yobe", "Yobe", "Yobe", None]
    store.load(FEED, ListPull([incident(n, admin1=name) for n, name in enumerate(places)]), NOW)
    store.set_aliases(Aliases(admin1={"Borno": ("Bornu",)}))
    found = spellings(database)["admin1", "Nigeria"]
    assert found == [Spelling("Yobe", 4), Spelling("Borno", 3), Spelling("Borno State", 1)]


def test_provinces_are_compared_within_their_country_and_actors_everywhere(
    store: Incidents, database: Database
) -> None:
    rows = [
        incident(1, country="Mali", admin1="Central", actor="Ansar al-Islam"),
        incident(2, country="Chad", admin1="Central Region", actor="Ansaar ul-Islam"),
        incident(3, country="Chad", admin1="Centrale", actor="Ansaar ul-Islam"),
    ]
    store.load(FEED, ListPull(rows), NOW)
    found = list(suggested(spellings(database)))
    assert {(s.field, s.country, s.name, s.spelling) for s in found} == {
        ("actor", "", "Ansaar ul-Islam", "Ansar al-Islam"),
        ("admin1", "Chad", "Central Region", "Centrale"),
    }


def test_countries_of_one_iso_code_are_one() -> None:
    names = [Spelling("DR Congo (Zaire)", 9), Spelling("Congo, DRC", 1), Spelling("Zaire", 3)]
    assert list(suggested({("country", ""): names})) == [
        Suggestion("country", "", "DR Congo (Zaire)", 9, "Zaire", 3, 100.0)
    ]


def test_a_spelling_is_suggested_once_and_never_for_one_that_gives_way_itself() -> None:
    names = [Spelling("Al Anbar", 5), Spelling("Anbar", 3), Spelling("Anbaar", 1)]
    found = list(suggested({("admin1", "Iraq"): names}))
    assert [(s.name, s.spelling) for s in found] == [("Al Anbar", "Anbar"), ("Al Anbar", "Anbaar")]
