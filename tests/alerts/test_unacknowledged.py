"""Who is told when nobody acknowledges: decided by routes, once for a step, whatever is muted."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from alerts.ledger import Plan
from alerts.messages import Message
from alerts.rendering import subject
from alerts.unacknowledged import Reason, overdue, pass_on
from core.acknowledgements import Unheard
from core.alerts import AlertState
from core.clock import stamp
from core.people import Silence
from core.settings import ChannelSettings, QuietHours, RouteSettings
from tests.alerts.samples import NOW, alert, event, rule, watch

HALF_HOUR = 1800
LATER = stamp(NOW + timedelta(minutes=30))
ROUTE = RouteSettings(channels=("duty",), ack_within=HALF_HOUR, then=("manager",))
NIGHT = QuietHours.model_validate({"from": "22:00", "to": "08:00"})


def unheard(**changes: Any) -> Unheard:
    made = Unheard(alert(), event(alert()), {"duty": stamp(NOW)}, acknowledged=False)
    return replace(made, **changes)


def plan(*routes: RouteSettings, quiet: QuietHours | None = None, over: int = 5) -> Plan:
    kept = [
        ChannelSettings(name="duty", kind="console"),
        ChannelSettings(name="manager", kind="console", quiet=quiet, group_over=over),
        ChannelSettings(name="boss", kind="console"),
    ]
    return Plan([watch()], [rule()], routes or (ROUTE,), kept)


@pytest.mark.parametrize(
    ("changes", "silenced", "reason"),
    [
        ({}, False, Reason.OVERDUE),
        ({"acknowledged": True}, False, Reason.ACKNOWLEDGED),
        ({"alert": alert(state=AlertState.RESOLVED)}, False, Reason.NOT_FIRING),
        ({"told": {"soc": stamp(NOW)}}, False, Reason.NOT_TOLD),
        ({"told": {"duty": stamp(NOW + timedelta(seconds=1))}}, False, Reason.TOO_EARLY),
        ({"told": {"duty": LATER}}, False, Reason.TOO_EARLY),
        ({}, True, Reason.SILENCED),
    ],
)
def test_an_alert_is_passed_on_only_when_somebody_could_have_known_and_nobody_said_so(
    changes: dict[str, Any], silenced: bool, reason: Reason
) -> None:
    assert overdue(unheard(**changes), ROUTE, silenced, LATER) is reason


def test_a_route_without_a_time_passes_nothing_on() -> None:
    plain = RouteSettings(channels=("duty",))
    assert overdue(unheard(), plain, False, LATER) is Reason.NOT_ASKED_FOR


def test_the_first_of_several_channels_starts_the_time() -> None:
    route = ROUTE.model_copy(update={"channels": ("duty", "soc")})
    told = {"duty": LATER, "soc": stamp(NOW)}
    assert overdue(unheard(told=told), route, False, LATER) is Reason.OVERDUE


def test_the_message_says_that_nobody_acknowledged_and_whom_that_leaves() -> None:
    made = pass_on([unheard()], plan(), [], {}, LATER)
    (kept,), (new,) = made.passed_on, made.deliveries
    words = "nobody acknowledged it within 30 min of telling duty"
    assert (kept.channel, kept.words) == ("manager", words)
    assert (new.channel, new.alert_id, new.sequence) == ("manager", alert().alert_id, 1)
    message = Message.model_validate(new.body)
    assert (message.type, message.data.reason_in_words) == ("alert.unacknowledged", words)
    assert "NOBODY ACKNOWLEDGED ELEVATED: 8 or more deadly events" in subject(message)


def test_its_id_is_the_same_however_often_it_is_made_and_not_that_of_the_first_message() -> None:
    first, again = (pass_on([unheard()], plan(), [], {}, LATER) for _ in range(2))
    assert [one.delivery_id for one in first.deliveries] == [
        one.delivery_id for one in again.deliveries
    ]
    here = replace(unheard(), told={"duty": stamp(NOW), "manager": stamp(NOW)})
    told = pass_on([here], plan(), [], {}, LATER).deliveries
    assert told[0].delivery_id == first.deliveries[0].delivery_id


def test_a_channel_that_was_told_then_is_not_told_again() -> None:
    told = unheard(passed_on=frozenset({"manager"}))
    assert pass_on([told], plan(), [], {}, LATER).passed_on == ()


def test_each_route_has_its_own_time() -> None:
    slow = RouteSettings(channels=("duty",), ack_within=7200, then=("boss",))
    both = plan(ROUTE, slow)
    early = pass_on([unheard()], both, [], {}, LATER).passed_on
    late = pass_on([unheard()], both, [], {}, stamp(NOW + timedelta(hours=2))).passed_on
    assert [[one.channel for one in found] for found in (early, late)] == [
        ["manager"],
        ["manager", "boss"],
    ]


def test_a_silence_holds_it_back_and_never_an_escalation() -> None:
    silence = Silence(
        *(1, {"region": "Afghanistan/*"}, (), "exercise", "Bo"),
        *(stamp(NOW), stamp(NOW + timedelta(days=1))),
    )
    assert pass_on([unheard()], plan(), [silence], {}, LATER).passed_on == ()
    escalated = unheard(event=event(alert(), "escalated"))
    assert pass_on([escalated], plan(), [silence], {}, LATER).passed_on


def test_quiet_hours_of_the_next_channel_hold_as_for_any_message() -> None:
    (new,) = pass_on([unheard()], plan(quiet=NIGHT), [], {}, LATER).deliveries
    assert new.due_at == stamp(NOW.replace(hour=8))
    severe = alert(severity="severe")
    loud = unheard(alert=severe, event=event(severe))
    (new,) = pass_on([loud], plan(quiet=NIGHT), [], {}, LATER).deliveries
    assert new.due_at is None


def test_many_at_once_are_one_message() -> None:
    many = [
        unheard(alert=one, event=event(one))
        for one in (alert(alert_id=f"al_{n:020}") for n in range(4))
    ]
    made = pass_on(many, plan(over=3), [], {}, LATER)
    assert len(made.passed_on) == 4
    (new,) = made.deliveries
    assert (new.kind, new.body["data"]["count"]) == ("group", 4)
    assert {step["type"] for step in new.body["data"]["shown"]} == {"alert.unacknowledged"}
