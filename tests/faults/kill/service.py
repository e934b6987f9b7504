"""A small service to be killed: stage, decide, publish, claim, send, mark, over and over.

Everything but its forecasts is real: storage, the life-cycle of alerts, the outbox, the delivery
loop and the file channel. Its forecasts are copies of those that `ground` staged, so that it
loads no engine. What each run tells is known beforehand: see `told_by` and `told_after`. One
channel gets each step by itself, another those of a run together; nobody acknowledges, so that a
third is told too, and a fourth gets notices. A run is a day: after it a fifth channel gets a
digest, unless one waits for it.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from alerts import digests
from alerts.bulletins import DigestData
from alerts.changes import Known, Plan, changes
from alerts.channels.channel import Surroundings
from alerts.channels.file import File, FileSettings
from alerts.delivery import Outlet, deliver
from alerts.facts import Facts
from alerts.lifecycle import Moment
from alerts.notices import of_blindness, trial
from alerts.past import Past
from alerts.verdicts import Judged, Warned, verdict
from core.alerts import Alert, AlertChanges, Evaluation, Reading
from core.clock import stamp
from core.forecasts import RunKey
from core.settings import DigestSettings, RouteSettings, RuleSettings, WatchSettings
from storage.alerts import Alerts
from storage.database import Database, open_database
from storage.digests import Digests
from storage.outbox import Outbox
from storage.runs import Runs
from storage.seals import seal
from tests.faults.kill.seams import Fuse, FusedChannel, FusedOutbox
from tocsin.passing_on import pass_on_unacknowledged

DATABASE, RECEIVED, FACTS = "tocsin.db", "alerts.jsonl", "facts.json"
CUTOFF = date(2022, 9, 30)
EPOCH = datetime(2022, 10, 3, 6, tzinfo=UTC)
STORY = (
    ("alert.firing", 0.74, 0.1),
    ("alert.escalated", 0.90, 0.8),
    ("alert.reminder", 0.90, 0.8),
    ("alert.resolved", 0.10, 0.0),
)
"""By the age of a province in runs: what is told of it, and how likely its two levels are.

The source takes back what every other province's alert was based on, and retracts it so; one that
was resolved has its verdict a run later.
"""
_END, _VERDICT = 3, 4
_PASSED_ON = 2
"""Ages at which an alert ends, has its verdict, and is passed on as nobody acknowledged it."""
_MOST = 100

_RULE = RuleSettings.model_validate(
    {
        "name": "tempo",
        "watch": "provinces",
        "levels": [
            {"severity": "elevated", "at_least": 8, "probability": 0.5},
            {"severity": "severe", "at_least": 20, "probability": 0.6},
        ],
        "clear_probability": 0.35,
        "clear_after": 1,
    }
)
_WATCH = WatchSettings(name="provinces", feeds=("feed",), group_by=("country", "admin1"))
_LOG = FileSettings(name="log", kind="file", path=RECEIVED)
_CROWD = FileSettings(name="crowd", kind="file", path=RECEIVED, group_over=1)
_PAPER = FileSettings(name="paper", kind="file", path=RECEIVED)
_DAILY = DigestSettings.model_validate({"every": "day", "at": "06:00", "zone": "UTC"})
_NIGHT = FileSettings(name="night", kind="file", path=RECEIVED)
_DESK = FileSettings(name="desk", kind="file", path=RECEIVED)
_CHANNELS = (_LOG, _CROWD, _PAPER, _NIGHT, _DESK)
_ROUTE = RouteSettings(
    channels=("log", "crowd"), remind_every=1, ack_within=43_200, then=("night",)
)
_PLAN = Plan([_WATCH], [_RULE], [_ROUTE], _CHANNELS)


@dataclass
class Ticking:
    """A clock that goes on by a millisecond whenever it is read; each life begins a second later.

    That is too early for a lease to end: what a killed life had claimed must be taken back. `day`
    is the newest run's.
    """

    life: int
    ticks: int = field(default=0)
    day: int = field(default=0)

    def now(self) -> datetime:
        self.ticks += 1
        return self.born + timedelta(days=self.day, milliseconds=self.ticks)

    @property
    def born(self) -> datetime:
        return EPOCH + timedelta(seconds=self.life)


def key(number: int) -> RunKey:
    """Return what makes run `number` itself; `ground` publishes number 0."""
    return RunKey("c0ffee", CUTOFF, f"{number:06d}")


def taken_back(province: int) -> bool:
    """Return whether the source takes back what the alert of a province was based on."""
    return province % 2 == 1


def told_by(number: int) -> list[tuple[str, str]]:
    """Return what run `number` tells: place and type of each step, once for each channel.

    Two are told of every step; the one that was told later hears of the end and the verdict too.
    """
    told = []
    for age, (kind, *_) in enumerate(STORY):
        ends = age == _END and taken_back(number - age)
        told.append((number - age, "alert.retracted" if ends else kind))
    if not taken_back(number - _VERDICT):
        told.append((number - _VERDICT, "alert.judged"))
    return [
        (f"Freedonia/{province}", kind)
        for province, kind in told
        for _ in range(3 if number - province >= _END else 2)
        if province > 0
    ]


def told_after(number: int) -> list[tuple[str, str]]:
    """Return what is told once run `number` is published: to other channels, by the service."""
    told = [("Tocsin", "service.notice"), ("TEST", "alert.test")]
    if number > _PASSED_ON:
        told.append((f"Freedonia/{number - _PASSED_ON}", "alert.unacknowledged"))
    return told


class Service:
    """One life of the service over one folder; a fuse may end it."""

    def __init__(self, folder: Path, database: Database, life: int, fuse: Fuse) -> None:
        self._database, self._clock = database, Ticking(life)
        self._facts = json.loads((folder / FACTS).read_bytes())
        self._runs, self._alerts = Runs(database), Alerts(database)
        outbox = Outbox(database, "owner")
        outbox.take_back()
        self._outbox = FusedOutbox(outbox, fuse)
        around = Surroundings(folder, {}, self._clock, io.StringIO())
        self._outlets = {
            settings.name: Outlet(FusedChannel(File(settings, around), fuse))
            for settings in _CHANNELS
        }
        self._stage = fuse.around("stage", self._copy_block)
        self._decide = fuse.around("decide", self._changes)
        self._publish = fuse.around("publish", self._runs.publish)
        self._put_digest = fuse.around("digest", outbox.put)
        self._put_notices = fuse.around("notice", outbox.put)
        self._pass_on = fuse.around("pass on", pass_on_unacknowledged)
        self._clock.day = self._published()

    def cycle(self) -> None:
        """Make the next run, then send what is due."""
        number = self._clock.day = self._published() + 1
        run = self._runs.begin(key(number), self._clock.now(), "0.1.0", "")
        for (block,) in self._database.rows("SELECT block_id FROM blocks WHERE run_id = 1"):
            self._stage(run, block)
        self._publish(run, self._decide(number), [], self._clock.now())
        self.send()

    def send(self) -> None:
        """Send all that is due, what comes after the newest run among it."""
        self._pass_on(_PLAN, self._database, self._clock)
        self._tell_the_desk()
        self._make_digest()
        deliver(self._outbox, self._outlets, self._clock, _MOST)

    def _tell_the_desk(self) -> None:
        """Put a notice and a trial of the newest run's day into the outbox."""
        number = self._published()
        if number:
            due = EPOCH + timedelta(days=number)
            blind = of_blindness(None, due, "the cycle was killed", [_DESK.name], due)
            self._put_notices([*blind, trial(_DESK.name, due)], due)

    def _make_digest(self) -> None:
        """Put the digest that is due into the outbox, as `tocsin.digests.make` does."""
        made, number = Digests(self._database), self._published()
        last, now = made.last(_PAPER.name), EPOCH + timedelta(days=number)
        stretch = digests.due(_DAILY, last and digests.Last(*last), now)
        if number and stretch and not made.waits(_PAPER.name):
            data = _digest(stretch, number)
            self._put_digest([digests.message(_PAPER.name, data, stretch.until, now)], now)

    def _published(self) -> int:
        """Return how many runs this service has published."""
        found: int = self._database.value("SELECT count(*) FROM runs WHERE published = 1")
        return found - 1

    def _copy_block(self, run: int, block: int) -> None:
        with self._database.transaction() as connection:
            (row,) = connection.execute("SELECT * FROM blocks WHERE block_id = ?", [block])
            marks = ", ".join("?" * (len(row) - 2))
            copied = connection.execute(
                f"INSERT INTO blocks VALUES (NULL, ?, {marks})", [run, *row[2:]]
            ).lastrowid
            for table in ("standings", "forecasts"):
                rows = connection.execute(f"SELECT * FROM {table} WHERE block_id = ?", [block])
                copies = [(copied, *row[1:]) for row in rows]
                marks = ", ".join("?" * len(copies[0]))
                connection.executemany(f"INSERT INTO {table} VALUES ({marks})", copies)
            assert copied is not None
            seal(connection, copied)

    def _changes(self, number: int) -> AlertChanges:
        known = self._alerts.unresolved("live")
        waiting = [Warned(*row) for row in self._alerts.unjudged("live")]
        ids = [alert.alert_id for alert in (*known, *(one.alert for one in waiting))]
        state = Known(
            known,
            *(self._alerts.last_sequence(ids), self._alerts.told(ids)),
            past={name: Past(*facts) for name, facts in self._alerts.past(ids).items()},
        )
        moment = Moment(stamp(self._clock.now()), str(key(number)))
        judged = [_judged(one) for one in waiting if _age(one.alert, number) == _VERDICT]
        return changes(_evaluations(number, self._facts), state, _PLAN, moment, judged).changes


def live(folder: Path, life: int, fuse: Fuse) -> None:
    """Work until killed."""
    with open_database(folder / DATABASE, mode="own", clock=Ticking(life)) as database:
        service = Service(folder, database, life, fuse)
        service.send()
        while True:
            service.cycle()


def drain(folder: Path, life: int, cycles: int = 0) -> None:
    """Live a life that ends by itself: make some runs, and send what earlier lives left too."""
    with open_database(folder / DATABASE, mode="own", clock=Ticking(life)) as database:
        service = Service(folder, database, life, Fuse())
        service.send()
        for _ in range(cycles):
            service.cycle()


def _digest(stretch: digests.Stretch, run: int) -> DigestData:
    return DigestData(
        since=stamp(stretch.since),
        until=stamp(stretch.until),
        span="a day",
        run=run,
        cutoff=CUTOFF,
        watches=(_WATCH.name,),
        open_alerts=0,
        new_alerts=0,
        changed_alerts=0,
        missed=0,
        text="Nothing.",
        html="<!doctype html>",
        label="",
    )


def _age(alert: Alert, number: int) -> int:
    return number - int(alert.region[-1])


def _judged(warned: Warned) -> Judged:
    return verdict(warned, Facts.model_validate(warned.facts), [9, 4, 5], [9, 4, 5])


def _evaluations(number: int, facts: dict[str, Any]) -> Iterator[Evaluation]:
    for age, (_, elevated, severe) in enumerate(STORY):
        province = number - age
        if province < 1:
            return
        region = ("Freedonia", str(province))
        readings = (Reading("elevated", 8, 0.5, elevated), Reading("severe", 20, 0.6, severe))
        told = facts | {"place": "/".join(region), "region": region}
        through = CUTOFF + timedelta(days=number)
        if age == _END and taken_back(province):
            through -= timedelta(days=1)  # the same periods as the run before, lowered
            told["recent"] = [{**point, "count": 0} for point in facts["recent"]]
        yield Evaluation("provinces", "tempo", region, readings, 0.35, through, told)
