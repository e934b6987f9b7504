"""The commands of those on duty, as the real program."""

import csv
import io
import sqlite3
from pathlib import Path

import pytest

from tests.acceptance.shown_alerts import made_alerts, written_alerts
from tests.acceptance.town import QUIET, RISING, Answer, Town

HOSTILE = "=cmd()\x1b[31m\u202e road\nclosed"


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Town:
    made = Town(tmp_path_factory.mktemp("town"))
    made.configure()
    made.record({"Calm": QUIET, "Storm": RISING})
    assert made.tocsin("run").code == 0
    return made


def alerts(town: Town, *more: str) -> Answer:
    return town.tocsin("alerts", *more)


def storm(town: Town) -> str:
    found = alerts(town, "list", "--rule", "tempo", "--format", "json").data
    (name,) = [alert["alert"] for alert in found]
    return str(name)


def test_the_page_for_those_on_duty_shows_what_the_program_prints(tmp_path: Path) -> None:
    """`make docs` rewrites the page's session when the program prints another."""
    assert made_alerts(tmp_path) == written_alerts()


def test_filters_narrow_the_list(town: Town) -> None:
    assert "Freedonia/Storm" in alerts(town, "list", "--region", "*/Storm").out
    for narrow in (["--region", "*/Calm"], ["--severity", "high"], ["--watch", "other"]):
        assert alerts(town, "list", *narrow).out == "no alert is open\n"


def test_an_id_may_be_cut_short_but_not_to_nothing(town: Town) -> None:
    name = storm(town)
    for short in (name, name[:9], name[3:9]):
        assert alerts(town, "show", short, "--format", "json").data["alert"] == name
    for wrong in ("al_", "zz", "a"):
        answer = alerts(town, "show", wrong)
        assert (answer.code, answer.out) == (2, "")
        assert "no alert is called" in answer.err


def test_hostile_notes_reach_no_terminal_and_no_spreadsheet(town: Town) -> None:
    name = storm(town)
    assert alerts(town, "note", name, "--by", "=Bo", "--text", HOSTILE).code == 0
    shown = alerts(town, "show", name).out
    assert "=Bo: noted: =cmd()[31m road closed" in shown
    assert not {"\x1b", "\u202e"} & set(shown)
    rows = list(csv.DictReader(io.StringIO(alerts(town, "show", name, "--format", "csv").out)))
    assert rows[-1]["by"] == "'=Bo"


def test_bad_usage_is_one_line_and_writes_nothing(town: Town) -> None:
    name = storm(town)
    silence = ("silence", "--by", "Bo", "--reason", "x", "--match")
    for asked, told in [
        (("ack", name, "--by", " "), "--by: is empty"),
        (("ack", name, "--by", "Bo", "--until", "2020-01-01"), "is over already"),
        (("ack", name, "--by", "Bo", "--until", "soon"), "is no time"),
        (("note", name, "--by", "Bo", "--text", "x" * 2001), "longer than 2000"),
        ((*silence, "regio=*", "--until", "7d"), "did you mean 'region'"),
        ((*silence, "region", "--until", "7d"), "is not KEY=GLOB"),
        ((*silence, "region=*", "--until", "9000d"), "more than a year away"),
        ((*silence, "region=*", "--until", "7d", "--severity", "sever"), "did you mean 'severe'"),
        (("unsilence", "99", "--by", "Bo"), "no silence 99 is in force"),
    ]:
        answer = alerts(town, *asked)
        assert (answer.code, answer.out) == (2, ""), asked
        assert told in answer.err
        assert len(answer.err.splitlines()) == 1
    assert alerts(town, "silences").out == "no silence is in force\n"


def test_what_a_person_raises_is_sent_and_ended_by_a_person(town: Town) -> None:
    place = ("--watch", "provinces", "--region", "Freedonia/Calm", "--severity", "severe")
    said = ("--by", "Amina", "--note", "a warning by radio")
    raised = alerts(town, "raise", *place, *said)
    assert raised.code == 0
    name = raised.out.split()[0]
    assert "open" in alerts(town, "raise", *place, *said).err, "one by hand per region"
    run = town.tocsin("run")
    assert "SEVERE: raised by Amina" in run.out
    assert "a warning by radio" in run.out
    listed = alerts(town, "list", "--format", "json").data
    (mine,) = [alert for alert in listed if alert["alert"] == name]
    assert (mine["rule"], mine["probability"]) == ("(by hand)", None)
    assert alerts(town, "resolve", name, "--by", "Bo", "--note", "false").code == 0
    assert "ended by hand by Bo: false" in " ".join(town.tocsin("run").out.split())
    again = alerts(town, "resolve", name, "--by", "Bo", "--note", "false")
    assert (again.code, "is resolved already" in again.err) == (2, True)


def test_an_override_stands_beside_the_forecast_and_is_kept(town: Town) -> None:
    where = ("--watch", "provinces", "--region", "Freedonia/Calm", "--period", "2024-08")
    told = ("--by", "Amina", "--reason", "a truce")
    assert town.tocsin("overrides", "add", *where, "--value", "0", *told).code == 0
    regions = town.tocsin("table", "--format", "json").data[0]["regions"]
    (calm,) = [region for region in regions if region["region"] == "Freedonia/Calm"]
    beside = {step["period"]: step["override"] for step in calm["forecast"]}
    assert beside["2024-07"] is None
    assert beside["2024-08"]["value"] == 0
    assert "Analyst: Freedonia/Calm: Amina" in town.tocsin("table").out
    (kept,) = town.tocsin("overrides", "list", "--format", "json").data
    step = next(step for step in calm["forecast"] if step["period"] == "2024-08")
    assert kept["model"]["median"] == step["median"], "the model's value is kept"
    assert town.tocsin("overrides", "end", "1", "--by", "Amina").code == 0
    assert town.tocsin("overrides", "list").out == "no override is in force\n"
    assert len(town.tocsin("overrides", "list", "--all", "--format", "json").data) == 1


def test_an_override_names_one_thing_and_one_value(town: Town) -> None:
    where = ("--watch", "provinces", "--region", "Freedonia/Calm", "--period")
    told = ("--by", "Amina", "--reason", "a truce")
    for asked, error in [
        ((), "a forecast or an alert"),
        ((*where, "2024-08"), "--value or --reject"),
        ((*where, "2024-08", "--value", "1", "--reject"), "--value or --reject"),
        ((*where, "2024-08", "--severity", "high", "--reject"), "--value or --reject"),
        ((*where, "2024-18", "--value", "1"), "was not forecast there"),
        ((*where, "2024-08", "--alert", storm(town), "--reject"), "not both"),
    ]:
        answer = town.tocsin("overrides", "add", *asked, *told)
        assert (answer.code, answer.out) == (2, ""), asked
        assert error in answer.err


def test_the_handover_tells_all_of_it_as_text_json_and_csv(town: Town) -> None:
    name = storm(town)
    alerts(town, "ack", name, "--by", "Amina", "--note", "on it")
    alerts(town, "silence", "--match", "country=Freedonia", "--until", "2d", "--by", "Bo",
           "--reason", "exercise")  # fmt: skip
    page = town.tocsin("handover", "--since", "1d").out
    for part in ("Open alerts (1)", "known to Amina", "silence 1 of Bo", "Amina acknowledged"):
        assert part in page
    found = town.tocsin("handover", "--since", "1d", "--format", "json").data
    assert [alert["alert"] for alert in found["open"]] == [name]
    rows = list(csv.reader(io.StringIO(town.tocsin("handover", "--since", "1d", "--format",
                                                   "csv").out)))  # fmt: skip
    assert {row[0] for row in rows[1:]} >= {"open", "changed", "silences", "notes"}
    assert town.tocsin("handover", "--since", "2999-01-01").code == 2


def test_what_a_person_does_is_answered_to_programs_too(town: Town) -> None:
    name, by, json = storm(town), ("--by", "Ada"), ("--format", "json")
    done = alerts(town, "ack", name, *by, "--until", "2h", "--note", "I go", *json).data
    assert (done["alert"], done["did"], done["by"], done["note"]) == (
        *(name, "acknowledged", "Ada", "I go"),
    )
    assert done["until"] > done["at"]
    noted = alerts(town, "note", name, *by, "--text", "seen", *json).data
    assert (noted["region"], noted["did"], noted["until"]) == ("Freedonia/Storm", "noted", None)
    about = ("--match", "region=Nowhere/*", "--until", "1h", *by, "--reason", "a test")
    made = alerts(town, "silence", *about, *json).data
    assert (made["match"], made["muted_alerts"]) == ({"region": "Nowhere/*"}, 0)
    lifted = alerts(town, "unsilence", str(made["silence"]), *by, *json).data
    assert (lifted["silence"], lifted["ended_by"]) == (made["silence"], "Ada")
    for other in alerts(town, "silences", *json).data:
        alerts(town, "unsilence", str(other["silence"]), *by)
    where = ("--watch", "provinces", "--region", "Freedonia/Calm", "--severity", "high")
    raised = alerts(town, "raise", *where, *by, "--note", "a word", *json).data
    assert (raised["did"], raised["severity"], raised["channels"]) == ("raised", "high", "screen")
    ended = alerts(town, "resolve", raised["alert"], *by, "--note", "over", "--format", "csv").out
    assert next(csv.DictReader(io.StringIO(ended)))["did"] == "resolved"


def test_every_write_of_a_person_is_kept_with_author_and_time(town: Town) -> None:
    with sqlite3.connect(town.folder / "tocsin.db") as database:
        (nameless,) = database.execute(
            "SELECT count(*) FROM alert_actions WHERE author = '' OR at IS NULL"
        ).fetchone()
        (kept,) = database.execute("SELECT count(*) FROM alert_actions").fetchone()
    assert nameless == 0
    assert kept >= 4
