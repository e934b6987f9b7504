"""Messages that are not about one step: several steps, or the service itself."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from alerts.facts import Fact
from core.settings import Severity

NoticeEvent = Literal["test", "channel_disabled", "given_up", "blind"]
"""A trial; a receiver that wants no more; messages that did not get through; no runs."""


class GroupedStep(Fact):
    """One step of an alert, as short as it can be told.

    Attributes:
        type: the type that its own message would have.
        summary: the subject that its own message would have: place, window, likelihood, what.
        expected: the median with its 90 % interval, "" where the alert has none.
    """

    alert_id: str
    sequence: int = Field(ge=1)
    type: str
    severity: Severity
    place: str
    summary: str
    expected: str


class GroupData(Fact):
    """Several steps in one message, the most severe and most likely first.

    Attributes:
        count: steps that it tells, one where others were withdrawn; `shown` holds those that
            there was room for.
        by_severity: how many steps of each severity are no all-clear.
        resolved: how many of them are all-clears.
        rest: how many steps of each severity are not shown, all-clears among them.
        held: why they were not told at once, or "".
        actions: what the rules of those that ring ask for, each once, the most urgent first.
        data_as_of: day to which the data of all that tell of counts are complete, if any do.
        credits: the sources of all of them, each once.
        link: the page that lists all alerts, or "".
    """

    about: Literal["group"] = "group"
    place: str
    count: int = Field(ge=1)
    by_severity: dict[Severity, int]
    resolved: int = Field(ge=0)
    shown: tuple[GroupedStep, ...]
    rest: dict[Severity, int]
    held: str
    actions: tuple[str, ...] = ()
    data_as_of: date | None = None
    credits: tuple[str, ...]
    label: str
    link: str = ""


class DigestData(Fact):
    """The newest run as a report, and what happened to alerts since the digest before.

    Attributes:
        since, until: stamps: when the digest before was made, and the slot of this one.
        span: both as days in words.
        run, cutoff: the newest run, and the last day of the data that it was allowed to see.
        watches: those that it tells of.
        open_alerts: how many are open; new_alerts, changed_alerts: since the digest before.
        firing: the alerts that fire and that nobody has acknowledged, each with its newest step.
        missed: crossings that became known since then, of which nobody was warned.
        text, html: the report; `html` is a whole page that loads nothing.
        link: the page that lists all alerts, or "".
    """

    about: Literal["digest"] = "digest"
    place: str = "Tocsin"
    since: str
    until: str
    span: str
    run: int
    cutoff: date
    watches: tuple[str, ...]
    open_alerts: int = Field(ge=0)
    new_alerts: int = Field(ge=0)
    changed_alerts: int = Field(ge=0)
    firing: tuple[tuple[str, int], ...] = ()
    missed: int = Field(ge=0)
    text: str
    html: str
    label: str
    link: str = ""


class Line(Fact):
    """A name and what is told under it."""

    name: str
    value: str


class NoticeData(Fact):
    """Something about the service, for those who look after it.

    Attributes:
        place: what it is about, such as the channel.
        headline: one sentence.
        lines: what is known, in reading order.
        links: our pages on which people read on, by name; none where they cannot be reached.
    """

    about: Literal["service"] = "service"
    event: NoticeEvent
    place: str
    headline: str
    lines: tuple[Line, ...]
    label: str = ""
    links: tuple[Line, ...] = ()
