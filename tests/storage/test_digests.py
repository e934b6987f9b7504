"""What a digest tells of goes on from the newest one that was not given up."""

from __future__ import annotations

from datetime import datetime, timedelta

from core.alerts import NewDelivery
from core.clock import stamp
from storage.database import Database
from storage.digests import Digests
from storage.outbox import Outbox
from storage.withdrawals import Withdrawals
from tests.storage.samples import NOW

DAY = timedelta(days=1)


def made(database: Database, day: int) -> datetime:
    """Make the digest of a day's slot an hour after it, and return when."""
    slot = NOW + day * DAY
    data = {"since": stamp(slot - DAY), "until": stamp(slot), "watches": ["provinces"]}
    at = slot + timedelta(hours=1)
    digest = NewDelivery(f"N{day}", None, None, "sms", {"data": data}, "digest")
    Outbox(database).put([digest], at)
    return at


def test_a_channel_without_a_digest_has_no_last_one(database: Database) -> None:
    made(database, 1)
    assert Digests(database).last("mail") is None


def test_the_next_digest_tells_what_a_withdrawn_one_would_have_told(database: Database) -> None:
    digests, withdrawals = Digests(database), Withdrawals(database)
    first = made(database, 1)
    assert digests.last("sms") == (NOW + DAY, first)
    made(database, 2)
    withdrawals.withdraw("N2", "withdrawn", None, NOW)
    assert digests.last("sms") == (NOW + 2 * DAY, first)
    withdrawals.withdraw("N1", "withdrawn", None, NOW)
    assert digests.last("sms") == (NOW + 2 * DAY, NOW), "since the first would have told"
    third = made(database, 3)
    assert digests.last("sms") == (NOW + 3 * DAY, third)
