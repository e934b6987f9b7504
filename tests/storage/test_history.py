"""What each past pull knew, as forecasts learn from it."""

from datetime import date, timedelta

from core.clock import stamp
from core.incidents import Incident
from core.series import History
from core.settings import FeedSettings
from storage.incidents import Incidents
from tests.storage.samples import CUTOFF, FEED, NOW, ListPull, incident, watch

WEEK = timedelta(days=7)
SINCE = date(2022, 1, 1)


def known(history: History, vintage: int) -> dict[str, int]:
    """Return the counts of a vintage by province."""
    found: dict[str, int] = {}
    live = (history.since <= vintage) & (vintage < history.until)
    for region, count in zip(history.region[live], history.count[live], strict=True):
        name = history.keys[region][1]
        found[name] = found.get(name, 0) + int(count)
    return found


def load(store: Incidents, rows: list[Incident], week: int, feed: FeedSettings = FEED) -> None:
    now = NOW + week * WEEK
    store.load(feed, ListPull(rows, accessed=stamp(now)), now)


def three_pulls(store: Incidents) -> None:
    rows = [incident(n) for n in range(8)]
    load(store, rows, 0)
    load(store, [*rows, incident(8), incident(9)], 1)
    load(store, [incident(0, admin1="Yobe"), *rows[1:], incident(8)], 2)


def test_every_pull_is_a_vintage_with_what_it_knew(store: Incidents) -> None:
    three_pulls(store)
    history = store.history(watch(), CUTOFF, None, SINCE)
    assert [known(history, v) for v in range(3)] == [
        {"Borno": 8}, {"Borno": 10}, {"Borno": 8, "Yobe": 1},
    ]  # fmt: skip
    assert [vintage.day for vintage in history.vintages] == [
        (NOW + n * WEEK).date() for n in range(3)
    ]
    assert history.vintages[0].coverage["tracker"][0].through == CUTOFF


def test_a_vintage_counts_as_the_store_did_then(store: Incidents) -> None:
    three_pulls(store)
    history = store.history(watch(), CUTOFF, None, SINCE)
    for number in range(3):
        cells = store.cells(watch(), CUTOFF, stamp(NOW + number * WEEK))
        total = {cells.keys[r][1]: int(c) for r, c in zip(cells.region, cells.count, strict=True)}
        assert known(history, number) == total


def test_a_pull_that_found_nothing_new_is_a_vintage_too_and_a_refused_one_is_not(
    store: Incidents,
) -> None:
    rows = [incident(n) for n in range(8)]
    load(store, rows, 0)
    store.note_failure(FEED, "cut", NOW + WEEK)
    load(store, rows, 2)
    days = [vintage.day for vintage in store.history(watch(), CUTOFF, None, SINCE).vintages]
    assert days == [NOW.date(), (NOW + 2 * WEEK).date()]
    assert store.pulled(["tracker"], None) == (NOW + 2 * WEEK).date()


def test_as_of_a_stamp_only_what_was_known_then_is_history(store: Incidents) -> None:
    three_pulls(store)
    history = store.history(watch(), CUTOFF, stamp(NOW + WEEK), SINCE)
    assert len(history.vintages) == 2
    assert known(history, 1) == {"Borno": 10}, "what was later deleted still stood"
    assert store.pulled(["tracker"], stamp(NOW + WEEK)) == (NOW + WEEK).date()
    assert store.pulled(["tracker"], stamp(NOW - WEEK)) is None
    assert store.watermark(stamp(NOW + WEEK)) == stamp(NOW + WEEK)
    assert store.watermark(stamp(NOW - WEEK)) == ""


def test_only_recent_events_are_history(store: Incidents) -> None:
    three_pulls(store)
    assert store.history(watch(), CUTOFF, None, date(2022, 1, 6)).keys == []


def test_one_pull_alone_is_not_counted(store: Incidents) -> None:
    store.load(FEED, ListPull([incident(1)]), NOW)
    history = store.history(watch(), CUTOFF, None, SINCE)
    assert (len(history.vintages), history.keys) == (1, [])


def test_vintages_of_two_feeds_begin_when_both_are_there(store: Incidents) -> None:
    other = FeedSettings(name="other", kind="csv")
    load(store, [incident(n) for n in range(8)], 0)
    assert store.pulled(["tracker", "other"], None) is None
    load(store, [incident(n) for n in range(3)], 1, other)
    load(store, [incident(n) for n in range(9)], 2)
    history = store.history(watch(feeds=("tracker", "other")), CUTOFF, None, SINCE)
    assert [known(history, v) for v in range(2)] == [{"Borno": 11}, {"Borno": 12}]
    assert store.pulled(["tracker", "other"], None) == (NOW + WEEK).date()


def test_with_a_precedence_a_vintage_counts_the_feed_that_counted_then(store: Incidents) -> None:
    """A preliminary source fills in until the final one reaches the month."""
    both = watch(feeds=("final", "tracker"), precedence=("final", "tracker"))
    final = FeedSettings(name="final", kind="csv")
    january, july = date(2022, 1, 1), date(2022, 7, 31)
    load(store, [incident(n, "2022-07-05") for n in range(4)], 0)
    old = ListPull([incident(9)], through=july.replace(month=1), accessed=stamp(NOW))
    store.load(final, old, NOW)
    load(store, [incident(n, "2022-07-05") for n in range(6)], 1)
    rows = [incident(n, "2022-07-05") for n in range(5)]
    store.load(final, ListPull([incident(9), *rows], through=july), NOW + 2 * WEEK)
    history = store.history(both, CUTOFF, None, january)
    month = history.period == july.year * 12 + 6
    found = []
    for number in range(3):
        live = month & (history.since <= number) & (number < history.until)
        found.append(int(history.count[live].sum()))
        as_of = stamp(NOW + number * WEEK + timedelta(seconds=1))
        cells = store.cells(both, CUTOFF, as_of)
        assert found[-1] == int(cells.count[cells.period == july.year * 12 + 6].sum())
    assert found == [4, 6, 5]


def test_an_actor_abroad_has_a_history_of_its_own(store: Incidents) -> None:
    spread = watch(group_by=("actor", "country"), home="Nigeria")
    load(store, [incident(n, country="Niger") for n in range(4)], 0)
    load(store, [incident(n, country="Niger") for n in range(6)], 1)
    history = store.history(spread, CUTOFF, None, SINCE)
    assert [key[1] for key in history.keys] == ["(abroad)", "Niger"]
    for number, count in ((0, 4), (1, 6)):
        live = (history.since <= number) & (number < history.until)
        assert history.count[live & (history.region == 0)].sum() == count


def test_the_day_of_access_is_that_of_the_last_good_pull_as_known_then(store: Incidents) -> None:
    feeds = ["tracker", "never"]
    assert store.accessed(feeds, None) == {}
    load(store, [incident(1)], 0)
    load(store, [incident(1)], 1)  # the same again: looked at, nothing new
    store.note_failure(FEED, "down", NOW + 2 * WEEK)
    assert store.accessed(feeds, None) == {"tracker": (NOW + WEEK).date()}
    assert store.accessed(feeds, stamp(NOW)) == {"tracker": NOW.date()}
