"""Who is not told of a step, and why: pure decisions over silences and acknowledgements.

They mute messages, never the state or the story of an alert. An escalation is told unless a
silence names its very severity; an acknowledgement mutes only what repeats (reminders).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import NamedTuple

from alerts.lifecycle import Reason
from core.alerts import Alert
from core.people import Action, Silence
from core.regions import label

REPEATS = frozenset({Reason.SILENCE_ENDED})
"""Steps that tell again what was told before: not worth a message to who said "I know"."""


class Mute(StrEnum):
    """Why a step is not told, or that it is."""

    TOLD = "told"
    SILENCED = "silenced"
    ACKNOWLEDGED = "acknowledged"


class Hearing(NamedTuple):
    """Whether a step is told; `words` say by whom it is muted, "" when it is told."""

    mute: Mute
    words: str = ""


def hearing(
    alert: Alert,
    reason: Reason,
    country: str,
    silences: Iterable[Silence],
    acknowledgement: Action | None,
    at: str,
) -> Hearing:
    """Return whether a step that is worth a message is told at a stamp.

    Args:
        alert: as it is after the step.
        reason: the step's.
        country: the alert's, "" where it has none.
        silences: all that may be in force.
        acknowledgement: the one in force, if there is one.
        at: the stamp of now.
    """
    silence = silenced_by(silences, alert, country, at, reason)
    if silence is not None:
        return Hearing(Mute.SILENCED, in_words(silence))
    if acknowledgement is not None and reason in REPEATS:
        return Hearing(Mute.ACKNOWLEDGED, f"acknowledged by {acknowledgement.by}")
    return Hearing(Mute.TOLD)


def silenced_by(
    silences: Iterable[Silence],
    alert: Alert,
    country: str,
    at: str,
    reason: Reason = Reason.CROSSED_ENOUGH_RUNS,
) -> Silence | None:
    """Return the first silence that mutes a step at a stamp; without `reason`, an ordinary one."""
    meant = (one for one in silences if one.in_force(at) and mutes(one, alert, reason, country))
    return next(meant, None)


def mutes(silence: Silence, alert: Alert, reason: Reason, country: str) -> bool:
    """Return whether a silence is meant for a step, whenever it is or was in force."""
    named = alert.severity in silence.severities
    if reason is Reason.ESCALATED and not named:
        return False
    return (named or not silence.severities) and matches(silence.match, alert, country)


def matches(match: Mapping[str, str], alert: Alert, country: str) -> bool:
    """Return whether an alert fits all globs of a silence."""
    fields = {
        "alert": alert.alert_id,
        "watch": alert.watch,
        "rule": alert.rule,
        "region": label(alert.region),
        "country": country,
    }
    return all(fnmatchcase(fields[key], glob) for key, glob in match.items())


def ended_between(silences: Iterable[Silence], since: str, until: str) -> list[Silence]:
    """Return the silences that ended after one stamp, until another."""
    return [silence for silence in silences if since < silence.end <= until]


def in_words(silence: Silence) -> str:
    """Return a silence as a story names it."""
    return f"silence {silence.number} of {silence.by} until {silence.end[:16]}Z: {silence.reason}"
