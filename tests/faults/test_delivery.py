"""Rows 34-37 as far as the loop goes, and row 46 for mail: nothing lost, nothing leaked."""

from __future__ import annotations

import io
import random
import socket
import ssl
import threading
import warnings
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from alerts import registry
from alerts.channels.channel import Channel, DeliveryError, Surroundings
from alerts.delivery import Outlet, deliver
from core.alerts import Delivery
from core.clock import FixedClock
from tests.alerts.mail import LOGIN, PASSWORD, Certificates, MailServer, Recorder, mail_channel
from tests.alerts.samples import NOW, MemoryOutbox, MovingClock, delivery
from tests.alerts.test_webhook import SECRET


@dataclass
class Down:
    """A receiver that is down until a moment of the clock, and notes each try."""

    clock: MovingClock
    hours: float
    tries: dict[str, list[float]] = field(default_factory=dict)

    def send(self, delivery: Delivery) -> str:
        since = (self.clock.now() - NOW).total_seconds()
        self.tries.setdefault(delivery.delivery_id, []).append(since)
        if since < self.hours * 3600:
            raise DeliveryError("HTTP 503", transient=True)
        return "HTTP 200"


def pass_time(outbox: MemoryOutbox, channel: Channel, clock: MovingClock, hours: float) -> None:
    """Send what is due every minute, as a service does."""
    end = clock.now() + timedelta(hours=hours)
    while clock.now() < end:
        deliver(outbox, {"duty": Outlet(channel)}, clock, 1000)
        clock.forward(60)


def test_a_receiver_that_is_down_for_six_hours_gets_everything_in_its_next_slot() -> None:
    outbox, clock = MemoryOutbox(), MovingClock()
    receiver = Down(clock, 6)
    for number in range(200):
        outbox.put(delivery(number))
    pass_time(outbox, receiver, clock, 19)
    waits = [max(tries) / 3600 - 6 for tries in receiver.tries.values()]
    assert outbox.count("delivered") == 200
    assert max(waits) <= 5 * 1.2  # the slot of five hours, with its jitter
    assert max(sum(t < 3600 for t in tries) for tries in receiver.tries.values()) <= 5
    print(f"row 34: 200 of 200 delivered, the last {max(waits):.1f} h after the receiver returned")


def test_made_is_always_delivered_plus_pending_plus_dead() -> None:
    rng, outbox, clock = random.Random(37), MemoryOutbox(), MovingClock()

    class Moody:
        def send(self, _delivery: Delivery) -> str:
            mood = rng.random()
            if mood < 0.2:
                return "taken"
            if mood < 0.25:
                raise DeliveryError("HTTP 410", transient=False)
            if mood < 0.6:
                raise DeliveryError("HTTP 429", transient=True, retry_after=rng.random() * 1e5)
            raise RuntimeError

    made = 0
    for _ in range(300):
        for _ in range(rng.randint(0, 4)):
            outbox.put(delivery(made), clock.now())
            made += 1
        deliver(outbox, {"duty": Outlet(Moody())}, clock, rng.randint(1, 50))
        clock.forward(rng.random() * 7200)
        states = {name: outbox.count(name) for name in ("delivered", "pending", "dead")}
        assert sum(states.values()) == made
    assert all(states.values())
    print(f"row 37: {made} made = {states}")


def test_a_receiver_that_wants_no_more_is_not_asked_again(tmp_path: Path) -> None:
    outbox, clock = MemoryOutbox(), MovingClock()
    with HTTPServer(host="127.0.0.1") as receiver:
        receiver.expect_request("/").respond_with_data("", 410)
        hook = webhook(receiver.url_for("/"), tmp_path)
        outbox.put(delivery(1))
        pass_time(outbox, hook, clock, 80)
        assert len(receiver.log) == 1
    assert (outbox.count("pending"), list(outbox.disabled)) == (1, ["duty"])


def test_two_hundred_odd_retry_after_headers_raise_no_error(tmp_path: Path) -> None:
    rng = random.Random(35)
    odd = ["-1", "1e9", "nan", "inf", "0x10", "9" * 400, "Wed, 99 Foo 2026", "", "12, 13", "é"]
    values = odd + ["".join(chr(rng.randint(33, 126)) for _ in range(12)) for _ in range(190)]
    outbox, clock, given = MemoryOutbox(), MovingClock(), iter(values)

    def answer(_request: Request) -> Response:
        return Response(status=503, headers={"Retry-After": next(given)})

    with HTTPServer(host="127.0.0.1") as receiver:
        receiver.expect_request("/").respond_with_handler(answer)
        for number in range(200):
            outbox.put(delivery(number))
        found = deliver(
            outbox, {"duty": Outlet(webhook(receiver.url_for("/"), tmp_path))}, clock, 200
        )
    assert (found.sent, found.failed, found.dead) == (0, 200, 0)
    assert {outbox.attempts(name)[0].detail for name in outbox.rows} == {"HTTP 503"}
    assert all(row["due"] <= clock.now() + timedelta(seconds=10) for row in outbox.rows.values())
    print("row 35: 200 odd Retry-After headers, 0 errors")


def webhook(url: str, folder: Path) -> Channel:
    given = {
        "name": "duty",
        "kind": "webhook",
        "url": url,
        "secret_env": "HOOK",
        "allow_networks": ["127.0.0.0/8"],
    }
    world = Surroundings(folder, {"HOOK": SECRET}, FixedClock(NOW), io.StringIO())
    return registry.open_channel(registry.settings_class("webhook").model_validate(given), world)


def old_version(certificates: Certificates) -> ssl.SSLContext:
    context = certificates.good()
    context.set_ciphers("ALL:@SECLEVEL=0")  # or the server itself would refuse to speak it
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    return context


BAD = {
    "expired": Certificates.expired,
    "self-signed": Certificates.self_signed,
    "wrong host": Certificates.wrong_host,
    "old version": old_version,
}


@pytest.fixture(scope="module")
def refusals() -> list[str]:
    return []


@pytest.mark.parametrize("security", ["tls", "starttls"])
@pytest.mark.parametrize("fault", BAD)
def test_a_bad_certificate_gets_no_credential(
    tmp_path: Path, security: str, fault: str, refusals: list[str]
) -> None:
    certificates, got = Certificates(tmp_path), Recorder()
    smtp = {"security": security, "ca_file": certificates.ca_file, **LOGIN}
    with (
        MailServer(got, **{security: BAD[fault](certificates)}) as server,
        pytest.raises(DeliveryError) as caught,
    ):
        mail_channel(tmp_path, server.port, smtp=smtp).send(delivery())
    assert caught.value.transient
    expected = "secure connection" if fault == "old version" else "certificate is refused"
    assert expected in caught.value.detail
    assert PASSWORD not in caught.value.detail
    assert got.logins == got.mails == []
    refusals.append(f"{fault} ({security})")
    print(f"row 46: {len(refusals)} of 8 refused on SMTP, 0 credentials sent")


@pytest.mark.parametrize(
    "script",
    [
        [b"220 hello\r\n", b"250-hello\r\n250 AUTH PLAIN LOGIN\r\n"],
        [b"220 hello\r\n", b"250-hello\r\n250-STARTTLS\r\n250 AUTH PLAIN\r\n", b"454 not now\r\n"],
        [
            b"220 hello\r\n",
            b"250-hello\r\n250-STARTTLS\r\n250 AUTH PLAIN\r\n",
            b"220 go\r\nplain\r\n",
        ],
    ],
    ids=["not offered", "refused", "answered in plain"],
)
def test_starttls_that_is_stripped_gets_no_credential(tmp_path: Path, script: list[bytes]) -> None:
    heard: list[bytes] = []

    def serve(listening: socket.socket) -> None:
        connection, _ = listening.accept()
        with connection:
            for line in script:
                connection.sendall(line)
                heard.append(connection.recv(4096))
            connection.settimeout(0.2)
            try:
                while more := connection.recv(4096):
                    heard.append(more)
            except OSError:
                return

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=serve, args=(listening,))
        thread.start()
        smtp = {"security": "starttls", **LOGIN}
        with pytest.raises(DeliveryError) as caught:
            mail_channel(tmp_path, listening.getsockname()[1], smtp=smtp).send(delivery())
        thread.join()
    said = b"".join(heard)
    assert caught.value.transient
    assert b"AUTH" not in said
    assert b"MAIL" not in said
    assert PASSWORD.encode() not in said
