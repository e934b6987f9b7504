"""Known dates from the holidays package, which knows those of most countries.

Days that follow the moon are its estimates; it computes them years ahead.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import holidays

from core.calendars import FIRST, LAST, Occasion, joined
from core.countries import alpha3
from core.errors import ConfigError
from core.text import clean

_ASIDE = re.compile(r"(\s*\([^)]*\)|\s+Holiday)+$")


def read(country: str, categories: Sequence[str], where: str) -> tuple[Occasion, ...]:
    """Return a country's holidays in the order of time; days of one name that touch are one.

    Raises:
        ConfigError: the package does not know the country, or the category there.
    """
    code = alpha3(country) or country.upper()
    chosen: dict[str, Any] = {"categories": tuple(categories)} if categories else {}
    years = range(FIRST.year, LAST.year + 1)
    try:
        found = holidays.country_holidays(code, years=years, language="en_US", **chosen)
    except NotImplementedError:  # how the package says that it does not know a country
        problem = f"the holidays package knows no country {country!r}"
        raise ConfigError(where, problem, "give an iCalendar file as path instead") from None
    except ValueError as error:
        supported = ", ".join(holidays.country_holidays(code).supported_categories)
        problem = clean(str(error), 80).rstrip(".")
        raise ConfigError(where, problem, f"use {supported}") from None
    return joined(
        Occasion(_plain(name), day, day)
        for day, names in found.items()
        for name in names.split("; ")
    )


def _plain(name: str) -> str:
    """Return a name without "(observed)", "(estimated)" and "Holiday" at its end."""
    return _ASIDE.sub("", clean(name, 80)) or clean(name, 80)
