"""Sites as rows, with the cells that their circles may touch, so that counting finds them fast."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import floor

from core.cells import cell_of
from core.distance import reach
from core.settings import Site
from storage.database import Database

_CELL = 0.5
"""Degrees."""


def replace_sites(database: Database, sites: Sequence[Site]) -> None:
    """Replace the stored sites, where they differ."""
    wanted = {(site.name, site.latitude, site.longitude, site.radius_km) for site in sites}
    stored = database.rows("SELECT site, site_latitude, site_longitude, radius_km FROM sites")
    if wanted == set(stored):
        return
    touched = {(cell, site.name) for site in sites for cell in cells_touched(site)}
    with database.transaction() as connection:
        connection.execute("DELETE FROM site_cells")
        connection.execute("DELETE FROM sites")
        connection.executemany("INSERT INTO sites VALUES (?, ?, ?, ?)", sorted(wanted))
        connection.executemany("INSERT INTO site_cells VALUES (?, ?)", sorted(touched))


def cells_touched(site: Site) -> set[int]:
    """Return every cell of the box around a site's circle, across the date line too."""
    north, east = reach(site.latitude, site.radius_km)
    latitudes = _edges(max(site.latitude - north, -90.0), min(site.latitude + north, 90.0))
    longitudes = list(_edges(site.longitude - east, site.longitude + east))
    return {cell_of(lat, (lon + 180) % 360 - 180) for lat in latitudes for lon in longitudes}


def _edges(first: float, last: float) -> Iterator[float]:
    """Yield the southern or western edge of each half degree from `first` to `last`."""
    for step in range(floor(first / _CELL), floor(last / _CELL) + 1):
        yield step * _CELL
