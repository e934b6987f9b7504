"""Several steps in one message: the most urgent first, small enough, nothing uncounted."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.grouping import MOST_BYTES, group
from alerts.messages import Message, canonical, compose
from alerts.rendering import subject, text
from tests.alerts.samples import alert, event, page

AT = "2022-10-03T06:00:00.000000Z"


def step(place: str, severity: str = "elevated", **told: Any) -> Message:
    kind = told.pop("kind", None)
    of = alert(alert_id=f"al_{place}", severity=severity)
    return compose(of, event(of, place=place, **told), kind)


def test_a_group_says_what_to_do_and_how_old_its_data_are() -> None:
    made = group(
        [
            step("A", action="Call the office.", data_as_of="2022-08-31"),
            step("B", "severe", action="Stop the cars."),
            step("C", action="Call the office."),
            step("D", action="Not any more.", kind="alert.resolved"),
        ],
        AT,
    )
    assert made.data.actions == ("Stop the cars.", "Call the office.")
    told = text(made)
    assert "To do        Stop the cars.\n             Call the office.\n" in told
    assert "Data         complete to 31 August 2022" in told
    assert "Not any more" not in told


def test_the_most_severe_and_then_the_likeliest_stand_first_and_all_clears_last() -> None:
    made = group(
        [
            step("A", probability=0.6),
            step("B", probability=0.9),
            step("C", "severe", probability=0.7),
            step("D", "severe", kind="alert.resolved"),
        ],
        AT,
    )
    assert [one.place for one in made.data.shown] == ["C", "B", "A", "D"]
    assert (made.data.count, made.data.resolved) == (4, 1)
    assert made.data.by_severity == {"severe": 1, "elevated": 2}
    assert made.type == "alert.group"
    assert subject(made) == "C and 3 more · 1 SEVERE, 2 ELEVATED, 1 RESOLVED"


def test_row_40_two_hundred_regions_are_one_message_of_at_most_20_kb() -> None:
    severities = ["elevated", "severe"]
    made = group([step(f"Freedonia/P{n}", severities[n % 2]) for n in range(200)], AT)
    size = len(canonical(made.model_dump(mode="json")))
    data = made.data
    assert size <= MOST_BYTES
    assert data.count == 200 == len(data.shown) + sum(data.rest.values())
    assert {one.severity for one in data.shown} == {"severe"}
    shown = text(made)
    assert f"{200 - len(data.shown)} more, not shown here" in " ".join(shown.split())
    print(f"row 40: 200 regions in 1 message of {size:,} bytes, {len(data.shown)} of them shown")


@settings(derandomize=True, max_examples=30, deadline=None)
@given(places=st.lists(st.text(min_size=1, max_size=600), min_size=2, max_size=40))
def test_hostile_names_neither_grow_a_group_nor_break_its_forms(places: list[str]) -> None:
    made = group([step(place) for place in places], AT)
    body = made.model_dump(mode="json")
    assert len(canonical(body)) <= MOST_BYTES
    assert Message.model_validate(body) == made
    assert "\n" not in subject(made)
    assert "\x1b" not in text(made)
    assert "<script" not in page(made)
    assert made.data.count == len(places)


@pytest.mark.parametrize("held", ["", "these came in quiet hours"])
def test_a_group_says_why_it_comes_late(held: str) -> None:
    shown = text(group([step("A"), step("B")], AT, held))
    assert ("Held" in shown) == bool(held)
    assert "1.           A · Oct–Dec 2022 · about 3 in 4" in shown
    assert "90 % interval 4 to 17" in " ".join(shown.split())


def test_a_label_is_said_once_and_without_pages_a_group_says_how_to_acknowledge() -> None:
    steps = [step(place, label="simulated data") for place in "ABC"]
    told = text(group(steps, AT))
    assert told.count("SIMULATED DATA") == 1
    assert "Acknowledge  tocsin alerts list shows their ids, tocsin alerts ack ID" in told
    assert "tocsin alerts ack" not in text(group(steps, AT, link="https://t.example/alerts"))
    over = [step(place, kind="alert.resolved") for place in "AB"]
    assert "tocsin alerts ack" not in text(group(over, AT))
