"""Where a message is about, in codes that programs know (CAP 1.2, 3.2.4: `geocode`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from core.alerts import Json
from core.countries import alpha3, subdivision

Groupings = Mapping[str, tuple[str, ...]]
"""Watch → the columns that its regions are grouped by."""

COUNTRY, PART = "ISO3166-1-alpha-3", "ISO3166-2"


def geocodes(told: Json, groupings: Groupings) -> Iterator[tuple[str, str]]:
    """Yield system and code of the country, and of its first-order part, where both are sure.

    A region of a watch that is not grouped by country, or is grouped otherwise by now, has none: a
    name alone may be that of several places.
    """
    columns, region = groupings.get(told.get("watch", ""), ()), told.get("region", ())
    parts = dict(zip(columns, region, strict=True)) if len(columns) == len(region) else {}
    country = alpha3(parts.get("country", ""))
    if country is None:
        return
    yield COUNTRY, country
    code = subdivision(country, parts.get("admin1", ""))
    if code is not None:
        yield PART, code
