"""Where the simulated story happens, and who else acts in it.

Places are real provinces with rounded coordinates of their capitals; weights, tempos and groups
are made up, except for the numbers of attacks abroad, which the story is about.
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple


class Place(NamedTuple):
    """A province; it is drawn in proportion to `weight`."""

    country: str
    name: str
    latitude: float
    longitude: float
    weight: int


class Strand(NamedTuple):
    """A group's attacks in some places between two days.

    `attacks` is their number (the story's group) or the level per month, which moves to
    `attacks_at_end` (background groups).
    """

    actor: str
    first: date
    last: date
    attacks: int
    attacks_at_end: int
    places: tuple[Place, ...]


def _places(country: str, *rows: tuple[str, float, float, int]) -> tuple[Place, ...]:
    return tuple(Place(country, *row) for row in rows)


AFGHAN_PLACES = _places(
    "Afghanistan",
    ("Kabul", 34.53, 69.17, 30),
    ("Nangarhar", 34.43, 70.45, 34),
    ("Kunar", 34.87, 71.15, 12),
    ("Kunduz", 36.73, 68.87, 6),
    ("Balkh", 36.71, 67.11, 6),
    ("Kandahar", 31.61, 65.70, 3),
    ("Parwan", 35.02, 69.17, 3),
    ("Laghman", 34.66, 70.21, 3),
    ("Takhar", 36.74, 69.53, 2),
    ("Badakhshan", 37.12, 70.58, 2),
    ("Herat", 34.35, 62.20, 2),
)
"""Where the group acts at home; Kabul stands first."""

_PAKISTAN = _places(
    "Pakistan",
    ("Khyber Pakhtunkhwa", 34.01, 71.58, 7),
    ("Balochistan", 30.18, 67.00, 3),
)
_NORTH = (
    *_places("Tajikistan", ("Khatlon", 37.84, 68.78, 5), ("Sughd", 40.28, 69.62, 1)),
    *_places("Uzbekistan", ("Surxondaryo", 37.22, 67.28, 5), ("Toshkent", 41.31, 69.28, 1)),
)
_BEFORE = date(2018, 1, 1), date(2020, 8, 14)
_YEAR_BEFORE = date(2020, 8, 15), date(2021, 8, 14)
_YEAR_AFTER = date(2021, 8, 15), date(2022, 8, 14)
_SINCE = date(2022, 8, 15), date(2022, 9, 30)

FOREIGN = (
    Strand("", *_BEFORE, 13, 13, _PAKISTAN),
    Strand("", *_YEAR_BEFORE, 6, 6, _PAKISTAN),
    Strand("", *_YEAR_AFTER, 29, 29, _PAKISTAN),
    Strand("", *_SINCE, 5, 5, _PAKISTAN),
    Strand("", *_BEFORE, 5, 5, _NORTH),
    Strand("", *_YEAR_BEFORE, 3, 3, _NORTH),
    Strand("", *_YEAR_AFTER, 32, 32, _NORTH),
    Strand("", *_SINCE, 5, 5, _NORTH),
)
"""The group's own attacks abroad: 6 and 29 in Pakistan, 3 and 32 in the north (5 and 10-fold)."""

_ALL = date(2018, 1, 1), date(2022, 9, 30)
BACKGROUND = (
    Strand(
        "Insurgent movement (simulated)", date(2018, 1, 1), date(2021, 8, 14), 22, 38,
        _places(
            "Afghanistan",
            ("Helmand", 31.58, 64.37, 20), ("Kandahar", 31.61, 65.70, 14),
            ("Faryab", 35.92, 64.78, 10), ("Ghazni", 33.55, 68.42, 10),
            ("Kunduz", 36.73, 68.87, 8), ("Herat", 34.35, 62.20, 6), ("Kabul", 34.53, 69.17, 6),
            ("Uruzgan", 32.62, 65.87, 5), ("Zabul", 32.11, 66.91, 4), ("Farah", 32.37, 62.11, 4),
        ),
    ),
    Strand(
        "Resistance front (simulated)", date(2021, 9, 1), date(2022, 9, 30), 3, 7,
        _places("Afghanistan", ("Panjshir", 35.31, 69.52, 6), ("Baghlan", 36.13, 68.70, 4)),
    ),
    Strand(
        "Highway robbers (simulated)", *_ALL, 1, 1,
        _places(
            "Afghanistan",
            ("Bamyan", 34.82, 67.83, 1), ("Daykundi", 33.75, 66.25, 1),
            ("Nimroz", 30.96, 61.86, 1), ("Samangan", 36.27, 68.02, 1), ("Ghor", 34.52, 65.25, 2),
        ),
    ),
    Strand(
        "Border militants (simulated)", *_ALL, 6, 14,
        _places(
            "Pakistan",
            ("Khyber Pakhtunkhwa", 34.01, 71.58, 9), ("Balochistan", 30.18, 67.00, 2),
            ("Sindh", 24.86, 67.01, 1),
        ),
    ),
    Strand(
        "Separatist front (simulated)", *_ALL, 4, 7,
        _places("Pakistan", ("Balochistan", 30.18, 67.00, 9), ("Sindh", 24.86, 67.01, 1)),
    ),
    Strand(
        "Desert cells (simulated)", *_ALL, 16, 7,
        _places(
            "Iraq",
            ("Diyala", 33.75, 44.64, 7), ("Kirkuk", 35.47, 44.39, 5), ("Anbar", 33.43, 43.30, 3),
            ("Ninewa", 36.34, 43.13, 3), ("Babil", 32.48, 44.43, 1),
        ),
    ),
)  # fmt: skip
