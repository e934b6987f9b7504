"""What crossed its line though nobody was warned stands beside what was warned of."""

from __future__ import annotations

import csv
import io
from pathlib import Path

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
EASY = """
name = "easy"
watch = "provinces"
within = 1
levels = [{ severity = "advisory", at_least = 2, probability = 0.9 }]
clear_probability = 0.3
action = "Look."
"""


RULE = 'name = "tempo"\nwatch = "provinces"'
CHANGED = {
    "its line": {"at_least = 5, ": "at_least = 500, "},
    "what it compares": {"within = 3": 'within = 2\naggregate = "total"'},
    "where it looks": {RULE: f'{RULE}\nregion = "Sylvania/*"'},
    "its name": {'name = "tempo"': 'name = "later"'},
    "what its watch counts": {"horizon = 3": 'horizon = 3\nwhere = { province = "*" }'},
}


def recorded(town: TownByDay) -> None:
    for province, counts in COUNTS.items():
        for number, count in enumerate(counts):
            for one in range(count):
                day = f"{2020 + number // 12}-{number % 12 + 1:02d}-{one + 1:02d}"
                town.events[f"{province}-{number}-{one}"] = (day, province)


def month(number: int) -> str:
    return f"2022-{number - FIRST + 1:02d}-02"


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Town:
    """The town after a run on the second of every month from January 2022 on."""
    made = TownByDay(tmp_path_factory.mktemp("lived"))
    made.configure()
    recorded(made)
    for number in range(FIRST, FIRST + 9):
        made.run(month(number), deliver=True)
    return Town(made.folder)


@pytest.fixture
def copied(lived: Town, tmp_path: Path) -> TownByDay:
    """The same town, to go on with."""
    for name in ("tocsin.db", "config.toml", "incidents.csv"):
        (tmp_path / name).write_bytes((lived.folder / name).read_bytes())
    made = TownByDay(tmp_path)
    recorded(made)
    return made


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
        f"warned of: {of - len(listed)} of {of} crossings since 2022-01-01"
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


def test_whoever_changes_a_rule_changes_nothing_of_what_it_missed(copied: TownByDay) -> None:
    before = missed(Town(copied.folder))
    assert before
    for number, (what, change) in enumerate(CHANGED.items()):
        copied.configure(change)
        copied.run(f"2022-09-{3 + number:02d}", deliver=True)
        assert missed(Town(copied.folder)) == before, what


def test_a_rule_that_is_new_has_missed_nothing_before_it(copied: TownByDay) -> None:
    copied.configure({"[[rules]]\n": f"[[rules]]\n{EASY}\n[[rules]]\n"})
    copied.run("2022-09-03", deliver=True)
    copied.run("2022-10-02", deliver=True)
    assert {row["rule"] for row in missed(Town(copied.folder))} == {"tempo"}


def test_a_rule_misses_nothing_where_it_does_not_look(tmp_path: Path) -> None:
    made = TownByDay(tmp_path)
    made.configure({RULE: f'{RULE}\nregion = "Freedonia/Flood"'})
    recorded(made)
    for number in range(FIRST, FIRST + 5):
        made.run(month(number), deliver=True)
    assert {row["region"] for row in missed(Town(made.folder))} == {"Freedonia/Flood"}


def test_a_late_report_adds_a_crossing_on_the_day_on_which_it_becomes_known(
    copied: TownByDay,
) -> None:
    before = missed(Town(copied.folder))
    for one in range(9):
        copied.events[f"late-{one}"] = (f"2022-06-{one + 1:02d}", "Calm")
    copied.run("2022-09-05", deliver=True)
    after = missed(Town(copied.folder))
    (added,) = [row for row in after if row not in before]
    assert (added["region"], added["from"], added["count"]) == (
        "Freedonia/Calm",
        "2022-06-01",
        "10",
    )
    assert added["known_at"].startswith("2022-09-05")
    assert [row for row in after if row != added] == before
