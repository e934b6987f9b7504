"""A real mail server with real certificates, and mail channels that talk to it."""

from __future__ import annotations

import email
import email.policy
import io
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any, cast

import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from alerts import registry
from alerts.channels.channel import Channel, Surroundings
from core.clock import FixedClock
from tests.alerts.samples import NOW

PASSWORD = "canary-7f3a"


@dataclass
class Recorder:
    """Keeps what a mail server is told; answers RCPT and DATA as a test says."""

    mails: list[bytes] = field(default_factory=list)
    people: list[list[str]] = field(default_factory=list)
    logins: list[bytes] = field(default_factory=list)
    refuse: dict[str, str] = field(default_factory=dict)
    data_answer: str = "250 taken"
    login_works: bool = True

    async def handle_RCPT(
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: Any
    ) -> str:
        if address in self.refuse:
            return self.refuse[address]
        envelope.rcpt_tos.append(address)
        return "250 fine"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        if self.data_answer.startswith("250"):
            self.mails.append(cast("bytes", envelope.original_content))
            self.people.append(list(envelope.rcpt_tos))
        return self.data_answer

    def authenticate(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _kind: str, data: LoginPassword
    ) -> AuthResult:
        self.logins.append(data.password)
        return AuthResult(success=self.login_works, handled=self.login_works)

    def parsed(self, number: int = -1) -> EmailMessage:
        found = email.message_from_bytes(self.mails[number], policy=email.policy.default)
        return cast("EmailMessage", found)


@dataclass
class Certificates:
    """An authority that clients trust, and server contexts that they should not."""

    folder: Path
    trusted: trustme.CA = field(default_factory=trustme.CA)

    @property
    def ca_file(self) -> str:
        path = self.folder / "ca.pem"
        self.trusted.cert_pem.write_to_path(path)
        return path.name

    def context(self, *, name: str = "127.0.0.1", **issued: Any) -> ssl.SSLContext:
        return _serving(self.trusted.issue_cert(name, **issued))

    def good(self) -> ssl.SSLContext:
        return self.context()

    def expired(self) -> ssl.SSLContext:
        return self.context(not_after=datetime(2020, 1, 1, tzinfo=UTC))

    def wrong_host(self) -> ssl.SSLContext:
        return self.context(name="mail.example.net")

    def self_signed(self) -> ssl.SSLContext:
        return _serving(trustme.CA().issue_cert("127.0.0.1"))


def _serving(certificate: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context


class MailServer:
    """An SMTP server on a free local port: plain, with STARTTLS, or with TLS from the start."""

    def __init__(
        self,
        recorder: Recorder,
        *,
        starttls: ssl.SSLContext | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self._controller = _Controller(
            recorder,
            hostname="127.0.0.1",
            port=self.port,
            ssl_context=tls,
            tls_context=starttls,
            authenticator=recorder.authenticate,
            # So that only the client stands between a password and a plain connection.
            auth_require_tls=False,
            ident="test",
        )

    def __enter__(self) -> MailServer:
        self._controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._controller.stop()


class _Controller(Controller):
    def _trigger_server(self) -> None:
        """Make the first connection without TLS: behind a bad certificate it would fail."""
        socket.create_connection((self.hostname, self.port)).close()


ServerFactory = Callable[[Recorder], MailServer]


def mail_channel(folder: Path, port: int, **keys: Any) -> Channel:
    """A channel to a local server; `smtp` keys are merged into plain, unauthenticated ones."""
    smtp = {"host": "127.0.0.1", "port": port, "security": "none", "timeout": 5}
    given = {
        "name": "duty",
        "kind": "email",
        "from": "Tocsin <tocsin@example.org>",
        "to": ["duty@example.org"],
        **keys,
        "smtp": {**smtp, **keys.get("smtp", {})},
    }
    settings = registry.settings_class("email").model_validate(given)
    world = Surroundings(folder, {"SMTP_PASSWORD": PASSWORD}, FixedClock(NOW), io.StringIO())
    return registry.open_channel(settings, world)


LOGIN = {"username": "tocsin", "password_env": "SMTP_PASSWORD"}
