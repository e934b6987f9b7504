"""A message as people read it: a subject, rows of names and values, plain text.

The text is for a duty officer at three in the morning: what, where, when, how likely, why, what
to do, how old the data are. Names come from outside, so every value is cleaned to one line
without control characters before it is laid out.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator

from alerts import (
    bulletin_rendering,
    finding_rendering,
    raised_rendering,
    silence_rendering,
    wording,
)
from alerts.bulletins import DigestData, GroupData, NoticeData
from alerts.facts import KnownDate
from alerts.messages import FindingData, Message, MessageData, PersonData, SilenceData, Step
from alerts.passages import baseline, counts_so_far, data_age, incidents, level, name_of, to_do
from core.calendars import Occasion, in_words
from core.quantities import quantity
from core.sources import credits_of
from core.text import clean

_LEAD = 60
"""Characters of a subject that a telephone shows: place, window and likelihood fit in them."""
_SUBJECT = 200
_VALUE = 2000
_WIDTH = 78
_NAME_WIDTH = 13
_DOT = " · "
_UNBROKEN = "\u00a0%"
"""textwrap breaks lines at the spaces of ASCII only."""
_BULLETINS = (GroupData, NoticeData, DigestData)


def subject(message: Message, *, labelled: bool = True) -> str:
    """Return the subject line: place, window and likelihood first, then what kind of alert.

    `labelled` False leaves out what says that the message is no ordinary one.
    """
    data = message.data
    if isinstance(data, _BULLETINS):
        words = [bulletin_rendering.subject(data), banner(message)]
        return clean(_DOT.join(word for word in words if word), _SUBJECT)
    if isinstance(data, SilenceData):
        rest = _DOT + silence_rendering.lead(data)
        headline = silence_rendering.headline(message, data)
    elif isinstance(data, PersonData):
        rest = _DOT + raised_rendering.lead(data)
        headline = raised_rendering.headline(message, data)
    elif isinstance(data, FindingData):
        rest = _DOT + finding_rendering.lead(data)
        headline = finding_rendering.headline(message, data)
    else:
        window = wording.window(data.window.first, data.window.last, data.period)
        rest = _DOT.join(["", window, data.likelihood.words])
        headline = _headline(message, data)
    lead = _shortened(clean(data.place), _LEAD - len(rest)) + rest
    parts = [lead, banner(message) if labelled else "", headline]
    return clean(_DOT.join(part for part in parts if part), _SUBJECT)


def text(message: Message) -> str:
    """Return the message as plain text of at most 78 columns, names of fields on the left.

    A digest is a report: its tables are as wide as they are.
    """
    if isinstance(message.data, DigestData):
        return "\n".join([message.data.text, *_addresses(message)])
    lines = [_filled(name, value) for name, value in rows(message)]
    label = banner(message)
    lines += _addresses(message)
    return "\n".join([*([f"*** {label} ***", ""] if label else []), *lines]) + "\n"


def _filled(name: str, value: str) -> str:
    """Return a row in lines; a number and its percent sign stay on one."""
    together = textwrap.fill(
        f"{name:<{_NAME_WIDTH}}{value.replace(' %', _UNBROKEN)}",
        width=_WIDTH,
        subsequent_indent=" " * _NAME_WIDTH,
        break_on_hyphens=False,
    )
    return together.replace(_UNBROKEN, " %")


def _addresses(message: Message) -> list[str]:
    """Return the lines of the pages: an address that is broken into two lines is none any more."""
    return [f"{name:<{_NAME_WIDTH}}{address}" for name, address in links(message)]


def links(message: Message) -> list[tuple[str, str]]:
    """Return the pages on which people read on, as (name, address); none where there are none."""
    data = message.data
    found: list[tuple[str, str]] = []
    if isinstance(data, (GroupData, DigestData)):
        found = [("All alerts", data.link)]
    elif isinstance(data, NoticeData):
        found = [(link.name, link.value) for link in data.links]
    elif isinstance(data, Step):
        found = [("Alert page", data.links.alert), ("Region page", data.links.region)]
    return [(name, address) for name, address in found if address]


def rows(message: Message) -> list[tuple[str, str]]:
    """Return the message as (name, value) in reading order; values are one clean line each."""
    data = message.data
    if isinstance(data, _BULLETINS):
        found = bulletin_rendering.rows(data)
    elif isinstance(data, SilenceData):
        found = silence_rendering.rows(message, data)
    elif isinstance(data, PersonData):
        found = raised_rendering.rows(message, data)
    elif isinstance(data, FindingData):
        found = finding_rendering.rows(message, data)
    else:
        found = _forecast_rows(message, data)
    found += [] if isinstance(data, _BULLETINS) else _provenance(data)
    return [(name, clean(value, _VALUE)) for name, value in found if value]


def _provenance(
    data: MessageData | FindingData | SilenceData | PersonData,
) -> list[tuple[str, str]]:
    """Return which incidents were counted, and whom to credit with the day of access."""
    credited = _listed("Sources", credits_of(data.sources, wording.day))
    if not isinstance(data, (MessageData, FindingData)):
        return list(credited)
    return [("Counted", data.filters), *_listed("Incidents", incidents(data)), *credited]


def _listed(name: str, lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield lines as rows of which the first is named."""
    for number, line in enumerate(lines):
        yield "" if number else name, line


def _forecast_rows(message: Message, data: MessageData) -> list[tuple[str, str]]:
    told = f"{data.likelihood.words} ({_percent(data)})"
    place = [
        ("What", _headline(message, data)),
        ("Where", data.place),
        ("When", wording.days(data.window.first, data.window.last)),
    ]
    if message.type == "alert.judged":
        then = wording.day(data.cutoff)
        return [
            *place,
            ("Verdict", data.reason_in_words),
            ("Told then", f"{told} on {then}; {_expected(data)}"),
            to_do(data, data.action),
            ("Known then", f"on {then}, when it fired:"),
            *_background(data),
        ]
    return [
        *place,
        ("How likely", told),
        ("Expected", _expected(data)),
        ("Why", data.reason_in_words),
        to_do(data, data.action),
        ("Before", _before(data)),
        *_background(data),
    ]


def _background(data: MessageData) -> list[tuple[str, str]]:
    return [
        ("Analyst", "; ".join(data.overrides)),
        ("So far", counts_so_far(data)),
        ("Baseline", baseline(data)),
        ("Level", level(data)),
        ("Known dates", ", ".join(map(_known_date, data.known_dates))),
        ("Line", _line(data)),
        ("Owner", data.owner),
        ("Clears", data.clears_when),
        ("Data", data_age(data)),
        ("Made by", _models(data)),
        ("Record", f"track record of such alerts: {data.track_record}"),
        name_of(data, f"rule {data.rule} of {data.watch}"),
    ]


def _known_date(one: KnownDate) -> str:
    return in_words(Occasion(one.name, one.first, one.last))


def _headline(message: Message, data: MessageData) -> str:
    """Return what rings: "SEVERE: 8 or more deadly events in any month of the window"."""
    span = {
        True: f"in the {data.period}",
        False: "in total" if data.aggregate == "total" else f"in any {data.period} of the window",
    }[data.window.periods == 1]
    event = f"{wording.at_least(data.threshold, data.unit)} {span}"
    return f"{wording.step(message.type, data.severity, data.reason)}: {event}"


def banner(message: Message) -> str:
    """Return what the message is when it is no ordinary one, in capitals, else ""."""
    return clean(message.data.label).upper()


def _percent(data: MessageData) -> str:
    """Return the rounded percentage; the ends of the scale stay open."""
    words, percent = data.likelihood.words, data.likelihood.percent
    if words.startswith("less than"):
        return f"below {percent} %"
    return f"above {percent} %" if words.startswith("more than") else f"{percent} %"


def _expected(data: MessageData) -> str:
    expected = data.expected
    of = {
        "period": f"in the {data.period}",
        "largest period": f"in the largest {data.period} of the window",
        "total": "in total over the window",
    }[expected.of]
    return (
        f"{quantity(expected.median, data.unit)} {of} (median); "
        f"90 % interval {expected.low_90:,} to {expected.high_90:,}"
    )


def _line(data: MessageData) -> str:
    """Return what the level's threshold follows; "" where it is fixed."""
    own = (level for level in data.levels if level.severity == data.severity)
    follows = next((level.follows for level in own), "")
    return follows and f"{data.threshold:,} is {follows}"


def _before(data: MessageData) -> str:
    """Return what the last step of the alert said; "" at its first."""
    before = data.before
    if before is None:
        return ""
    likely = [
        f"{wording.likelihood(level.probability)} for {level.threshold:,} or more"
        for level in before.levels
        if level.severity == data.severity
    ]
    one = before.expected
    expected = f"{one.median:,} expected (90 % interval {one.low_90:,} to {one.high_90:,})"
    return f"on {wording.day(before.cutoff)}: {'; '.join([*likely, expected])}"


def _models(data: MessageData) -> str:
    listed = ", ".join(f"{part.model} {part.weight:.2f}" for part in data.models)
    return f"{listed} ({data.note})" if data.note else listed


def _shortened(place: str, room: int) -> str:
    """Return a place in at most `room` characters: its last part first, then cut."""
    if len(place) <= room:
        return place
    last = "…/" + place.rsplit("/", 1)[-1]
    return last if len(last) <= room else last[: room - 1] + "…"
