"""What the news of a run become: alone or together, now or later, and why somebody waits."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from alerts.changes import Decision, Known, Plan, changes
from alerts.lifecycle import Moment
from core.alerts import Alert, AlertEvent, Held, RemarkKind
from core.settings import ChannelSettings, Inhibition, RouteSettings
from tests.alerts.samples import alert, evaluation, event, rule, watch

NIGHT = "2022-11-07T23:00:00.000000Z"
MORNING = "2022-11-08T06:00:00.000000Z"
NEW = date(2022, 10, 31)
QUIET = {"from": "22:00", "to": "06:00"}


def plan(routes: list[dict[str, Any]] | None = None, **channel: Any) -> Plan:
    duty = ChannelSettings.model_validate({"name": "duty", "kind": "console", **channel})
    given = routes or [{"channels": ["duty"]}]
    return Plan([watch()], [rule()], [RouteSettings.model_validate(r) for r in given], [duty])


def decided(count: int, plan: Plan, known: Known | None = None, **read: Any) -> Decision:
    readings = [
        evaluation(read.get("elevated", 0.7), read.get("severe", 0.0), NEW, ("Mali", f"P{n}"))
        for n in range(count)
    ]
    return changes(readings, known or Known(), plan, Moment(NIGHT, "run-2"))


def held(event: AlertEvent) -> list[str]:
    return [one.text for one in event.remarks if one.kind is RemarkKind.HELD_BACK]


def test_more_news_than_a_channel_wants_come_as_one_with_a_stable_id() -> None:
    first, again = (decided(6, plan()).changes for _ in range(2))
    (made,) = first.deliveries
    assert (made.kind, made.alert_id, len(made.steps)) == ("group", None, 6)
    assert first == again
    assert len(decided(5, plan()).changes.deliveries) == 5
    assert len(decided(5, plan(group_over=1)).changes.deliveries) == 1


def test_quiet_hours_hold_back_what_is_not_severe_and_say_so_in_the_story() -> None:
    found = decided(1, plan(quiet=QUIET)).changes
    assert found.deliveries[0].due_at == MORNING
    assert held(found.events[0]) == ["duty: quiet hours until 2022-11-08 06:00 UTC"]
    severe = decided(1, plan(quiet=QUIET), severe=0.9).changes
    assert severe.deliveries[0].due_at is None
    assert held(severe.events[0]) == []


def test_what_comes_in_quiet_hours_is_one_message_when_they_end() -> None:
    (made,) = decided(3, plan(quiet=QUIET)).changes.deliveries
    assert (made.kind, made.due_at, len(made.steps)) == ("group", MORNING, 3)
    assert "quiet hours, which ended at 06:00 UTC" in made.body["data"]["held"]


def test_a_later_run_of_the_night_adds_to_the_message_that_waits() -> None:
    earlier = alert(alert_id="al_earlier")
    known = Known(held={"duty": Held("msg_waits", ((earlier, event(earlier)),))})
    (made,) = decided(1, plan(quiet=QUIET), known).changes.deliveries
    assert (made.revises, made.body["data"]["count"]) == ("msg_waits", 2)
    assert ("al_earlier", 1) in made.steps


def inhibited(plan: Plan) -> Plan:
    wider = watch(name="countries", group_by=["country"])
    rules = [rule(), rule(name="big", watch="countries")]
    holds = Inhibition.model_validate({"source": {"rule": "big"}, "target": {"rule": "tempo"}})
    return replace(plan, watches=[*plan.watches, wider], rules=rules, inhibitions=[holds])


def open_country() -> Alert:
    return alert(alert_id="al_big", rule="big", watch="countries", region=("Mali",))


def test_a_countrys_alert_holds_back_its_provinces_and_their_story_says_so() -> None:
    known = Known([open_country()], {"al_big": 1}, {"al_big": {"duty": NIGHT}})
    decision = decided(2, inhibited(plan()), known)
    assert decision.changes.deliveries == ()
    assert {text for one in decision.changes.events for text in held(one)} == {
        "inhibited by al_big (Mali)"
    }


def test_what_was_held_back_is_told_as_soon_as_nothing_holds_it_back_any_more() -> None:
    silent = alert(region=("Mali", "P0"))
    known = Known([silent], {silent.alert_id: 3}, {})
    (made,) = decided(1, inhibited(plan()), known).changes.deliveries
    assert (made.body["type"], made.sequence) == ("alert.firing", 4)


def test_the_end_of_an_alert_that_nobody_heard_of_is_not_told() -> None:
    silent = alert(region=("Mali", "P0"), clears=1)
    found = decided(1, plan(), Known([silent], {}, {}), elevated=0.1).changes
    assert found.alerts[0].resolved_at is not None
    assert found.deliveries == ()


def test_an_escalation_is_never_held_back_by_another_alert() -> None:
    silent = alert(region=("Mali", "P0"))
    severe = replace(open_country(), severity="extreme")
    known = Known([silent, severe], {}, {silent.alert_id: {"duty": NIGHT}})
    (made,) = decided(1, inhibited(plan()), known, elevated=0.9, severe=0.9).changes.deliveries
    assert made.body["type"] == "alert.escalated"


def test_a_firing_alert_is_told_again_when_its_route_asks_for_that() -> None:
    routes = [{"channels": ["duty"], "remind_every": "7d"}]
    open_one = alert(region=("Mali", "P0"))
    old, fresh = "2022-10-31T23:00:00.000000Z", "2022-11-05T23:00:00.000000Z"
    told = [
        decided(1, plan(routes), Known([open_one], {}, {open_one.alert_id: {"duty": at}}))
        for at in (old, fresh)
    ]
    assert [[m.body["type"] for m in one.changes.deliveries] for one in told] == [
        ["alert.reminder"],
        [],
    ]
