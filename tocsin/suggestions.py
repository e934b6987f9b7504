"""Aliases that the names in the store suggest: two spellings that are probably one name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

from core.countries import alpha3
from core.spelling import likely_same
from storage.spellings import Spelling

MOST = 10_000
"""Names of a field that are compared, the commonest: the time grows with the square."""


class Suggestion(NamedTuple):
    """A rarer spelling of a commoner name, with their incidents and likeness in per cent."""

    field: str
    country: str
    name: str
    incidents: int
    spelling: str
    spelled: int
    likeness: float


def suggested(groups: Mapping[tuple[str, str], Sequence[Spelling]]) -> Iterator[Suggestion]:
    """Yield the suggestions by field, country and name; every spelling once, for the likeliest.

    Countries are one, too, when ISO 3166 knows them by one code.
    """
    for (field, country), group in sorted(groups.items()):
        found = group[:MOST]
        taken: set[int] = set()
        pairs = _same_code(found) if field == "country" else []
        pairs += [(p.first, p.second, p.likeness) for p in likely_same([s.name for s in found])]
        for first, second, likeness in sorted(pairs, key=lambda pair: (-pair[2], *pair)):
            if first in taken or second in taken:
                continue
            taken.add(second)
            yield Suggestion(field, country, *found[first], *found[second], likeness)


def _same_code(found: Sequence[Spelling]) -> list[tuple[int, int, float]]:
    codes: dict[str, list[int]] = {}
    for number, spelling in enumerate(found):
        if code := alpha3(spelling.name):
            codes.setdefault(code, []).append(number)
    return [(a, b, 100.0) for numbers in codes.values() for a, b in combinations(numbers, 2)]
