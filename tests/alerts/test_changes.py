"""What a run does to all alerts: stories, messages, and whom they go to."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from alerts.changes import Decision, Known, Plan, changes
from alerts.dispatch import delivery_id
from alerts.lifecycle import Moment
from alerts.messages import Message
from alerts.past import Past
from core.alerts import BY_HAND, Alert, AlertState, Evaluation, RemarkKind
from core.people import Action, ActionKind, Silence
from core.settings import Aliases, RouteSettings
from tests.alerts.samples import CHANNELS, HEARD, KABUL, alert, evaluation, facts, rule, watch

MOMENT = Moment("2022-11-07T06:00:00.000000Z", "run-2")
NEW = date(2022, 10, 31)
ROUTES = [
    RouteSettings.model_validate({"channels": ["duty"]}),
    RouteSettings.model_validate({"match": {"severity": ["severe"]}, "channels": ["soc"]}),
]
NOTHING = Known()
PLAN = Plan([watch()], [rule()], ROUTES, CHANNELS)


def run(*evaluations: Evaluation, known: Known = NOTHING, plan: Plan = PLAN) -> Decision:
    return changes(evaluations, known, plan, MOMENT)


def know(*alerts: Alert, told: dict[str, dict[str, str]] | None = None) -> Known:
    told = {a.alert_id: HEARD for a in alerts} if told is None else told
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


SILENCE = Silence(
    3, {"region": "*"}, (), "exercise", "Bo", "2022-10-01T00:00:00.000000Z", "2022-12-01"
)
ENDED = replace(SILENCE, until="2022-11-01T00:00:00.000000Z")


def test_a_silence_mutes_the_message_and_the_story_says_so() -> None:
    decided = run(evaluation(0.7), known=Known(silences=[SILENCE]))
    (told,) = decided.changes.events
    assert (told.reason, told.to_state) == ("crossed_enough_runs", AlertState.FIRING)
    assert told.remarks[0].kind is RemarkKind.MUTED
    assert told.remarks[0].text.startswith("no message: silence 3 of Bo until")
    assert decided.changes.deliveries == ()
    assert decided.reasons == ()


def test_an_escalation_breaks_silence_and_acknowledgement() -> None:
    known = replace(know(alert()), silences=[SILENCE], acknowledged={alert().alert_id: ACK})
    found = run(evaluation(0.9, 0.9, NEW), known=known).changes
    assert {m.body["type"] for m in found.deliveries} == {"alert.escalated"}
    (remark,) = found.events[0].remarks
    assert remark.kind is RemarkKind.ACKNOWLEDGEMENT_BROKEN
    assert remark.text == "no longer acknowledged by Amina: it escalated"


ACK = Action(alert().alert_id, alert().opened_at, "Amina", ActionKind.ACKNOWLEDGED)


def test_when_a_silence_has_ended_the_next_run_tells_once_that_it_still_fires() -> None:
    known = replace(know(alert()), silences=[ENDED])
    first = run(evaluation(0.7), known=known).changes
    assert [e.reason for e in first.events] == ["crossed_again", "silence_ended"]
    assert [e.sequence for e in first.events] == [5, 6]
    (made,) = first.deliveries
    assert made.body["data"]["reason_in_words"].startswith("still firing; the silence has ended")
    again = replace(know(first.alerts[0]), silences=[ENDED])
    assert run(evaluation(0.7), known=again).changes.deliveries == ()


def test_an_ended_silence_is_not_told_to_who_acknowledged_or_while_another_mutes() -> None:
    for more in ({"acknowledged": {alert().alert_id: ACK}}, {"silences": [ENDED, SILENCE]}):
        known = replace(know(alert()), **{"silences": [ENDED], **more})
        found = run(evaluation(0.7), known=known).changes
        assert found.deliveries == ()
        assert found.events[-1].remarks[0].kind is RemarkKind.MUTED


def test_an_ended_silence_says_nothing_of_an_alert_it_was_not_meant_for() -> None:
    elsewhere = replace(ENDED, match={"region": "Mali/*"})
    found = run(evaluation(0.7), known=replace(know(alert()), silences=[elsewhere])).changes
    assert [e.reason for e in found.events] == ["crossed_again"]


KABOL = alert(region=("Afghanistan", "Kabol"), threshold=6)
ALIASES = Aliases(admin1={"Kabul": ("Kabol",)})
RENAMED = replace(PLAN, aliases=ALIASES)


def test_a_renamed_region_goes_on_under_its_new_name() -> None:
    known = know(KABOL, told={KABOL.alert_id: dict.fromkeys(["duty", "soc"], "")})
    found = run(evaluation(0.7), known=known, plan=RENAMED).changes
    heir, old = sorted(found.alerts, key=lambda a: a.state is not AlertState.FIRING)
    assert (heir.region, heir.state, heir.threshold) == (KABUL, AlertState.FIRING, 6)
    assert (old.alert_id, old.state) == (KABOL.alert_id, AlertState.SUPERSEDED)
    assert [(e.alert_id, e.sequence, e.reason) for e in found.events] == [
        (heir.alert_id, 1, "renamed"),
        (old.alert_id, 5, "superseded"),
        (heir.alert_id, 2, "crossed_again"),
    ]
    assert heir.alert_id in found.events[1].remarks[0].text
    assert [m.channel for m in found.deliveries] == ["duty", "soc"]


def test_a_renamed_region_whose_new_name_is_calm_is_not_cleared_by_the_name() -> None:
    found = run(evaluation(0.1), known=know(KABOL), plan=RENAMED).changes
    assert sorted(a.state.value for a in found.alerts) == ["firing", "superseded"]
    assert [e.reason for e in found.events] == ["renamed", "superseded", "no_new_period"]


def test_two_spellings_become_one_alert() -> None:
    caboul = alert(alert_id="al_2", region=("Afghanistan", "Caboul"))
    plan = replace(PLAN, aliases=Aliases(admin1={"Kabul": ("Kabol", "Caboul")}))
    found = run(evaluation(0.7), known=know(KABOL, caboul), plan=plan).changes
    assert [a.state.value for a in found.alerts].count("superseded") == 2
    assert [a.region for a in found.alerts if a.state.is_open] == [KABUL]


def test_what_the_configuration_lost_stays_open_and_the_run_says_why() -> None:
    no_rule = run(known=know(alert()), plan=replace(PLAN, rules=[]))
    no_watch = run(known=know(alert()), plan=replace(PLAN, watches=[]))
    assert no_rule.changes.alerts == no_watch.changes.alerts == ()
    assert no_rule.reasons[0].endswith("its rule is no longer in the configuration")
    assert no_watch.reasons[0].endswith("its watch is no longer in the configuration")


def test_a_pending_alert_whose_window_is_over_expires_silently() -> None:
    waiting = alert(state=AlertState.PENDING)
    known = replace(know(waiting), past={waiting.alert_id: Past({}, facts())})
    later = replace(MOMENT, today=date(2023, 1, 1))
    found = changes([], known, PLAN, later).changes
    assert [(e.reason, e.to_state.value) for e in found.events] == [("window_over", "expired")]
    assert found.events[0].probability == 0.74
    assert found.deliveries == ()


def test_what_a_person_raised_no_run_touches() -> None:
    raised = alert(rule=BY_HAND)
    decided = run(evaluation(0.1), known=know(raised))
    assert decided.changes.alerts == ()
    assert decided.reasons == ()
