"""Messages through Apprise to a real receiver; its addresses are secrets."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer

from alerts import registry
from alerts.channels.channel import Channel, DeliveryError, Surroundings
from alerts.messages import Message
from alerts.rendering import subject
from core.clock import FixedClock
from core.errors import ConfigError
from tests.alerts.samples import NOW, body, delivery

CANARY = "canary-51ab"


@pytest.fixture
def receiver() -> Iterator[HTTPServer]:
    with HTTPServer(host="127.0.0.1") as server:
        yield server


def channel(urls: str, folder: Path = Path()) -> Channel:
    given = {"name": "chat", "kind": "apprise", "url_env": "CHAT"}
    settings = registry.settings_class("apprise").model_validate(given)
    around = Surroundings(folder, {"CHAT": urls}, FixedClock(NOW), io.StringIO())
    return registry.open_channel(settings, around)


def address(receiver: HTTPServer, path: str) -> str:
    return f"json://user:{CANARY}@127.0.0.1:{receiver.port}/{path}"


def test_a_message_arrives_with_its_subject_and_its_text(receiver: HTTPServer) -> None:
    receiver.expect_request("/a").respond_with_data("ok")
    assert channel(address(receiver, "a")).send(delivery()) == "taken by 1"
    (request, _), *others = receiver.log
    assert not others
    assert request.json["title"] == subject(Message.model_validate(body()))
    assert "How likely   about 3 in 4 (75 %)" in request.json["message"]
    assert request.json["type"] == "warning"


def test_a_repeat_leaves_out_who_took_it(receiver: HTTPServer) -> None:
    receiver.expect_request("/a").respond_with_data("ok")
    receiver.expect_oneshot_request("/b").respond_with_data("no", 500)
    receiver.expect_request("/b").respond_with_data("ok")
    way = channel(f"{address(receiver, 'a')} {address(receiver, 'b')}")
    with pytest.raises(DeliveryError, match="address 2 of 2 did not take it") as caught:
        way.send(delivery())
    assert caught.value.transient
    assert way.send(delivery()) == "taken by 2"
    assert [request.path for request, _ in receiver.log] == ["/a", "/b", "/b"]


def test_the_address_is_never_shown(
    receiver: HTTPServer, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.INFO)
    with pytest.raises(DeliveryError) as refused:
        channel(address(receiver, "nobody")).send(delivery())
    with pytest.raises(ConfigError, match="address 1 is none that Apprise knows") as unknown:
        channel(f"no-such-service://{CANARY}")
    way = channel(address(receiver, "a"))
    shown = [
        refused.value.detail,
        unknown.value.line(),
        repr(way),
        caplog.text,
        *capfd.readouterr(),
    ]
    assert not any(CANARY in text for text in shown)


def test_an_address_that_is_not_set_is_an_error_at_load() -> None:
    settings = registry.settings_class("apprise").model_validate(
        {"name": "chat", "kind": "apprise"}
    )
    around = Surroundings(Path(), {}, FixedClock(NOW), io.StringIO())
    with pytest.raises(ConfigError, match="url needs exactly one place"):
        registry.open_channel(settings, around)
