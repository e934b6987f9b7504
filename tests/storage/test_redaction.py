"""Redaction: texts go from every version and every trace, counts stay, nothing comes back."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from core.alerts import AlertChanges
from core.incidents import BadRow, Incident
from storage import traces
from storage.database import Database
from storage.feed_log import FeedLog
from storage.incidents import Incidents
from storage.lists import Lists
from storage.outbox import Outbox
from storage.redaction import Warrant, aim, erase, incidents_matching
from storage.runs import Runs
from tests.storage.samples import (
    CUTOFF,
    FEED,
    NOW,
    ListPull,
    alert,
    delivery,
    event,
    incident,
    key,
    result,
    watch,
)

NAME = "Dr Amina Yusuf"
NOTE = json.dumps({"note": f"told by {NAME}", "sector": "health"})
WARRANT = Warrant("duty officer", "2022-10-02T06:00:00.000000Z", "asked for")


def load(database: Database, *rows: Incident, bad: tuple[BadRow, ...] = (), day: int = 0) -> None:
    Incidents(database).load(FEED, ListPull(rows, bad=bad), NOW + timedelta(day))


def redact(database: Database, *ids: str, fields: tuple[str, ...] = ("target", "note")) -> int:
    return erase(database, aim(database, "tracker", ids, fields), WARRANT)


def dump(database: Database) -> str:
    """Every value of every table."""
    tables = database.rows("SELECT name FROM sqlite_master WHERE type = 'table'")
    return repr([database.rows(f"SELECT * FROM {name}") for (name,) in tables])


def counts(database: Database) -> list[int]:
    return Incidents(database).cells(watch(), CUTOFF, None).count.tolist()


@pytest.fixture
def named(database: Database) -> Database:
    """Two incidents; one names a person in two versions."""
    load(database, incident(1, target=NAME, extra=NOTE), incident(2))
    load(database, incident(1, target=NAME, extra=NOTE, fatalities=4), incident(2), day=1)
    return database


def test_every_version_loses_the_text_and_no_count_changes(named: Database) -> None:
    before = counts(named)
    target = aim(named, "tracker", ["1"], ["target", "note"])
    assert (target.versions, target.texts) == (2, {NAME, f"told by {NAME}"})
    redact(named, "1")
    assert NAME not in dump(named)
    assert counts(named) == before
    rows = named.rows("SELECT target, extra, actor FROM incidents WHERE source_id = '1'")
    assert rows == [(None, '{"sector":"health"}', "ISWAP")] * 2


def test_other_incidents_keep_theirs(named: Database) -> None:
    redact(named, "1")
    assert named.value("SELECT target FROM incidents WHERE source_id = '2'") == "Civilians"


def test_the_same_row_sent_again_is_the_same_and_a_changed_one_comes_in_without_it(
    named: Database,
) -> None:
    redact(named, "1")
    again = incident(1, target=NAME, extra=NOTE, fatalities=4)
    pull = ListPull([again, incident(2), incident(3)])
    report = Incidents(named).load(FEED, pull, NOW + timedelta(2))
    assert (report.added, report.revised, report.unchanged) == (1, 0, 2)
    changed = again._replace(fatalities=9, target=f"{NAME} and others")
    load(named, changed, incident(2), incident(3), day=3)
    assert NAME not in dump(named)
    newest = "SELECT fatalities FROM incidents WHERE source_id = '1' AND superseded_at IS NULL"
    assert named.value(newest) == 9


def test_the_log_says_who_when_why_and_how_much_and_never_what(named: Database) -> None:
    redact(named, "1")
    (row,) = named.rows(
        "SELECT person, at, reason, fields, incidents, versions, elsewhere FROM redactions"
    )
    assert row == (*WARRANT, '["target", "note"]', 1, 2, 0)


def test_quarantined_rows_keep_their_reason_alone_now_and_from_then_on(named: Database) -> None:
    bad = BadRow(7, f"date '{NAME}' is not iso", f"9,{NAME},Borno")
    load(named, incident(1, target=NAME), incident(2), bad=(bad,), day=2)
    assert redact(named, "1") == 1
    load(named, incident(1, target=NAME), incident(2), bad=(bad, bad), day=3)
    row, _ = (found for _, found in Lists(named).quarantined("tracker", 3))
    assert row == (7, "date (withheld) is not iso", "(withheld)")
    assert NAME not in dump(named)


def test_a_refused_pull_quotes_nothing_of_a_redacted_feed(named: Database) -> None:
    redact(named, "1")
    Incidents(named).note_failure(FEED, f"f.csv: the first is line 2: date '{NAME}' is x", NOW)
    assert FeedLog(named).pulls(1)[0].reason.endswith("date (withheld) is x")


def rung(database: Database, region: tuple[str, ...]) -> None:
    """A run and an alert of a former watch that grouped by the target."""
    runs = Runs(database)
    number = runs.begin(key(), NOW, "0.1.0", "")
    runs.stage(number, result([region]))
    told = {"place": region[-1], "region": list(region), "watch": region[-1]}
    changes = AlertChanges(
        (alert(region=region),),
        (replace(event(), facts=told),),
        (replace(delivery(), body={"data": told}),),
    )
    runs.publish(number, changes, [f"feed tracker: actor '{region[-1]}' is too long"], NOW)


def test_regions_alerts_messages_and_reasons_lose_a_name_that_no_incident_holds_any_more(
    named: Database,
) -> None:
    rung(named, ("Nigeria", NAME))
    assert redact(named, "1") == 5
    assert named.value("SELECT region FROM alerts") == "Nigeria/(redacted 1.1)"
    assert named.value("SELECT region_key FROM series") == '["Nigeria", "(redacted 1.1)"]'
    (facts,) = (json.loads(named.value("SELECT facts FROM alert_events")),)
    assert (facts["place"], facts["region"][1]) == ("(redacted 1.1)",) * 2
    body = json.loads(named.value("SELECT body FROM outbox"))
    assert body["data"]["place"] == "(redacted 1.1)"
    assert body["data"]["watch"] == NAME, "names of the configuration are not data"
    assert NAME not in named.value("SELECT reasons FROM runs")


def test_a_name_is_found_where_a_digest_wraps_or_escapes_it(database: Database) -> None:
    name = "Amina O'Brien & Sons"
    load(database, incident(1, target=name), incident(2))
    body = {
        "text": f"told by Amina\n  O'Brien\n  & Sons, and {name}.",
        "html": "<td>Amina O&#39;Brien &amp; Sons</td><td>O&#39;Briens</td>",
    }
    made = replace(delivery(), alert_id=None, sequence=None, kind="digest", body={"data": body})
    Outbox(database).put([made], NOW)
    redact(database, "1")
    told = json.loads(database.value("SELECT body FROM outbox"))["data"]
    assert told["text"] == "told by (redacted 1.1), and (redacted 1.1)."
    assert told["html"] == "<td>(redacted 1.1)</td><td>O&#39;Briens</td>"


def test_a_name_that_another_incident_still_holds_stays_where_it_stood(named: Database) -> None:
    load(named, incident(1, target=NAME), incident(2), incident(5, target=NAME), day=2)
    rung(named, ("Nigeria", NAME))
    redact(named, "1")
    assert named.value("SELECT region FROM alerts") == f"Nigeria/{NAME}"


def test_words_within_words_are_not_touched(named: Database) -> None:
    load(named, incident(1, target="Ali"), incident(2), day=2)
    rung(named, ("Nigeria", "Alistan"))
    redact(named, "1")
    assert named.value("SELECT region FROM alerts") == "Nigeria/Alistan"


def test_incidents_are_found_by_globs_over_all_versions(named: Database) -> None:
    load(named, incident(1, target="Staff"), incident(2), day=2)

    def found(**where: str) -> tuple[str, ...]:
        return incidents_matching(named, "tracker", (), where)

    assert found(target="Dr *") == ("1",)
    assert found(note="*Amina*", country="Nig*") == ("1",)
    assert found(id="*") == ("1", "2")
    assert found(target="Dr *", country="Chad") == ()
    assert incidents_matching(named, "tracker", ("2", "9"), {}) == ("2",)


@pytest.mark.parametrize("field", ['x"y', "x'; DROP TABLE incidents; --", "a\\b"])
def test_a_name_that_no_column_can_have_is_refused(named: Database, field: str) -> None:
    with pytest.raises(ValueError, match="no column is called"):
        incidents_matching(named, "tracker", (), {field: "*"})


def test_coordinates_can_be_erased_too(named: Database) -> None:
    redact(named, "1", fields=("latitude", "longitude"))
    rows = named.rows("SELECT DISTINCT latitude, longitude FROM incidents WHERE source_id = '1'")
    assert rows == [(None, None)]


def test_a_redaction_is_whole_or_not_there(
    named: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> int:
        raise OSError("the disk went away")

    monkeypatch.setattr("storage.redaction.erase_traces", fails)
    with pytest.raises(OSError, match="went away"):
        redact(named, "1")
    assert NAME in dump(named)
    assert named.value("SELECT count(*) FROM redactions") == 0


def test_every_column_that_may_hold_a_name_is_searched_for_traces(database: Database) -> None:
    free = {"region_key", "remarks", "notes", "text", "facts", "body"}
    tables = database.rows("SELECT name FROM sqlite_master WHERE type = 'table'")
    there = {
        (table, column)
        for (table,) in tables
        for (column,) in database.rows("SELECT name FROM pragma_table_info(?)", [table])
        if column in free
    }
    searched = {(place.table, place.column) for place in traces._PLACES}
    assert there - searched == set()


@pytest.mark.parametrize(("name", "erased"), [("Aye", True), ("Bo", False)])
def test_a_name_of_three_letters_is_erased_from_traces_and_one_of_two_stands_everywhere(
    database: Database, name: str, erased: bool
) -> None:
    load(database, incident(1, target=name))
    runs, told = Runs(database), f"told of {name} in Bo"
    runs.publish(runs.begin(key(), NOW, "0.1.0", ""), AlertChanges(), [told], NOW)
    redact(database, "1", fields=("target",))
    assert (told not in dump(database)) == erased
