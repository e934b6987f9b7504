"""No message says "1 attacks": every number in every kind of message is set to one and read."""

from __future__ import annotations

import re
from typing import Any

import pytest
from pydantic import ValidationError

from alerts.examples import examples
from alerts.messages import Message
from alerts.rendering import subject, text
from tests.alerts.samples import page

_PLURAL = re.compile(r"(?<![\w.,:–-])1 (?:[a-z]+ly |new |open |simulated )?([a-z]+s)\b")
_NO_PLURALS = {"is", "was", "has", "as", "this", "less", "rings", "needs"}
_AT_LEAST = re.compile(r"1 or more \w+( \w+)?")


def ones(value: Any) -> Any:
    """Return the same facts with a one for every whole number."""
    if isinstance(value, dict):
        return {key: ones(part) for key, part in value.items()}
    if isinstance(value, list):
        return [ones(part) for part in value]
    return 1 if type(value) is int else value


def with_ones(message: Message) -> Message:
    """Return a message of ones; where its parts must add up, only those at the top are."""
    told = message.model_dump(mode="json")
    try:
        return Message.model_validate({**told, "data": ones(told["data"])})
    except ValidationError:
        shallow = {k: 1 if type(v) is int else v for k, v in told["data"].items()}
        return Message.model_validate({**told, "data": shallow})


@pytest.mark.parametrize("message", list(examples()), ids=lambda m: f"{m.type}-{m.data.about}")
def test_of_one_thing_every_message_speaks_in_the_singular(message: Message) -> None:
    made = with_ones(message)
    written = [subject(made), re.sub(r"\s+", " ", text(made))]
    if message.data.about != "digest":
        written.append(re.sub(r"<[^>]*>", " ", page(made)))
    for words in written:
        found = {hit[1] for hit in _PLURAL.finditer(_AT_LEAST.sub("", words))}
        assert not found - _NO_PLURALS, words


def test_the_reading_finds_what_it_looks_for() -> None:
    assert [hit[1] for hit in _PLURAL.finditer("1 deadly events, 21 days, 1 days")] == [
        "events",
        "days",
    ]
