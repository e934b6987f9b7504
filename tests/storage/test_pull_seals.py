"""What a pull brought, ended and covered is sealed: a change that no pull made is told."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.incidents import Incident, Tally
from storage import pull_seals
from storage.database import Database
from storage.incidents import Incidents
from storage.pull_seals import broken_pulls
from storage.redaction import Warrant, aim, erase
from tests.storage.samples import FEED, NOW, ListPull, incident

FIRST, SECOND = "2022-10-01T06:00:00.000000Z", "2022-10-02T06:00:00.000000Z"
WARRANT = Warrant("duty officer", "2022-10-03T06:00:00.000000Z", "asked for")


def told(at: str) -> str:
    return f"feed 'tracker': what the pull of {at} brought is not what was stored"


@pytest.fixture
def stored(database: Database) -> Database:
    """Two pulls: three incidents and a count, then one revised and one deleted."""
    store = Incidents(database)
    tally = Tally("Borno", "2022-01-05", 4)
    rows = [incident(n, target="Dr Amina Yusuf") for n in range(3)]
    store.load(FEED, ListPull(rows, [tally]), NOW)
    revised = [rows[0]._replace(fatalities=9), rows[2]]
    loose = FEED.model_copy(update={"max_loss_share": 1.0})
    store.load(loose, ListPull(revised, [tally]), NOW + timedelta(days=1))
    return database


def change(database: Database, sql: str) -> None:
    with database.transaction() as connection:
        connection.execute(sql)


def test_what_was_pulled_is_whole(stored: Database) -> None:
    assert list(broken_pulls(stored)) == []
    assert stored.value("SELECT count(*) FROM pulls WHERE seal IS NOT NULL") == 2


def test_a_pull_that_brought_nothing_new_is_whole_too(stored: Database) -> None:
    same = ListPull([incident(0, fatalities=9, target="Dr Amina Yusuf")])
    feed = FEED.model_copy(update={"name": "other"})
    Incidents(stored).load(feed, same, NOW + timedelta(days=2))
    Incidents(stored).load(feed, same, NOW + timedelta(days=3))
    Incidents(stored).note_failure(feed, "why", NOW + timedelta(days=4))
    empty = FEED.model_copy(update={"name": "empty"})
    Incidents(stored).load(empty, ListPull(), NOW + timedelta(days=5))
    assert list(broken_pulls(stored)) == []


@pytest.mark.parametrize(
    "column",
    [c for c in Incident._fields if c not in {"date", "date_end", "extra", "source_id"}],
)
def test_any_value_of_an_incident_that_changes_is_told_with_its_pull(
    stored: Database, column: str
) -> None:
    number = column in {"date_precision", "fatalities", "low", "high", "latitude", "longitude"}
    value = "2" if number else "'x'"
    change(stored, f"UPDATE incidents SET {column} = {value} WHERE incident_id = 2")
    assert list(broken_pulls(stored)) == [told(FIRST)]


@pytest.mark.parametrize(
    ("sql", "pulls"),
    [
        ("UPDATE incidents SET date = '2022-01-04' WHERE incident_id = 4", [SECOND]),
        ("UPDATE incidents SET ended_as = 'revised' WHERE ended_as = 'deleted'", [SECOND]),
        ("UPDATE incidents SET superseded_at = NULL, ended_as = NULL WHERE incident_id = 2",
         [SECOND]),
        ("UPDATE incidents SET superseded_at = '2022-10-02T06:00:01.000000Z' WHERE ended_as > 'a'",
         [SECOND]),
        ("UPDATE incidents SET seen_at = '2022-10-01T06:00:00.000001Z' WHERE incident_id = 3",
         [FIRST]),
        ("DELETE FROM incidents WHERE incident_id = 3", [FIRST]),
        ("UPDATE counts SET events = 5", [FIRST]),
        ("UPDATE coverage SET through = '2022-09-29' WHERE pull_id = 1", [FIRST]),
        ("UPDATE pulls SET seal = NULL WHERE pull_id = 2", [SECOND]),
    ],
)  # fmt: skip
def test_what_else_changes_is_told_with_the_pull_that_it_belongs_to(
    stored: Database, sql: str, pulls: list[str]
) -> None:
    change(stored, sql)
    assert list(broken_pulls(stored)) == [told(at) for at in pulls]


def test_a_redaction_seals_anew_what_it_rewrites(stored: Database) -> None:
    erase(stored, aim(stored, "tracker", ["0", "2"], ["target"]), WARRANT)
    assert stored.value("SELECT count(*) FROM incidents WHERE target IS NULL") == 3
    assert list(broken_pulls(stored)) == []


def test_a_redaction_does_not_hide_what_was_damaged_before_it(stored: Database) -> None:
    change(stored, "UPDATE incidents SET fatalities = 2 WHERE incident_id = 3")
    erase(stored, aim(stored, "tracker", ["0", "2"], ["target"]), WARRANT)
    assert list(broken_pulls(stored)) == [told(FIRST)]


def test_rows_are_read_some_at_a_time(stored: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pull_seals, "_AT_ONCE", 1)
    assert list(broken_pulls(stored)) == []
    change(stored, "UPDATE incidents SET fatalities = 2 WHERE incident_id = 3")
    assert list(broken_pulls(stored)) == [told(FIRST)]


def test_a_load_between_two_looks_breaks_no_seal(
    stored: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pull_seals, "_AT_ONCE", 1)
    real, looks = pull_seals._paged, []

    def interrupted(read, sql, only):
        for row in real(read, sql, only):
            yield row
            if not looks:
                looks.append(row)
                rows = [incident(0, fatalities=11), incident(7)]
                loose = FEED.model_copy(update={"max_loss_share": 1.0})
                Incidents(stored).load(loose, ListPull(rows), NOW + timedelta(days=2))

    monkeypatch.setattr(pull_seals, "_paged", interrupted)
    assert list(broken_pulls(stored)) == []
    assert looks
