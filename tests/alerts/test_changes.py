"""What a run does to all alerts: stories, messages, and whom they go to."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from alerts.changes import Decision, Known, Plan, changes
from alerts.dispatch import delivery_id
from alerts.lifecycle import Moment
from alerts.messages import Message
from core.alerts import Alert, AlertState, Evaluation
from core.settings import ChannelSettings, RouteSettings
from tests.alerts.samples import alert, evaluation, rule, watch

MOMENT = Moment("2022-11-07T06:00:00.000000Z", "run-2")
NEW = date(2022, 10, 31)
ROUTES = [
    RouteSettings.model_validate({"channels": ["duty"]}),
    RouteSettings.model_validate({"match": {"severity": ["severe"]}, "channels": ["soc"]}),
]
NOTHING = Known()
CHANNELS = [ChannelSettings(name=name, kind="console") for name in ("duty", "soc")]
PLAN = Plan([watch()], [rule()], ROUTES, CHANNELS)
TOLD = {"duty": "2022-10-31T06:00:00.000000Z"}


def run(*evaluations: Evaluation, known: Known = NOTHING, plan: Plan = PLAN) -> Decision:
    return changes(evaluations, known, plan, MOMENT)


def know(*alerts: Alert, told: dict[str, dict[str, str]] | None = None) -> Known:
    told = {a.alert_id: TOLD for a in alerts} if told is None else told
    return Known(alerts, {a.alert_id: 4 for a in alerts}, told)


def test_a_quiet_region_leaves_no_trace() -> None:
    decided = run(evaluation(0.1))
    assert decided.changes.alerts == decided.changes.events == decided.changes.deliveries == ()
    assert decided.reasons == ()


def test_a_crossing_makes_an_alert_its_first_event_and_a_message() -> None:
    found = run(evaluation(0.7)).changes
    (opened,), (told,), (made,) = found.alerts, found.events, found.deliveries
    assert (told.alert_id, told.sequence, told.from_state) == (opened.alert_id, 1, None)
    assert (told.to_state, told.reason) == (AlertState.FIRING, "crossed_enough_runs")
    assert told.probability == 0.7
    assert (made.alert_id, made.sequence, made.channel) == (opened.alert_id, 1, "duty")
    assert Message.model_validate(made.body).data.alert_id == opened.alert_id


def test_a_step_that_nobody_needs_to_hear_of_is_kept_in_the_story() -> None:
    found = run(evaluation(0.7, 0.0, NEW), known=know(alert())).changes
    assert [(e.sequence, e.reason) for e in found.events] == [(5, "crossed_again")]
    assert found.deliveries == ()


def test_an_escalation_reaches_the_channels_of_the_new_severity() -> None:
    found = run(evaluation(0.9, 0.9, NEW), known=know(alert())).changes
    assert [(m.channel, m.body["type"]) for m in found.deliveries] == [
        ("duty", "alert.escalated"),
        ("soc", "alert.escalated"),
    ]
    assert found.events[0].probability == 0.9


def test_whoever_was_told_of_an_alert_is_told_of_its_end() -> None:
    lowered = alert(clears=1)
    told = {lowered.alert_id: dict.fromkeys(["duty", "soc", "gone"], "")}
    found = run(evaluation(0.1, 0.0, NEW), known=know(lowered, told=told)).changes
    assert [(m.channel, m.body["type"]) for m in found.deliveries] == [
        ("duty", "alert.resolved"),
        ("soc", "alert.resolved"),
    ]


def test_a_region_that_left_the_forecast_changes_nothing_and_is_named() -> None:
    decided = run(known=know(alert()))
    assert decided.changes.alerts == decided.changes.events == ()
    (reason,) = decided.reasons
    assert "al_0123456789abcdef0123" in reason
    assert "Afghanistan/Kabul" in reason
    assert "stays firing" in reason


def test_an_alert_that_no_route_takes_is_named_and_never_silent() -> None:
    elsewhere = RouteSettings.model_validate({"match": {"region": "Mali/*"}, "channels": ["duty"]})
    decided = run(evaluation(0.7), plan=replace(PLAN, routes=[elsewhere]))
    assert len(decided.changes.alerts) == 1
    assert decided.changes.deliveries == ()
    assert decided.reasons[0].endswith("no route takes it: nobody is told")


def test_the_same_run_decides_the_same_names() -> None:
    first, again = run(evaluation(0.9, 0.9)).changes, run(evaluation(0.9, 0.9)).changes
    assert first == again
    names = [m.delivery_id for m in first.deliveries]
    assert len(set(names)) == len(names) == 2
    assert all(name.startswith("msg_") for name in names)


def test_a_message_name_depends_on_alert_step_and_channel() -> None:
    names = {delivery_id(a, n, c) for a in ("al_1", "al_2") for n in (1, 2) for c in ("x", "y")}
    assert len(names) == 8


def test_alerts_of_two_rules_in_one_region_are_apart() -> None:
    plan = replace(PLAN, rules=[rule(), rule(name="other")])
    both = [evaluation(0.7), replace(evaluation(0.7), rule="other")]
    found = changes(both, Known(), plan, MOMENT).changes
    assert len({a.alert_id for a in found.alerts}) == 2
    one_open = changes(both, know(found.alerts[0]), plan, MOMENT).changes
    assert [e.reason for e in one_open.events] == ["crossed_again", "crossed_enough_runs"]


def test_a_region_never_has_two_open_alerts_of_one_rule() -> None:
    current: tuple[Alert, ...] = ()
    for number, elevated in enumerate([0.7, 0.1, 0.7, 0.9, 0.1, 0.1, 0.7, 0.2]):
        moment = Moment(f"2022-11-0{number + 1}T06:00:00.000000Z", f"run-{number}")
        read = evaluation(elevated, 0.0, date(2022, 1 + number, 1))
        found = changes([read], know(*current), PLAN, moment).changes
        current = tuple(a for a in found.alerts if a.state is not AlertState.RESOLVED)
        assert len(current) <= 1
