"""Kind "simulated": the story's figures, counted."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from hashlib import sha256
from operator import itemgetter
from pathlib import Path
from random import Random

import pytest

from core.incidents import Incident
from feeds import story

from .conftest import read

AUGUST_15 = date(2021, 8, 15)
YEAR = timedelta(days=365)


@pytest.fixture(scope="module", params=[15_082_021, 0, 1, 2])
def told(request: pytest.FixtureRequest) -> list[Incident]:
    return story.incidents(request.param)


def _of_the_group(told: list[Incident]) -> Iterator[tuple[Incident, date]]:
    return ((one, date.fromisoformat(one.date)) for one in told if one.actor == story.GROUP)


def test_attacks_at_home_are_14_a_month_since_15_august_2021_and_under_half_before(
    told: list[Incident],
) -> None:
    days = [day for one, day in _of_the_group(told) if one.country == "Afghanistan"]
    month = 365.25 / 12
    since = [day for day in days if day >= AUGUST_15]
    after = len(since) / ((story.LAST_DAY - AUGUST_15).days + 1) * month
    before = (len(days) - len(since)) / (AUGUST_15 - story.FIRST_DAY).days * month
    print(f"{before:.2f} a month before, {after:.2f} since")
    assert round(after) == 14
    assert before < after / 2
    whole_months = [day for day in since if day >= date(2021, 9, 1)]
    assert len(whole_months) == 14 * 13


@pytest.mark.parametrize("where", [None, "Afghanistan"])
def test_deaths_peak_at_138_in_october_2021_and_168_in_april_2022(
    where: str | None, told: list[Incident]
) -> None:
    deaths: Counter[str] = Counter()
    for one, _ in _of_the_group(told):
        deaths[one.date[:7]] += (one.fatalities or 0) if where in (None, one.country) else 0
    highest, second, third = deaths.most_common(3)
    assert highest == ("2022-04", 168)
    assert second == ("2021-10", 138)
    assert third[1] < 138


def test_attacks_abroad_grow_from_6_to_29_in_pakistan_and_from_3_to_32_in_the_north(
    told: list[Incident],
) -> None:
    def attacks(countries: set[str], first: date, until: date) -> int:
        return sum(
            one.country in countries and first <= day < until for one, day in _of_the_group(told)
        )

    north = {"Tajikistan", "Uzbekistan"}
    assert attacks({"Pakistan"}, AUGUST_15 - YEAR, AUGUST_15) == 6
    assert attacks({"Pakistan"}, AUGUST_15, AUGUST_15 + YEAR) == 29
    assert attacks(north, AUGUST_15 - YEAR, AUGUST_15) == 3
    assert attacks(north, AUGUST_15, AUGUST_15 + YEAR) == 32


def test_kabul_rises_over_the_last_four_months(told: list[Incident]) -> None:
    months = Counter(one.date[:7] for one, _ in _of_the_group(told) if one.admin1 == "Kabul")
    last = [months[f"2022-0{month}"] for month in (6, 7, 8, 9)]
    assert last == [4, 5, 7, 9]


def test_others_act_too_and_some_provinces_are_quiet(told: list[Incident]) -> None:
    actors = {one.actor for one in told}
    assert len(actors) == 7
    per_province = Counter((one.country, one.admin1) for one in told)
    assert min(per_province.values()) <= 16 < 200 < max(per_province.values())
    assert {"Afghanistan", "Pakistan", "Iraq"} <= {country for country, _ in per_province}


def test_attacks_come_in_bursts(told: list[Incident]) -> None:
    group = [(one.admin1, day) for one, day in _of_the_group(told)]

    def repeats(attacks: list[tuple[str | None, date]]) -> int:
        """Count attacks that follow another in the same province within two days."""
        last: dict[str | None, date] = {}
        found = 0
        for place, day in sorted(attacks, key=itemgetter(1)):
            found += (day - last.get(place, date.min)).days <= 2
            last[place] = day
        return found

    rng = Random(3)
    scattered = [(place, day.replace(day=rng.randint(1, 28))) for place, day in group]
    print(f"{repeats(group)} attacks follow another, {repeats(scattered)} by chance")
    assert repeats(group) > 1.25 * repeats(scattered)


def test_everything_says_that_it_is_simulated(told: list[Incident]) -> None:
    assert all("(simulated)" in str(one.actor) for one in told)
    assert {one.source for one in told} == {"simulated, no real event"}


def test_rows_are_in_order_within_the_storys_days_and_on_the_map(told: list[Incident]) -> None:
    assert [one.source_id for one in told] == [f"SIM-{n:05d}" for n in range(1, len(told) + 1)]
    dates = [one.date for one in told]
    assert dates == sorted(dates)
    assert "2018-01-01" <= dates[0] < "2018-02" < "2022-09" < dates[-1] <= "2022-09-30"
    assert all((one.high or 0) >= (one.fatalities or 0) >= (one.low or 0) >= 0 for one in told)


def test_the_shipped_seed_tells_the_same_story_on_every_machine() -> None:
    text = repr([tuple(one) for one in story.incidents(15_082_021)])
    assert sha256(text.encode()).hexdigest()[:16] == "8160d0a7fbaa6f91"


def test_the_feed_covers_the_whole_story_in_every_country(tmp_path: Path) -> None:
    found = read(tmp_path, "simulated")
    assert [c.country for c in found.coverage] == [
        "", "Afghanistan", "Iraq", "Pakistan", "Tajikistan", "Uzbekistan",
    ]  # fmt: skip
    assert {(c.first, c.through) for c in found.coverage} == {(date(2018, 1, 1), date(2022, 9, 30))}
    assert "simulated" in found.pull.origin


def test_the_feed_tells_nothing_of_the_future(tmp_path: Path) -> None:
    found = read(tmp_path, "simulated", today=date(2020, 6, 15))
    assert max(one.date for one in found.incidents) <= "2020-06-15"
    assert found.coverage[0].through == date(2020, 6, 15)


def test_another_seed_tells_other_details(tmp_path: Path) -> None:
    one, other = read(tmp_path, "simulated"), read(tmp_path, "simulated", seed=1)
    assert one.pull.digest != other.pull.digest
    assert one.incidents != other.incidents
