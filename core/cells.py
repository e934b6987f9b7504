"""Cells of half a degree, numbered as PRIO-GRID does.

Source: Tollefsen, Strand and Buhaug (2012), "PRIO-GRID: A unified spatial data structure",
Journal of Peace Research 49(2): 360 rows of 720 cells, counted from 1 at the south-west corner,
eastwards and then northwards.
"""

from __future__ import annotations

_PER_DEGREE = 2
_COLUMNS = 360 * _PER_DEGREE
_ROWS = 180 * _PER_DEGREE


def cell_of(latitude: float, longitude: float) -> int:
    """Return the number (gid) of the cell that holds a point, in degrees.

    A point on an edge belongs to the cell north or east of it; the pole and the date line, which
    have none, to the last one.
    """
    row = min(int((latitude + 90) * _PER_DEGREE), _ROWS - 1)
    column = min(int((longitude + 180) * _PER_DEGREE), _COLUMNS - 1)
    return row * _COLUMNS + column + 1
