"""What people do to alerts: acknowledge, note, silence, raise, resolve.

All of it is kept with its author and its time, and none of it changes what a run found.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from core.settings import Severity

MATCHED = ("alert", "watch", "rule", "region", "country")
"""What a silence may match, each by a glob; severities have an option of their own."""


class ActionKind(StrEnum):
    """What a person did to one alert."""

    ACKNOWLEDGED = "acknowledged"
    NOTED = "noted"
    RAISED = "raised"
    RESOLVED = "resolved"


@dataclass(frozen=True)
class Action:
    """One thing a person did to one alert. `until` is a stamp, or None for "to its end"."""

    alert_id: str
    at: str
    by: str
    kind: ActionKind
    text: str = ""
    until: str | None = None


@dataclass(frozen=True)
class Silence:
    """A person's wish not to be told of some alerts for a while. Stories go on unchanged.

    Attributes:
        number: names it.
        match: column of MATCHED → glob; all of them must match.
        severities: the severities that are silenced; none means every one, but then an alert
            that escalates is told all the same.
        reason, by: why, and who.
        made_at, until: stamps; it is in force from the one to before the other.
        ended_at, ended_by: when and by whom it was lifted before that, or None.
    """

    number: int
    match: dict[str, str]
    severities: tuple[Severity, ...]
    reason: str
    by: str
    made_at: str
    until: str
    ended_at: str | None = None
    ended_by: str | None = None

    @property
    def end(self) -> str:
        """Return the stamp from which on it mutes nothing any more."""
        return min(self.until, self.ended_at or self.until)

    def in_force(self, at: str) -> bool:
        """Return whether it mutes at a stamp."""
        return self.made_at <= at < self.end
