"""`tocsin alerts raise` and `resolve`: what a person starts and ends."""

from __future__ import annotations

import sys
from pathlib import Path

from alerts.ledger import Decision
from core.alerts import BY_HAND, Alert
from core.clock import SystemClock
from core.regions import label
from core.settings import Severity
from core.text import clean
from storage.stories import Stories
from tocsin.by_hand import ByHand, channels_told
from tocsin.config import load
from tocsin.listing import answer
from tocsin.stores import opened


def raise_alert(
    path: Path,
    database: Path | None,
    where: tuple[str, str],
    severity: Severity,
    by: str,
    note: str,
    *,
    form: str,
) -> list[str]:
    """Open an alert in a region of a watch because a person says so; only a person ends it.

    Raises:
        InputError: when there is no such region, or one raised by hand is open there already.
    """
    config, clock = load(path), SystemClock()
    watch = config.watch_named(where[0])
    with opened(config, database, "write", clock) as stores:
        acting = ByHand(config, stores, by, clock.now())
        alert, decision = acting.raise_alert(watch.name, where[1], severity, note)
    name = clean(label(alert.region))
    words = f"{alert.alert_id} ({name}, {severity}) is raised; {_told(decision)}"
    answer(words, _row(alert, "raised", by, decision), form, sys.stdout)
    return list(decision.reasons)


def resolve(
    path: Path, database: Path | None, prefix: str, by: str, note: str, *, form: str
) -> list[str]:
    """End an open alert because a person says so.

    Raises:
        InputError: when it is not open.
    """
    config, clock = load(path), SystemClock()
    with opened(config, database, "write", clock) as stores:
        alert = Stories(stores.database).find(prefix)
        decision = ByHand(config, stores, by, clock.now()).resolve(alert, note)
    anew = (
        "" if alert.rule == BY_HAND else "; if its rule is still crossed, the next run rings anew"
    )
    words = f"{alert.alert_id} ({clean(label(alert.region))}) is ended; {_told(decision)}{anew}"
    answer(words, _row(alert, "resolved", by, decision), form, sys.stdout)
    return list(decision.reasons)


def _row(alert: Alert, did: str, by: str, decision: Decision) -> dict[str, object]:
    """Return what was done for programs; keys are a promise."""
    return {
        "alert": alert.alert_id,
        "region": label(alert.region),
        "severity": alert.severity,
        "did": did,
        "by": by,
        "channels": " ".join(channels_told(decision)),
    }


def _told(decision: Decision) -> str:
    channels = ", ".join(channels_told(decision))
    return (
        f"told by the service, or the next run, over {channels}" if channels else "nobody is told"
    )
