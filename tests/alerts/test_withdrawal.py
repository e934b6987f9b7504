"""What waits for a channel that leaves the organisation, once a feed has to stay inside."""

from __future__ import annotations

from typing import Any

from alerts.dispatch import told_as
from alerts.grouping import MOST_BYTES, group
from alerts.messages import Message, canonical, compose
from alerts.rendering import subject, text
from alerts.withdrawal import Withdrawal, withdrawal
from core.alerts import Alert, AlertEvent, AlertState, Waiting
from core.settings import SEVERITIES, Severity
from tests.alerts.samples import SOURCE, alert, body, event

AT = "2022-10-03T06:00:00.000000Z"
INSIDE = {"secret": "informants", "other secret": "informants"}
REASON = 'withdrawn: informants must stay inside the organisation now (share = "none")'
Step = tuple[Alert, AlertEvent]


def told(
    place: str, watch: str, severity: Severity = "elevated", *, over: bool = False, **facts: Any
) -> Step:
    state = AlertState.RESOLVED if over else AlertState.FIRING
    of = alert(alert_id=f"al_{place}", watch=watch, severity=severity, state=state)
    reason = "cleared" if over else "crossed_enough_runs"
    return of, event(of, reason, place=place, watch=watch, **facts)


def held(steps: list[Step], made: Message | None = None) -> Waiting:
    found = made.model_dump(mode="json") if made else body()
    return Waiting("msg_1", "hook", "group" if made else "alert", found, None, tuple(steps))


def grouped(steps: list[Step]) -> tuple[Withdrawal, dict[str, Any], dict[str, Any]]:
    """What becomes of a group of these steps, its data, and those of the group."""
    made = group([compose(*one, told_as(one[1])) for one in steps], AT, "held", "https://x/alerts")
    gone = withdrawal(held(steps, made), INSIDE)
    after = gone.instead.body["data"] if gone.instead else {}
    return gone, after, made.model_dump(mode="json")["data"]


def crowd(count: int, watches: list[str]) -> list[Step]:
    """Steps of many places, the watches in turn; the first watch has the most severe ones."""
    return [
        told(
            f"Freedonia/P{n:03}",
            watch := watches[n % len(watches)],
            "severe" if watch == watches[0] else SEVERITIES[n % 2],
        )
        for n in range(count)
    ]


def test_a_message_about_one_alert_is_withdrawn_with_its_reason() -> None:
    gone = withdrawal(held([told("A", "secret")]), INSIDE)
    assert gone == Withdrawal("msg_1", REASON, None)


def test_a_digest_is_withdrawn_whole_when_one_of_its_watches_must_stay_inside() -> None:
    told_of = {"data": {"about": "digest", "watches": ["provinces", "secret"]}}
    digest = Waiting("msg_1", "hook", "digest", told_of, None, ())
    assert withdrawal(digest, INSIDE) == Withdrawal("msg_1", REASON, None)


def test_the_other_alerts_of_a_group_are_told_under_a_name_of_their_own() -> None:
    steps = [
        told("A", "provinces", "advisory"),
        told("B", "secret"),
        told("C", "provinces", "high"),
    ]
    gone, data, before = grouped([*steps, told("D", "provinces", over=True)])
    assert gone.reason == REASON
    assert gone.instead
    assert (gone.instead.delivery_id, gone.instead.channel) == ("msg_1.open", "hook")
    assert gone.instead.steps == (("al_A", 1), ("al_C", 1), ("al_D", 1))
    assert [one["place"] for one in data["shown"]] == ["C", "A", "D"]
    assert data["shown"] == [one for one in before["shown"] if one["place"] != "B"]
    assert (data["count"], data["by_severity"], data["resolved"]) == (
        *(3, {"advisory": 1, "high": 1}),
        1,
    )
    assert (data["held"], data["link"]) == ("held", "https://x/alerts")
    message = Message.model_validate(gone.instead.body)
    assert subject(message) == "C and 2 more · 1 HIGH, 1 ADVISORY, 1 RESOLVED"


def test_one_alert_that_is_left_is_told_as_one() -> None:
    gone, data, _ = grouped([told("A", "secret"), told("B", "provinces")])
    assert gone.instead
    message = Message.model_validate(gone.instead.body)
    assert data["count"] == 1
    assert subject(message) == "B · 1 ELEVATED"
    assert "1 alert changed at once" in text(message)


def test_a_group_of_which_nothing_may_be_told_is_withdrawn_whole() -> None:
    gone, *_ = grouped([told("A", "secret"), told("B", "other secret")])
    assert gone == Withdrawal("msg_1", REASON, None)


def test_a_step_that_was_shown_as_a_reminder_stays_one() -> None:
    steps = [told("A", "secret"), told("B", "provinces")]
    made = group([compose(*steps[0]), compose(*steps[1], "alert.reminder")], AT)
    gone = withdrawal(held(steps, made), INSIDE)
    assert gone.instead
    assert [one["type"] for one in gone.instead.body["data"]["shown"]] == ["alert.reminder"]


def test_what_there_was_no_room_for_is_shown_where_there_is_room_now_and_counted() -> None:
    gone, data, before = grouped(crowd(200, ["secret", *["provinces"] * 4]))
    assert gone.instead
    assert data["count"] == 160 == len(gone.instead.steps)
    assert len(data["shown"]) + sum(data["rest"].values()) == 160
    assert sum(data["by_severity"].values()) + data["resolved"] == 160
    left = {name for name, _ in gone.instead.steps}
    assert len(data["shown"]) > len([one for one in before["shown"] if one["alert_id"] in left])
    assert len(canonical(gone.instead.body)) <= MOST_BYTES


def test_the_rest_is_told_where_all_that_was_shown_must_stay_inside() -> None:
    gone, data, before = grouped(crowd(400, ["secret", "provinces"]))
    closed = {f"Freedonia/P{n:03}" for n in range(0, 400, 2)}
    assert {one["place"] for one in before["shown"]} <= closed
    assert gone.instead
    assert data["count"] == 200 == len(gone.instead.steps)
    assert data["shown"]
    assert not closed & {one["place"] for one in data["shown"]}


def test_the_credit_of_what_is_not_told_goes_with_it() -> None:
    own, secret = ({**SOURCE, "feed": feed, "attribution": feed.upper()} for feed in ("a", "b"))
    steps = [told("A", "provinces", sources=[own]), told("B", "secret", sources=[own, secret])]
    gone, data, before = grouped(steps)
    assert gone.instead
    assert any("B" in line for line in before["credits"])
    assert [line.partition(":")[0] for line in data["credits"]] == ["a"]
