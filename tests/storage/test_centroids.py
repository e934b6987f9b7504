"""Where regions are: the middle of what a watch counts in them."""

import pytest

from core.incidents import Tally
from core.settings import Aliases, WatchSettings
from storage.centroids import Centroid, centroids
from storage.database import Database
from storage.incidents import Incidents
from tests.storage.samples import CUTOFF, FEED, NOW, ListPull, incident, watch

BORNO = ("Nigeria", "Borno")


def places(
    store: Incidents, database: Database, about: WatchSettings, as_of: str | None = None
) -> dict[tuple[str, ...], Centroid]:
    return centroids(database, about, CUTOFF, as_of, store.coverage(about.feeds, as_of))


def test_a_region_is_in_the_middle_of_its_incidents(store: Incidents, database: Database) -> None:
    rows = [
        incident(1, latitude=11.0, longitude=13.0),
        incident(2, latitude=12.0, longitude=14.0),
        incident(3, admin1="Yobe", latitude=12.3, longitude=11.4),
    ]
    store.load(FEED, ListPull(rows), NOW)
    found = places(store, database, watch())
    assert found[BORNO] == Centroid(11.5, 13.5, 2)
    assert found["Nigeria", "Yobe"] == Centroid(12.3, 11.4, 1)


def test_only_what_the_watch_counts_and_knows_the_place_of_moves_it(
    store: Incidents, database: Database
) -> None:
    rows = [
        incident(1, latitude=11.0, longitude=13.0),
        incident(2, actor="Bandits", latitude=40.0, longitude=13.0),
        incident(3, latitude=None, longitude=None),
        incident(4, admin1="Yobe", latitude=None, longitude=None),
        incident(5, "2099-01-01", latitude=40.0, longitude=13.0),
    ]
    store.load(FEED, ListPull(rows), NOW)
    assert places(store, database, watch(where={"actor": "ISW*"})) == {BORNO: Centroid(11, 13, 1)}


def test_the_date_line_is_no_gap(store: Incidents, database: Database) -> None:
    sides = [("Fiji", 179.0, -179.0), ("Tonga", -175.0, -174.0), ("West", 179.0, -178.0)]
    rows = [
        incident(f"{name} {east}", country=name, latitude=-17.0, longitude=east)
        for name, *longitudes in sides
        for east in longitudes
    ]
    store.load(FEED, ListPull(rows), NOW)
    found = places(store, database, watch(group_by=("country",)))
    assert {key[0]: place.longitude for key, place in found.items()} == {
        "Fiji": pytest.approx(180.0),
        "Tonga": -174.5,
        "West": -179.5,
    }


def test_a_past_stamp_gives_the_place_that_was_known_then(
    store: Incidents, database: Database
) -> None:
    store.load(FEED, ListPull([incident(1, latitude=11.0)]), NOW)
    known = store.watermark()
    store.load(FEED, ListPull([incident(1, latitude=12.0)]), NOW)
    assert places(store, database, watch())[BORNO].latitude == 12.0
    assert places(store, database, watch(), known)[BORNO].latitude == 11.0


def test_spellings_of_a_region_have_one_place(store: Incidents, database: Database) -> None:
    rows = [
        incident(1, latitude=11.0, longitude=13.0),
        incident(2, admin1="Bornu", latitude=12.0, longitude=13.0),
    ]
    store.load(FEED, ListPull(rows), NOW)
    store.set_aliases(Aliases(admin1={"Borno": ("Bornu",)}))
    assert places(store, database, watch()) == {BORNO: Centroid(11.5, 13.0, 2)}


def test_counts_without_incidents_are_nowhere(store: Incidents, database: Database) -> None:
    store.load(FEED, ListPull(tallies=[Tally("Borno", "2022-01-03", 4)]), NOW)
    assert places(store, database, watch(group_by=("region",))) == {}
