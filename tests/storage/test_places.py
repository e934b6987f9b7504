"""Counts by cell and by site."""

import random
from collections import Counter
from datetime import timedelta

import pytest

from core.cells import cell_of
from core.clock import stamp
from core.distance import haversine_km
from core.errors import InputError
from core.regions import UNKNOWN, RegionKey
from core.series import Cells
from core.settings import Site
from storage.database import Database
from storage.incidents import Incidents
from storage.sites import cells_touched
from tests.storage.samples import CUTOFF, FEED, NOW, ListPull, incident, watch


def totals(cells: Cells) -> dict[RegionKey, int]:
    found: Counter[RegionKey] = Counter()
    for region, count in zip(cells.region.tolist(), cells.count.tolist(), strict=True):
        found[cells.keys[region]] += count
    return dict(found)


def site(name: str, latitude: float, longitude: float, radius_km: float) -> Site:
    return Site(name=name, latitude=latitude, longitude=longitude, radius_km=radius_km)


def points(count: int, seed: int = 5) -> list[tuple[float, float]]:
    """Points everywhere, and many on edges: poles, date line, whole and half degrees."""
    rng = random.Random(seed)
    edge = [-90.0, -89.5, -0.5, 0.0, 0.25, 45.5, 89.75, 90.0]
    side = [-180.0, -179.99, -0.5, 0.0, 0.5, 179.5, 179.99, 180.0]
    return [
        (
            rng.choice(edge) if rng.random() < 0.4 else rng.uniform(-90, 90),
            rng.choice(side) if rng.random() < 0.4 else rng.uniform(-180, 180),
        )
        for _ in range(count)
    ]


def test_cells_in_sql_are_those_of_python(store: Incidents) -> None:
    places = points(600)
    rows = [incident(n, latitude=lat, longitude=lon) for n, (lat, lon) in enumerate(places)]
    store.load(FEED, ListPull(rows), NOW)
    found = totals(store.cells(watch(group_by=["cell"]), CUTOFF, None))
    assert found == Counter((str(cell_of(*place)),) for place in places)


def test_an_incident_without_coordinates_is_in_the_unknown_cell(store: Incidents) -> None:
    rows = [incident(1), incident(2, latitude=None, longitude=None)]
    store.load(FEED, ListPull(rows), NOW)
    found = totals(store.cells(watch(group_by=["country", "cell"]), CUTOFF, None))
    assert found == {("Nigeria", str(cell_of(11.5, 13.1))): 1, ("Nigeria", UNKNOWN): 1}


def test_a_feed_without_coordinates_cannot_be_grouped_by_cell(store: Incidents) -> None:
    store.load(FEED, ListPull([incident(1, latitude=None, longitude=None)]), NOW)
    with pytest.raises(InputError, match="no coordinates"):
        store.cells(watch(group_by=["cell"]), CUTOFF, None)


def test_cells_can_be_chosen_by_where(store: Incidents) -> None:
    rows = [incident(1), incident(2, latitude=0.0, longitude=0.0)]
    store.load(FEED, ListPull(rows), NOW)
    found = store.cells(watch(where={"cell": "129961"}), CUTOFF, None)
    assert totals(found) == {("Nigeria", "Borno"): 1}


def test_an_incident_counts_for_every_site_in_whose_circle_it_lies(store: Incidents) -> None:
    store.set_sites(
        [
            site("Office", 11.5, 13.1, 1),
            site("Road", 11.6, 13.1, 30),
            site("Far", 0.0, 0.0, 1000),
        ]
    )
    rows = [incident(1), incident(2, latitude=11.7), incident(3, latitude=None, longitude=None)]
    store.load(FEED, ListPull(rows), NOW)
    by_site = watch(group_by=["site"])
    assert totals(store.cells(by_site, CUTOFF, None)) == {("Office",): 1, ("Road",): 2}
    assert store.unplaced(by_site, CUTOFF, None) == 1
    both = watch(group_by=["site", "actor"], where={"site": "R*"})
    assert totals(store.cells(both, CUTOFF, None)) == {("Road", "ISWAP"): 2}
    assert store.unplaced(both, CUTOFF, None) == 1


def test_sites_count_what_a_search_of_every_incident_finds(store: Incidents) -> None:
    places = points(1500)
    rows = [incident(n, latitude=lat, longitude=lon) for n, (lat, lon) in enumerate(places)]
    store.load(FEED, ListPull(rows), NOW)
    rng = random.Random(9)
    sites = [
        site(f"site {n}", *place, rng.choice([0.5, 20, 300, 1000]))
        for n, place in enumerate([*points(60, 8), (90.0, 0.0), (-90.0, 5.0), (0.0, 180.0)])
    ]
    store.set_sites(sites)
    wanted = Counter(
        (one.name,)
        for one in sites
        for place in places
        if haversine_km(place, (one.latitude, one.longitude)) <= one.radius_km
    )
    assert totals(store.cells(watch(group_by=["site"]), CUTOFF, None)) == wanted
    assert len(wanted) > 20
    print(f"{len(sites)} sites, {len(places)} incidents, {wanted.total()} counted: all equal")


def test_sites_are_counted_as_known_at_the_time(store: Incidents) -> None:
    store.set_sites([site("Office", 11.5, 13.1, 10)])
    store.load(FEED, ListPull([incident(n) for n in range(8)]), NOW)
    moved = [incident(0, latitude=20.0), *(incident(n) for n in range(1, 8))]
    store.load(FEED, ListPull(moved), NOW + timedelta(days=7))
    by_site = watch(group_by=["site"])
    assert totals(store.cells(by_site, CUTOFF, None)) == {("Office",): 7}
    assert totals(store.cells(by_site, CUTOFF, stamp(NOW))) == {("Office",): 8}


def test_sites_that_are_gone_from_the_configuration_are_gone(
    store: Incidents, database: Database
) -> None:
    store.set_sites([site("A", 1, 1, 10), site("B", 2, 2, 10)])
    store.set_sites([site("B", 2, 2, 20)])
    assert database.rows("SELECT site, radius_km FROM sites") == [("B", 20.0)]
    assert {name for (name,) in database.rows("SELECT site FROM site_cells")} == {"B"}
    before = database.rows("PRAGMA data_version"), database.rows("SELECT total_changes()")
    store.set_sites([site("B", 2, 2, 20)])
    after = database.rows("PRAGMA data_version"), database.rows("SELECT total_changes()")
    assert before == after, "the same sites are not written again"


@pytest.mark.parametrize(
    ("one", "cells"),
    [
        (site("in one cell", 0.25, 0.25, 1), 1),
        (site("on a corner", 0.0, 0.0, 1), 4),
        (site("across the date line", 0.25, 180.0, 1), 2),
        (site("the pole", 90.0, 0.0, 10), 720),
    ],
)
def test_a_small_circle_touches_few_cells(one: Site, cells: int) -> None:
    assert len(cells_touched(one)) == cells
