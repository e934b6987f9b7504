"""What waits for a channel that leaves the organisation, once a feed has to stay inside."""

from __future__ import annotations

from typing import Any

from alerts.grouping import group
from alerts.messages import Message
from alerts.rendering import subject, text
from alerts.withdrawal import Held, ToldStep, Withdrawal, withdrawal
from core.settings import SEVERITIES
from tests.alerts.samples import body
from tests.alerts.test_grouping import AT, step

INSIDE = {"secret": "informants", "other secret": "informants"}
REASON = 'withdrawn: informants must stay inside the organisation now (share = "none")'


def told(place: str, watch: str, severity: str = "elevated", *, resolved: bool = False) -> ToldStep:
    return ToldStep(f"al_{place}", 1, watch, severity, resolved)


def held(steps: list[ToldStep], made: Message | None = None) -> Held:
    found = made.model_dump(mode="json") if made else body()
    return Held("msg_1", "hook", "group" if made else "alert", found, None, tuple(steps))


def grouped(places: list[str], watches: list[str]) -> tuple[Withdrawal, dict[str, Any]]:
    severities = [SEVERITIES[n % 3] for n in range(len(places))]
    kinds = ["alert.resolved" if n % 4 == 3 else None for n in range(len(places))]
    made = group(
        [step(*pair, kind=kind) for *pair, kind in zip(places, severities, kinds, strict=True)], AT
    )
    steps = [
        told(place, watch, severity, resolved=kind is not None)
        for place, watch, severity, kind in zip(places, watches, severities, kinds, strict=True)
    ]
    gone = withdrawal(held(steps, made), INSIDE)
    return gone, gone.instead.body["data"] if gone.instead else {}


def test_a_message_about_one_alert_is_withdrawn_with_its_reason() -> None:
    gone = withdrawal(held([told("A", "secret")]), INSIDE)
    assert gone == Withdrawal("msg_1", REASON, None)


def test_a_digest_is_withdrawn_whole_when_one_of_its_watches_must_stay_inside() -> None:
    told_of = {"data": {"about": "digest", "watches": ["provinces", "secret"]}}
    digest = Held("msg_1", "hook", "digest", told_of, None, ())
    assert withdrawal(digest, INSIDE) == Withdrawal("msg_1", REASON, None)


def test_the_other_alerts_of_a_group_are_told_under_a_name_of_their_own() -> None:
    gone, data = grouped(["A", "B", "C", "D"], ["provinces", "secret", "provinces", "provinces"])
    assert gone.reason == REASON
    assert gone.instead
    assert (gone.instead.delivery_id, gone.instead.channel) == ("msg_1.open", "hook")
    assert gone.instead.steps == (("al_A", 1), ("al_C", 1), ("al_D", 1))
    assert [one["place"] for one in data["shown"]] == ["C", "A", "D"]
    assert (data["count"], data["by_severity"], data["resolved"]) == (
        *(3, {"advisory": 1, "high": 1}),
        1,
    )
    message = Message.model_validate(gone.instead.body)
    assert subject(message) == "C and 2 more · 1 HIGH, 1 ADVISORY, 1 RESOLVED"
    assert "B" not in {one["place"] for one in data["shown"]}


def test_one_alert_that_is_left_is_told_as_one() -> None:
    gone, data = grouped(["A", "B"], ["secret", "provinces"])
    assert gone.instead
    message = Message.model_validate(gone.instead.body)
    assert data["count"] == 1
    assert subject(message) == "B · 1 ELEVATED"
    assert "1 alert changed at once" in text(message)


def test_a_group_of_which_nothing_may_be_told_is_withdrawn_whole() -> None:
    gone, _ = grouped(["A", "B"], ["secret", "other secret"])
    assert gone == Withdrawal("msg_1", REASON, None)


def test_what_there_was_no_room_for_is_still_counted() -> None:
    places = [f"Freedonia/P{n}" for n in range(200)]
    gone, data = grouped(places, ["secret" if n % 5 == 0 else "provinces" for n in range(200)])
    assert gone.instead
    assert data["count"] == 160 == len(gone.instead.steps)
    assert len(data["shown"]) + sum(data["rest"].values()) == 160
    assert sum(data["by_severity"].values()) + data["resolved"] == 160


def test_the_credit_of_what_is_not_told_goes_with_it() -> None:
    made = group([step("A"), step("B")], AT)
    found = made.model_dump(mode="json")
    found["data"]["credits"] = ["a, informants: OWNER; accessed today", "informants: NOBODY"]
    steps = (told("A", "provinces"), told("B", "secret"))
    gone = withdrawal(Held("msg_1", "hook", "group", found, None, steps), INSIDE)
    assert gone.instead
    assert gone.instead.body["data"]["credits"] == ["a: OWNER; accessed today"]
