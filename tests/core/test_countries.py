"""Countries by name and by ISO 3166 code."""

import csv
import gzip
from collections.abc import Callable
from pathlib import Path

import pytest

from core.countries import alpha3, name_of, subdivision

UCDP = ["hdx_ucdp_nigeria", "hdx_ucdp_pakistan", "ucdp_candidate_v23_0_10", "ucdp_ged_extract"]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Nigeria", "NGA"),
        ("nigeria ", "NGA"),
        ("NGA", "NGA"),
        ("DR Congo (Zaire)", "COD"),
        ("Congo", "COG"),
        ("Ivory Coast", "CIV"),
        ("Côte d’Ivoire", "CIV"),
        ("Cote d'Ivoire", "CIV"),
        ("Turkey", "TUR"),
        ("Russia (Soviet Union)", "RUS"),
        ("Guinea-Bissau", "GNB"),
        ("Guinea", "GIN"),
        ("Niger", "NER"),
        ("Freedonia", None),
        ("(unknown)", None),
        ("(abroad)", None),
        ("", None),
    ],
)
def test_a_name_has_the_code_that_iso_gives_it(name: str, code: str | None) -> None:
    assert alpha3(name) == code


def test_a_code_in_capitals_is_a_name_and_nothing_else_is() -> None:
    assert name_of("NGA") == "Nigeria"
    assert name_of("TZA") == "Tanzania"
    assert [name_of(text) for text in ("nga", "NG", "XXX", "Nigeria", "", "ÄÖÜ")] == [None] * 6


@pytest.mark.parametrize(
    ("country", "name", "code"),
    [
        ("NGA", "Borno", "NG-BO"),
        ("NGA", "BORNO STATE", "NG-BO"),
        ("AFG", "Kabul province", "AF-KAB"),
        ("AFG", "Kābul", "AF-KAB"),
        ("UKR", "Kyiv", "UA-30"),
        ("UKR", "Kyiv oblast", None),  # the region around the city, which ISO spells otherwise
        ("NGA", "Kabul", None),
        ("NGA", "", None),
        ("XXX", "Borno", None),
    ],
)
def test_a_part_of_a_country_has_its_code_where_the_name_is_surely_its_own(
    country: str, name: str, code: str | None
) -> None:
    assert subdivision(country, name) == code


@pytest.mark.realdata
def test_every_country_of_the_real_files_has_a_code(real_data: Callable[[str], Path]) -> None:
    names: set[str] = set()
    for name in UCDP:
        with gzip.open(real_data(f"{name}.csv.gz"), "rt", encoding="utf-8", newline="") as file:
            names |= {row["country"] for row in csv.DictReader(file)}
    names -= {"#country+name"}
    assert [name for name in sorted(names) if alpha3(name) is None] == []
    assert len({alpha3(name) for name in names}) == len(names)
    print(f"{len(names)} countries of UCDP's files, each with a code of its own")
