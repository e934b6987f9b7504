"""`tocsin serve`: run each period of the schedule once and send what is due, until stopped."""

from __future__ import annotations

import logging
import signal
from pathlib import Path

from core.clock import SystemClock
from storage.database import open_database
from storage.outbox import Outbox
from storage.periods import Periods
from tocsin import __version__
from tocsin.config import load
from tocsin.digests import due
from tocsin.heartbeat import standing
from tocsin.passing_on import pass_on_unacknowledged
from tocsin.plan import plan_of
from tocsin.scheduler import parse_schedule
from tocsin.sending import open_channels
from tocsin.serving.cycles import Cycles
from tocsin.serving.deliveries import Deliveries
from tocsin.serving.logs import log_to_standard_error
from tocsin.serving.orders import Order
from tocsin.serving.supervisor import Supervisor
from tocsin.serving.website import Website
from tocsin.sight import tell_if_blind

log = logging.getLogger("tocsin.serve")


def serve(path: Path, database: Path | None) -> list[str]:
    """Serve until SIGTERM or SIGINT; an orderly stop is never degraded.

    Raises:
        ConfigError: for the configuration, or a secret that is missing.
        StorageError: when the database cannot be used, or another process owns it.
    """
    config, clock = load(path), SystemClock()
    open_channels(config, clock)
    service, schedule = config.service, parse_schedule(config.service.schedule)
    log_to_standard_error("tocsin.serve")
    with open_database(database or config.database, mode="own", clock=clock) as owned:
        lock, limit = owned.owner_descriptor, service.memory_limit_mb
        work = Order("cycle", path.resolve(), owned.path, lock, limit)
        sending = Order("deliver", path.resolve(), owned.path, lock, limit)
        periods = Periods(owned, schedule.text)
        cycles = Cycles(periods, schedule, work, service.cycle_deadline, clock)

        def look() -> bool:
            tell_if_blind(config, owned, schedule, clock)
            pass_on_unacknowledged(plan_of(config), owned, clock)
            now = clock.now()
            return standing(config, owned, now).sends or bool(due(config, owned, now))

        outbox = Outbox(owned, "owner")
        outbox.take_back()
        deliveries = Deliveries(outbox, sending, service.outbox_every, clock, look)
        pages = Order("web", path.resolve(), owned.path, lock, limit)
        website = Website(pages if config.web else None)
        supervisor = Supervisor(schedule, cycles, deliveries, website, clock)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: supervisor.stop())
        log.info("tocsin %s serves %s on %r", __version__, owned.path, schedule.text)
        supervisor.run()
    return []
