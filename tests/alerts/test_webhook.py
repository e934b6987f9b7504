"""Webhooks to a real receiver that verifies them with the reference library."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from pytest_httpserver import HTTPServer
from standardwebhooks import Webhook as Verifier
from standardwebhooks import WebhookVerificationError
from werkzeug import Request, Response

from alerts import registry
from alerts.channels.channel import Channel, DeliveryError, Surroundings
from alerts.messages import canonical, compose
from core.alerts import AlertState, Delivery
from core.clock import Clock, FixedClock, SystemClock
from core.errors import ConfigError
from tests.alerts.mail import Certificates
from tests.alerts.samples import alert, delivery, event

CLOCK = SystemClock()
KEY = bytes(range(32))
SECRET = "whsec_" + base64.b64encode(KEY).decode()


@pytest.fixture
def receiver() -> Iterator[HTTPServer]:
    with HTTPServer(host="127.0.0.1") as server:
        yield server


def channel(
    url: str,
    clock: Clock = CLOCK,
    *,
    folder: Path = Path(),
    secret: str = SECRET,
    **keys: Any,
) -> Channel:
    given = {
        "name": "soc",
        "kind": "webhook",
        "url": url,
        "secret_env": "HOOK",
        "allow_networks": ["127.0.0.0/8"],
        **keys,
    }
    settings = registry.settings_class("webhook").model_validate(given)
    return registry.open_channel(
        settings, Surroundings(folder, {"HOOK": secret}, clock, io.StringIO())
    )


def answering(receiver: HTTPServer, status: int, **headers: str) -> str:
    receiver.expect_request("/hook").respond_with_data("x" * 100, status, headers)
    return receiver.url_for("/hook")


def refused(url: str, **keys: Any) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        channel(url, **keys).send(delivery())
    return caught.value


def test_the_receiver_verifies_the_signature_with_the_reference_library(
    receiver: HTTPServer,
) -> None:
    verified: list[Any] = []

    def verify(request: Request) -> Response:
        verified.append(Verifier(SECRET).verify(request.get_data(), dict(request.headers)))
        return Response(status=204)

    receiver.expect_request("/hook", method="POST").respond_with_handler(verify)
    assert channel(receiver.url_for("/hook")).send(delivery()) == "HTTP 204"
    assert verified == [delivery().body]


def test_the_body_is_the_stored_one_in_canonical_bytes_with_its_id(receiver: HTTPServer) -> None:
    channel(answering(receiver, 200)).send(delivery())
    request, _ = receiver.log[0]
    assert request.get_data() == canonical(delivery().body)
    assert request.headers["webhook-id"] == "msg_00000000000000000001"
    assert request.headers["content-type"] == "application/json"


def test_each_try_is_signed_at_its_own_time_over_the_same_id_and_body(receiver: HTTPServer) -> None:
    url = answering(receiver, 200)
    start = datetime.now(UTC)
    for wait in (0, 6):
        later = start + timedelta(minutes=wait)
        channel(url, FixedClock(later)).send(delivery())
    first, second = (request for request, _ in receiver.log)
    assert first.get_data() == second.get_data()
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    stamps = [int(request.headers["webhook-timestamp"]) for request in (first, second)]
    assert stamps[1] - stamps[0] == 360
    assert first.headers["webhook-signature"] != second.headers["webhook-signature"]
    Verifier(SECRET).verify(first.get_data(), dict(first.headers))
    with pytest.raises(WebhookVerificationError, match="too new"):
        Verifier(SECRET).verify(second.get_data(), dict(second.headers))


def test_a_clock_in_another_zone_signs_the_same_instant(receiver: HTTPServer) -> None:
    kabul = timezone(timedelta(hours=4, minutes=30))
    channel(answering(receiver, 200), FixedClock(datetime.now(kabul))).send(delivery())
    request, _ = receiver.log[0]
    Verifier(SECRET).verify(request.get_data(), dict(request.headers))


def test_a_thousand_bodies_verify(receiver: HTTPServer) -> None:
    verifier, places = Verifier(SECRET), ["Kābul", "São\\Tomé", "北京", '"quoted"', "\u2028", "a/b"]
    answering(receiver, 200)
    sender = channel(receiver.url_for("/hook"))
    for number in range(120):  # over the wire; the rest by the same signer below
        sender.send(delivery(number, place=places[number % len(places)]))
    for request, _ in receiver.log:
        verifier.verify(request.get_data(), dict(request.headers))
    for number in range(880):
        sent = delivery(number, action=f"{places[number % 6]} {number}")
        body = canonical(sent.body)
        headers = sender._headers(sent, body)  # type: ignore[attr-defined]
        assert verifier.verify(body, headers)["data"]["action"].endswith(str(number))


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_any_answer_of_the_200s_is_a_delivery(receiver: HTTPServer, status: int) -> None:
    assert channel(answering(receiver, status)).send(delivery()) == f"HTTP {status}"


@pytest.mark.parametrize(
    ("status", "transient"),
    [
        *[(code, False) for code in (301, 302, 303, 307, 308)],
        *[(code, False) for code in (400, 401, 403, 404, 410, 413, 422)],
        *[(code, True) for code in (408, 425, 429, 500, 501, 502, 503, 504, 599)],
    ],
)
def test_the_status_says_whether_to_try_again(
    receiver: HTTPServer, status: int, transient: bool
) -> None:
    error = refused(answering(receiver, status, Location="/elsewhere"))
    assert error.transient is transient
    assert error.detail.startswith(f"HTTP {status}")
    assert len(receiver.log) == 1


def test_a_redirect_and_a_farewell_are_explained(receiver: HTTPServer) -> None:
    assert "configure the final address" in refused(answering(receiver, 308)).detail
    receiver.clear()
    assert "no more messages" in refused(answering(receiver, 410)).detail


@pytest.mark.parametrize(
    ("header", "asked"),
    [({"Retry-After": "120"}, 120.0), ({"Retry-After": "soon"}, None), ({}, None)],
)
def test_a_wait_that_the_receiver_asks_for_is_passed_on(
    receiver: HTTPServer, header: dict[str, str], asked: float | None
) -> None:
    assert refused(answering(receiver, 429, **header)).retry_after == asked


def test_a_receiver_that_is_not_there_fails_for_now(receiver: HTTPServer) -> None:
    url = receiver.url_for("/hook")
    receiver.stop()
    assert refused(url).transient


def test_a_private_address_is_refused_unless_it_is_allowed(receiver: HTTPServer) -> None:
    error = refused(answering(receiver, 200), allow_networks=[])
    assert error.transient
    assert receiver.log == []


def test_an_error_never_shows_the_path_the_query_or_the_secret(receiver: HTTPServer) -> None:
    url = receiver.url_for("/hook/path-canary?token=query-canary")
    receiver.stop()
    error = refused(url)
    shown = error.detail + str(error) + repr(error)
    assert "canary" not in shown
    assert SECRET not in shown


def test_a_receiver_with_an_authority_of_its_own_is_reached_over_tls(tmp_path: Path) -> None:
    certificates = Certificates(tmp_path)
    with HTTPServer(host="127.0.0.1", ssl_context=certificates.good()) as receiver:
        url = answering(receiver, 200)
        assert url.startswith("https://")
        sender = channel(url, folder=tmp_path, ca_file=certificates.ca_file)
        assert sender.send(delivery()) == "HTTP 200"
        assert refused(url).detail  # the bundled authorities do not know it
        assert len(receiver.log) == 1


# Settings


@pytest.mark.parametrize("length", [24, 32, 64])
def test_a_secret_of_the_standards_length_is_taken(length: int) -> None:
    secret = "whsec_" + base64.b64encode(b"k" * length).decode()
    assert channel("https://soc.example.org/x", secret=secret)


@pytest.mark.parametrize(
    "secret",
    [
        *(SECRET.removeprefix("whsec_"), "whsec_", "whsec_!!!!", "whsec_é", "plain-canary"),
        *("whsec_" + base64.b64encode(b"k" * n).decode() for n in (1, 23, 65)),
        SECRET + "canary*",
    ],
)
def test_what_is_no_signing_secret_is_refused_at_load_without_showing_it(secret: str) -> None:
    with pytest.raises(ConfigError) as caught:
        channel("https://soc.example.org/x", secret=secret)
    line = caught.value.line()
    assert line.startswith("channels.soc: the secret is no signing secret; it must be")
    assert secret.removeprefix("whsec_") == "" or secret not in line


def test_a_channel_never_shows_its_secret() -> None:
    sender = channel("https://soc.example.org/x")
    assert SECRET not in repr(sender) + str(vars(sender))
    assert SECRET not in repr(registry.settings_class("webhook").model_fields)


@pytest.mark.parametrize(
    "keys",
    [
        {"url": "ftp://soc.example.org/x"},
        {"url": "https://user:pw@soc.example.org/x"},
        {"url": "soc.example.org"},
        {"url": "https://soc.example.org/a b"},
        {"allow_networks": ["127.0.0.1/8"]},
        {"allow_networks": ["localhost"]},
    ],
)
def test_an_address_that_cannot_be_meant_is_refused(keys: dict[str, Any]) -> None:
    given = {"name": "soc", "kind": "webhook", "url": "https://soc.example.org/x", **keys}
    with pytest.raises(ValidationError):
        registry.settings_class("webhook").model_validate(given)


# Changing the secret; other receivers


NEW = "whsec_" + base64.b64encode(bytes(range(100, 132))).decode()


def changing(url: str, **keys: Any) -> Channel:
    """A channel with two secrets: NEW, and SECRET of before."""
    given = {
        "name": "soc",
        "kind": "webhook",
        "url": url,
        "secret_env": "HOOK_NEW",
        "previous_secret_env": "HOOK",
        "allow_networks": ["127.0.0.0/8"],
        **keys,
    }
    settings = registry.settings_class("webhook").model_validate(given)
    environment = {"HOOK": SECRET, "HOOK_NEW": NEW, "TOKEN": "canary-token"}
    return registry.open_channel(settings, Surroundings(Path(), environment, CLOCK, io.StringIO()))


def test_while_the_secret_changes_a_receiver_with_either_verifies(receiver: HTTPServer) -> None:
    changing(answering(receiver, 200)).send(delivery())
    request, _ = receiver.log[0]
    assert len(request.headers["webhook-signature"].split()) == 2
    for secret in (SECRET, NEW):
        Verifier(secret).verify(request.get_data(), dict(request.headers))
    stranger = "whsec_" + base64.b64encode(bytes(32)).decode()
    with pytest.raises(WebhookVerificationError, match="No matching signature"):
        Verifier(stranger).verify(request.get_data(), dict(request.headers))


def test_the_secret_of_before_must_be_one_too() -> None:
    with pytest.raises(ConfigError, match="TYPO is not set") as caught:
        changing("https://example.org/", previous_secret_env="TYPO")
    assert SECRET not in caught.value.line()
    with pytest.raises(ConfigError, match="secret needs exactly one place"):
        changing("https://example.org/", profile="alertmanager", secret_env=None)


def alertmanager(receiver: HTTPServer, sent: Delivery, **keys: Any) -> Any:
    """What a receiver for Alertmanager gets, and the headers."""
    unsigned = {"secret_env": None, "previous_secret_env": None}
    changing(answering(receiver, 200), profile="alertmanager", **{**unsigned, **keys}).send(sent)
    return receiver.log[-1][0]


def test_alertmanagers_receivers_are_led_to_the_alerts_page(receiver: HTTPServer) -> None:
    made = compose(alert(), event(alert()), site="https://tocsin.example.org")
    sent = replace(delivery(), body=made.model_dump(mode="json"))
    [one] = alertmanager(receiver, sent).json["alerts"]
    assert one["generatorURL"] == "https://tocsin.example.org/alerts/al_0123456789abcdef0123"


def test_a_receiver_of_alertmanager_gets_what_it_knows(receiver: HTTPServer) -> None:
    request = alertmanager(receiver, delivery())
    got = request.json
    assert {
        "version": "4",
        "status": "firing",
        "receiver": "soc",
        "truncatedAlerts": 0,
    }.items() <= (got.items())
    assert got["groupKey"] == '{}:{alert_id="al_0123456789abcdef0123"}'
    [one] = got["alerts"]
    assert one["labels"] == got["commonLabels"]
    assert one["labels"] == {
        "alertname": "tempo",
        "severity": "elevated",
        "region": "Afghanistan/Kabul",
        "watch": "provinces",
        "alert_id": "al_0123456789abcdef0123",
    }
    assert one["annotations"]["summary"].startswith("Afghanistan/Kabul · Oct–Dec 2022")
    assert "90 % interval 4 to 17" in one["annotations"]["description"]
    assert one["annotations"]["action"] == "Check convoys."
    assert (one["startsAt"], one["endsAt"]) == (
        "2022-10-03T06:00:00.000000Z",
        "0001-01-01T00:00:00Z",
    )
    assert "webhook-signature" not in request.headers
    assert "authorization" not in request.headers


def test_to_alertmanagers_receivers_the_end_of_an_alert_is_resolved(receiver: HTTPServer) -> None:
    ended = alert(state=AlertState.RESOLVED)
    made = compose(ended, event(ended, "cleared", probability=0.1)).model_dump(mode="json")
    before = alertmanager(receiver, delivery()).json["alerts"][0]
    after = alertmanager(receiver, replace(delivery(2), body=made)).json["alerts"][0]
    assert after["status"] == "resolved"
    assert after["endsAt"] == made["timestamp"]
    assert after["fingerprint"] == before["fingerprint"]


def test_a_token_is_sent_to_those_who_ask_for_it(receiver: HTTPServer) -> None:
    request = alertmanager(receiver, delivery(), token_env="TOKEN", secret_env="HOOK_NEW")
    assert request.headers["authorization"] == "Bearer canary-token"
    Verifier(NEW).verify(request.get_data(), dict(request.headers))
    with pytest.raises(ValidationError, match="over https only"):
        changing("http://example.org/", token_env="TOKEN")
