"""Alerts that somebody should acknowledge, and those that were passed on as nobody did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from core.alerts import Alert, AlertEvent


@dataclass(frozen=True)
class Unheard:
    """A firing alert and the newest step of it that rang.

    Attributes:
        told: channel → stamp from which on its readers could know: when the message got through,
            or when it was first due where it has not.
        acknowledged: whether somebody has acknowledged it since that step, or does still.
        passed_on: channels that were told already because nobody had.
    """

    alert: Alert
    event: AlertEvent
    told: Mapping[str, str]
    acknowledged: bool
    passed_on: frozenset[str] = frozenset()


@dataclass(frozen=True)
class PassedOn:
    """A channel that was told of a step at a stamp, as nobody had acknowledged it in time."""

    alert_id: str
    sequence: int
    channel: str
    at: str
    words: str
