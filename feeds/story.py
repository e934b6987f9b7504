"""The simulated story: an IS-K-like group before and after 15 August 2021.

It gives back as data what published analyses of the group say (attacks per month, two months of
mass casualties, growth abroad), with background violence around it. Months have fixed numbers of
attacks; days, provinces, targets and how deaths spread over attacks are drawn. Attacks come in
bursts: half of them follow another within two days in the same province. Deaths are dealt
out one by one, each to an attack in proportion to one plus its deaths so far (a Pólya urn), which
gives many small attacks and few terrible ones.

Only `random.Random(seed).random()` is drawn from, whose sequence Python promises to keep.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import accumulate
from random import Random
from typing import NamedTuple

from core.incidents import Incident
from core.periods import Period
from feeds.story_places import AFGHAN_PLACES, BACKGROUND, FOREIGN, Place, Strand

VERSION = 1
"""Raised when the same seed tells another story, so that it is reread."""
FIRST_DAY = date(2018, 1, 1)
TAKEOVER = date(2021, 8, 15)
LAST_DAY = date(2022, 9, 30)
GROUP = "IS-K-like group (simulated)"
LABEL = "simulated, no real event"

_BEFORE = (
    7, 6, 8, 7, 9, 8, 7, 6, 7, 6, 5, 6,   # 2018
    6, 5, 6, 7, 5, 6, 5, 6, 5, 4, 4, 3,   # 2019
    3, 3, 4, 3, 5, 3, 3, 4, 4, 5, 4, 5,   # 2020
    4, 5, 6, 5, 7, 7, 6,                  # January to July 2021
)  # fmt: skip
_AUGUST_BEFORE, _AUGUST_AFTER = 3, 8
_AFTER = (17, 19, 18, 12, 9, 8, 10, 19, 15, 12, 13, 14, 16)
"""September 2021 to September 2022: 182 attacks in 13 months, 14 on average."""
_KABUL_RISES = {"2022-06": 4, "2022-07": 5, "2022-08": 7, "2022-09": 9}
_PEAKS = {"2021-10": 138, "2022-04": 168}
"""Deaths of the two deadliest months; attacks abroad kill nobody then."""
_MOST_DEATHS = 110
_TARGETS = ("Civilians", "Security forces", "Religious gathering", "Infrastructure", "Officials")
_KINDS = ("bombing", "armed attack", "assassination")


class _Event(NamedTuple):
    day: date
    place: Place
    actor: str
    deaths: int


def incidents(seed: int) -> list[Incident]:
    """Return the whole story in order of date, with ids SIM-00001 and so on."""
    rng = Random(seed)  # noqa: S311 - a story, no secret
    events = [*_at_home(rng), *_abroad(rng), *_background(rng)]
    events.sort(key=lambda event: (event.day, event.place.country, event.place.name, event.actor))
    return [_incident(number, event, rng) for number, event in enumerate(events, 1)]


def _at_home(rng: Random) -> Iterator[_Event]:
    """The group's attacks in Afghanistan, month by month; August 2021 in two halves."""
    start = Period.MONTH.of(FIRST_DAY)
    for index, attacks in enumerate(_BEFORE, start):
        yield from _month(rng, Period.MONTH.start(index), Period.MONTH.end(index), attacks)
    eve = TAKEOVER - timedelta(days=1)
    yield from _month(rng, TAKEOVER.replace(day=1), eve, _AUGUST_BEFORE)
    yield from _month(rng, TAKEOVER, TAKEOVER.replace(day=31), _AUGUST_AFTER)
    for index, attacks in enumerate(_AFTER, Period.MONTH.of(TAKEOVER) + 1):
        yield from _month(rng, Period.MONTH.start(index), Period.MONTH.end(index), attacks)


def _month(rng: Random, first: date, last: date, attacks: int) -> Iterator[_Event]:
    in_kabul = _KABUL_RISES.get(f"{first:%Y-%m}", 0)
    elsewhere = AFGHAN_PLACES[1:] if in_kabul else AFGHAN_PLACES
    scenes = _scenes(rng, first, last, attacks - in_kabul, elsewhere)
    scenes += _scenes(rng, first, last, in_kabul, AFGHAN_PLACES[:1])
    total = _PEAKS.get(f"{first:%Y-%m}") or min(_MOST_DEATHS, _total_deaths(rng, attacks))
    for (day, place), deaths in zip(scenes, _deal(rng, total, attacks), strict=True):
        yield _Event(day, place, GROUP, deaths)


def _abroad(rng: Random) -> Iterator[_Event]:
    """The group's attacks abroad: so many within each stretch of days."""
    for strand in FOREIGN:
        for day, place in _scenes(rng, strand.first, strand.last, strand.attacks, strand.places):
            deaths = 0 if f"{day:%Y-%m}" in _PEAKS else int(4 * rng.random() ** 2)
            yield _Event(day, place, GROUP, deaths)


def _background(rng: Random) -> Iterator[_Event]:
    """Other groups, each with its own places and tempo, month by month."""
    for strand in BACKGROUND:
        months = range(Period.MONTH.of(strand.first), Period.MONTH.of(strand.last) + 1)
        for index in months:
            first = max(strand.first, Period.MONTH.start(index))
            last = min(strand.last, Period.MONTH.end(index))
            attacks = _about(rng, strand, (index - months[0]) / len(months))
            for day, place in _scenes(rng, first, last, attacks, strand.places):
                yield _Event(day, place, strand.actor, int(6 * rng.random() ** 3))


def _about(rng: Random, strand: Strand, elapsed: float) -> int:
    """Return a month's attacks: binomial around a level that moves from first to last."""
    level = strand.attacks + (strand.attacks_at_end - strand.attacks) * elapsed
    return sum(rng.random() < 0.25 for _ in range(round(4 * level)))


def _scenes(
    rng: Random, first: date, last: date, attacks: int, places: Sequence[Place]
) -> list[tuple[date, Place]]:
    """Return days and places, in bursts."""
    scenes: list[tuple[date, Place]] = []
    days = (last - first).days + 1
    for _ in range(attacks):
        follows = scenes and rng.random() < 0.5
        if follows:
            day, place = scenes[-1]
            day = min(day + timedelta(days=int(3 * rng.random())), last)
        else:
            day, place = first + timedelta(days=int(days * rng.random())), _pick(rng, places)
        scenes.append((day, place))
    return scenes


def _pick(rng: Random, places: Sequence[Place]) -> Place:
    bounds = list(accumulate(place.weight for place in places))
    drawn = int(bounds[-1] * rng.random())
    return next(p for p, bound in zip(places, bounds, strict=True) if drawn < bound)


def _total_deaths(rng: Random, attacks: int) -> int:
    return sum(1 + int(9 * rng.random() ** 2) for _ in range(attacks))


def _deal(rng: Random, deaths: int, attacks: int) -> list[int]:
    """Deal deaths out to attacks."""
    dealt = [0] * attacks
    for given in range(deaths):
        drawn = int((attacks + given) * rng.random())
        for attack in range(attacks):
            drawn -= 1 + dealt[attack]
            if drawn < 0:
                dealt[attack] += 1
                break
    return dealt


def _incident(number: int, event: _Event, rng: Random) -> Incident:
    day, place = event.day.isoformat(), event.place
    return Incident(
        source_id=f"SIM-{number:05d}",
        date=day,
        date_end=day,
        date_precision=1,
        country=place.country,
        admin1=place.name,
        admin2=None,
        actor=event.actor,
        target=_TARGETS[int(len(_TARGETS) * rng.random())],
        kind=_KINDS[int(len(_KINDS) * rng.random())],
        fatalities=event.deaths,
        low=event.deaths,
        high=event.deaths + int(3 * rng.random()),
        latitude=round(place.latitude + (rng.random() - 0.5) / 4, 4),
        longitude=round(place.longitude + (rng.random() - 0.5) / 4, 4),
        source=LABEL,
        flags=None,
        extra=None,
    )
