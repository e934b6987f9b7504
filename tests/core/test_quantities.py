"""Numbers of things as people say them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.quantities import named, one_of, quantity, said

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("things", "one"),
    [
        ("attacks", "attack"),
        ("deadly events", "deadly event"),
        ("deaths in simulated attacks", "death in simulated attacks"),
        ("attacks on convoys of aid agencies", "attack on convoys of aid agencies"),
        ("casualties", "casualty"),
        ("bus crashes", "bus crash"),
        ("losses", "loss"),
        ("boxes", "box"),
        ("abuses", "abuse"),
        ("People killed", "Person killed"),
        ("crises", "crisis"),
        ("women", "woman"),
        ("time series", "time series"),
        ("Tote", "Tote"),
        ("", ""),
    ],
)
def test_what_an_owner_names_in_the_plural_has_its_singular(things: str, one: str) -> None:
    assert one_of(things) == one


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (0, "0 attacks"),
        (1, "1 attack"),
        (2, "2 attacks"),
        (-1, "-1 attacks"),
        (1200, "1,200 attacks"),
    ],
)
def test_one_is_one_attack_and_every_other_number_several(count: int, words: str) -> None:
    assert quantity(count, "attacks") == words
    assert words.endswith(f" {named('attacks', count)}")


def test_a_mean_is_of_several_unless_it_is_said_to_be_one() -> None:
    assert said("1", "attacks") == "1 attack"
    assert said("0.9", "attacks") == "0.9 attacks"
    assert said("1.0", "attacks") == "1.0 attacks"


@settings(max_examples=200, derandomize=True, deadline=None)
@given(st.text(max_size=80))
def test_any_name_that_a_feed_may_give_can_be_said(things: str) -> None:
    assert quantity(2, things) == f"2 {things}"
    assert len(one_of(things)) <= len(things) + 1


def test_no_text_of_the_program_leaves_the_plural_to_its_reader() -> None:
    rooms = ("core", "feeds", "storage", "forecast", "alerts", "charts", "tocsin")
    texts = [
        path
        for room in rooms
        for kind in ("*.py", "*.j2", "*.js")
        for path in sorted((ROOT / room).rglob(kind))
    ]
    assert len(texts) > 300
    left = [p for p in texts if re.search(r"\} [a-z ]*[a-z]\(s\)", p.read_text(encoding="utf-8"))]
    assert not left, 'write core.quantities.quantity(count, "runs") for "{count} run(s)"'
