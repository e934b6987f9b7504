"""Licence and care, from outside: credits, what stays inside, what is dropped, what is erased."""

import csv
import io
import json
from pathlib import Path

import pytest

from storage.database import open_database
from tests.acceptance.town import QUIET, RISING, SCREEN, Answer, Town

PERSON = "Amina Canary Yusuf"
MAPPED = 'admin1 = "province"'
NAMED = {
    MAPPED: f'{MAPPED}, target = "who", note = "note"',
    'noun = "attacks"': 'noun = "attacks"\nlicence = "ours"\nattribution = "the desk"',
}
BESIDE = "counts.csv.sources.json"


def name_people(town: Town) -> None:
    """Add to each row of the tracker a person, and a note about her."""
    path = town.folder / "incidents.csv"
    head, *rows = path.read_text(encoding="utf-8").splitlines()
    told = [f"{row},{PERSON},told by {PERSON}" for row in rows]
    path.write_text("\n".join([f"{head},who,note", *told]) + "\n", encoding="utf-8")


@pytest.fixture
def town(tmp_path: Path) -> Town:
    made = Town(tmp_path)
    made.configure(change=NAMED)
    made.record({"Calm": QUIET, "Storm": RISING})
    name_people(made)
    return made


@pytest.fixture
def pulled(town: Town) -> Town:
    assert town.tocsin("pull").code == 0
    return town


def ran(town: Town) -> Answer:
    answer = town.tocsin("run")
    assert answer.code == 0, answer.err
    return answer


def told(folder: Path) -> int:
    """How often the person is named in the files but the tracker's own."""
    files = [path for path in folder.iterdir() if path.is_file() and path.suffix != ".toml"]
    return sum(
        path.read_bytes().count(PERSON.encode()) for path in files if path.name != "incidents.csv"
    )


def test_tables_messages_and_exports_credit_the_source_with_day_and_filters(town: Town) -> None:
    printed = ran(town).out
    assert "Source: tracker: the desk; ours; accessed 2024-07-01." in printed
    assert "Counted: incidents by country, admin1, per month." in printed
    assert "Sources      tracker: the desk; ours; accessed 1 July 2024" in printed
    (sheet,) = town.tocsin("table", "--format", "json").data
    assert sheet["sources"][0] == {
        "feed": "tracker",
        "noun": "attacks",
        "attribution": "the desk",
        "licence": "ours",
        "share": "aggregates",
        "accessed": "2024-07-01",
    }
    lines = csv.DictReader(io.StringIO(town.tocsin("table", "--format", "csv").out))
    assert {line["sources"] for line in lines} == {"tracker: the desk; ours; accessed 2024-07-01"}
    town.tocsin("export", "counts", "--watch", "provinces", "-o", "counts.csv")
    beside = json.loads((town.folder / BESIDE).read_text(encoding="utf-8"))
    assert beside["sources"] == sheet["sources"]
    assert (beside["filters"], beside["cutoff"], beside["unit"]) == (
        sheet["filters"], "2024-07-01", "attacks",
    )  # fmt: skip


def test_a_copy_to_hand_on_has_incidents_only_of_feeds_that_share_rows(
    pulled: Town,
) -> None:
    asked = ("diff", "--from", "2020-01-01", "--format", "json")
    inside, outside = pulled.tocsin(*asked).data, pulled.tocsin(*asked, "--outside").data
    assert len(inside["feeds"][0]["changes"]) == inside["feeds"][0]["added"] > 50
    assert outside["feeds"][0]["changes"] == []
    assert outside["feeds"][0]["added"] == inside["feeds"][0]["added"]
    text = pulled.tocsin("diff", "--from", "2020-01-01").out
    assert "Incidents of tracker are for use inside the organisation" in text
    assert "0 incidents compared" in pulled.tocsin("duplicates", "--outside").out


def test_what_is_to_stay_inside_is_labelled_and_not_exported_outside(town: Town) -> None:
    inside = {'noun = "attacks"': 'noun = "attacks"\nshare = "none"'}
    town.configure(SCREEN, {**NAMED, **inside})
    assert town.tocsin("pull").code == 0
    label = "for use inside the organisation only"
    assert label in town.tocsin("diff", "--from", "2020-01-01").out
    export = ("export", "counts", "--watch", "provinces", "-o", "counts.csv")
    refused = town.tocsin(*export, "--outside")
    assert (refused.code, refused.out) == (2, "")
    assert 'whose share is "none"' in refused.err
    assert not (town.folder / "counts.csv").exists()
    assert town.tocsin(*export).code == 0
    assert '"share": "none"' in (town.folder / BESIDE).read_text(encoding="utf-8")
    assert town.tocsin("diff", "--from", "2020-01-01", "--format", "json", "--outside").data[
        "watches"
    ] == []  # fmt: skip


def test_a_sensitive_column_is_in_no_file_of_the_program(town: Town) -> None:
    drop = {'noun = "attacks"': 'noun = "attacks"\nsensitive = ["target", "note"]'}
    town.configure(change={**NAMED, **drop})
    with (town.folder / "incidents.csv").open("a", encoding="utf-8") as file:
        file.write(f"bad,{PERSON},Freedonia,Calm,{PERSON},x\n")
    answer = ran(town)
    assert PERSON not in answer.out + answer.err
    assert told(town.folder) == 0


REASON = ("--reason", "asked for", "--by", "duty officer")


def redact(town: Town, *more: str) -> Answer:
    return town.tocsin("redact", "--feed", "tracker", *REASON, *more)


def test_redact_first_says_what_it_would_do_then_does_it_for_good(town: Town) -> None:
    ran(town)
    table = town.tocsin("table", "--format", "json").data
    would = redact(town, "--where", "target=Amina*")
    assert would.code == 0
    assert would.out.startswith(
        "would erase: actor, admin2, kind, latitude, longitude, note, source, "
    )
    assert "left: admin1, which watch provinces counts by" in would.out
    assert told(town.folder) > 50
    done = redact(town, "--where", "target=Amina*", "--yes")
    assert (done.code, done.err) == (0, "")
    assert "Counts are unchanged." in done.out
    assert told(town.folder) == 0
    with (town.folder / "incidents.csv").open("a", encoding="utf-8") as file:
        file.write("new,2024-06-29,Freedonia,Calm,someone else,\n")
    assert town.tocsin("pull").code == 0
    assert told(town.folder) == 0
    assert town.tocsin("table", "--format", "json").data == table
    with open_database(town.folder / "tocsin.db", mode="read") as database:
        log = database.rows("SELECT person, reason, incidents FROM redactions")
    assert log == [("duty officer", "asked for", sum(QUIET) + sum(RISING))]


def test_a_condition_that_is_none_is_one_line(pulled: Town) -> None:
    answer = redact(pulled, "--where", "target")
    assert (answer.code, answer.out) == (2, "")
    assert "'target' is not COLUMN=GLOB" in answer.err


def test_only_the_owner_of_the_database_redacts(pulled: Town) -> None:
    with open_database(pulled.folder / "tocsin.db", mode="own"):
        answer = redact(pulled, "--id", "Calm-0-0", "--yes")
        assert answer.code == 3
        assert redact(pulled, "--id", "Calm-0-0").code == 0, "to look is free"
