"""The life of an alert: a pure decision from what it was, what a run says, and when.

Runs are counted, not seconds. On the way up every run counts; on the way down only runs whose
data hold a newly complete period do: the same data read twice are no all-clear. An alert falls
back only where the probability is below the
rule's `clear_probability`, which is lower than what it takes to ring, so that a forecast that
jitters around a threshold rings once. While news of a feed of the watch are due, no run counts on
the way down: its calm may be silence.

An alert is held to what it opened with. While the count that it opened with is still likely, a
baseline that has risen, or a rule that was changed, does not clear it. One that is based on
counts which its source took back is retracted at once: no calm is claimed, there was no alarm.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Protocol

from alerts import past as was
from alerts.past import Past
from core.alerts import Alert, AlertState, Evaluation, Reading
from core.settings import SEVERITIES


class Reason(StrEnum):
    """Why a step was taken, or why none was."""

    NOT_CROSSED = "not_crossed"
    CROSSED_FIRST_TIME = "crossed_first_time"
    CROSSED_ENOUGH_RUNS = "crossed_enough_runs"
    CROSSED_AGAIN = "crossed_again"
    ESCALATED = "escalated"
    DE_ESCALATED = "de_escalated"
    NOT_CROSSED_WHILE_PENDING = "not_crossed_while_pending"
    BELOW_CLEAR_PROBABILITY = "below_clear_probability"
    BETWEEN_THE_LINES = "between_the_lines"
    NO_NEW_PERIOD = "no_new_period"
    FEED_OVERDUE = "feed_overdue"
    CLEARED = "cleared"
    LEVEL_SHIFTED = "level_shifted"
    COUNTS_OTHERWISE = "counts_otherwise"
    RETRACTED = "retracted"
    RENAMED = "renamed"
    SUPERSEDED = "superseded"
    WINDOW_OVER = "window_over"
    SILENCE_ENDED = "silence_ended"
    RAISED_BY_HAND = "raised_by_hand"
    ENDED_BY_HAND = "ended_by_hand"
    CAME_TRUE = "came_true"
    DID_NOT_COME_TRUE = "did_not_come_true"
    UNDECIDED = "undecided"


VERDICTS = (Reason.CAME_TRUE, Reason.DID_NOT_COME_TRUE, Reason.UNDECIDED)
"""What can become of what an alert warned of."""


class Patience(Protocol):
    """What the life-cycle asks of a rule, whatever it looks at: runs in a row."""

    @property
    def fire_after(self) -> int:
        """Return the runs that must cross before it fires."""
        ...

    @property
    def clear_after(self) -> int:
        """Return the runs that must be clear before it is resolved."""
        ...


@dataclass(frozen=True)
class Moment:
    """Where and when a step is taken.

    Attributes:
        at: the stamp of now.
        run: digest of the run's key.
        scope: that of the run's key.
        today: the run's; None where no window is to be called over.
    """

    at: str
    run: str
    scope: str = "live"
    today: date | None = None


_UNKNOWN = Past()


@dataclass(frozen=True)
class Step:
    """What a run does to one alert: the alert as it is now (None where there is none)."""

    reason: Reason
    alert: Alert | None
    notify: bool = False


def alert_id(opened: Evaluation | Alert, moment: Moment) -> str:
    """Return the name of an alert that opens now: the same run opens the same alert."""
    parts = [moment.scope, opened.watch, opened.rule, opened.region, moment.run]
    return "al_" + hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:20]


def reading_at(evaluation: Evaluation, severity: str) -> Reading:
    """Return the reading of a severity; of the least one when the rule has no such level."""
    found = (reading for reading in evaluation.readings if reading.severity == severity)
    return next(found, evaluation.readings[0])


def step(
    previous: Alert | None,
    evaluation: Evaluation,
    rule: Patience,
    moment: Moment,
    past: Past = _UNKNOWN,
) -> Step:
    """Return what becomes of a region's alert.

    Args:
        previous: the open alert of this rule and region, if there is one.
        evaluation: the rule's reading in this run.
        rule: its settings.
        moment: now, and which run.
        past: what the alert opened with and saw last.
    """
    crossed = [reading for reading in evaluation.readings if reading.crossed]
    top = crossed[-1] if crossed else None
    if previous is None:
        if top is None:
            return Step(Reason.NOT_CROSSED, None)
        return _open(evaluation, top, rule, moment)
    fresh = evaluation.data_through > previous.data_through and not evaluation.overdue
    through = evaluation.data_through if fresh else previous.data_through
    alert = replace(previous, updated_at=moment.at, data_through=through)
    if previous.state is AlertState.PENDING:
        return _from_pending(alert, evaluation, top, rule, moment)
    if top is not None:
        return _still_crossed(alert, evaluation, top, fresh=fresh)
    if not fresh and _retracted(previous, evaluation, past):
        return Step(Reason.RETRACTED, _ended(alert, AlertState.RETRACTED, moment), notify=True)
    return _not_crossed(alert, evaluation, _Ending(rule, moment, past), fresh=fresh)


def unread(previous: Alert, moment: Moment, past: Past) -> Step | None:
    """Return the step of an open alert whose rule a run did not read there, mostly none.

    No data is no all-clear, so one that fired stays as it is. One that never fired, of which
    nobody was told, is over when its window is.
    """
    last = past.latest.get("window", {}).get("last")
    over = moment.today is not None and last is not None and last < moment.today.isoformat()
    if previous.state is not AlertState.PENDING or not over:
        return None
    alert = replace(previous, updated_at=moment.at)
    return Step(Reason.WINDOW_OVER, _ended(alert, AlertState.EXPIRED, moment))


def superseded(previous: Alert, moment: Moment) -> Step:
    """Return the step of an alert that goes on under another name."""
    alert = replace(previous, updated_at=moment.at)
    return Step(Reason.SUPERSEDED, _ended(alert, AlertState.SUPERSEDED, moment))


def _open(
    evaluation: Evaluation,
    top: Reading,
    rule: Patience,
    moment: Moment,
) -> Step:
    """Return a new alert; it keeps the threshold, baseline and unit that it opens with."""
    baseline = evaluation.facts.get("baseline")
    fires = rule.fire_after <= 1
    alert = Alert(
        alert_id=alert_id(evaluation, moment),
        scope=moment.scope,
        watch=evaluation.watch,
        rule=evaluation.rule,
        region=evaluation.region,
        state=AlertState.FIRING if fires else AlertState.PENDING,
        severity=top.severity,
        crossings=1,
        clears=0,
        data_through=evaluation.data_through,
        threshold=top.threshold,
        baseline=baseline and baseline["mean"],
        unit=evaluation.facts["unit"],
        opened_at=moment.at,
        updated_at=moment.at,
    )
    reason = Reason.CROSSED_ENOUGH_RUNS if fires else Reason.CROSSED_FIRST_TIME
    return Step(reason, alert, notify=fires)


def _from_pending(
    alert: Alert, evaluation: Evaluation, top: Reading | None, rule: Patience, moment: Moment
) -> Step:
    """Return the step of a pending alert. Every run counts: bad news does not wait for a month."""
    if top is None and evaluation.overdue:
        return Step(Reason.FEED_OVERDUE, replace(alert, crossings=0))
    if top is None:
        return Step(Reason.NOT_CROSSED_WHILE_PENDING, _ended(alert, AlertState.RESOLVED, moment))
    alert = replace(alert, crossings=alert.crossings + 1, severity=top.severity)
    if alert.crossings < rule.fire_after:
        return Step(Reason.CROSSED_AGAIN, alert)
    return Step(Reason.CROSSED_ENOUGH_RUNS, replace(alert, state=AlertState.FIRING), notify=True)


def _still_crossed(alert: Alert, evaluation: Evaluation, top: Reading, *, fresh: bool) -> Step:
    """Return the step of a firing alert whose rule is crossed. Worse news never waits."""
    crossings = alert.crossings + 1 if fresh else alert.crossings
    alert = replace(alert, crossings=crossings, clears=0)
    change = SEVERITIES.index(top.severity) - SEVERITIES.index(alert.severity)
    if change > 0:
        return Step(Reason.ESCALATED, replace(alert, severity=top.severity), notify=True)
    severe = reading_at(evaluation, alert.severity)
    if change < 0 and fresh and severe.probability < evaluation.clear_probability:
        return Step(Reason.DE_ESCALATED, replace(alert, severity=top.severity))
    return Step(Reason.CROSSED_AGAIN, alert)


@dataclass(frozen=True)
class _Ending:
    """What decides whether an alert may end."""

    rule: Patience
    moment: Moment
    past: Past


def _not_crossed(alert: Alert, evaluation: Evaluation, ending: _Ending, *, fresh: bool) -> Step:
    alert = replace(alert, crossings=0)
    not_calm = _not_calm(evaluation, ending.past)
    if not_calm is not None:
        return Step(not_calm, replace(alert, clears=0))
    if evaluation.overdue:
        return Step(Reason.FEED_OVERDUE, alert)
    if not fresh:
        return Step(Reason.NO_NEW_PERIOD, alert)
    alert = replace(alert, clears=alert.clears + 1)
    if alert.clears < was.clear_runs(ending.past, ending.rule.clear_after):
        return Step(Reason.BELOW_CLEAR_PROBABILITY, alert)
    return Step(Reason.CLEARED, _ended(alert, AlertState.RESOLVED, ending.moment), notify=True)


def _not_calm(evaluation: Evaluation, past: Past) -> Reason | None:
    """Return why a run that does not cross is no calm either; None when it is."""
    line = was.clear_line(past, evaluation)
    if any(reading.probability >= line for reading in evaluation.readings):
        return Reason.BETWEEN_THE_LINES
    if was.counts_otherwise(past, evaluation):
        return Reason.COUNTS_OTHERWISE
    if evaluation.kept is not None and evaluation.kept >= line:
        return Reason.LEVEL_SHIFTED
    return None


def _retracted(previous: Alert, evaluation: Evaluation, past: Past) -> bool:
    """Return whether the run fell below every line only because counts were taken back.

    Only on the very periods of the last run that counted: with a new period, calm may be why.
    """
    return (
        evaluation.data_through == previous.data_through
        and not evaluation.overdue
        and _not_calm(evaluation, past) is None
        and was.taken_back(past, evaluation)
    )


def _ended(alert: Alert, state: AlertState, moment: Moment) -> Alert:
    return replace(alert, state=state, resolved_at=moment.at)
