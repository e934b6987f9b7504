"""When a feed last brought something new."""

from datetime import date, datetime, timedelta

import pytest

from core.clock import stamp
from core.rhythm import Pulse
from core.settings import FeedSettings
from storage.incidents import Incidents
from tests.storage.samples import FEED, NOW, ListPull, incident

WEEK = timedelta(days=7)
OPEN_ENDED = FeedSettings(name="tracker", kind="csv", covered_through="pull")
ROWS = [incident(n) for n in range(10)]


def pull(week: int, rows: int = 10, through: date = date(2022, 9, 30)) -> ListPull:
    day = stamp(NOW + week * WEEK)
    return ListPull(ROWS[:rows], through=through, accessed=day)


def load(store: Incidents, week: int, feed: FeedSettings = FEED, **given: object) -> None:
    store.load(feed, pull(week, **given), NOW + week * WEEK)


def days(*weeks: int) -> tuple[date, ...]:
    return tuple((NOW + week * WEEK).date() for week in weeks)


def pulse(store: Incidents, feed: FeedSettings = FEED, as_of: datetime | None = None) -> Pulse:
    found = store.pulse(feed, as_of and stamp(as_of))
    assert found
    return found


def test_a_feed_that_was_never_pulled_has_no_pulse(store: Incidents) -> None:
    assert store.pulse(FEED, None) is None


def test_rows_that_come_change_or_go_are_news_and_the_same_rows_are_not(store: Incidents) -> None:
    load(store, 0, rows=8)
    load(store, 1, rows=8)
    load(store, 2, rows=10)
    load(store, 3, rows=9)
    assert pulse(store) == Pulse("tracker", days(0)[0], days(0, 2, 3))


@pytest.mark.parametrize(("feed", "news"), [(FEED, (0, 1)), (OPEN_ENDED, (0,))])
def test_coverage_that_moves_is_news_unless_it_moves_with_every_pull(
    store: Incidents, feed: FeedSettings, news: tuple[int, ...]
) -> None:
    load(store, 0, feed)
    load(store, 1, feed, through=date(2022, 10, 7))
    assert pulse(store, feed).news == days(*news)


def test_a_refused_pull_is_no_news_but_a_first_sign(store: Incidents) -> None:
    store.note_failure(FEED, "the host is down", NOW)
    assert pulse(store) == Pulse("tracker", NOW.date(), ())


def test_a_replay_knows_the_news_of_its_time(store: Incidents) -> None:
    for week, rows in enumerate([8, 9, 10]):
        load(store, week, rows=rows)
    assert pulse(store, as_of=NOW + WEEK).news == days(0, 1)
    assert store.pulse(FEED, stamp(NOW - WEEK)) is None


def test_the_day_of_a_pull_is_the_one_that_counted_as_today(store: Incidents) -> None:
    store.load(FEED, pull(0), NOW + 300 * WEEK)
    assert pulse(store).news == days(0), "a demonstration has a today of its own"
