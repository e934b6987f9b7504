"""The names that stand in the store, as they are counted, to look for two spellings of one."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

from storage.database import Database
from storage.names import Names

FIELDS = ("country", "admin1", "admin2", "actor", "target")
"""Columns that aliases can be given for; provinces and districts are told apart by country."""
_LOCAL = frozenset({"admin1", "admin2"})


class Spelling(NamedTuple):
    """A name after aliases, and in how many current incidents it stands."""

    name: str
    incidents: int


def spellings(database: Database) -> dict[tuple[str, str], list[Spelling]]:
    """Return the names per (field, country), the commonest first; the country "" but for places."""
    names = Names.of(database)
    found: dict[tuple[str, str], Counter[str]] = {}
    for field in FIELDS:
        for raw, raw_country, count in database.rows(_NAMES[field]):
            country = names.canonical("country", raw_country) if field in _LOCAL else ""
            group = found.setdefault((field, country), Counter())
            group[names.canonical(field, raw)] += count
    return {
        place: [Spelling(*one) for one in sorted(group.items(), key=lambda one: (-one[1], one[0]))]
        for place, group in found.items()
    }


_NAMES = {
    field: f"SELECT {field}, {country}, count(*) FROM incidents "  # noqa: S608 - own texts
    f"WHERE superseded_at IS NULL AND {field} IS NOT NULL GROUP BY 1, 2"
    for field in FIELDS
    for country in ("country" if field in _LOCAL else "NULL",)
}
