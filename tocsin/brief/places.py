"""Where the events of a brief lie: at home, in each country, in areas that are asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from core.countries import name_of
from core.errors import InputError
from core.regions import UNKNOWN
from core.settings import WatchSettings
from storage.inquiry import Answer, Inquiry, Number
from tocsin.brief.windows import Windows
from tocsin.complaints import nearest


class Pair(NamedTuple):
    """One count before the date and one since."""

    before: Number
    since: Number


@dataclass(frozen=True)
class Place:
    """Countries that are counted together, in the year before the date and the year since."""

    name: str
    countries: tuple[str, ...]
    year: Pair


@dataclass(frozen=True)
class Places:
    """Countries by their events since, most first; without the home, where there is one.

    `areas` are several countries each: all of them, all but the first, and those asked for.
    """

    home: str | None = None
    countries: tuple[Place, ...] = ()
    areas: tuple[Place, ...] = ()
    abroad: tuple[str, ...] = ()


def home_of(watch: WatchSettings, asked: str | None, totals: Mapping[str, int]) -> str | None:
    """Return the country that the others are abroad to, None where nobody is at home anywhere.

    It is the one asked for, or the watch's own; for a watch of certain actors, the country in
    which they act most.
    """
    if asked or watch.home:
        return asked or watch.home
    if "actor" not in watch.where or not totals:
        return None
    return max(totals, key=lambda name: (totals[name], name))


def places(
    inquiry: Inquiry,
    found: Windows,
    watch: WatchSettings,
    asked: str | None,
    areas: Mapping[str, tuple[str, ...]],
) -> Places:
    """Return the places of a watch; none where its events have no country.

    Raises:
        InputError: when a country that is asked for has no events.
    """
    if not inquiry.has_countries:
        return Places()
    ever = inquiry.countries(found.before, found.since)
    totals = {row[0]: row[1] + row[2] for row in ever.rows if row[0] != UNKNOWN}
    home = home_of(watch, asked and _known("--home", asked, totals), totals)
    wanted = {
        name: tuple(_known("--area", country, totals) for country in which)
        for name, which in areas.items()
    }
    answer = inquiry.countries(found.year_before, found.year_since)
    each = sorted(
        (_one(answer, row) for row in answer.rows if row[0] != home),
        key=lambda place: (-place.year.since.value, -place.year.before.value, place.name),
    )
    names = [place.name for place in each if place.name != UNKNOWN]
    asked_for = [set(which) for which in wanted.values()]
    together = {
        name: which for name, which in _together(home, names).items() if set(which) not in asked_for
    } | wanted
    return Places(
        home,
        tuple(each),
        tuple(_several(inquiry, found, name, which) for name, which in together.items()),
        tuple(sorted(name for name in totals if name != home)),
    )


def _together(home: str | None, names: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Return the countries abroad as one, and those but the busiest as one."""
    if home is None or len(names) < 2:
        return {}
    areas = {"all abroad": tuple(names)}
    if len(names) > 2:
        areas[f"abroad but for {names[0]}"] = tuple(names[1:])
    return areas


def _known(option: str, country: str, totals: Mapping[str, int]) -> str:
    """Return a country's name as it is counted; it may be given by its ISO 3166 code."""
    name = name_of(country) or country
    if name not in totals:
        problem = f"the watch has no event in {country!r}"
        raise InputError(option, problem, nearest(country, totals, "countries"))
    return name


def _one(answer: Answer, row: Sequence[str | int]) -> Place:
    name = str(row[0])
    before = answer.number("before", row[1], country=name)
    pair = Pair(before, answer.number("since", row[2], country=name))
    return Place(name, (name,), pair)


def _several(inquiry: Inquiry, found: Windows, name: str, countries: tuple[str, ...]) -> Place:
    before = inquiry.events(found.year_before, countries)
    return Place(name, countries, Pair(before, inquiry.events(found.year_since, countries)))
