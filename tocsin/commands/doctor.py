"""`tocsin doctor`: is everything that a run needs well? In words, and as an exit code."""

from __future__ import annotations

import platform
import shutil
import sys
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

from core.clock import SystemClock, to_the_minute, unstamp
from core.quantities import quantity
from storage.deliveries import Deliveries
from storage.health import Health, examine
from storage.installation import held, held_words
from storage.outbox import Disabled
from storage.periods import Periods
from tocsin import __version__, machine
from tocsin.config import Config, load
from tocsin.listing import write
from tocsin.rule_checks import reviews_due
from tocsin.scheduler import parse_schedule
from tocsin.secrets_here import missing_secrets
from tocsin.serving.standing import standing
from tocsin.silence import Silences
from tocsin.stores import Stores, opened

_PACKAGES = ("numpy", "numba", "pandas", "sqlite-utils", "requests", "apscheduler")


class Finding(NamedTuple):
    """One thing looked at; `well` False makes the service degraded."""

    about: str
    well: bool
    words: str


def doctor(path: Path, database: Path | None, *, form: str) -> list[str]:
    """Print the findings; return those that are not well.

    Raises:
        ConfigError: when the configuration cannot be meant.
        StorageError: when the database cannot be used at all.
    """
    config = load(path)
    with opened(config, database, "read", SystemClock()) as stores:
        health = examine(stores.database)
        findings = [*_program(), *_prophet(config), *_machine(health, stores), *_database(health)]
        findings += _feeds(config, stores)
        findings += [Finding(about, False, why) for about, why in missing_secrets(config)]
        findings += [*_silent(config, stores), *_reviews(config)]
        findings += [*_runs(config, stores), _schedule(config, stores)]
        findings += [_installation(health, stores), *_outbox(stores)]
    if form == "text":
        for finding in findings:
            print(f"{'ok ' if finding.well else '!! '} {finding.about}: {finding.words}")
    else:
        rows = [finding._asdict() for finding in findings]
        write(rows, dict.fromkeys(Finding._fields, ""), form, sys.stdout)
    return [f"{finding.about}: {finding.words}" for finding in findings if not finding.well]


def _program() -> list[Finding]:
    packages = ", ".join(f"{name} {version(name)}" for name in _PACKAGES)
    python = platform.python_version()
    return [Finding("program", True, f"tocsin {__version__}, Python {python}, {packages}")]


def _prophet(config: Config) -> list[Finding]:
    """Look at Prophet only where a watch uses it: the look costs a start of it and a fit."""
    if not any("prophet" in watch.models for watch in config.watches):
        return []
    from forecast.models.prophet import check  # noqa: PLC0415 - imported with the work

    return [Finding("prophet", *check())]


def _machine(health: Health, stores: Stores) -> list[Finding]:
    free = shutil.disk_usage(health.path.parent).free
    newest = max((pull.at for pull in stores.reader.feeds.pulls(1)), default=None)
    return [
        Finding("disk", *machine.disk(free, health.size)),
        Finding("clock", *machine.clock(SystemClock().now(), newest)),
    ]


def _database(health: Health) -> list[Finding]:
    journal = "may use a write-ahead log" if health.wal_safe else "is kept off the write-ahead log"
    size = f"{health.size / 1e6:.1f} MB"
    found = [
        Finding(
            "sqlite",
            True,
            f"{health.sqlite_version} {journal}; journal {health.journal_mode}",
        ),
        Finding(
            "database",
            health.sound,
            f"{size}, sound" if health.sound else f"damaged: {'; '.join(health.faults[:3])}",
        ),
    ]
    readable = health.path.stat().st_mode & 0o077
    words = "only its owner can read it" if not readable else "others can read it: chmod 600 it"
    return [*found, Finding("permissions", not readable, words)]


def _feeds(config: Config, stores: Stores) -> list[Finding]:
    known = {status.feed: status for status in stores.reader.feeds.status()}
    findings = []
    for feed in config.feeds:
        status = known.get(feed.name)
        about = f"feed {feed.name}"
        if status is None:
            findings.append(Finding(about, False, "never pulled: 'tocsin run' pulls it"))
        elif status.last_status == "refused":
            good = f"; last good pull {to_the_minute(status.good_at)}" if status.good_at else ""
            findings.append(Finding(about, False, f"refused: {status.last_reason}{good}"))
        else:
            words = (
                f"{quantity(status.rows, 'rows')}, covered through {status.through}, "
                f"{status.quarantined} in quarantine"
            )
            findings.append(Finding(about, True, words))
            findings += [Finding(about, *note) for note in status.notes]
    return findings


def _silent(config: Config, stores: Stores) -> list[Finding]:
    today = config.service.as_of or SystemClock().now().date()
    heard = Silences.heard(config, stores.incidents, today, None)
    return [Finding("silence", False, reason) for reason in heard.reasons()]


def _reviews(config: Config) -> list[Finding]:
    today = config.service.as_of or SystemClock().now().date()
    return [Finding("rules", False, line) for line in reviews_due(config, today)]


def _runs(config: Config, stores: Stores) -> list[Finding]:
    findings = []
    for watch in config.watches:
        run = stores.reader.latest_run(watch.name)
        about = f"watch {watch.name}"
        if run is None:
            findings.append(Finding(about, False, "never forecast: 'tocsin run' does it"))
        else:
            why = f"; degraded: {'; '.join(run.reasons)}" if run.reasons else ""
            words = (
                f"run {run.run_id} at {to_the_minute(run.finished_at)}, cut-off {run.cutoff}{why}"
            )
            findings.append(Finding(about, not run.reasons, words))
    return findings


def _schedule(config: Config, stores: Stores) -> Finding:
    schedule = parse_schedule(config.service.schedule)
    row = Periods(stores.database, schedule.text).latest()
    deadline = config.service.cycle_deadline
    return Finding("schedule", *standing(schedule, row, deadline, SystemClock().now()))


def _installation(health: Health, stores: Stores) -> Finding:
    reason = held(stores.database)
    words = held_words(reason) if reason else f"{health.installation}, at home here"
    return Finding("installation", reason is None, words)


def _outbox(stores: Stores) -> list[Finding]:
    counts = stores.reader.outbox_counts()
    waiting = ""
    if counts.oldest_pending:
        hours = (SystemClock().now() - unstamp(counts.oldest_pending)).total_seconds() / 3600
        waiting = f", the oldest for {hours:.1f} h"
    words = (
        f"{counts.made} made = {counts.delivered} delivered + {counts.pending} pending"
        f"{waiting} + {counts.dead} given up"
    )
    lost = [row for row in Deliveries(stores.database).listed("dead") if row.kind != "test"]
    return [
        Finding("outbox", counts.pending == 0 and not lost, words),
        *(_disabled(channel) for channel in stores.outbox.disabled()),
    ]


def _disabled(channel: Disabled) -> Finding:
    mend = f"mend it, then 'tocsin deliveries enable {channel.channel}'"
    words = f"disabled since {to_the_minute(channel.since)}: {channel.reason}; {mend}"
    return Finding(f"channel {channel.channel}", False, words)
