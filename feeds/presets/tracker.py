"""Analysts' trackers, whose columns are called differently by everyone: found by spelling.

Only whole titles count: a column "civilians killed" is one part of the deaths, and taking it for
their number would be worse than having none.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date

from core.errors import FeedError
from core.text import clean
from feeds.presets.preset import Columns, Found

SPELLINGS: dict[str, tuple[str, ...]] = {
    "id": (
        "id", "event id", "incident id", "eventid", "incidentid", "event id cnty", "record id",
        "case id", "ref", "reference", "ref no", "reference number", "event number",
        "incident number", "incident no", "uuid", "guid",
    ),
    "date": (
        "date", "incident date", "event date", "date of incident", "date of event",
        "date of attack", "attack date", "date of occurrence", "occurrence date", "date occurred",
        "start date", "date start", "date from", "day", "fecha", "datum",
    ),
    "date_end": ("end date", "date end", "date to"),
    "country": ("country", "country name", "country territory", "adm0", "admin0", "adm0 name",
        "admin0 name", "pays", "pais", "iso3", "country code"),
    "admin1": (
        "admin1", "admin 1", "adm1", "adm 1", "admin1 name", "adm1 name", "adm1 en",
        "admin level 1", "province", "province name", "state", "governorate", "region", "oblast",
        "wilaya", "provstate", "state province", "province state", "department",
    ),
    "admin2": (
        "admin2", "admin 2", "adm2", "adm 2", "admin2 name", "adm2 name", "adm2 en",
        "admin level 2", "district", "county", "lga", "municipality", "cercle", "raion",
    ),
    "actor": (
        "actor", "actor1", "actor 1", "actor name", "group", "group name", "gname", "perpetrator",
        "perpetrator name", "perpetrators", "perpetrator group", "armed group", "attacker",
        "attackers", "author", "responsible", "responsible group", "suspected actor",
        "suspected perpetrator", "alleged perpetrator",
    ),
    "target": (
        "target", "target type", "targets", "actor2", "actor 2", "victim", "victims",
        "victim type", "target group", "target category",
    ),
    "kind": (
        "type", "incident type", "event type", "type of incident", "type of event",
        "type of attack", "attack type", "tactic", "category", "incident category", "means",
        "sub event type", "modus operandi",
    ),
    "fatalities": (
        "fatalities", "total fatalities", "number of fatalities", "killed", "total killed",
        "number killed", "deaths", "total deaths", "number of deaths", "dead", "kia", "nkill",
        "people killed", "persons killed",
    ),
    "latitude": ("latitude", "lat", "y", "gps latitude", "decimal latitude"),
    "longitude": ("longitude", "lon", "long", "lng", "x", "gps longitude", "decimal longitude"),
    "source": ("source", "source name", "sources", "reported by", "information source"),
    "wounded": ("wounded", "total wounded", "injured", "total injured", "number of injured",
        "number of wounded", "injuries", "wia", "nwound"),
    "place": ("place", "location", "location name", "city", "town", "village", "locality", "site"),
}  # fmt: skip
"""Our field → titles it goes by, the likeliest first. The last two are kept as further columns."""
_PLACES = ("country", "admin1", "admin2")
_NOT_A_WORD = re.compile(r"[\W_]+")


class Tracker:
    """The preset "tracker"."""

    gaps: tuple[tuple[date, date], ...] = ()

    def find(
        self,
        origin: str,
        header: Sequence[str],
        columns: Mapping[str, str],
        constants: Mapping[str, str],
    ) -> Found:
        """Return which column is what, and say so; other columns are not kept.

        Raises:
            FeedError: when there is no date, or neither country nor province nor coordinates.
        """
        used = {clean(column) for column in columns.values()}
        titles = {_spelling(title): title for title in reversed(header) if title not in used}
        found = {
            field: titles[spelling]
            for field, spellings in SPELLINGS.items()
            if field not in columns and field not in constants
            for spelling in [next((one for one in spellings if one in titles), "")]
            if spelling
        }
        found |= columns
        _require(origin, header, {*found, *constants})
        return Found(found, tuple(_remarks(header, found)))

    def derived(self, columns: Columns) -> Columns:
        """Return them as they are."""
        return columns


def _spelling(title: str) -> str:
    """Return a title in small letters, with one space for all that is not a letter or digit."""
    return _NOT_A_WORD.sub(" ", title.casefold()).strip()


def _require(origin: str, header: Sequence[str], fields: set[str]) -> None:
    placed = fields.intersection(_PLACES) or {"latitude", "longitude"} <= fields
    lacking = [
        words
        for words, there in (("date", "date" in fields), ("country or province", bool(placed)))
        if not there
    ]
    if lacking:
        titles = ", ".join(title[:40] for title in header[:40] if title)
        raise FeedError(
            origin,
            f"no column is known as the {' nor one as the '.join(lacking)}",
            f"name them in columns; the file has {titles or 'no named column'}",
        )


def _remarks(header: Sequence[str], found: Mapping[str, str]) -> list[str]:
    mapped = ", ".join(f"{field} = '{clean(column)}'" for field, column in found.items())
    taken = {clean(column) for column in found.values()}
    rest = [f"'{title[:40]}'" for title in header if title and title not in taken]
    remarks = [f"columns taken: {mapped}"]
    if rest:
        remarks.append(f"columns not used: {', '.join(rest[:30])}{', …' * (len(rest) > 30)}")
    if "id" not in found:
        remarks.append("no column of ids: a row that is corrected counts as deleted and added")
    return remarks
