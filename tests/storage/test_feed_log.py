"""The pull log, and how feeds stand."""

from datetime import timedelta

from core.clock import stamp
from core.incidents import BadRow, Tally
from storage.database import Database
from storage.feed_log import FeedLog
from storage.incidents import Incidents
from tests.storage.samples import CUTOFF, FEED, NOW, ListPull, incident


def test_the_pull_log_is_newest_first(store: Incidents, database: Database) -> None:
    store.load(FEED, ListPull([incident(n) for n in range(10)]), NOW)
    store.note_failure(FEED, "is cut short", NOW + timedelta(days=1))
    log = FeedLog(database).pulls(5)
    assert [(row.status, row.added, row.reason) for row in log] == [
        ("refused", 0, "is cut short"),
        ("new", 10, ""),
    ]
    assert FeedLog(database).pulls(1) == log[:1]


def test_a_feed_shows_its_last_try_and_its_last_good_pull(
    store: Incidents, database: Database
) -> None:
    counts = FEED.model_copy(update={"name": "counts", "noun": "events"})
    silent = FEED.model_copy(update={"name": "silent"})
    store.load(FEED, ListPull([incident(n) for n in range(10)]), NOW)
    bad = ListPull([incident(n) for n in range(9)], bad=[BadRow(3, "no date", "x;y")])
    store.load(FEED, bad, NOW + timedelta(hours=1))
    store.load(counts, ListPull(tallies=[Tally("Borno", "2022-01-01", 4)]), NOW)
    store.note_failure(FEED, "is cut short", NOW + timedelta(days=1))
    store.note_failure(silent, "no answer", NOW)
    by_count, mute, tracker = FeedLog(database).status()
    assert (by_count.feed, by_count.rows, by_count.noun) == ("counts", 1, "events")
    assert (mute.feed, mute.good_at, mute.last_reason, mute.rows) == (
        "silent",
        None,
        "no answer",
        0,
    )
    assert (tracker.last_status, tracker.last_reason) == ("refused", "is cut short")
    assert tracker.good_at == stamp(NOW + timedelta(hours=1))
    assert (tracker.rows, tracker.quarantined, tracker.through) == (9, 1, CUTOFF)
    assert mute.through is None
