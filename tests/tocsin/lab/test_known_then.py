"""Replaying what the store knew then: as far back as it was filled, blind to what came later."""

import numpy as np
import pytest

from core.periods import Period
from tests.tocsin.town_by_day import TownByDay
from tocsin.config import load
from tocsin.lab.replay import replay
from tocsin.lab.window import Replayed, Window
from tocsin.stores import opened

TODAY = "2024-07-02"
PULLED = ("2024-03-10", "2024-03-31", "2024-04-30", "2024-05-31", TODAY)
LATE = {f"late-{n}": ("2024-04-20", "Storm") for n in range(6)}
"""Six incidents of April that come in with the pull of the second of July."""


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> TownByDay:
    made = TownByDay(tmp_path_factory.mktemp("town"))
    made.configure()
    for month in range(30):
        for number in range(3 + month % 4):
            day = f"{2022 + month // 12}-{month % 12 + 1:02d}-{5 + number:02d}"
            made.events[f"{month}-{number}"] = (day, "Calm" if number % 2 else "Storm")
    for day in PULLED[:-1]:
        made.run(day)
    made.events |= LATE
    made.run(TODAY)
    return made


def replayed(town: TownByDay, *, known_then: bool) -> Replayed:
    config, clock = load(town.config), town.clock(TODAY)
    with opened(config, None, "read", clock) as stores:
        return replay(config, stores, clock, Window("provinces", 1, known_then=known_then))


@pytest.fixture(scope="module")
def then(town: TownByDay) -> Replayed:
    return replayed(town, known_then=True)


@pytest.fixture(scope="module")
def now(town: TownByDay) -> Replayed:
    return replayed(town, known_then=False)


def test_it_reaches_back_to_the_first_pull_and_says_its_clock(then: Replayed) -> None:
    period = Period.MONTH
    ends = [str(period.end(then.track.first + n - 1)) for n in range(then.track.origins)]
    assert ends == ["2024-03-31", "2024-04-30", "2024-05-31", "2024-06-30"]
    assert then.label == "as known then"


def test_what_came_in_later_is_not_known_but_is_what_it_is_judged_by(
    then: Replayed, now: Replayed
) -> None:
    storm = then.track.keys.index(("Freedonia", "Storm"))
    flattered = now.track.tempo[storm, -then.track.origins :]
    seen = then.track.tempo[storm]
    april = 1
    assert flattered[april] - seen[april] == len(LATE)
    came = (found.track.came[:, -then.track.origins :] for found in (then, now))
    assert np.array_equal(*came, equal_nan=True)


def test_the_chance_read_at_the_end_of_april_knows_nothing_of_the_late_ones(
    then: Replayed, now: Replayed
) -> None:
    storm = then.track.keys.index(("Freedonia", "Storm"))
    columns = [n for n, level in enumerate(then.ladder) if level.at_least == 5]
    chance = then.track.chances[storm, 1, columns[0]]
    flattered = now.track.chances[storm, -3, columns[0]]
    assert chance < flattered
