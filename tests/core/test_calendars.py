"""Known dates: where they hold, what they fill, how they are said."""

from datetime import date

import pytest

from core.calendars import Calendar, Occasion, in_words, joined, known_dates, share_of, within
from core.periods import Period

EID = Occasion("Eid al-Fitr", date(2026, 3, 20), date(2026, 3, 22))
NEW_YEAR = Occasion("New Year", date(2025, 12, 31), date(2026, 1, 1))
PLACES = ("country", "admin1")


@pytest.mark.parametrize(
    ("period", "day", "share"),
    [
        (Period.DAY, date(2026, 3, 20), 1.0),
        (Period.DAY, date(2026, 3, 23), 0.0),
        (Period.WEEK, date(2026, 3, 16), 3 / 7),
        (Period.MONTH, date(2026, 3, 1), 3 / 31),
        (Period.MONTH, date(2026, 4, 1), 0.0),
    ],
)
def test_a_period_is_filled_by_the_days_that_lie_in_it(
    period: Period, day: date, share: float
) -> None:
    assert share_of(EID, period, period.of(day)) == pytest.approx(share)


@pytest.mark.parametrize("country", ["NGA", "Nigeria", "nigeria"])
def test_a_country_is_known_by_name_and_by_code(country: str) -> None:
    calendar = Calendar("eid", (EID,), (country,))
    assert known_dates([calendar], ("Nigeria", "Borno"), PLACES) == (EID,)
    assert known_dates([calendar], ("Niger", "Diffa"), PLACES) == ()
    assert known_dates([calendar], ("IS", "Nigeria"), ("actor", "country")) == (EID,)


def test_a_country_without_a_code_is_known_by_its_name() -> None:
    calendar = Calendar("eid", (EID,), ("Arakan",))
    assert known_dates([calendar], ("arakan",), ("country",)) == (EID,)
    assert known_dates([calendar], ("Atlantis",), ("country",)) == ()


def test_regions_are_chosen_by_a_glob() -> None:
    calendar = Calendar("eid", (EID,), regions="Nigeria/B*")
    assert known_dates([calendar], ("Nigeria", "Borno"), PLACES) == (EID,)
    assert known_dates([calendar], ("Nigeria", "Kano"), PLACES) == ()


def test_dates_of_several_calendars_stand_once_in_the_order_of_time() -> None:
    both = [Calendar("a", (EID,)), Calendar("b", (NEW_YEAR, EID))]
    assert known_dates(both, ("x",), ("country",)) == (NEW_YEAR, EID)


def test_days_of_one_name_that_touch_are_one_occasion() -> None:
    days = [Occasion("Eid al-Fitr", date(2026, 3, day), date(2026, 3, day)) for day in (22, 20, 21)]
    assert joined([*days, NEW_YEAR]) == (NEW_YEAR, EID)


def test_only_what_touches_a_stretch_lies_in_it() -> None:
    assert within((NEW_YEAR, EID), date(2026, 1, 1), date(2026, 3, 19)) == (NEW_YEAR,)
    assert within((NEW_YEAR, EID), date(2026, 3, 22), date(2026, 3, 22)) == (EID,)
    assert within((NEW_YEAR, EID), date(2026, 3, 1), date(2026, 3, 20)) == (EID,)


@pytest.mark.parametrize(
    ("occasion", "words"),
    [
        (EID, "Eid al-Fitr 20–22 March 2026"),
        (NEW_YEAR, "New Year 31 December 2025 – 1 January 2026"),
        (EID._replace(last=date(2026, 4, 2)), "Eid al-Fitr 20 March – 2 April 2026"),
        (EID._replace(last=EID.first), "Eid al-Fitr 20 March 2026"),
    ],
)
def test_an_occasion_is_said_as_people_say_it(occasion: Occasion, words: str) -> None:
    assert in_words(occasion) == words
