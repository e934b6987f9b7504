"""Why a message is sent, and what would clear its alert, in words."""

from __future__ import annotations

from collections.abc import Iterable

from alerts import wording
from alerts.facts import Facts, FindingFacts, LevelReading
from alerts.lifecycle import VERDICTS, Reason
from core.alerts import Alert, AlertEvent, RemarkKind
from core.clock import unstamp
from core.periods import Period

_PLURAL = {Period.DAY: "days", Period.WEEK: "weeks", Period.MONTH: "months"}
_STILL = {
    Reason.RENAMED: "the alert goes on under the region's new name",
    Reason.SILENCE_ENDED: "still firing; the silence has ended",
}
"""Steps that tell again what was told before."""
_RINGS = (Reason.CROSSED_ENOUGH_RUNS, Reason.ESCALATED)


def whatever_it_is_about(event: AlertEvent) -> str:
    """Return the words of steps that are the same for alerts of every kind; "" for the others."""
    if unheard := texts(event, RemarkKind.UNACKNOWLEDGED):
        return " ".join(unheard)
    if event.reason == Reason.ENDED_BY_HAND:
        return f"ended by hand by {' '.join(texts(event, RemarkKind.BY_PERSON))}"
    if event.reason in VERDICTS:
        return f"the window is over: {' '.join(texts(event, RemarkKind.VERDICT))}"
    if event.reason == Reason.RETRACTED:
        words = "the source took back incidents that the alert was based on"
        return "; ".join([words, *texts(event, RemarkKind.CORRECTED)])
    return ""


def of_a_forecast(alert: Alert, event: AlertEvent, kind: str, facts: Facts) -> str:
    """Return why a message about a forecast is sent, as a message of a kind."""
    likely = wording.likelihood(event.probability)
    if event.reason == Reason.CLEARED:
        return (
            "the likelihood fell below the clearing line of "
            f"{wording.share(facts.clear_probability)} and stayed there for "
            f"{_runs(facts.clear_after)}"
        )
    if event.reason in _STILL:
        return f"{_STILL[Reason(event.reason)]}: {likely}"
    level = _own(event, facts.levels)
    line = f"; this level rings from {wording.share(level.needed)}" if level else ""
    if event.reason not in _RINGS:
        return f"{_goes_on(alert, kind)}; now {likely}{line}"
    verb = "rose to a more severe level" if event.reason == Reason.ESCALATED else "crossed its line"
    return f"the forecast {verb}: {likely}{line}"


def of_a_finding(alert: Alert, event: AlertEvent, kind: str, facts: FindingFacts) -> str:
    """Return the level's line; how likely the final count reaches it, where that is not certain."""
    if event.reason == Reason.CLEARED:
        return "no level of the rule is reached any more"
    if event.reason in _STILL:
        return f"{_STILL[Reason(event.reason)]}: {facts.headline}"
    words = [] if event.reason in _RINGS else [_goes_on(alert, kind)]
    level = _own(event, facts.levels)
    if level is None or facts.counted is None:
        return "; ".join([*words, facts.headline])
    follows = f", {level.follows}" if level.follows else ""
    words.append(f"this level rings from {level.threshold:,}{follows}")
    if facts.completion is not None:
        words.append(f"the final count reaches it: {wording.likelihood(level.probability)}")
    return "; ".join(words)


def clears_when(event: AlertEvent, facts: Facts) -> str:
    """Return what would clear an alert about a forecast, "" when it is over."""
    if not event.to_state.is_open:
        return ""
    runs = _runs(facts.clear_after) + (", each" if facts.clear_after > 1 else "")
    return (
        f"{runs} with newly complete {_PLURAL[facts.period]}, in which the likelihood of every "
        f"level is below {wording.share(facts.clear_probability)}"
    )


def texts(event: AlertEvent, kind: RemarkKind) -> list[str]:
    """Return the words of a step's remarks of one kind."""
    return [remark.text for remark in event.remarks if remark.kind is kind]


def _goes_on(alert: Alert, kind: str) -> str:
    """Return since when an alert is open: nothing that happens today is why it is told."""
    unheard = " and nobody has acknowledged it" if kind == "alert.reminder" else ""
    return f"open since {wording.day(unstamp(alert.opened_at).date())}{unheard}"


def _own(event: AlertEvent, levels: Iterable[LevelReading]) -> LevelReading | None:
    return next((level for level in levels if level.severity == event.severity), None)


def _runs(count: int) -> str:
    return "1 run" if count == 1 else f"{count} runs in a row"
