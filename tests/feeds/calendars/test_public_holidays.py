"""Known dates from the holidays package."""

from datetime import date

import pytest

from core.calendars import Occasion
from core.errors import ConfigError
from feeds.calendars import public_holidays


@pytest.mark.parametrize("country", ["Afghanistan", "AFG", "AF"])
def test_a_countrys_holidays_are_found_and_their_days_joined(country: str) -> None:
    found = public_holidays.read(country, (), "x")
    assert Occasion("Eid al-Fitr", date(2024, 4, 10), date(2024, 4, 12)) in found
    assert found[0].first.year == 1970


def test_observed_and_estimated_days_bear_the_name_of_their_holiday() -> None:
    names = {one.name for one in public_holidays.read("Nigeria", (), "x")}
    assert "Eid al-Adha" in names
    assert not any("(" in name or name.endswith("Holiday") for name in names)


def test_an_unknown_country_and_an_unknown_category_are_one_line() -> None:
    with pytest.raises(ConfigError, match="knows no country 'Atlantis'"):
        public_holidays.read("Atlantis", (), "x")
    with pytest.raises(ConfigError, match=r"not supported: moon.*use public"):
        public_holidays.read("Nigeria", ("moon",), "x")
