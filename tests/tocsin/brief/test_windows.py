"""Only covered days are compared, and as many of them as there are."""

from datetime import date

from core.incidents import Coverage
from tocsin.brief.windows import cut, days, months, windows, years_later

SINCE, TODAY = date(2021, 8, 15), date(2022, 10, 1)


def covered(*stretches: tuple[str, str], country: str = "") -> list[Coverage]:
    return [Coverage(country, date.fromisoformat(a), date.fromisoformat(b)) for a, b in stretches]


def test_before_is_as_long_as_the_data_and_since_ends_with_them() -> None:
    found = windows({"story": covered(("2018-01-01", "2022-09-30"))}, SINCE, TODAY)
    assert found
    assert (found.first, found.through) == (date(2018, 1, 1), date(2022, 9, 30))
    assert (days(found.before), days(found.since)) == (1322, 412)
    assert (days(found.year_before), days(found.year_since)) == (365, 365)
    assert round(months(found.since), 1) == 13.5


def test_a_gap_is_no_time_in_which_nothing_happened() -> None:
    gap = covered(("2018-01-01", "2019-12-31"), ("2020-03-01", "2022-09-30"))
    found = windows({"story": gap}, SINCE, TODAY)
    assert found
    assert days(found.before) == 1322 - 31 - 29


def test_days_count_that_every_feed_covers() -> None:
    coverage = {
        "early": covered(("2015-01-01", "2022-03-31")),
        "late": covered(("2020-01-01", "2022-09-30")),
    }
    found = windows(coverage, SINCE, TODAY)
    assert found
    assert (found.first, found.through) == (date(2020, 1, 1), date(2022, 3, 31))


def test_a_country_that_is_new_does_not_shorten_the_feed() -> None:
    parts = [
        *covered(("2018-01-01", "2022-09-30"), country="Afghanistan"),
        *covered(("2022-05-01", "2022-09-30"), country="Uzbekistan"),
    ]
    found = windows({"story": parts}, SINCE, TODAY)
    assert found
    assert found.first == date(2018, 1, 1)


def test_nothing_after_today_counts_and_nothing_since_is_no_brief() -> None:
    coverage = {"story": covered(("2018-01-01", "2022-09-30"))}
    found = windows(coverage, SINCE, date(2022, 1, 31))
    assert found
    assert found.through == date(2022, 1, 31)
    assert windows(coverage, date(2022, 10, 1), TODAY) is None
    assert windows({"story": []}, SINCE, TODAY) is None
    assert windows({}, SINCE, TODAY) is None


def test_without_a_day_before_there_is_no_before() -> None:
    found = windows({"story": covered(("2021-09-01", "2022-09-30"))}, SINCE, TODAY)
    assert found
    assert (found.before, found.year_before) == ((), ())
    assert found.first == date(2021, 9, 1)


def test_a_leap_day_has_a_day_in_other_years() -> None:
    assert years_later(date(2020, 2, 29), 1) == date(2021, 2, 28)
    assert years_later(SINCE, -1) == date(2020, 8, 15)
    assert cut(((date(2020, 1, 1), date(2020, 1, 5)),), date(2020, 1, 6), TODAY) == ()
