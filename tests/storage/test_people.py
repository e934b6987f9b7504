"""What people did to alerts, as rows."""

from dataclasses import replace

import pytest

from core.alerts import AlertChanges, AlertState, Verdict
from core.errors import InputError
from core.overrides import Model, Override
from core.people import Action, ActionKind, Silence
from storage.alerts import Alerts, enter_changes
from storage.database import Database
from storage.overrides import Overrides
from storage.people import People
from storage.stories import Stories
from tests.storage.samples import alert, changes, event

DAY = [f"2022-10-{day:02d}T06:00:00.000000Z" for day in range(32)]
SILENCE = Silence(0, {"region": "N*"}, ("severe",), "drill", "Bo", DAY[2], DAY[9])


@pytest.fixture
def people(database: Database) -> People:
    enter(database, changes(2))
    return People(database)


def enter(database: Database, made: AlertChanges) -> None:
    with database.transaction() as connection:
        enter_changes(connection, None, made, DAY[1])


def acknowledge(day: int, until: str | None = None, name: str = "A1") -> Action:
    return Action(name, DAY[day], "Amina", ActionKind.ACKNOWLEDGED, "on it", until)


def test_actions_come_back_as_they_were_kept(people: People) -> None:
    made = [acknowledge(3, DAY[9]), Action("A2", DAY[4], "«Bo»", ActionKind.NOTED, "☢")]
    for action in made:
        people.act(action)
    assert people.actions(["A1", "A2"]) == people.actions_since(DAY[3]) == made
    assert people.actions(["A2"]) == people.actions_since(DAY[4]) == made[1:]


def test_the_newest_acknowledgement_counts_until_its_end(people: People) -> None:
    people.act(acknowledge(2))
    people.act(acknowledge(3, DAY[9]))
    assert people.acknowledged(["A1", "A2"], DAY[8]) == {"A1": acknowledge(3, DAY[9])}
    assert people.acknowledged(["A1"], DAY[9]) == {}


def test_an_escalation_breaks_an_acknowledgement_and_a_new_one_counts(
    database: Database, people: People
) -> None:
    people.act(acknowledge(2))
    escalated = replace(event("A1", 2), reason="escalated", at=DAY[3])
    enter(database, AlertChanges((alert("A1"),), (escalated,)))
    assert people.acknowledged(["A1"], DAY[4]) == {}
    people.act(acknowledge(4))
    assert set(people.acknowledged(["A1"], DAY[4])) == {"A1"}


def test_an_acknowledgement_at_the_very_stamp_of_an_escalation_is_not_meant_for_it(
    database: Database, people: People
) -> None:
    people.act(acknowledge(3))
    escalated = replace(event("A1", 2), reason="escalated", at=DAY[3])
    enter(database, AlertChanges((alert("A1"),), (escalated,)))
    assert people.acknowledged(["A1"], DAY[4]) == {}


def test_a_silence_comes_back_until_it_ends_or_is_lifted(people: People) -> None:
    number = people.silence(SILENCE)
    kept = replace(SILENCE, number=number)
    assert people.silences_after(DAY[8]) == [kept]
    assert people.silences_after(DAY[9]) == []
    lifted = people.unsilence(number, DAY[5], "Amina")
    assert (lifted.end, lifted.ended_by) == (DAY[5], "Amina")
    assert people.silences_after(DAY[4]) == [lifted]
    assert people.silences_after(DAY[5]) == []


def test_a_silence_is_lifted_once_and_only_while_it_lasts(people: People) -> None:
    number = people.silence(SILENCE)
    for wrong, day in ((number + 1, 5), (number, 9)):
        with pytest.raises(InputError, match="is in force"):
            people.unsilence(wrong, DAY[day], "Bo")
    people.unsilence(number, DAY[5], "Bo")
    with pytest.raises(InputError, match="is in force"):
        people.unsilence(number, DAY[6], "Bo")


def test_a_run_does_not_open_again_what_a_person_ended(database: Database, people: People) -> None:
    ended = replace(alert("A1"), state=AlertState.RESOLVED, resolved_at=DAY[3])
    step = replace(event("A1", 2), from_state=AlertState.FIRING, to_state=AlertState.RESOLVED)
    people.act(Action("A1", DAY[3], "Bo", ActionKind.RESOLVED), AlertChanges((ended,), (step,)))
    late = replace(event("A1", 2), from_state=AlertState.FIRING)
    enter(database, AlertChanges((alert("A1"),), (late,)))
    assert [found.alert_id for found in Alerts(database).unresolved("live")] == ["A2"]
    assert Stories(database).events("A1")[-1].to_state is AlertState.RESOLVED


def test_alerts_are_found_by_the_beginning_of_their_ids(database: Database) -> None:
    names = ["al_abc111", "al_abc222", "al_def333"]
    enter(database, AlertChanges(tuple(alert(name) for name in names)))
    stories = Stories(database)
    assert stories.find("def").alert_id == stories.find("al_def").alert_id == "al_def333"
    for wrong, told in (("abc", "is not one alert"), ("zzz", "no alert"), ("%", "no alert")):
        with pytest.raises(InputError, match=told):
            stories.find(wrong)


def test_a_verdict_is_given_once_and_told_since_its_day(database: Database) -> None:
    facts = {"aggregate": "any", "window": {}}
    fired = replace(event("A1"), reason="crossed_enough_runs", facts=facts)
    enter(database, AlertChanges((alert("A1"), alert("A2")), (fired, event("A2"))))
    ((waiting, told, severity, chance),) = Alerts(database).unjudged("live")
    assert (waiting.alert_id, told, severity, chance) == ("A1", facts, "severe", 0.71)
    enter(database, AlertChanges(verdicts=(Verdict("A1", "came_true", 9, 8, 0.71, "yes"),)))
    assert Alerts(database).unjudged("live") == []
    (kept,) = Stories(database).verdicts_since(DAY[1])
    assert (kept["alert"], kept["verdict"], kept["words"]) == ("A1", "came_true", "Nigeria/A1: yes")
    assert Stories(database).verdicts_since(DAY[2]) == []


def test_overrides_come_back_as_they_were_kept_and_are_never_removed(database: Database) -> None:
    kept = Overrides(database)
    made = Override(
        *(1, "provinces", ("Nigeria", "A1"), alert().data_through, None, 7, None),
        *(Model(3, 4, 0, 14), "why", "Amina", DAY[2], DAY[9]),
    )
    assert kept.add(made) == 1
    assert kept.in_force(DAY[8]) == kept.all() == [made]
    assert kept.in_force(DAY[9]) == []
    kept.end(1, DAY[5], "Bo")
    assert kept.in_force(DAY[6]) == []
    assert kept.all() == [replace(made, ended_at=DAY[5], ended_by="Bo")]
    assert kept.of_region("provinces", ("Nigeria", "A1")) == kept.all()
    assert kept.of_region("provinces", ("Nigeria", "A2")) == []
    with pytest.raises(InputError, match="no override 1 is in force"):
        kept.end(1, DAY[6], "Bo")
