"""Links that acknowledge: whose they are, until when, and under which key."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.examples import examples
from alerts.grouping import group
from alerts.messages import Message
from alerts.tickets import PATH, Refused, Ticket, Tickets, steps_shown
from tests.alerts.samples import NOW, delivery
from tests.alerts.test_grouping import AT, step

SITE = "https://tocsin.example.org"
OLD, NEW = "old-secret-of-32-characters-long", "new-secret-of-32-characters-long"
DAY = 86_400


def text_of(tickets: Tickets) -> str:
    link = tickets.link(delivery())
    assert link
    return parse_qs(urlsplit(link.url).query)["link"][0]


def test_a_link_says_which_message_it_stands_in_and_until_when() -> None:
    tickets = Tickets([NEW], SITE, DAY)
    found = tickets.read(text_of(tickets), NOW)
    assert found == Ticket(delivery().delivery_id, NOW + timedelta(days=1))


def test_the_same_message_gets_the_same_link_on_our_own_site() -> None:
    first, again = (Tickets([NEW], SITE, DAY).link(delivery()) for _ in range(2))
    assert first == again
    assert first
    assert first.url.startswith(f"{SITE}{PATH}?link=")


def test_a_link_ends() -> None:
    tickets = Tickets([NEW], SITE, DAY)
    text = text_of(tickets)
    assert isinstance(tickets.read(text, NOW + timedelta(seconds=DAY - 1)), Ticket)
    assert tickets.read(text, NOW + timedelta(seconds=DAY)) is Refused.EXPIRED


def test_two_keys_are_good_while_one_is_changed_and_the_newer_one_signs() -> None:
    before, both, after = (Tickets(keys, SITE, DAY) for keys in ([OLD], [NEW, OLD], [NEW]))
    assert isinstance(both.read(text_of(before), NOW), Ticket)
    assert text_of(both) == text_of(after)
    assert after.read(text_of(before), NOW) is Refused.FORGED


@pytest.mark.parametrize("message", list(examples()), ids=lambda one: one.type)
def test_a_message_gets_a_link_where_it_shows_an_alert_that_fires(message: Message) -> None:
    tickets, body = Tickets([NEW], SITE, DAY), message.model_dump(mode="json")
    link = tickets.link(replace(delivery(), body=body))
    fires = body["data"].get("state") == "firing" or message.type in (
        "alert.group",
        "service.digest",
    )
    assert bool(link) is fires
    if fires:
        ended = {**body["data"], "state": "resolved", "shown": [], "firing": []}
        assert tickets.link(replace(delivery(), body={**body, "data": ended})) is None


def test_a_group_s_link_is_for_the_alerts_that_it_shows_and_that_ring() -> None:
    made = group([step("A"), step("B", kind="alert.resolved"), step("C")], AT)
    body = made.model_dump(mode="json")
    assert steps_shown(body) == [("al_A", 1), ("al_C", 1)]
    link = Tickets([NEW], SITE, DAY).link(replace(delivery(), alert_id=None, body=body))
    assert link
    assert link.alerts == 2


def test_the_link_of_a_group_of_any_size_is_short() -> None:
    body = group([step(f"Freedonia/P{n}") for n in range(200)], AT).model_dump(mode="json")
    link = Tickets([NEW], SITE, DAY).link(replace(delivery(), alert_id=None, body=body))
    assert link
    assert link.alerts == len(body["data"]["shown"]) > 40
    assert len(link.url) < 200


@given(st.data())
@settings(max_examples=300, derandomize=True, deadline=None)
def test_a_link_of_which_anything_was_changed_is_refused(data: st.DataObject) -> None:
    tickets = Tickets([NEW], SITE, DAY)
    text = text_of(tickets)
    place = data.draw(st.integers(0, len(text)))
    other = data.draw(st.text(max_size=3))
    changed = text[:place] + other + text[place + data.draw(st.integers(0, 3)) :]
    assert tickets.read(changed, NOW) is Refused.FORGED or _same_bytes(changed, text)


def _same_bytes(one: str, other: str) -> bool:
    """Base64 has spare bits at its end: two texts may stand for the same bytes."""
    return len(one) == len(other) and one[:-1] == other[:-1]


@pytest.mark.parametrize("text", ["", "x", ".", "a.b", "WyJhIl0.x", "x" * 100_000, "é\x00"])
def test_what_is_no_link_is_refused(text: str) -> None:
    assert Tickets([NEW], SITE, DAY).read(text, NOW) is Refused.FORGED
