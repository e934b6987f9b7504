"""What people ask of the outbox, and which troubles of channels they are told."""

from datetime import timedelta

import pytest

from core.alerts import Attempt, NewDelivery
from core.clock import stamp
from storage.database import Database
from storage.deliveries import Deliveries, Untold
from storage.outbox import Outbox
from tests.storage.samples import NOW
from tests.storage.test_outbox import owned


def attempt(minutes: int, detail: str, *, delivered: bool = False) -> Attempt:
    return Attempt(stamp(NOW + timedelta(minutes=minutes)), delivered, detail, 10)


@pytest.fixture
def outbox(database: Database) -> Outbox:
    outbox = owned(database, 3)
    outbox.claim(NOW, 60, 3)
    outbox.failed("D1", attempt(1, "HTTP 503"), NOW + timedelta(hours=1))
    outbox.failed("D1", attempt(2, "HTTP 500"), None)
    outbox.delivered("D2", attempt(3, "HTTP 204", delivered=True))
    outbox.settle()
    return outbox


def test_messages_are_listed_newest_first_with_the_last_answer(
    database: Database, outbox: Outbox
) -> None:
    rows = Deliveries(database).listed()
    assert [(r.delivery_id, r.state, r.tries, r.detail) for r in rows] == [
        ("D3", "pending", 0, ""),
        ("D2", "delivered", 1, "HTTP 204"),
        ("D1", "dead", 2, "HTTP 500"),
    ]
    assert outbox.disabled() == []


def test_a_list_may_ask_for_a_state_a_channel_and_a_number(
    database: Database, outbox: Outbox
) -> None:
    deliveries = Deliveries(database)
    assert [r.delivery_id for r in deliveries.listed("dead")] == ["D1"]
    assert deliveries.listed(channel="soc") == []
    assert [r.delivery_id for r in deliveries.listed(limit=1)] == ["D3"]
    assert deliveries.one("D9") is None
    assert outbox.drained(NOW) is False


def test_a_message_that_is_replayed_is_due_at_once_with_all_its_tries(
    database: Database, outbox: Outbox
) -> None:
    deliveries = Deliveries(database)
    assert sorted(deliveries.replay(["D1", "D2", "D3", "D9"])) == ["D1", "D2"]
    found = {taken.delivery_id: taken.attempt for taken in outbox.claim(NOW, 60, 9)}
    assert found == {"D1": 1, "D2": 1}
    assert deliveries.one("D1")[6] == 2  # what was tried stays told


def test_messages_given_up_are_told_once_a_day_for_a_channel(
    database: Database, outbox: Outbox
) -> None:
    deliveries, now = Deliveries(database), NOW + timedelta(minutes=5)
    (found,) = deliveries.untold(now)
    since = attempt(2, "").at
    assert found == Untold("duty", "given up", since, 1, "HTTP 500", works=True)
    deliveries.tell(found, [NewDelivery("N1", None, None, "soc", {"a": 1}, "notice")], now)
    assert deliveries.one("N1") is not None
    assert deliveries.untold(now) == []
    outbox.failed("D3", attempt(9, "HTTP 502"), None)
    assert deliveries.untold(NOW + timedelta(hours=23)) == []
    (again,) = deliveries.untold(NOW + timedelta(hours=25))
    assert (again.count, again.detail, again.works) == (1, "HTTP 502", False)


def test_trials_and_notices_that_are_given_up_are_no_trouble(database: Database) -> None:
    outbox = owned(database, 0)
    for kind in ("test", "notice"):
        outbox.put([NewDelivery(kind, None, None, "duty", {"a": 1}, kind)], NOW)
        outbox.failed(kind, attempt(1, "HTTP 503"), None)
    assert Deliveries(database).untold(NOW + timedelta(days=1)) == []


def test_a_disabled_channel_is_told_once_and_again_when_it_happens_again(
    database: Database,
) -> None:
    outbox, deliveries = owned(database, 2), Deliveries(database)
    outbox.refused("D1", attempt(1, "HTTP 410"), "v1")
    (found,) = deliveries.untold(NOW)
    assert found == Untold("duty", "disabled", attempt(1, "").at, 2, "HTTP 410", works=False)
    assert deliveries.unfit() == {"duty"}
    deliveries.tell(found, [], NOW)
    assert deliveries.untold(NOW) == []
    outbox.enable(["duty"])
    outbox.refused("D1", attempt(2, "HTTP 410"), "v1")
    assert len(deliveries.untold(NOW)) == 1
