"""The outbox: claimed once, tried again, never lost."""

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.alerts import Attempt
from core.clock import stamp
from core.errors import FailedError
from storage.database import Database, open_database
from storage.outbox import Outbox
from storage.reading import Reader
from storage.runs import Runs
from tests.storage.samples import NOW, changes, delivery, key

SENT = Attempt("2022-10-01T06:00:05.000000Z", True, "250 OK", 120)
FAILED = Attempt("2022-10-01T06:00:05.000000Z", False, "451 try later", 80)


def fill(database: Database, count: int) -> Outbox:
    runs = Runs(database)
    runs.publish(runs.begin(key(), NOW, "0.1.0", ""), changes(count), [], NOW)
    return Outbox(database)


def test_a_delivery_is_claimed_by_one_process_only(database: Database, path: Path) -> None:
    outbox = fill(database, 3)
    with open_database(path, mode="write") as other:
        first, second = outbox.claim(NOW, 60, 2), Outbox(other).claim(NOW, 60, 5)
    assert [taken.delivery_id for taken in first] == ["D1", "D2"]
    assert [taken.delivery_id for taken in second] == ["D3"]
    assert outbox.claim(NOW, 60, 5) == []


def test_a_claim_holds_what_is_sent(database: Database) -> None:
    (taken,) = fill(database, 1).claim(NOW, 60, 5)
    assert (taken.alert_id, taken.channel, taken.attempt) == ("A1", "duty", 1)
    assert taken.created_at == stamp(NOW)
    assert taken.body == delivery().body
    assert list(taken.body) == list(delivery().body)


def test_a_lease_that_ended_frees_the_delivery_with_the_same_id_and_body(
    database: Database,
) -> None:
    outbox = fill(database, 1)
    (first,) = outbox.claim(NOW, 60, 5)
    assert outbox.claim(NOW + timedelta(seconds=59), 60, 5) == []
    (again,) = outbox.claim(NOW + timedelta(seconds=60), 60, 5)
    assert (again.delivery_id, again.body) == (first.delivery_id, first.body)
    assert (first.attempt, again.attempt) == (1, 2)


def test_a_delivered_message_is_never_claimed_again(database: Database) -> None:
    outbox = fill(database, 1)
    outbox.claim(NOW, 60, 5)
    outbox.delivered("D1", SENT)
    assert outbox.claim(NOW + timedelta(days=9), 60, 5) == []
    assert Reader(database).outbox_counts() == (1, 1, 0, 0, None)


def test_a_failed_try_is_due_again_when_it_was_told(database: Database) -> None:
    outbox = fill(database, 1)
    outbox.claim(NOW, 60, 5)
    outbox.failed("D1", FAILED, NOW + timedelta(minutes=5))
    assert outbox.claim(NOW + timedelta(minutes=4), 60, 5) == []
    (again,) = outbox.claim(NOW + timedelta(minutes=5), 60, 5)
    assert again.attempt == 2
    assert Reader(database).outbox_counts() == (1, 0, 1, 0, stamp(NOW))
    assert database.rows("SELECT delivered, detail, duration_ms FROM attempts") == [
        (0, "451 try later", 80)
    ]


def test_a_delivery_that_is_given_up_stays_as_dead(database: Database) -> None:
    outbox = fill(database, 1)
    outbox.claim(NOW, 60, 5)
    outbox.failed("D1", FAILED, None)
    assert outbox.claim(NOW + timedelta(days=9), 60, 5) == []
    assert Reader(database).outbox_counts() == (1, 0, 0, 1, None)


def test_what_was_sent_stays_sent_whatever_is_reported_later(database: Database) -> None:
    outbox = fill(database, 2)
    outbox.claim(NOW, 60, 5)
    outbox.delivered("D1", SENT)
    outbox.failed("D1", FAILED, None)
    outbox.failed("D2", FAILED, None)
    outbox.delivered("D2", SENT)
    assert Reader(database).outbox_counts() == (2, 2, 0, 0, None)
    assert database.value("SELECT count(*) FROM attempts") == 4


def test_a_delivery_that_is_none_is_refused(database: Database) -> None:
    outbox = fill(database, 1)
    with pytest.raises(FailedError, match="no delivery has the id 'D9'"):
        outbox.delivered("D9", SENT)
    assert database.value("SELECT count(*) FROM attempts") == 0


STEPS = st.lists(
    st.tuples(st.sampled_from(["claim", "delivered", "retry", "dead"]), st.integers(1, 4)),
    max_size=25,
)


@settings(derandomize=True, deadline=None, max_examples=40)
@given(steps=STEPS)
def test_what_was_made_is_always_delivered_pending_or_dead(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, int]]
) -> None:
    with open_database(tmp_path_factory.mktemp("o") / "tocsin.db", mode="own") as database:
        outbox, sent, now = fill(database, 4), set(), NOW
        for step, number in steps:
            now += timedelta(seconds=30)
            name = f"D{number}"
            if step == "claim":
                assert sent.isdisjoint(taken.delivery_id for taken in outbox.claim(now, 60, number))
            elif step == "delivered":
                outbox.delivered(name, SENT)
                sent.add(name)
            else:
                outbox.failed(name, FAILED, now if step == "retry" else None)
            counts = Reader(database).outbox_counts()
            assert counts.made == 4 == counts.delivered + counts.pending + counts.dead
            assert counts.delivered == len(sent)
