"""Countries: ISO 3166 codes for the names that sources write, and back.

The names are those of pycountry (Debian's iso-codes), which is loaded at the first question.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

_CODE = re.compile(r"[A-Z]{3}")
_ASIDE = re.compile(r"\s*\(.*\)")
_SPOKEN = {
    "bosnia": "BIH", "bosnia herzegovina": "BIH", "brunei": "BRN", "burma": "MMR",
    "cape verde": "CPV", "congo": "COG", "congo brazzaville": "COG", "congo kinshasa": "COD",
    "democratic republic of congo": "COD", "dr congo": "COD", "drc": "COD", "east timor": "TLS",
    "great britain": "GBR", "ivory coast": "CIV", "macedonia": "MKD", "macedonia fyr": "MKD",
    "micronesia": "FSM", "palestine": "PSE", "republic of congo": "COG", "russia": "RUS",
    "swaziland": "SWZ", "the gambia": "GMB", "turkey": "TUR", "uk": "GBR",
    "united states of america": "USA", "vatican": "VAT", "zaire": "COD",
}  # fmt: skip
"""What UCDP, news and people write and ISO 3166 does not."""


def alpha3(name: str) -> str | None:
    """Return the code of a country, by its name in whatever spelling or by the code; else None.

    What stands in brackets is tried last: "DR Congo (Zaire)" is known by "DR Congo".
    """
    codes = _codes()
    return codes.get(_plain(name)) or codes.get(_plain(_ASIDE.sub("", name)))


def name_of(code: str) -> str | None:
    """Return the common name of a country by its alpha-3 code in capitals; else None."""
    if not _CODE.fullmatch(code):
        return None
    import pycountry  # noqa: PLC0415 - 23 MB of names, needed only for codes

    found = pycountry.countries.get(alpha_3=code)
    return None if found is None else str(getattr(found, "common_name", found.name))


def subdivision(country: str, name: str) -> str | None:
    """Return the ISO 3166-2 code of a first-order part of a country (alpha-3); None if unsure.

    Names are those of ISO 3166-2 in whatever spelling, with or without what the part is ("Borno
    state"): another word says that another part is meant, and a name that two bear has no code.
    """
    return _parts(country).get(_plain(name))


@cache
def _parts(country: str) -> dict[str, str]:
    import pycountry  # noqa: PLC0415 - as above

    found = pycountry.countries.get(alpha_3=country)
    names: dict[str, set[str]] = {}
    for part in pycountry.subdivisions:
        if found and part.country_code == found.alpha_2 and part.parent_code is None:
            for name in (part.name, f"{part.name} {part.type}"):
                names.setdefault(_plain(name), set()).add(part.code)
    return {name: min(codes) for name, codes in names.items() if name and len(codes) == 1}


@cache
def _codes() -> dict[str, str]:
    import pycountry  # noqa: PLC0415 - as above

    found = {}
    for country in pycountry.countries:
        fields = ("name", "official_name", "common_name")
        names = [getattr(country, field, "") for field in fields]
        for name in (*names, country.alpha_3):
            found[_plain(name)] = country.alpha_3
    found.pop("", None)
    return found | _SPOKEN


def _plain(name: str) -> str:
    """Return a name without accents, case and punctuation, "and" and "&" alike."""
    letters = unicodedata.normalize("NFKD", name.replace("&", " and ")).casefold()
    kept = "".join(ch if ch.isalnum() else " " for ch in letters if not unicodedata.combining(ch))
    return " ".join(kept.split())
