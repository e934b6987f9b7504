"""Reminders: decisions with a named reason."""

from __future__ import annotations

from typing import Any

import pytest

from alerts.reminders import Reason, reminded, reminder
from core.alerts import AlertState
from core.settings import RouteSettings
from tests.alerts.samples import alert, watch

THEN, NOW = "2022-10-03T06:00:00.500000Z", "2022-10-10T06:00:00.100000Z"
SOON = "2022-10-08T06:00:00.000000Z"


@pytest.mark.parametrize(
    ("state", "told_at", "every", "now", "reason"),
    [
        (AlertState.FIRING, THEN, 7, NOW, Reason.DUE),
        (AlertState.FIRING, THEN, 7, SOON, Reason.TOO_EARLY),
        (AlertState.FIRING, THEN, 1, SOON, Reason.DUE),
        (AlertState.FIRING, THEN, 20, "2022-10-22T06:00:00.500000Z", Reason.DUE),
        (AlertState.FIRING, THEN, 20, "2022-10-22T06:00:00.499999Z", Reason.TOO_EARLY),
        (AlertState.FIRING, THEN, None, NOW, Reason.NOT_ASKED_FOR),
        (AlertState.FIRING, None, 7, NOW, Reason.NEVER_TOLD),
        (AlertState.PENDING, THEN, 7, NOW, Reason.NOT_FIRING),
        (AlertState.RESOLVED, THEN, 7, NOW, Reason.NOT_FIRING),
    ],
)
def test_a_reminder_has_a_named_reason(
    state: AlertState, told_at: str | None, every: int | None, now: str, reason: Reason
) -> None:
    assert reminder(alert(state=state), told_at, every, now) is reason


def route(**given: Any) -> RouteSettings:
    return RouteSettings.model_validate(given)


def test_only_routes_that_take_the_alert_and_ask_for_it_remind() -> None:
    routes = [
        route(channels=["duty", "soc"], remind_every="7d"),
        route(channels=["late"], remind_every="30d"),
        route(channels=["mali"], remind_every="1d", match={"country": "Mali"}),
        route(channels=["silent"]),
    ]
    told = dict.fromkeys(["duty", "late", "mali", "silent"], THEN)
    assert reminded(alert(), watch(), routes, told, NOW) == ("duty",)
