"""Whether the service is blind: a decision of the schedule, the store and now."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

_SHARE = 4
"""A run may be late by a quarter of its period: a machine that slept catches up by itself."""


class Sight(StrEnum):
    """Whether runs come to their end."""

    SEES = "a run has come to its end"
    WAITS = "the next run is not late yet"
    NEVER_RAN = "nothing has ever run"
    BLIND = "runs were due and none has come to its end"


def sight(
    last: datetime | None,
    due: datetime | None,
    following: datetime | None,
    deadline: int,
    now: datetime,
) -> Sight:
    """Return whether the service sees.

    Args:
        last: the period of the newest run that came to its end.
        due: the first period after it.
        following: the one after that.
        deadline: seconds that a cycle may take.
        now: the instant that it is asked for.
    """
    if last is None:
        return Sight.NEVER_RAN
    if due is None or now < due:
        return Sight.SEES
    patience = timedelta(seconds=deadline)
    if following is not None:
        patience = max(patience, (following - due) / _SHARE)
    return Sight.BLIND if now >= due + patience else Sight.WAITS
