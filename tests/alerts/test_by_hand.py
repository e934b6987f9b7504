"""Alerts that people raise and end, and the messages about them."""

from datetime import date

from alerts.by_hand import Raised, end_alert, raise_alert
from alerts.ledger import Known, Plan
from alerts.lifecycle import Moment
from alerts.messages import Message
from alerts.past import Past
from alerts.rendering import rows, subject
from core.alerts import BY_HAND, AlertState
from core.overrides import Model, Override
from core.people import Silence
from core.settings import RouteSettings
from tests.alerts.samples import CHANNELS, HEARD, KABUL, alert, facts, rule, watch

MOMENT = Moment("2022-10-04T06:00:00.000000Z", "by hand")
PLAN = Plan([watch()], [rule()], [RouteSettings(channels=("duty",))], CHANNELS)
RAISED = Raised("provinces", KABUL, "severe", "Amina", "a warning by radio", date(2022, 10, 4))


def test_a_raised_alert_fires_at_once_and_says_who_and_why() -> None:
    opened, decided = raise_alert(RAISED, Known(), PLAN, MOMENT)
    assert (opened.rule, opened.state, opened.severity) == (BY_HAND, AlertState.FIRING, "severe")
    (new,) = decided.changes.deliveries
    message = Message.model_validate(new.body)
    assert subject(message).startswith("Afghanistan/Kabul · raised by hand 2022-10-04 · SEVERE")
    told = dict(rows(message))
    assert told["Said"] == "a warning by radio"
    assert told["Likelihood"] == "none: a person's judgement, not a forecast"
    assert told["Clears"] == f"a person: tocsin alerts resolve {opened.alert_id}"


def test_a_silence_that_matches_mutes_it_too_and_says_so() -> None:
    silence = Silence(1, {"region": "*"}, (), "drill", "Bo", "2022-10-01", "2022-11-01")
    _, decided = raise_alert(RAISED, Known(silences=[silence]), PLAN, MOMENT)
    assert decided.changes.deliveries == ()
    assert decided.changes.events[0].remarks[0].text.startswith("no message: silence 1 of Bo")


def test_whoever_was_told_is_told_that_a_person_ended_it() -> None:
    known = Known(
        [alert()],
        {alert().alert_id: 3},
        {alert().alert_id: {"soc": ""}},
        {alert().alert_id: Past(facts(), facts())},
    )
    decided = end_alert(alert(), "Bo", "agreed with HQ", known, PLAN, MOMENT)
    (ended,) = decided.changes.alerts
    assert (ended.state, ended.resolved_at) == (AlertState.RESOLVED, MOMENT.at)
    assert [(m.channel, m.sequence) for m in decided.changes.deliveries] == [
        ("duty", 4),
        ("soc", 4),
    ]
    told = dict(rows(Message.model_validate(decided.changes.deliveries[0].body)))
    assert told["Why"] == "ended by hand by Bo: agreed with HQ"
    assert "Clears" not in told
    assert decided.changes.events[0].probability == 0.74


def test_a_pending_alert_that_a_person_ends_was_never_told() -> None:
    waiting = alert(state=AlertState.PENDING)
    known = Known([waiting], past={waiting.alert_id: Past(facts(), facts())})
    assert end_alert(waiting, "Bo", "no", known, PLAN, MOMENT).changes.deliveries == ()


def override(**changes: object) -> Override:
    given = {
        "number": 1, "watch": "provinces", "region": KABUL, "period": date(2022, 11, 1),
        "alert_id": None, "value": 12, "severity": None, "model": Model(1, 4, 0, 14),
        "reason": "two cells", "by": "Amina", "made_at": "2022-10-01",
    }  # fmt: skip
    return Override(**{**given, **changes})


def analyst(*overrides: Override) -> str | None:
    known = Known(
        [alert()],
        told={alert().alert_id: HEARD},
        past={alert().alert_id: Past(facts(), facts())},
        overrides=overrides,
    )
    made = end_alert(alert(), "Bo", "over", known, PLAN, MOMENT).changes.deliveries
    return dict(rows(Message.model_validate(made[0].body))).get("Analyst")


def test_a_message_shows_analysts_values_beside_the_models() -> None:
    assert analyst(override()) == (
        "Amina raises 2022-11-01 to 12 (the model says 4, 90 % interval 0 to 14): two cells"
    )
    rejects = override(
        period=None, value=None, alert_id=alert().alert_id, model=Model(severity="elevated")
    )
    assert analyst(rejects) == "Amina rejects the alert (the rule says elevated): two cells"


def test_overrides_of_other_places_and_months_are_not_in_the_message() -> None:
    elsewhere = override(region=("Afghanistan", "Herat"))
    assert analyst(elsewhere, override(period=date(2023, 1, 1))) is None


def test_an_override_leans_one_of_four_ways() -> None:
    kinds = [override(value=value).kind.value for value in (12, 3, 4, None)]
    assert kinds == ["raises", "lowers", "confirms", "rejects"]
    severe = override(value=None, severity="severe", model=Model(severity="elevated"))
    assert severe.kind == "raises"
