"""What changed between two stamps: after the first of them, until the second, that one included."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.clock import stamp
from core.incidents import Incident
from storage.changes import Changes
from storage.database import Database
from storage.incidents import Incidents
from tests.storage.samples import FEED, NOW, ListPull, incident

FREE = FEED.model_copy(update={"max_loss_share": 1.0})
PULLS = [
    [incident("kept"), incident("revised"), incident("deleted"), incident("moved")],
    [incident("kept"), incident("revised", fatalities=9), incident("moved"), incident("new")],
    [incident("kept"), incident("revised"), incident("moved", "2022-02-01"), incident("new")],
]
"""Pulls of three days: what stands in the source on each."""
START = stamp(NOW - timedelta(days=1))


@pytest.fixture
def stamps(database: Database) -> list[str]:
    """The stamps under which each pull's rows were seen."""
    for day, rows in enumerate(PULLS):
        load(database, rows, day)
    return [row[0] for row in database.rows("SELECT seen_at FROM pulls ORDER BY pull_id")]


def load(database: Database, rows: list[Incident], day: int) -> None:
    Incidents(database).load(FREE, ListPull(rows), NOW + timedelta(days=day))


def counted(database: Database, since: str, until: str) -> tuple[int, int, int]:
    found = Changes(database, since, until).counts(["tracker"])["tracker"]
    return found["added"], found["revised"], found["deleted"]


def test_a_change_counts_until_its_own_stamp_and_not_after_it(
    database: Database, stamps: list[str]
) -> None:
    first, second, third = stamps
    assert counted(database, START, first) == (4, 0, 0)
    assert counted(database, first, first) == (0, 0, 0)
    assert counted(database, first, second) == (1, 1, 1)
    assert counted(database, second, third) == (0, 2, 0)


def test_what_was_changed_twice_is_told_from_the_first_to_the_last(
    database: Database, stamps: list[str]
) -> None:
    first, _, third = stamps
    assert counted(database, first, third) == (1, 1, 1), "one was revised back: it is as it was"
    found = {
        (one.kind, one.record): one.fields
        for one in Changes(database, first, third).listed(["tracker"])
    }
    assert found.keys() == {("added", "new"), ("revised", "moved"), ("deleted", "deleted")}
    assert found["revised", "moved"]["date"] == ("2022-01-05", "2022-02-01")


def test_a_feed_that_is_not_asked_for_or_never_came_has_no_changes(
    database: Database, stamps: list[str]
) -> None:
    changes = Changes(database, START, stamps[-1])
    assert changes.counts(["other"]) == {"other": {"added": 0, "revised": 0, "deleted": 0}}
    assert changes.listed(["other"]) == []
