"""Telling people that no run comes to its end: by the service, or by whoever starts next."""

from __future__ import annotations

from alerts.blindness import Sight, sight
from alerts.notices import of_blindness
from core.clock import Clock
from storage.database import Database
from storage.heartbeats import Heartbeats
from storage.installation import held
from storage.outbox import Outbox
from storage.periods import Periods
from tocsin.config import Config
from tocsin.plan import plan_of
from tocsin.scheduler import Schedule


def tell_if_blind(config: Config, database: Database, schedule: Schedule, clock: Clock) -> Sight:
    """Put the alert that we are blind into the outbox, once per gap; return how we see.

    It goes to the channels of `[service] notices`, to every channel where there are none. A copy
    that must not send makes none: it would tell of a gap that is not ours.
    """
    periods, now = Periods(database, schedule.text), clock.now()
    last = periods.last_good()
    committed = Heartbeats(database).committed()
    due = last and schedule.next_after(max(last.due, committed or last.due))
    following = due and schedule.next_after(due)
    found = sight(last and last.due, due, following, config.service.cycle_deadline, now)
    if found is Sight.BLIND and due and held(database) is None:
        newest = periods.latest()
        why = newest.ending.reason if newest and newest.ending else ""
        to = config.service.notices or [channel.name for channel in config.channels]
        since = last.finished if last else None
        why = why or "nothing was running at the time"
        made = of_blindness(since, due, why, to, now, plan_of(config).site)
        Outbox(database).put(made, now)
    return found
