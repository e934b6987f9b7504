"""What one run does to all alerts: readings and life-cycle tied together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from alerts import muting, succession
from alerts import past as was
from alerts.dispatch import delivery_id
from alerts.ledger import Decision, Known, Ledger, Plan, Seen
from alerts.lifecycle import Moment, Reason, Step, reading_at, step, superseded, unread
from alerts.verdicts import Judged
from core.alerts import BY_HAND, Alert, AlertState, Evaluation, Remark, RemarkKind
from core.regions import RegionKey, label

__all__ = ["Decision", "Known", "Plan", "changes", "delivery_id"]

_Key = tuple[str, str, RegionKey]


def changes(
    evaluations: Iterable[Evaluation],
    known: Known,
    plan: Plan,
    moment: Moment,
    judged: Iterable[Judged] = (),
) -> Decision:
    """Return what a run does to alerts; `judged` are the verdicts that its data allow.

    An open alert whose region is not in the run stays as it is: no data is no all-clear. What a
    person raised, only a person ends.
    """
    ledger = Ledger(known, plan, moment)
    read = {_key(evaluation): evaluation for evaluation in evaluations}
    held = {_key(alert): alert for alert in known.alerts if alert.rule != BY_HAND}
    for key in [key for key in held if key not in read]:
        _without_reading(ledger, held.pop(key), held, read)
    rules = {rule.name: rule for rule in plan.rules}
    for key, evaluation in read.items():
        previous = held.get(key)
        past = ledger.past_of(previous) if previous else was.Past()
        taken = step(previous, evaluation, rules[key[1]], moment, past)
        if taken.alert is not None:
            _take(ledger, evaluation, previous, taken)
    for found in judged:
        ledger.judge(found)
    return ledger.decision()


def _take(ledger: Ledger, evaluation: Evaluation, previous: Alert | None, taken: Step) -> None:
    """Enter the step of an alert that was read, with what it has to say beside its reason."""
    if previous is None:
        ledger.enter(taken, _seen(taken, None, evaluation))
        return
    remarks = list(was.remarks(ledger.past_of(previous), evaluation))
    broken = ledger.known.acknowledged.get(previous.alert_id)
    if broken and taken.reason is Reason.ESCALATED:
        words = f"no longer acknowledged by {broken.by}: it escalated"
        remarks.append(Remark(RemarkKind.ACKNOWLEDGEMENT_BROKEN, words))
    ledger.enter(taken, _seen(taken, previous, evaluation, *remarks))
    if _silence_ended(ledger, previous, taken):
        told = Step(Reason.SILENCE_ENDED, taken.alert, notify=True)
        ledger.enter(told, _seen(taken, previous, evaluation))


def _silence_ended(ledger: Ledger, previous: Alert, taken: Step) -> bool:
    """Return whether an alert still fires, untold, when a silence meant for it has ended."""
    alert = taken.alert
    if alert is None or taken.notify or previous.state is not AlertState.FIRING:
        return False
    country = ledger.country_of(alert)
    ended = muting.ended_between(ledger.known.silences, previous.updated_at, ledger.moment.at)
    return any(muting.mutes(one, alert, Reason.SILENCE_ENDED, country) for one in ended)


def _without_reading(
    ledger: Ledger, alert: Alert, held: dict[_Key, Alert], read: Mapping[_Key, Evaluation]
) -> None:
    """Enter what becomes of an open alert that was not read: renamed, over, or as it was."""
    name = succession.renamed(alert.region, ledger.plan.watch_of(alert), ledger.plan.aliases)
    key = (alert.watch, alert.rule, name or alert.region)
    if name and key in read:
        _succeed(ledger, alert, key, held, read[key])
        return
    taken = unread(alert, ledger.moment, ledger.past_of(alert))
    if taken is not None:
        ledger.enter(taken, _seen_last(ledger, alert))
    else:
        ledger.reasons.append(_stays(alert, _why_unread(alert, ledger.plan)))


def _succeed(
    ledger: Ledger, alert: Alert, key: _Key, held: dict[_Key, Alert], evaluation: Evaluation
) -> None:
    """Let the alert under a region's new name go on with the one under its old name."""
    goes_on = held.get(key)
    if goes_on is None:
        goes_on = held[key] = succession.heir(alert, key[2], ledger.moment)
        ledger.past[goes_on.alert_id] = ledger.past_of(alert)
        ledger.told[goes_on.alert_id] = ledger.told.get(alert.alert_id, {})
        words = f"goes on with {alert.alert_id} ({label(alert.region)}), renamed by an alias"
        renamed = Step(Reason.RENAMED, goes_on, notify=goes_on.state is AlertState.FIRING)
        remark = Remark(RemarkKind.SUPERSEDES, words)
        ledger.enter(renamed, _seen(renamed, None, evaluation, remark))
    words = f"superseded by {goes_on.alert_id} ({label(key[2])}): an alias renamed the region"
    remark = Remark(RemarkKind.SUPERSEDED_BY, words)
    taken = superseded(alert, ledger.moment)
    ledger.enter(taken, _seen_last(ledger, alert)._replace(remarks=(remark,)))


def _seen(taken: Step, previous: Alert | None, evaluation: Evaluation, *remarks: Remark) -> Seen:
    assert taken.alert is not None
    probability = reading_at(evaluation, taken.alert.severity).probability
    return Seen(previous.state if previous else None, probability, evaluation.facts, remarks)


def _seen_last(ledger: Ledger, alert: Alert) -> Seen:
    """Return what the last step of an alert saw: it was not read in this run."""
    latest = ledger.past_of(alert).latest
    likely = (level for level in latest.get("levels", ()) if level["severity"] == alert.severity)
    level = next(likely, {"probability": 0.0})
    return Seen(alert.state, level["probability"], latest)


def _why_unread(alert: Alert, plan: Plan) -> str:
    if alert.watch not in (watch.name for watch in plan.watches):
        return "its watch is no longer in the configuration"
    if alert.rule not in (rule.name for rule in plan.rules):
        return "its rule is no longer in the configuration"
    return "the rule was not read there in this run"


def _key(item: Alert | Evaluation) -> _Key:
    return item.watch, item.rule, item.region


def _stays(alert: Alert, why: str) -> str:
    return (
        f"{alert.watch}: alert {alert.alert_id} ({alert.rule}, {label(alert.region)}) stays "
        f"{alert.state}: {why}"
    )
