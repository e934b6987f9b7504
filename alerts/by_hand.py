"""What a person starts or ends: an alert raised by hand, and any alert ended by hand."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import date
from typing import NamedTuple

from alerts.facts import PersonFacts
from alerts.ledger import Decision, Known, Ledger, Plan, Seen
from alerts.lifecycle import Moment, Reason, Step
from core.alerts import BY_HAND, Alert, AlertState, Remark, RemarkKind
from core.regions import RegionKey, label
from core.settings import Severity


class Raised(NamedTuple):
    """What a person rings for. `today` is their day, `words` say what they know."""

    watch: str
    region: RegionKey
    severity: Severity
    by: str
    words: str
    today: date


def raise_alert(raised: Raised, known: Known, plan: Plan, moment: Moment) -> tuple[Alert, Decision]:
    """Return the alert that a person raises, and the changes that store and tell it."""
    facts = PersonFacts(
        about="person",
        place=label(raised.region),
        region=raised.region,
        watch=raised.watch,
        rule=BY_HAND,
        by=raised.by,
        words=raised.words,
        cutoff=raised.today,
        label="",
        action="",
        sources=(),
    )
    alert = Alert(
        alert_id=_name(raised, moment),
        scope=moment.scope,
        watch=raised.watch,
        rule=BY_HAND,
        region=raised.region,
        state=AlertState.FIRING,
        severity=raised.severity,
        crossings=0,
        clears=0,
        data_through=raised.today,
        threshold=0,
        baseline=None,
        unit="",
        opened_at=moment.at,
        updated_at=moment.at,
    )
    ledger = Ledger(known, plan, moment)
    seen = Seen(None, 1.0, facts.model_dump(mode="json"))
    ledger.enter(Step(Reason.RAISED_BY_HAND, alert, notify=True), seen)
    return alert, ledger.decision()


def end_alert(
    alert: Alert, by: str, words: str, known: Known, plan: Plan, moment: Moment
) -> Decision:
    """Return the changes that end an open alert because a person says so.

    Whoever was told of it is told. A rule that is still crossed rings anew in the next run.
    """
    ledger = Ledger(known, plan, moment)
    ended = replace(alert, state=AlertState.RESOLVED, updated_at=moment.at, resolved_at=moment.at)
    latest = ledger.past_of(alert).latest
    levels = {level["severity"]: level["probability"] for level in latest.get("levels", ())}
    remark = Remark(RemarkKind.BY_PERSON, f"{by}: {words}")
    likely = levels.get(alert.severity, 1.0 if alert.rule == BY_HAND else 0.0)
    seen = Seen(alert.state, likely, latest, (remark,))
    notify = alert.state is AlertState.FIRING
    ledger.enter(Step(Reason.ENDED_BY_HAND, ended, notify=notify), seen)
    return ledger.decision()


def _name(raised: Raised, moment: Moment) -> str:
    parts = [moment.scope, raised.watch, BY_HAND, raised.region, raised.by, moment.at]
    return "al_" + hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:20]
