"""The outbox: claimed once, tried again, never lost."""

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.alerts import Attempt, NewDelivery
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
    assert (first.attempt, again.attempt) == (1, 1)  # nothing is known of a try


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


def owned(database: Database, count: int) -> Outbox:
    fill(database, count)
    return Outbox(database, "owner")


def test_what_a_dead_owner_had_claimed_is_taken_back_at_once(database: Database) -> None:
    outbox = owned(database, 3)
    outbox.claim(NOW, 60, 2)
    Outbox(database).claim(NOW, 60, 1)
    assert outbox.claim(NOW, 60, 5) == []
    assert outbox.take_back() == 2  # the visitor may be alive
    assert [taken.delivery_id for taken in outbox.claim(NOW, 60, 5)] == ["D1", "D2"]


def test_what_was_not_tried_is_given_back_and_counts_no_try(database: Database) -> None:
    outbox = owned(database, 2)
    outbox.claim(NOW, 60, 2)
    outbox.release(["D2"])
    (again,) = outbox.claim(NOW, 60, 2)
    assert (again.delivery_id, again.attempt) == ("D2", 1)


def test_a_disabled_channel_gets_nothing_until_it_is_enabled(database: Database) -> None:
    outbox = owned(database, 2)
    outbox.claim(NOW, 60, 1)
    outbox.refused("D1", FAILED, "v1")
    assert outbox.disabled() == [("duty", FAILED.at, "451 try later")]
    assert outbox.claim(NOW + timedelta(days=30), 60, 5) == []
    assert not outbox.waiting(NOW + timedelta(days=30))
    assert not outbox.drained(NOW)
    assert Reader(database).outbox_counts() == (2, 0, 2, 0, stamp(NOW))
    assert outbox.enable(["duty"]) == 1
    assert outbox.enable(["duty"]) == 0
    assert [taken.attempt for taken in outbox.claim(NOW, 60, 5)] == [1, 1]


def test_a_trial_reaches_a_disabled_channel(database: Database) -> None:
    outbox = owned(database, 1)
    outbox.claim(NOW, 60, 1)
    outbox.refused("D1", FAILED, "v1")
    outbox.put([NewDelivery("T1", None, None, "duty", {"type": "alert.test"}, "test")], NOW)
    assert [taken.kind for taken in outbox.claim(NOW, 60, 5, only="T1")] == ["test"]


@pytest.mark.parametrize(
    ("settings", "enabled"), [({"duty": "v1"}, []), ({"duty": "v2"}, ["duty"]), ({}, ["duty"])]
)
def test_changed_settings_enable_a_channel(
    database: Database, settings: dict[str, str], enabled: list[str]
) -> None:
    outbox = owned(database, 1)
    outbox.claim(NOW, 60, 1)
    outbox.refused("D1", FAILED, "v1")
    assert outbox.configured(settings) == enabled
    assert bool(outbox.disabled()) == (not enabled)


def test_a_fallback_gets_a_copy_of_what_failed_often_was_given_up_or_waits(
    database: Database,
) -> None:
    outbox = owned(database, 4)
    outbox.claim(NOW, 60, 4)
    for _ in range(3):
        outbox.failed("D1", FAILED, NOW + timedelta(hours=2))
    outbox.failed("D2", FAILED, NOW + timedelta(hours=2))
    outbox.failed("D3", FAILED, None)
    outbox.delivered("D4", SENT)
    outbox.settle()
    assert outbox.fall_back("duty", "sms", 3, NOW) == 2
    assert outbox.fall_back("duty", "sms", 3, NOW) == 0
    copies = outbox.claim(NOW, 60, 9)
    assert [(c.delivery_id, c.channel) for c in copies] == [("D1.sms", "sms"), ("D3.sms", "sms")]
    assert copies[0].body == delivery().body
    outbox.refused("D2", FAILED, "v1")
    assert outbox.fall_back("duty", "sms", 3, NOW + timedelta(hours=3)) == 1
    counts = Reader(database).outbox_counts()
    assert counts.made == 7 == counts.delivered + counts.pending + counts.dead


def test_a_trial_that_was_not_taken_goes_to_no_fallback(database: Database) -> None:
    outbox = owned(database, 0)
    outbox.put([NewDelivery("T", None, None, "duty", {"a": 1}, "test")], NOW)
    outbox.failed("T", FAILED, None)
    assert outbox.fall_back("duty", "sms", 1, NOW) == 0


def test_the_outbox_is_drained_when_nothing_that_was_due_is_left(database: Database) -> None:
    outbox = owned(database, 1)
    assert not outbox.drained(NOW)
    outbox.claim(NOW, 60, 1)
    outbox.failed("D1", FAILED, NOW + timedelta(hours=1))
    assert not outbox.drained(NOW)
    outbox.delivered("D1", SENT)
    outbox.settle()
    assert outbox.drained(NOW)
    later = stamp(NOW + timedelta(hours=1))
    outbox.put([NewDelivery("Q", None, None, "duty", {"a": 1}, "group", due_at=later)], NOW)
    assert outbox.drained(NOW)
    assert not outbox.drained(NOW + timedelta(hours=1))


def held(name: str, text: str, *steps: tuple[str, int], revises: str | None = None) -> NewDelivery:
    later = stamp(NOW + timedelta(hours=1))
    return NewDelivery(name, None, None, "duty", {"text": text}, "group", steps, later, revises)


def test_a_message_that_was_never_tried_can_be_revised_under_its_id(database: Database) -> None:
    outbox = owned(database, 2)
    outbox.put([held("Q1", "one", ("A1", 1))], NOW)
    outbox.put([held("Q2", "both", ("A1", 1), ("A2", 1), revises="Q1")], NOW)
    assert Reader(database).outbox_counts().made == 3
    later = NOW + timedelta(hours=1)
    *_, told = outbox.claim(later, 60, 9)
    assert (told.delivery_id, told.body) == ("Q1", {"text": "both"})
    outbox.put([held("Q3", "late", ("A1", 1), revises="Q1")], later)
    assert Reader(database).outbox_counts().made == 4  # too late to revise: it comes by itself
    steps = database.rows("SELECT delivery_id, alert_id FROM told_steps ORDER BY 1, 2")
    assert steps == [("Q1", "A1"), ("Q1", "A2"), ("Q3", "A1")]
