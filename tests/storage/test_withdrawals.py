"""Messages that must not go out any more are found, and are counted as given up."""

from __future__ import annotations

from core.alerts import NewDelivery
from core.clock import stamp
from storage.database import Database
from storage.deliveries import Deliveries
from storage.outbox import Outbox
from storage.reading import Reader
from storage.withdrawals import Withdrawals
from tests.storage.samples import NOW, alert, event
from tests.storage.test_outbox import SENT, fill


def names(database: Database, channels: tuple[str, ...], watches: tuple[str, ...]) -> list[str]:
    return [one.delivery_id for one in Withdrawals(database).waiting(channels, watches)]


def test_only_what_waits_for_these_channels_and_tells_of_these_watches_is_found(
    database: Database,
) -> None:
    outbox = fill(database, 3)
    watch = alert().watch
    outbox.claim(NOW, 60, 1)
    outbox.delivered("D1", SENT)
    assert names(database, ("duty",), (watch,)) == ["D2", "D3"]
    assert names(database, ("other",), (watch,)) == []
    assert names(database, ("duty",), ("another",)) == []


def test_a_message_of_several_steps_and_one_that_only_names_its_watch_are_found(
    database: Database,
) -> None:
    outbox, watch = fill(database, 2), alert().watch
    several = NewDelivery(
        "G", None, None, "sms", {"data": {}}, "group", (("A1", 1), ("A2", 1)), stamp(NOW)
    )
    digest = NewDelivery("N", None, None, "sms", {"data": {"watch": watch}}, "notice")
    trial = NewDelivery("T", None, None, "sms", {"data": {"watch": watch}}, "test")
    outbox.put([several, digest, trial], NOW)
    group, alone = Withdrawals(database).waiting(["sms"], [watch])
    told = [(of.alert_id, of.watch, step.sequence, step.facts) for of, step in group.steps]
    assert told == [(name, watch, 1, event().facts) for name in ("A1", "A2")]
    assert (group.due_at, alone.delivery_id, alone.steps) == (stamp(NOW), "N", ())


def test_a_digest_is_found_by_any_watch_that_it_tells_of(database: Database) -> None:
    body = {"data": {"about": "digest", "watches": ["provinces", "secret"]}}
    Outbox(database).put([NewDelivery("N", None, None, "sms", body, "digest")], NOW)
    assert names(database, ("sms",), ("secret",)) == ["N"]
    assert names(database, ("sms",), ("another",)) == names(database, ("log",), ("secret",)) == []


def test_a_withdrawn_message_is_dead_with_its_reason_and_the_sum_holds(database: Database) -> None:
    outbox, withdrawals = fill(database, 2), Withdrawals(database)
    instead = NewDelivery("D1.open", None, None, "duty", {"data": {}}, "group", (("A2", 1),))
    withdrawals.withdraw("D1", "withdrawn: a must stay inside", instead, NOW)
    withdrawals.withdraw("D2", "withdrawn: a must stay inside", None, NOW)
    rows = {row.delivery_id: row for row in Deliveries(database).listed()}
    assert (rows["D1"].state, rows["D1"].detail) == ("dead", "withdrawn: a must stay inside")
    assert (rows["D2"].state, rows["D1.open"].state) == ("dead", "pending")
    assert [one.delivery_id for one in outbox.claim(NOW, 60, 9)] == ["D1.open"]
    counts = Reader(database).outbox_counts()
    assert (counts.made, counts.dead, counts.pending, counts.delivered) == (3, 2, 1, 0)
