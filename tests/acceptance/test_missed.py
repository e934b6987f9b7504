"""What crossed its line though nobody was warned stands beside what was warned of."""

from __future__ import annotations

import csv
import io

import pytest

from tests.acceptance.town import Town
from tests.tocsin.town_by_day import TownByDay

USUAL = [1, 0, 2, 1, 0, 1] * 4
COUNTS = {
    "Bolt": [*USUAL, 1, 0, 9, 1, 0, 1, 0, 1],
    "Flood": [*USUAL, 1, 0, 11, 12, 14, 15, 13, 14],
    "Rise": [*USUAL[:-2], 3, 4, 4, 4, 4, 6, 8, 9, 12, 12],
    "Calm": [*USUAL, 1, 0, 2, 1, 0, 1, 0, 1],
}
"""Two years as usual, then the months of the runs, from January 2022 on."""
FIRST = 24


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Town:
    """The town after a run on the second of every month from January 2022 on."""
    made = TownByDay(tmp_path_factory.mktemp("lived"))
    made.configure()
    for province, counts in COUNTS.items():
        for number, count in enumerate(counts):
            for one in range(count):
                day = f"{2020 + number // 12}-{number % 12 + 1:02d}-{one + 1:02d}"
                made.events[f"{province}-{number}-{one}"] = (day, province)
    for number in range(FIRST, FIRST + 9):
        made.run(f"2022-{number - FIRST + 1:02d}-02", deliver=True)
    return Town(made.folder)


def missed(town: Town, *more: str) -> list[dict[str, str]]:
    answer = town.tocsin("alerts", "missed", "--since", "2022-01-01", "--format", "csv", *more)
    return list(csv.DictReader(io.StringIO(answer.out)))


def test_a_bolt_from_the_blue_is_missed_and_a_flood_rang_late(lived: Town) -> None:
    found = {row["region"]: row for row in missed(lived, "--watch", "provinces")}
    bolt, flood = found["Freedonia/Bolt"], found["Freedonia/Flood"]
    assert (bolt["from"], bolt["to"], bolt["count"]) == ("2022-03-01", "2022-03-31", "9")
    assert (bolt["heard"], bolt["alert"]) == ("not warned", "")
    assert (flood["from"], flood["heard"]) == ("2022-03-01", "rang late")
    assert flood["alert"].startswith("al_")
    assert "Freedonia/Calm" not in found


def test_text_counts_the_crossings_that_were_warned_of_too(lived: Town) -> None:
    told = lived.tocsin("alerts", "missed", "--since", "2022-01-01").out
    listed = missed(lived)
    of = len(listed) + ("Freedonia/Rise" not in {row["region"] for row in listed})
    assert told.splitlines()[-1] == (
        f"{of - len(listed)} of {of} crossings since 2022-01-01 were warned of"
    )


def test_crossings_before_the_day_are_left_out_and_a_name_is_checked(lived: Town) -> None:
    later = lived.tocsin("alerts", "missed", "--since", "2022-08-01")
    assert "no crossing was missed" in later.out
    wrong = lived.tocsin("alerts", "missed", "--since", "2022-01-01", "--watch", "province")
    assert wrong.code == 2
    assert "provinces" in wrong.err


def test_the_handover_tells_a_missed_crossing_once_it_is_known(lived: Town) -> None:
    page = lived.tocsin("handover", "--since", "2022-01-01").out
    (line,) = [line for line in page.splitlines() if line.startswith("- Freedonia/Bolt: 9 attacks")]
    assert "5 or more is severe (tempo); no alert was firing" in line
    later = lived.tocsin("handover", "--since", "1d", "--format", "json").data
    assert later["missed"] == []
