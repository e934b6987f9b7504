"""The story of an alert as people read it: what happened when, in words.

Runs that found the same as the run before are told together; what people did stands between.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from alerts import wording
from alerts.lifecycle import VERDICTS, Reason
from core.acknowledgements import PassedOn
from core.alerts import AlertEvent
from core.people import Action, ActionKind

REASONS = {
    Reason.NOT_CROSSED: "not crossed",
    Reason.CROSSED_FIRST_TIME: "crossed for the first time; waits for more runs",
    Reason.CROSSED_ENOUGH_RUNS: "fired",
    Reason.CROSSED_AGAIN: "still crossed",
    Reason.ESCALATED: "escalated",
    Reason.DE_ESCALATED: "fell back to a less severe level",
    Reason.NOT_CROSSED_WHILE_PENDING: "not crossed any more before it fired",
    Reason.BELOW_CLEAR_PROBABILITY: "below its clearing line; more such runs clear it",
    Reason.BETWEEN_THE_LINES: "neither crossed nor clear",
    Reason.NO_NEW_PERIOD: "no newly complete period: no all-clear",
    Reason.FEED_OVERDUE: "news of a feed are due: no all-clear",
    Reason.CLEARED: "cleared",
    Reason.LEVEL_SHIFTED: "the level has shifted: what it opened with is still likely",
    Reason.COUNTS_OTHERWISE: "the rule counts something else now: only a person ends it",
    Reason.RETRACTED: "retracted: the source took back what it was based on",
    Reason.RENAMED: "goes on under the region's new name",
    Reason.SUPERSEDED: "superseded by the alert of the region's new name",
    Reason.WINDOW_OVER: "expired: it never fired, and its window is over",
    Reason.SILENCE_ENDED: "a silence ended while it fires",
    Reason.RAISED_BY_HAND: "raised by hand",
    Reason.ENDED_BY_HAND: "ended by hand",
    Reason.CAME_TRUE: "verdict",
    Reason.DID_NOT_COME_TRUE: "verdict",
    Reason.UNDECIDED: "verdict",
}
_DONE = {
    ActionKind.ACKNOWLEDGED: "acknowledged",
    ActionKind.NOTED: "noted",
    ActionKind.RAISED: "raised by hand",
    ActionKind.RESOLVED: "ended by hand",
}


_BY_PEOPLE = (Reason.RAISED_BY_HAND, Reason.ENDED_BY_HAND)
"""Steps whose action says the same, and who."""


class Line(NamedTuple):
    """One line of a story. `by` is the person, "" for a run; `until` ends an acknowledgement."""

    at: str
    by: str
    what: str


def story(
    events: Iterable[AlertEvent], actions: Iterable[Action], passed_on: Iterable[PassedOn] = ()
) -> list[Line]:
    """Return the lines of an alert's story, oldest first."""
    runs = _runs(e for e in events if e.reason not in _BY_PEOPLE)
    lines = [*runs, *map(_done, actions), *map(_passed_on, passed_on)]
    return sorted(lines, key=lambda line: line.at)


def _passed_on(one: PassedOn) -> Line:
    return Line(one.at, "", f"{one.words}: told {one.channel}")


def _runs(events: Iterable[AlertEvent]) -> Iterator[Line]:
    for _, alike in groupby(enumerate(events), key=_sameness):
        yield _told([event for _, event in alike])


def _sameness(numbered: tuple[int, AlertEvent]) -> object:
    """Return the same for runs that have nothing new to say."""
    number, event = numbered
    plain = event.from_state == event.to_state and not event.remarks
    return (event.reason, event.severity) if plain else number


def _told(events: Sequence[AlertEvent]) -> Line:
    first, last = events[0], events[-1]
    words = REASONS.get(Reason(first.reason), first.reason)
    if first.reason in (Reason.CROSSED_ENOUGH_RUNS, Reason.ESCALATED, Reason.DE_ESCALATED):
        words += f", {first.severity}"
    chances = [event.probability for event in events]
    if len(events) > 1:
        words = f"{len(events)} runs until {last.at[:10]}: {words}"
    if first.reason not in VERDICTS:
        about = first.facts.get("about", "forecast")
        words += f" ({_chance(min(chances), max(chances), about)})"
    return Line(first.at, "", "; ".join([words, *(remark.text for remark in first.remarks)]))


def _chance(low: float, high: float, about: str) -> str:
    """Return a likelihood, or the range of several, as messages round them."""
    ends = dict.fromkeys((wording.how_likely(low, about), wording.how_likely(high, about)))
    return " to ".join(ends)


def _done(action: Action) -> Line:
    words = _DONE[action.kind]
    if action.until:
        words += f" until {action.until[:16]}Z"
    return Line(action.at, action.by, f"{words}: {action.text}" if action.text else words)
