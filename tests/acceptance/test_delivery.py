"""Mail and webhooks, with a real SMTP server behind TLS and a real receiver."""

import base64
import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer
from standardwebhooks.webhooks import Webhook
from werkzeug import Request, Response

from tests.acceptance.town import Town
from tests.alerts.mail import Certificates, MailServer, Recorder

SECRET = "whsec_" + base64.b64encode(b"0123456789abcdef0123456789abcdef").decode()
ENV = {"TOCSIN_SOC_SECRET": SECRET, "TOCSIN_SMTP_PASSWORD": "correct horse"}


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture
def mailbox(tmp_path: Path, recorder: Recorder) -> Iterator[MailServer]:
    certificates = Certificates(tmp_path)
    assert certificates.ca_file == "ca.pem"
    with MailServer(recorder, starttls=certificates.good()) as server:
        yield server


def channels(mailbox: MailServer, receiver: HTTPServer) -> str:
    return f"""
[[channels]]
name = "duty"
kind = "email"
from = "tocsin@example.org"
to = ["duty@example.org"]
smtp = {{ host = "127.0.0.1", port = {mailbox.port}, security = "starttls", username = "tocsin", password_env = "TOCSIN_SMTP_PASSWORD", ca_file = "ca.pem" }}

[[channels]]
name = "soc"
kind = "webhook"
url = "{receiver.url_for("/tocsin")}"
secret_env = "TOCSIN_SOC_SECRET"
allow_networks = ["127.0.0.0/8", "::1/128"]

[[routes]]
channels = ["duty", "soc"]
"""  # noqa: E501


def counts(town: Town) -> dict[str, int]:
    with sqlite3.connect(town.folder / "tocsin.db") as connection:
        return dict(connection.execute("SELECT state, count(*) FROM outbox GROUP BY state"))


def make_due(town: Town) -> None:
    """Let the time until the next try pass."""
    with sqlite3.connect(town.folder / "tocsin.db") as connection:
        connection.execute("UPDATE outbox SET due_at = '2000-01-01T00:00:00.000000Z'")


def test_one_alert_reaches_mail_and_webhook_once_each_and_verifies(
    town: Town, mailbox: MailServer, recorder: Recorder, httpserver: HTTPServer
) -> None:
    bodies: list[tuple[bytes, dict[str, str]]] = []

    def keep(request: Request) -> Response:
        bodies.append((request.data, dict(request.headers)))
        return Response(status=204)

    httpserver.expect_request("/tocsin", method="POST").respond_with_handler(keep)
    town.configure(channels(mailbox, httpserver))
    answer = town.tocsin("run", env=ENV)
    assert answer.code == 0, answer.err
    assert town.tocsin("run", env=ENV).code == 0
    ((body, headers),) = bodies
    assert len(recorder.mails) == 1
    assert recorder.logins == [b"correct horse"]
    mail = recorder.parsed()
    lead = str(mail["Subject"])[:60]
    assert "Freedonia/Storm" in lead
    assert "Jul–Sep 2024" in lead
    text = mail.get_body(("plain",))
    assert text is not None
    assert "Call the field office." in text.get_content()
    assert "complete to 30 June 2024" in text.get_content()
    lowered = {name.lower(): value for name, value in headers.items()}
    message = Webhook(SECRET).verify(body, lowered)
    assert message["data"]["place"] == "Freedonia/Storm"
    assert counts(town) == {"delivered": 2}
    everything = (town.folder / "tocsin.db").read_bytes() + (answer.out + answer.err).encode()
    assert b"correct horse" not in everything
    assert SECRET.encode() not in everything


def test_a_failed_send_stays_in_the_outbox_and_is_repeated_with_the_same_id_and_body(
    town: Town, mailbox: MailServer, recorder: Recorder, httpserver: HTTPServer
) -> None:
    seen: list[tuple[str, bytes]] = []
    answers = [503, 200]

    def flaky(request: Request) -> Response:
        seen.append((request.headers["webhook-id"], request.data))
        return Response(status=answers[len(seen) - 1])

    httpserver.expect_request("/tocsin").respond_with_handler(flaky)
    town.configure(channels(mailbox, httpserver))
    first = town.tocsin("run", env=ENV)
    assert first.code == 4
    assert "1 wait in the outbox for the next run" in first.err
    assert counts(town) == {"delivered": 1, "pending": 1}
    make_due(town)
    assert town.tocsin("run", env=ENV).code == 0
    assert seen[0] == seen[1]
    assert counts(town) == {"delivered": 2}
    assert len(recorder.mails) == 1


def test_a_webhook_to_a_private_address_is_refused_unless_allowed(
    town: Town, httpserver: HTTPServer
) -> None:
    httpserver.expect_request("/tocsin").respond_with_data("")
    town.configure(
        f'[[channels]]\nname = "soc"\nkind = "webhook"\nurl = "{httpserver.url_for("/tocsin")}"\n'
        'secret_env = "TOCSIN_SOC_SECRET"\n[[routes]]\nchannels = ["soc"]\n'
    )
    answer = town.tocsin("run", env=ENV)
    assert answer.code in {2, 4}
    assert not httpserver.log


def test_a_replay_is_sent_only_when_asked_and_says_that_it_is_one(
    town: Town, mailbox: MailServer, httpserver: HTTPServer
) -> None:
    httpserver.expect_request("/tocsin").respond_with_data("")
    town.configure(channels(mailbox, httpserver))
    town.tocsin("run", env=ENV)
    before = len(httpserver.log)
    quiet = town.tocsin("run", "--as-of", "2024-05-31", env=ENV)
    assert quiet.code == 0, quiet.err
    assert len(httpserver.log) == before
    loud = town.tocsin("run", "--as-of", "2024-05-31", "--deliver", env=ENV)
    assert loud.code == 0, loud.err
    assert len(httpserver.log) == before + 1
    told = json.loads(httpserver.log[-1][0].data)
    assert "replay" in json.dumps(told)
