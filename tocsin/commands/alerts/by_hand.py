"""`tocsin alerts raise` and `resolve`: what a person starts and ends."""

from __future__ import annotations

from pathlib import Path

from alerts import by_hand
from alerts.ledger import Decision
from alerts.lifecycle import Moment
from core.alerts import BY_HAND
from core.clock import SystemClock, stamp
from core.errors import InputError
from core.people import Action, ActionKind
from core.regions import RegionKey, label
from core.settings import Severity
from core.text import clean
from storage.stories import Stories
from tocsin import by_people
from tocsin.complaints import nearest
from tocsin.config import load
from tocsin.known import known
from tocsin.plan import plan_of
from tocsin.stores import Stores, opened


def raise_alert(
    path: Path,
    database: Path | None,
    where: tuple[str, str],
    severity: Severity,
    by: str,
    note: str,
) -> list[str]:
    """Open an alert in a region of a watch because a person says so; only a person ends it.

    Raises:
        InputError: when there is no such region, or one raised by hand is open there already.
    """
    config, clock = load(path), SystemClock()
    watch = config.watch_named(where[0])
    text, author = by_people.text("--note", note), by_people.author(by)
    with opened(config, database, "write", clock) as stores:
        region = _region(stores, watch.name, where[1])
        _require_none_open(stores, watch.name, region)
        now = clock.now()
        moment, plan = Moment(stamp(now), "by hand"), plan_of(config)
        today = config.service.as_of or now.date()
        raised = by_hand.Raised(watch.name, region, severity, author, text, today)
        found = known(config, stores, [], moment.at)
        alert, decision = by_hand.raise_alert(raised, found, plan, moment)
        action = Action(alert.alert_id, moment.at, author, ActionKind.RAISED, text)
        stores.people.act(action, decision.changes)
    print(f"{alert.alert_id} ({clean(label(region))}, {severity}) is raised; {_told(decision)}")
    return list(decision.reasons)


def resolve(path: Path, database: Path | None, prefix: str, by: str, note: str) -> list[str]:
    """End an open alert because a person says so.

    Raises:
        InputError: when it is not open.
    """
    config, clock = load(path), SystemClock()
    text, author = by_people.text("--note", note), by_people.author(by)
    with opened(config, database, "write", clock) as stores:
        alert = Stories(stores.database).find(prefix)
        if not alert.state.is_open:
            raise InputError("alert", f"{alert.alert_id} is {alert.state.value} already")
        moment = Moment(stamp(clock.now()), "by hand", alert.scope)
        found = known(config, stores, [alert], moment.at)
        decision = by_hand.end_alert(alert, author, text, found, plan_of(config), moment)
        action = Action(alert.alert_id, moment.at, author, ActionKind.RESOLVED, text)
        stores.people.act(action, decision.changes)
    anew = (
        "" if alert.rule == BY_HAND else "; if its rule is still crossed, the next run rings anew"
    )
    print(f"{alert.alert_id} ({clean(label(alert.region))}) is ended; {_told(decision)}{anew}")
    return list(decision.reasons)


def _region(stores: Stores, watch: str, written: str) -> RegionKey:
    """Return the region that a watch has forecast under a name."""
    known = {label(region): region for region in Stories(stores.database).regions(watch)}
    if written not in known:
        mend = nearest(written, known, "regions")
        raise InputError("--region", f"watch {watch} has no region {written!r}", mend)
    return known[written]


def _require_none_open(stores: Stores, watch: str, region: RegionKey) -> None:
    for alert in Stories(stores.database).listed("live", everything=False):
        if (alert.watch, alert.rule, alert.region) == (watch, BY_HAND, region):
            problem = f"{alert.alert_id} was raised there by hand and is open"
            raise InputError("--region", problem, "add a note to it, or end it first")


def _told(decision: Decision) -> str:
    channels = ", ".join(new.channel for new in decision.changes.deliveries)
    return (
        f"told by the service, or the next run, over {channels}" if channels else "nobody is told"
    )
