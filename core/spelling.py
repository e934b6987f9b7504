"""Spellings that are probably one name: by letters, not by knowledge of places or groups.

The likeness is RapidFuzz's ratio of the letters that two names share in order (the indel
similarity), of names without accents, punctuation and the words that sources add or leave out.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import NamedTuple

from core.countries import alpha3

ALIKE = 82.0
"""Per cent. Of the 14 governorates of Iraq that UCDP spells in two ways, 13 reach it, and no two
that differ do (tests/core/test_spelling.py)."""
WORD_ALIKE = 80.0
"""Per cent, for each word that two names do not share: "Supporters of ACN" are not those of APC."""
SHORTEST = 5
"""Letters of a name that may be misspelled; shorter ones are initials, where one letter tells."""
_ROWS = 256
"""Names compared with all others at a time: the matrix of 100,000 of them is 26 MB."""
_ADDED = frozenset(
    {
        *("province", "governorate", "region", "state", "district", "department", "county"),
        *("prefecture", "oblast", "wilaya", "of", "the"),
        *("al", "el", "ul", "an", "ad", "as", "ash", "at"),
    }
)
_APOSTROPHES = re.compile(r"['’‘ʻʼ`´]")


class Likely(NamedTuple):
    """Two names that are probably one, as places in the list, with their likeness in per cent."""

    first: int
    second: int
    likeness: float


def bare(name: str) -> str:
    """Return what two spellings of a name are compared by.

    A name that is nothing but added words is kept whole.
    """
    letters = unicodedata.normalize("NFKD", _APOSTROPHES.sub("", name)).casefold()
    kept = "".join(ch if ch.isalnum() else " " for ch in letters if not unicodedata.combining(ch))
    words = kept.split()
    return " ".join([word for word in words if word not in _ADDED] or words)


def likely_same(names: Sequence[str], at_least: float = ALIKE) -> Iterator[Likely]:
    """Yield the pairs of names that are alike, the likeliest first for each name.

    Names that differ in their numbers ("5th Brigade", "7th Brigade") or in a country ("Government
    of Niger", "Government of Nigeria") never are.
    """
    from rapidfuzz import fuzz, process  # noqa: PLC0415 - NumPy and 12 MB of code, rarely needed

    bared = [bare(name) for name in names]
    for start in range(0, len(bared), _ROWS):
        rows = bared[start : start + _ROWS]
        matrix = process.cdist(rows, bared, scorer=fuzz.ratio, score_cutoff=at_least)
        for row, second in zip(*matrix.nonzero(), strict=True):
            first = start + int(row)
            if first < second and _may_be_one(bared[first], bared[second]):
                yield Likely(first, int(second), round(float(matrix[row, second]), 1))


def _may_be_one(a: str, b: str) -> bool:
    """Return whether two bare names that are alike on the whole are so word by word."""
    if a == b:
        return True
    if min(len(a), len(b)) < SHORTEST:
        return False
    ours, theirs = a.split(), b.split()
    shared = Counter(ours) & Counter(theirs)
    pairs = list(zip_longest(_without(ours, shared), _without(theirs, shared), fillvalue=""))
    return "".join(ours) == "".join(theirs) or all(_word_may_be_one(*pair) for pair in pairs)


def _word_may_be_one(a: str, b: str) -> bool:
    from rapidfuzz import fuzz  # noqa: PLC0415 - as above

    if any(ch.isdigit() for ch in a + b):
        return False
    countries = alpha3(a), alpha3(b)
    if None not in countries and countries[0] != countries[1]:
        return False
    return fuzz.ratio(a, b) >= WORD_ALIKE


def _without(words: list[str], shared: Counter[str]) -> list[str]:
    left = Counter(shared)
    kept = []
    for word in words:
        if left[word]:
            left[word] -= 1
        else:
            kept.append(word)
    return kept
