"""Spellings that are probably one name, and names that are not."""

import csv
import gzip
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import pytest

from core.spelling import bare, likely_same

IRAQ = {
    frozenset({"Al Anbār province", "Al-Anbar"}),
    frozenset({"Al Başrah  province", "Al-Basrah"}),
    frozenset({"Al Muthanná province", "Al-Muthannia"}),
    frozenset({"Arbil", "Arbīl province"}),
    frozenset({"As Sulaymānīyah province", "As-Sulaymaniyah"}),
    frozenset({"At-Ta'mim", "At-Ta'mim province"}),
    frozenset({"Babil", "Bābil province"}),
    frozenset({"Dahūk province", "Dihok"}),
    frozenset({"Diyala", "Diyālá province"}),
    frozenset({"Karbala'", "Karbalā’ province"}),
    frozenset({"Maysan", "Maysān  province"}),
    frozenset({"Ninawa", "Nīnawá province"}),
    frozenset({"Sala ad-Din", "Şalāḩ ad Dīn province"}),
    frozenset({"Wasit", "Wāsiţ province"}),
}
"""Read by eye. Dahūk and Dihok share too few letters."""


def alike(*names: str) -> set[frozenset[str]]:
    return {frozenset({names[a], names[b]}) for a, b, _ in likely_same(names)}


@pytest.mark.realdata
def test_the_governorates_of_iraq_find_their_other_spelling(
    real_data: Callable[[str], Path],
) -> None:
    places: dict[str, set[str]] = defaultdict(set)
    path = real_data("ucdp_ged_extract.csv.gz")
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            places[row["country"]].add(row["admin1"])
    found = alike(*sorted(places["Iraq"] - {""}))
    assert found <= IRAQ, "none that is wrong"
    assert len(found) == 13
    elsewhere = {c: alike(*sorted(names - {""})) for c, names in places.items() if c != "Iraq"}
    assert not any(elsewhere.values())
    names = sum(len(names) for names in places.values())
    print(f"Iraq: {len(found)} of {len(IRAQ)} found; 0 wrong among {names} provinces")


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("Al-Shabaab", "al Shabab"),
        ("Ansar al-Islam", "Ansaar ul-Islam"),
        ("Boko Haram", "Bokoharam"),
        ("Boko Haram", "Boko-Haram"),
        ("Tillabéri", "Tillaberi region"),
        ("Taliban", "Talibaan"),
        ("The Front", "Front"),
    ],
)
def test_one_name_in_two_spellings_is_found(a: str, b: str) -> None:
    assert alike(a, b) == {frozenset({a, b})}


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("Government of Niger", "Government of Nigeria"),
        ("Supporters of ACN", "Supporters of APC"),
        ("5th Brigade", "7th Brigade"),
        ("Baja California state", "Baja California Sur state"),
        ("Centre Est region", "Centre Ouest region"),
        ("KDP", "KDPI"),
        ("North", "South"),
        ("Cartel Independiente de Acapulco", "Cartel Independiente de Colima"),
        ("", "Kabul"),
    ],
)
def test_two_names_that_look_alike_are_left_alone(a: str, b: str) -> None:
    assert alike(a, b) == set()


def test_a_name_of_nothing_but_added_words_is_kept_whole() -> None:
    assert bare("State of the Province") == "state of the province"
    assert bare("Al Anbār province") == "anbar"


def test_many_names_are_compared_in_parts_and_each_pair_once() -> None:
    names = [
        f"village {'abcdefghij'[n % 10] * 3}{'klmnopqrst'[n // 10 % 10] * 3}" for n in range(100)
    ]
    names = [f"{name} {'uvwxyz'[n % 6] * 4}" for n in range(6) for name in names]
    found = list(likely_same(names, 100.0))
    same = {(p.first, p.second) for p in found}
    assert len(same) == len(found)
    assert all(a < b and bare(names[a]) == bare(names[b]) for a, b in same)
    by_hand = {
        (a, b) for b in range(len(names)) for a in range(b) if bare(names[a]) == bare(names[b])
    }
    assert same == by_hand
