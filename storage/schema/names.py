"""Spellings and sites, as the configuration last gave them."""

from __future__ import annotations

ALIASES = """
CREATE TABLE aliases (
    field TEXT NOT NULL,
    spelling TEXT NOT NULL,  -- folded
    canonical TEXT NOT NULL,
    PRIMARY KEY (field, spelling)
) STRICT, WITHOUT ROWID"""

SITES = """
CREATE TABLE sites (  -- as the last run was configured
    site TEXT PRIMARY KEY,
    site_latitude REAL NOT NULL CHECK (site_latitude BETWEEN -90 AND 90),
    site_longitude REAL NOT NULL CHECK (site_longitude BETWEEN -180 AND 180),
    radius_km REAL NOT NULL CHECK (radius_km > 0)
) STRICT, WITHOUT ROWID"""

SITE_CELLS = """
CREATE TABLE site_cells (  -- the half-degree cells that a site's circle may touch
    site_cell INTEGER NOT NULL CHECK (site_cell > 0),
    site TEXT NOT NULL REFERENCES sites ON DELETE CASCADE,
    PRIMARY KEY (site_cell, site)
) STRICT, WITHOUT ROWID"""

STATEMENTS = (ALIASES, SITES, SITE_CELLS)
"""In the order in which they are made."""
