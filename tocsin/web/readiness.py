"""What is stale or stuck, in words: runs, feeds, and messages that wait."""

from __future__ import annotations

from typing import NamedTuple

from core.clock import stamp, to_the_minute, unstamp
from core.durations import in_words
from storage.feed_log import FeedStatus
from storage.installation import held, held_words
from storage.periods import Periods
from tocsin.scheduler import parse_schedule
from tocsin.serving.standing import standing
from tocsin.silence import Silences
from tocsin.stores import Stores
from tocsin.web.access import Viewer
from tocsin.web.desk import Desk

STUCK_SECONDS = 900
"""A message that has waited longer was refused several times, or nobody sends."""


class Finding(NamedTuple):
    """One thing looked at; one that is not well makes the service not ready."""

    about: str
    well: bool
    words: str


def readiness(desk: Desk, stores: Stores, viewer: Viewer) -> list[Finding]:
    """Return the findings that concern a viewer: their watches and feeds, schedule and outbox."""
    return [
        _schedule(desk, stores),
        *_runs(desk, stores, viewer),
        *_feeds(desk, stores, viewer),
        *_silent(desk, stores, viewer),
        _outbox(desk, stores),
        *_held(stores),
    ]


def _schedule(desk: Desk, stores: Stores) -> Finding:
    service = desk.config.service
    schedule = parse_schedule(service.schedule)
    row = Periods(stores.database, schedule.text).latest()
    return Finding("schedule", *standing(schedule, row, service.cycle_deadline, desk.clock.now()))


def _runs(desk: Desk, stores: Stores, viewer: Viewer) -> list[Finding]:
    found = []
    for watch in desk.watches(viewer):
        run = stores.reader.latest_run(watch.name)
        words = f"run {run.run_id} at {to_the_minute(run.finished_at)}" if run else "never forecast"
        found.append(Finding(f"watch {watch.name}", run is not None, words))
    return found


def _feeds(desk: Desk, stores: Stores, viewer: Viewer) -> list[Finding]:
    known = {status.feed: status for status in stores.reader.feeds.status()}
    return [
        Finding(f"feed {feed.name}", *_pulled(known.get(feed.name))) for feed in desk.feeds(viewer)
    ]


def _pulled(status: FeedStatus | None) -> tuple[bool, str]:
    if status is None or status.good_at is None:
        return False, "never pulled"
    if status.last_status == "refused":
        good = to_the_minute(status.good_at)
        return False, f"refused: {status.last_reason}; last good pull {good}"
    return True, f"covered through {status.through}"


def _silent(desk: Desk, stores: Stores, viewer: Viewer) -> list[Finding]:
    """Return the feeds that are silent for longer than their own rhythm."""
    heard = Silences.heard(desk.config, stores.incidents, desk.today, None)
    names = {feed.name for feed in desk.feeds(viewer)}
    found = [
        Finding(line.partition(": ")[0], False, line.partition(": ")[2]) for line in heard.reasons()
    ]
    return [one for one in found if one.about.removeprefix("feed ") in names]


def _outbox(desk: Desk, stores: Stores) -> Finding:
    """Look for messages that should have gone out; one that waits for its time is well."""
    now = desk.clock.now()
    pending, oldest = stores.reader.undelivered(stamp(now))
    counts = stores.reader.outbox_counts()
    waits = max((now - unstamp(oldest)).total_seconds(), 0) if oldest else 0.0
    since = f", the oldest for {in_words(waits)}" if oldest else ""
    words = f"{pending} should have gone out{since}; {counts.dead} of {counts.made} given up"
    return Finding("outbox", waits <= STUCK_SECONDS, words)


def _held(stores: Stores) -> list[Finding]:
    """Return why this database sends nothing: it is a copy, or an older state."""
    reason = held(stores.database)
    return [Finding("installation", False, held_words(reason))] if reason else []
