"""The story of an alert as people read it."""

from dataclasses import replace

from alerts.lifecycle import Reason
from alerts.story import REASONS, story
from core.alerts import AlertEvent, AlertState, Remark, RemarkKind
from core.people import Action, ActionKind
from tests.alerts.samples import alert, event

FIRED = event(alert())


def later(day: int, reason: str, probability: float = 0.7, **changes: object) -> AlertEvent:
    moved = replace(FIRED, at=f"2022-10-{day:02d}T06:00:00.000000Z", reason=reason)
    return replace(moved, probability=probability, from_state=AlertState.FIRING, **changes)


def test_every_reason_has_its_words() -> None:
    assert set(REASONS) == set(Reason)


def test_runs_that_found_the_same_are_told_together() -> None:
    runs = [later(day, "crossed_again", 0.5 + day / 100) for day in (4, 5, 6)]
    found = story([FIRED, *runs], [])
    assert [line.what for line in found] == [
        "fired, elevated (about 3 in 4)",
        "3 runs until 2022-10-06: still crossed (about 11 in 20)",
    ]


def test_a_run_with_a_remark_stands_alone() -> None:
    remark = Remark(RemarkKind.CORRECTED, "the source revised its counts: 2022-08 5 → 4")
    runs = [later(4, "crossed_again"), later(5, "crossed_again", remarks=(remark,))]
    found = story([*runs, later(6, "crossed_again")], [])
    assert len(found) == 3
    assert found[1].what.endswith("; the source revised its counts: 2022-08 5 → 4")


def test_what_people_did_stands_at_its_time() -> None:
    did = Action(FIRED.alert_id, "2022-10-04T12:00:00.000000Z", "Amina", ActionKind.ACKNOWLEDGED,
                 "on it", "2022-10-11T12:00:00.000000Z")  # fmt: skip
    found = story([FIRED, later(4, "crossed_again"), later(5, "escalated")], [did])
    assert [line.by for line in found] == ["", "", "Amina", ""]
    assert found[2].what == "acknowledged until 2022-10-11T12:00Z: on it"


def test_what_a_person_did_is_told_once_though_it_is_a_step_too() -> None:
    ended = later(5, "ended_by_hand", to_state=AlertState.RESOLVED)
    did = Action(FIRED.alert_id, ended.at, "Bo", ActionKind.RESOLVED, "agreed")
    assert [(line.by, line.what) for line in story([ended], [did])] == [
        ("Bo", "ended by hand: agreed")
    ]


def test_a_verdict_carries_no_likelihood_of_today() -> None:
    remark = Remark(RemarkKind.VERDICT, "it came true: 9 attacks")
    (line,) = story([later(5, "came_true", remarks=(remark,))], [])
    assert line.what == "verdict; it came true: 9 attacks"
